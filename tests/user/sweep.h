/* SPDX-License-Identifier: MIT */
/*
 * tests/user/sweep.h - every system call, each with arguments that make it need
 * memory if anything does.
 *
 * sweep_f.c makes the nth allocation fail in each case; sweep_calls.c has the
 * cases, from sweep.def, and the files and pages they work on.
 */
#ifndef TESTS_USER_SWEEP_H
#define TESTS_USER_SWEEP_H

#include "utest.h"

#define SW_TREE	   1  /* depends on the file system: also tried on the disk */
#define SW_ALONE   2  /* each try in a process of its own, forked from here */
#define SW_BRIEF   4  /* the caller may need memory itself: one failure only */
#define SW_NO_COPY 8  /* a failing copy ends the process */
#define SW_KEEPS   16 /* what was done before a failing copy stays done */

struct sweep_case {
	const char *call, *what;
	unsigned flags;
	int err;	      /* allowed beside ENOMEM; 0: none */
	void (*before)(void); /* brings about what run() expects */
	long (*run)(void);    /* the call; -1 and errno, or success */
	void (*after)(long);  /* undoes what run() did, given its result */
};

const struct sweep_case *sweep_cases(size_t *n);
/* Why a call has no case, or NULL. */
const char *sweep_exempt(const char *call);

/* What the cases work on; the working directory is theirs. */
#define SWEEP_AREA 8 /* pages, filled by seed 1 */
struct sweep_world {
	char *area;
	int dir, file;
};
extern struct sweep_world sweep;
/* Makes the world in a new directory below `where`, or leaves the test. */
void sweep_begin(const char *where);
void sweep_end(const char *where);
/* Writes every page of the program and the stack, shared ones and all. */
void sweep_own(void);

#endif
