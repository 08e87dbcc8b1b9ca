/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm/oracle.h - what every page of every space must be, kept in the
 * plainest way: a record and a copy of the bytes for each page, and copying
 * everything at fork.
 *
 * Programs use only the pages of the *universe*: a few runs of addresses that
 * lie in one leaf table, across two tables, across two upper tables, at the
 * heap, below the stack, and where mmap() puts what it may place.
 */
#ifndef TESTS_HOST_MM_ORACLE_H
#define TESTS_HOST_MM_ORACLE_H

#include "mm/inspect.h"
#include "mm/space.h"
#include "mm/toy.h"

#define SPACES	 7u
#define OBJECTS	 3u
#define UNIVERSE 156u
#define PINS	 6u

enum run { DENSE, ACROSS, ACROSS_UPPER, HEAP, STACK, PLACED, RUNS };
struct run_info {
	uaddr_t start;
	unsigned first, count; /* numbers of its pages */
};
extern const struct run_info runs[RUNS];

struct opage {
	bool mapped;
	unsigned flags; /* VM_* */
	int obj;	/* number of the object, -1: anonymous */
	unsigned index; /* page of the object */
	char *bytes;	/* private contents; NULL: zeroes, or the object's */
};

struct ospace {
	struct space *s; /* NULL: no such space */
	unsigned threads;
	struct opage page[UNIVERSE];
	uaddr_t brk;
};

struct opin { /* a device that uses a page */
	struct frame *f;
	struct ospace *o; /* space of the page; NULL: page gone */
	unsigned page;
	unsigned access; /* VM_READ or VM_WRITE */
};

extern struct ospace world[SPACES];
extern unsigned world_most; /* spaces at a time, at least 2 */
extern struct toy toys[OBJECTS];
extern char toy_contents[OBJECTS][TOY_PAGES][PAGE_SIZE];
extern struct opin pins[PINS];

/* The first thing that was wrong; "": nothing. */
extern char wrong[300];
#define WRONG(...)                                                   \
	do {                                                         \
		if (wrong[0] == '\0')                                \
			snprintf(wrong, sizeof(wrong), __VA_ARGS__); \
	} while (0)

uaddr_t page_va(unsigned page);
/* The number of the page at `va`, or -1. */
int page_at(uaddr_t va);
/* The run a page is in. */
enum run run_of(unsigned page);

struct ospace *world_find(const struct mmu_space *m);
struct ospace *world_free(void);
unsigned world_count(void);

/* What an access must give: 0, -EFAULT, -EACCES or -ENXIO. */
int oracle_access(const struct ospace *o, unsigned page, unsigned access);
/* The bytes a page must show. */
const char *oracle_bytes(const struct ospace *o, unsigned page);
/* The program has written n bytes. */
void oracle_write(struct ospace *o, unsigned page, unsigned at, const void *b,
		  size_t n);
/* Would an access to this unmapped page make the stack grow? */
bool oracle_grows(const struct ospace *o, unsigned page);
void oracle_grow(struct ospace *o, unsigned page);

void oracle_map(struct ospace *o, unsigned page, unsigned flags, int obj,
		unsigned index);
void oracle_unmap(struct ospace *o, unsigned page);
void oracle_discard(struct ospace *o, unsigned page);
void oracle_move(struct ospace *o, unsigned from, unsigned to);
void oracle_fork(const struct ospace *parent, struct ospace *child);
void oracle_exit(struct ospace *o);

/* space_next_vma() without keeping the object. */
bool oracle_next_vma(struct ospace *o, uaddr_t at, struct vma_info *v);

/* Compare: VMAs, every byte of every page, accounting.  Into `wrong`. */
void check_space(struct ospace *o);
void check_world(void);

#endif
