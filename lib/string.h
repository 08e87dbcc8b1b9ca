/* SPDX-License-Identifier: MIT */
/*
 * lib/string.h - memory and string routines with their C standard meanings, and
 * bounded functions that the kernel uses instead of strcpy().
 *
 * No state and no allocation; any context.  Addresses are kernel addresses:
 * user memory is reached only through mm/space.h.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/base.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *at, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *at, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *hay, const char *needle);

/*
 * Copy `from` into to[size], cut short if need be; the copy always ends in NUL
 * if size > 0.  Returns the length of `from`, so a result >= size means that
 * the copy was cut.
 */
size_t str_copy(char *to, const char *from, size_t size);

/*
 * Read an unsigned number: decimal, or hexadecimal after 0x.  Stops at the
 * first character that is not a digit and, unless `end` is NULL, stores that
 * place.  Returns false, with *value untouched, if there is no digit or the
 * number does not fit.
 */
bool str_to_u64(const char *s, uint64_t *value, const char **end);

/*
 * Cut the next word off *rest, in place.  Blanks end a word, except between two
 * ' or two "; the quotes are removed.  *word is NULL behind the last word.
 * Returns false if a quote is not closed.
 */
bool str_word(char **rest, char **word);

/* One whole page, both page-aligned and not overlapping. */
void page_copy(void *restrict to, const void *restrict from);
void page_zero(void *page);

#endif
