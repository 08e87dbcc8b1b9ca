/* SPDX-License-Identifier: MIT */
/*
 * lib/string.h - memory and string routines with their C standard meanings, and
 * bounded functions that the kernel uses instead of strcpy().
 *
 * No state and no allocation; any context.  Addresses are kernel addresses:
 * user memory is accessed only through mm/access.h.
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
 * Copy `from` into to[size], truncated if necessary; the copy always ends in
 * NUL if size > 0.  Returns the length of `from`, so a result >= size means
 * that the copy was truncated.
 */
size_t str_copy(char *to, const char *from, size_t size);

/*
 * Parse an unsigned number: decimal, or hexadecimal after 0x.  Stops at the
 * first character that is not a digit, and stores its address in *end unless
 * `end` is NULL.  Returns false, with *value unchanged, if there is no digit or
 * the number overflows.
 */
bool str_to_u64(const char *s, uint64_t *value, const char **end);

/*
 * Split the next word off *rest, in place.  A blank ends a word, except between
 * two ' or two "; the quotes are removed.  *word is NULL if there is no more
 * word.  Returns false if a closing quote is missing.
 */
bool str_word(char **rest, char **word);

/* Copy or zero one page.  Pages are page-aligned and do not overlap. */
void page_copy(void *restrict to, const void *restrict from);
void page_zero(void *page);

#endif
