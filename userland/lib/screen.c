/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/screen.c - how many columns text takes on a screen.
 *
 * There are no files of locales in Tine, so the C library knows ASCII only:
 * UTF-8 is taken apart here.
 */
#include <stdint.h>

#include "screen.h"

static const struct {
	uint32_t first, last;
} wide[] = {
	{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },
	{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },
	{ 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
	{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
}, narrow[] = {
	{ 0x0300, 0x036f }, { 0x200b, 0x200f }, { 0x20d0, 0x20ff },
	{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

/* The number of the character; bytes that are no UTF-8 count one by one. */
static uint32_t
decode(const char *text, size_t length, size_t *bytes)
{
	unsigned char first = (unsigned char)*text;
	size_t more = first >= 0xf0   ? 3
		      : first >= 0xe0 ? 2
		      : first >= 0xc0 ? 1
				      : 0;
	uint32_t code = first & (0x7fu >> (more > 0 ? more + 1 : 0));

	*bytes = 1;
	for (size_t i = 1; i <= more; i++) {
		if (i >= length || (text[i] & 0xc0) != 0x80)
			return first;
		code = code << 6 | (text[i] & 0x3f);
	}
	*bytes = 1 + more;
	return code;
}

unsigned
char_columns(const char *text, size_t length, size_t *bytes)
{
	uint32_t code = decode(text, length, bytes);

	for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++)
		if (code >= narrow[i].first && code <= narrow[i].last)
			return 0;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (code >= wide[i].first && code <= wide[i].last)
			return 2;
	return 1;
}
