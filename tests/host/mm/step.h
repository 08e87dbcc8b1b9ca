/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm/step.h - random programs over a tree of spaces.
 *
 * mm_test.c makes a world, calls step() many times and compares each world with
 * the oracle.  The single operations are also for its other tests.  Everything
 * runs in one host thread; race() is called inside an operation and plays the
 * other harts.
 */
#ifndef TESTS_HOST_MM_STEP_H
#define TESTS_HOST_MM_STEP_H

#include "mm/oracle.h"

/* A world with one space of this strategy, and objects; nothing mapped. */
void world_begin(const struct fork_strategy *st);
/* Everything ends; what is left is a leak. */
void world_end(void);

/* Makes one random step, with some allocations failing; its name. */
const char *step(bool forks);

/* ---- single operations, checked against the oracle ---- */

/* Has a hart run the space, and continues as that hart. */
void enter(struct ospace *o);

/* A load, store or fetch; -ENOMEM only if an allocation failed. */
int do_access(struct ospace *o, unsigned page, unsigned access);
/* The same on this hart, which runs the space. */
int access_here(struct ospace *o, unsigned page, unsigned access);

/* Fork into *out; -ENOMEM only if an allocation failed. */
int do_fork(struct ospace *o, struct ospace **out);
void do_exit(struct ospace *o);

/* Lets other harts use the spaces that they run: see mmu_race. */
void race(void);
/*
 * Pages [first, first + n) of a space are being written: no hart races there.
 */
extern const struct ospace *race_not;
extern unsigned race_first, race_count;
/* The page that is being worked on, or -1: other harts like to use it, too. */
extern int race_hot;
/* Inside race(). */
extern bool race_runs;
/* No hart races; no hart takes faults. */
extern bool race_off, race_off_faults;
/*
 * No hart stores to an object: a private copy of its page is being made, and
 * may or may not have the store.
 */
extern bool race_off_shared;

/*
 * Is the answer `want`, and not an error?  false also for a shortage that the
 * test made; any other answer is an error of mm/.
 */
bool answer(const char *what, int64_t r, int64_t want);

/* ---- the steps of change.c ---- */

void step_map(struct ospace *o);
void step_unmap(struct ospace *o);
void step_protect(struct ospace *o);
void step_advise(struct ospace *o);
void step_discard(struct ospace *o);
void step_brk(struct ospace *o);
void step_remap(struct ospace *o);
void step_move(struct ospace *o);

uint64_t below(uint64_t n);
bool one_in(unsigned n);

#endif
