/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/onebyte.h - one byte of a space that runs no program.
 *
 * The store and the load cause the same faults as a program's would.  May
 * sleep.
 */
#ifndef TESTS_KERNEL_ONEBYTE_H
#define TESTS_KERNEL_ONEBYTE_H

#include "mm/access.h"
#include "mm/space.h"

/* False: it could not be stored. */
static inline bool
poke(struct space *s, uaddr_t at, char c)
{
	return space_write(s, at, &c, 1) == 1;
}

/* '!': it could not be loaded. */
static inline char
peek(struct space *s, uaddr_t at)
{
	char c = '?';

	return space_read(s, &c, at, 1) == 1 ? c : '!';
}

#endif
