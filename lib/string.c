/* SPDX-License-Identifier: MIT */
/*
 * lib/string.c - the memory and string routines of lib/string.h.
 *
 * memcpy() moves eight bytes at a time if the copy is long enough and both
 * addresses have the same offset in a word.  page_copy() and page_zero() are
 * unrolled because fork and page faults call them often.  The compiler may
 * replace a plain loop by a call of memcpy() or memset(), which would then call
 * itself; opaque() in a loop prevents that.
 */
#include "lib/string.h"

#define WORD	 sizeof(uint64_t)
#define opaque() __asm__ volatile("" : : : "memory")

static inline bool
word_aligned(uintptr_t bits)
{
	return (bits & (WORD - 1)) == 0;
}

static void unchecked
copy_up(unsigned char *to, const unsigned char *from, size_t n)
{
	if (n >= 2 * WORD && word_aligned((uintptr_t)to ^ (uintptr_t)from)) {
		while (!word_aligned((uintptr_t)to)) {
			*to++ = *from++;
			n--;
			opaque();
		}
		for (; n >= 4 * WORD; n -= 4 * WORD) {
			uint64_t *t = (uint64_t *)to;
			const uint64_t *f = (const uint64_t *)from;
			uint64_t a = f[0], b = f[1], c = f[2], d = f[3];

			t[0] = a;
			t[1] = b;
			t[2] = c;
			t[3] = d;
			to += 4 * WORD;
			from += 4 * WORD;
			opaque();
		}
		for (; n >= WORD; n -= WORD) {
			*(uint64_t *)to = *(const uint64_t *)from;
			to += WORD;
			from += WORD;
			opaque();
		}
	}
	for (; n > 0; n--) {
		*to++ = *from++;
		opaque();
	}
}

void *unchecked
memcpy(void *restrict to, const void *restrict from, size_t n)
{
	copy_up(to, from, n);
	return to;
}

void *unchecked
memmove(void *to, const void *from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if ((uintptr_t)to - (uintptr_t)from >= n) {
		copy_up(t, f, n);
		return to;
	}
	while (n-- > 0) {
		t[n] = f[n];
		opaque();
	}
	return to;
}

void *unchecked
memset(void *at, int byte, size_t n)
{
	unsigned char *p = at;
	uint64_t word = (unsigned char)byte * UINT64_C(0x0101010101010101);

	while (n > 0 && !word_aligned((uintptr_t)p)) {
		*p++ = (unsigned char)byte;
		n--;
		opaque();
	}
	for (; n >= 4 * WORD; n -= 4 * WORD) {
		uint64_t *w = (uint64_t *)p;

		w[0] = w[1] = w[2] = w[3] = word;
		p += 4 * WORD;
		opaque();
	}
	for (; n > 0; n--) {
		*p++ = (unsigned char)byte;
		opaque();
	}
	return at;
}

/* Copy eight words from f to t; all are loaded before the first store. */
static always_inline void unchecked
copy_8(uint64_t *restrict t, const uint64_t *restrict f)
{
	uint64_t a = f[0], b = f[1], c = f[2], d = f[3];
	uint64_t e = f[4], g = f[5], h = f[6], i = f[7];

	t[0] = a;
	t[1] = b;
	t[2] = c;
	t[3] = d;
	t[4] = e;
	t[5] = g;
	t[6] = h;
	t[7] = i;
}

void unchecked
page_copy(void *restrict to, const void *restrict from)
{
	uint64_t *t = to;
	const uint64_t *f = from;

	for (const uint64_t *end = f + PAGE_SIZE / WORD; f != end;) {
		copy_8(t, f);
		opaque();
		copy_8(t + 8, f + 8);
		opaque();
		copy_8(t + 16, f + 16);
		opaque();
		copy_8(t + 24, f + 24);
		opaque();
		f += 32;
		t += 32;
	}
}

void unchecked
page_zero(void *page)
{
	uint64_t *t = page;

	for (uint64_t *end = t + PAGE_SIZE / WORD; t != end; t += 16) {
		t[0] = t[1] = t[2] = t[3] = 0;
		t[4] = t[5] = t[6] = t[7] = 0;
		t[8] = t[9] = t[10] = t[11] = 0;
		t[12] = t[13] = t[14] = t[15] = 0;
		opaque();
	}
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n > 0; n--, x++, y++) {
		if (*x != *y)
			return *x < *y ? -1 : 1;
		opaque();
	}
	return 0;
}

void *
memchr(const void *at, int byte, size_t n)
{
	const unsigned char *p = at;

	for (; n > 0; n--, p++) {
		if (*p == (unsigned char)byte)
			return (void *)(uintptr_t)p;
	}
	return NULL;
}

size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0') {
		n++;
		opaque();
	}
	return n;
}

size_t
strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int
strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		unsigned char x = (unsigned char)*a, y = (unsigned char)*b;

		if (x != y)
			return x < y ? -1 : 1;
		if (x == '\0')
			break;
	}
	return 0;
}

int
strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *
strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (*s == '\0')
			return NULL;
	}
}

char *
strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (*s == '\0')
			return (char *)(uintptr_t)last;
	}
}

char *
strstr(const char *hay, const char *needle)
{
	size_t n = strlen(needle);

	for (;; hay++) {
		if (strncmp(hay, needle, n) == 0)
			return (char *)(uintptr_t)hay;
		if (*hay == '\0')
			return NULL;
	}
}

size_t
str_copy(char *to, const char *from, size_t size)
{
	size_t len = strlen(from);

	if (size > 0) {
		size_t n = MIN(len, size - 1);

		memcpy(to, from, n);
		to[n] = '\0';
	}
	return len;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

bool
str_to_u64(const char *s, uint64_t *value, const char **end)
{
	uint64_t v = 0;
	int base = 10;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X') &&
	    digit_value(s[2]) < 16) {
		base = 16;
		s += 2;
	}
	if (digit_value(*s) >= base)
		return false;
	for (; digit_value(*s) < base; s++) {
		if (__builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit_value(*s), &v))
			return false;
	}
	*value = v;
	if (end != NULL)
		*end = s;
	return true;
}

bool
str_word(char **rest, char **word)
{
	char *from = *rest, *to, quote = '\0';

	while (*from == ' ')
		from++;
	*word = *from != '\0' ? from : NULL;
	for (to = from; *from != '\0' && (quote != '\0' || *from != ' ');
	     from++) {
		if (*from == quote)
			quote = '\0';
		else if (quote == '\0' && (*from == '\'' || *from == '"'))
			quote = *from;
		else
			*to++ = *from;
	}
	*rest = *from != '\0' ? from + 1 : from;
	*to = '\0';
	return quote == '\0';
}
