/* SPDX-License-Identifier: MIT */
/*
 * tests/user/fuzz.h - random system calls: which, and with what.
 *
 * fuzz.c makes the calls in processes of its own; fuzz_args.c chooses them from
 * a seed.  Whatever a call does stays inside FUZZ_DIR and the worker.
 */
#ifndef TESTS_USER_FUZZ_H
#define TESTS_USER_FUZZ_H

#include <stdbool.h>
#include <stdint.h>

#define FUZZ_DIR "/tmp/fz" /* where the fuzzer's files are */

struct fuzz_call {
	const char *name;
	unsigned nr, nargs;
	uint64_t arg[6];
};

/* Once in a process that is going to make such calls; root: with all rights. */
void fuzz_begin(bool root);
/* Now and then: opens again what the calls have closed. */
void fuzz_refresh(void);
/* The next call, from utest_random() alone. */
void fuzz_pick(struct fuzz_call *c);
/* A number of the kind that breaks programs. */
uint64_t fuzz_number(void);

#endif
