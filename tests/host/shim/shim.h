/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/shim.h - the kernel's surroundings in a host build, and the
 * knobs tests turn.
 *
 * Real: kernel/wait.c, kernel/mutex.c, mm/frame.c, lib/, drivers/block.c, fs/.
 * Imitated here: one hart; threads of which one runs at a time (a random one,
 * by seed, changes at every sleep and, if asked, at every spin_unlock); a clock
 * that advances when all threads sleep; kmalloc() by malloc(); disks in files,
 * with requests that complete later and in any order.
 */
#ifndef TESTS_HOST_SHIM_SHIM_H
#define TESTS_HOST_SHIM_SHIM_H

#include "drivers/block.h"
#include "lib/base.h"

struct memobj;
struct space;

/*
 * Does a page that must not be touched lie behind each page of RAM?  If so,
 * blocks of several pages cannot be used.  Set before shim_init().
 */
extern bool shim_guards;

/* Start: RAM of that many pages, and the main thread. */
void shim_init(unsigned pages, uint64_t seed);
uint64_t shim_random(void);
/* Begin the random numbers of the shim anew. */
void shim_seed(uint64_t seed);

/* Percent of spin_unlock() calls after which another thread runs. */
extern unsigned shim_preempt;

/* Percent of allocations that fail, at random. */
extern unsigned shim_fail_percent;

/* The n-th allocation from now on (0: the next) fails; -1: none does. */
void shim_fail_allocation(int n);
/* Did an allocation fail since? */
bool shim_fail_fired(void);
/* Sets that answer: the failures in between concern another caller. */
void shim_fail_set_fired(bool fired);
/* As shim_fail_fired(), and turns it off. */
bool shim_allocation_failed(void);

/* Part of shim_init(). */
void shim_sched_init(uint64_t seed);

/* Log messages so far; printed at once if SHIM_LOG is set. */
extern unsigned shim_log_count;
extern bool shim_log_show;

/* Bytes and pieces that kmalloc() has given out. */
extern long shim_kmalloc_live;

/* Let others run until nothing is ready and no request is pending. */
void shim_settle(void);
/* Let virtual time pass, and whatever happens in it. */
void shim_sleep(uint64_t ns);

/* Complete requests only when no thread can run. */
extern bool shim_disk_slow;

/* Take a request of a disk as done; false: none is pending. */
bool shim_disk_complete_one(void);

struct shim_disk {
	struct block_device dev;
	char *bytes;
	size_t size;
	/* Fail the n-th request of a kind from now on; `sticky`: and all
	 * later ones.  -1: none. */
	int fail_read, fail_write, fail_flush;
	bool sticky;
	bool failed;			 /* it happened */
	uint64_t reads, writes, flushes; /* requests */
	/* Sees each write, and each flush with n == 0; NULL: nothing does. */
	void (*watch)(uint64_t at, const void *bytes, size_t n);
	uint64_t pages_read, pages_written;
	unsigned most_in_flight, in_flight;
};

/* A disk with the bytes of a file as its sectors. */
struct shim_disk *shim_disk_open(const char *path, const char *name);
void shim_disk_close(struct shim_disk *d);

/*
 * User memory for iobufs with a space: copy, or return less than n.  Tests
 * define it; the default is "no user memory".
 */
extern size_t (*shim_user_copy)(struct space *s, uint64_t user, void *kernel,
				size_t n, bool to_user);
/* What memobj_unmap() does; default nothing. */
extern void (*shim_unmap)(struct memobj *o, uint64_t first, uint64_t last);

#endif
