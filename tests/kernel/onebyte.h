/*
 * tests/kernel/onebyte.h - a byte of a space that no program runs in, stored
 * and loaded with all that a program's store and load would cause.
 */
#ifndef TESTS_KERNEL_ONEBYTE_H
#define TESTS_KERNEL_ONEBYTE_H

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
