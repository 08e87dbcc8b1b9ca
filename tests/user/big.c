/* SPDX-License-Identifier: MIT */
/*
 * tests/user/big.c - a process with very many pages; big.h says what each
 * function does.
 *
 * The word of page i is at word i modulo the words of a page, so a page that
 * was exchanged for another shows.  The page holds nothing else.
 */
#include "big.h"

/* The place of the word differs from page to page. */
static uint64_t *
word_in(char *p, size_t page)
{
	return (uint64_t *)(void *)(p + page * PG) + page % (PG / 8);
}

void
big_mark(char *p, size_t n, size_t first, size_t step, uint64_t seed)
{
	for (size_t i = first; i < n; i += step)
		*word_in(p, i) = seed + i;
}

size_t
big_wrong(char *p, size_t n, uint64_t usual, size_t first, size_t step,
	  uint64_t written)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++) {
		bool other = i >= first && (i - first) % step == 0;

		wrong += *word_in(p, i) != (other ? written : usual) + i;
	}
	return wrong;
}

unsigned long
big_resident(void)
{
	unsigned long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	REQUIRE(f != NULL);
	REQUIRE(fscanf(f, "%lu %lu", &size, &pages) == 2);
	fclose(f);
	return pages;
}

char *
big_new(size_t n)
{
	char *p = pages_new(n);

	big_mark(p, n, 0, 1, BIG_FIRST);
	REQUIRE(big_resident() >= n);
	utest_note("%zu MiB are resident", n * PG >> 20);
	return p;
}
