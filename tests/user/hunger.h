/* SPDX-License-Identifier: MIT */
/*
 * tests/user/hunger.h - use up the machine's memory: every page frame, not only
 * the promises.
 *
 * Strict accounting refuses promises long before frames run out; eat() goes on
 * until the kernel has none.  Each process counts what it has eaten itself.
 */
#ifndef TESTS_USER_HUNGER_H
#define TESTS_USER_HUNGER_H

#include <stddef.h>

/*
 * Takes page frames, at most `most`, until the kernel has none for us.  The
 * pages are not charged to the commit limit and not inherited by fork.  The
 * kernel touches them in a read, so that the caller is not killed for want of
 * the last one.  A caller that cannot afford a fault for its code or its stack
 * calls own_program() and rehearses with a few pages first.
 */
#define EAT_ALL ((size_t)-1)
void eat(size_t most);
/*
 * Makes every page of this program's code and data the process's own.  A page
 * that is still the file's may be dropped when memory is short, and cannot come
 * back when there is none.
 */
void own_program(void);
/* Frees n of the eaten pages, or all if there are fewer. */
void give_back(size_t n);

#endif
