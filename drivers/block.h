/* SPDX-License-Identifier: MIT */
/*
 * drivers/block.h - block devices: the interface between disk drivers and their
 * callers.
 *
 * A driver registers a struct block_device at boot.  A caller fills in a struct
 * block_request and calls the device's submit(); the driver calls done() when
 * the request is complete.  block_transfer() and block_flush() submit one
 * request and wait for its completion.
 */
#ifndef DRIVERS_BLOCK_H
#define DRIVERS_BLOCK_H

#include "kernel/wait.h"
#include "lib/list.h"

#define SECTOR_SIZE 512u

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH };

/* One contiguous piece of physical memory. */
struct block_segment {
	paddr_t pa;
	uint32_t len; /* bytes, a multiple of SECTOR_SIZE */
};

/*
 * An I/O request.  The submitter owns it and must keep the request and its
 * segments in memory until done() has been called.
 */
struct block_request {
	enum block_op op;
	uint64_t sector; /* in units of SECTOR_SIZE */
	struct block_segment *segments;
	unsigned segment_count;
	int error; /* set before done(): 0 or -EIO */
	/* Called once, possibly in interrupt context; must not sleep. */
	void (*done)(struct block_request *r);
	void *arg;	       /* the submitter's */
	struct list_node node; /* the driver's */
	void *driver_data;     /* the driver's */
};

struct block_device {
	char name[16];	       /* [i] "vda", ... in order of discovery */
	uint64_t sectors;      /* [i] capacity */
	unsigned max_segments; /* [i] per request */
	bool read_only;	       /* [i] */
	/*
	 * Start a request; an error is reported in r->error when done() is
	 * called.  Process context; may sleep when the device's queue is full.
	 */
	void (*submit)(struct block_device *d, struct block_request *r);
	void *driver_data;
	struct list_node node;
};

/* Register a device.  Boot time. */
void block_register(struct block_device *d) nonnull;

/* Find a device by name ("vda") or by position; NULL if there is none. */
struct block_device *block_find(const char *name);
struct block_device *block_at(unsigned i);

/*
 * Submit one request and sleep until it completes.  Returns 0 or -EIO.  Process
 * context.
 */
int block_transfer(struct block_device *d, enum block_op op, uint64_t sector,
		   paddr_t pa, uint32_t len) must_check;
/*
 * Flush the disk's cache: sleep until all completed writes are durable.
 * Returns 0 or -EIO.  Process context.
 */
int block_flush(struct block_device *d) must_check;

#endif
