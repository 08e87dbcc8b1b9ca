/* SPDX-License-Identifier: MIT */
/*
 * tests/user/big.h - a process with very many pages, each told apart by a word.
 *
 * Writing and checking one word a page keeps a test of 1 GiB short.  A page
 * holds a seed plus its number; for scale.c and scale_oom.c.
 */
#ifndef TESTS_USER_BIG_H
#define TESTS_USER_BIG_H

#include "utest.h"

/* What a page holds is one of these plus its number. */
enum { BIG_FIRST = 1 << 28, BIG_CHILD = 2 << 28, BIG_PARENT = 3 << 28 };

/* n fresh pages, each written as BIG_FIRST: all resident, or the test ends. */
char *big_new(size_t n);
/* Writes the word of pages first, first + step, ... */
void big_mark(char *p, size_t n, size_t first, size_t step, uint64_t seed);
/*
 * number of pages that do not hold `written` where first and step say so, and
 * `usual` everywhere else
 */
size_t big_wrong(char *p, size_t n, uint64_t usual, size_t first, size_t step,
		 uint64_t written);
/* Resident pages of this process. */
unsigned long big_resident(void);

#endif
