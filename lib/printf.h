/* SPDX-License-Identifier: MIT */
/*
 * lib/printf.h - formatted output into a buffer.
 *
 * Conversions: d i u o x X c s p %, with flags - 0 space + #, width, precision
 * (also *), and lengths hh h l ll z j t.  No floating point.  Any context.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include "lib/base.h"

#include <stdarg.h>

/*
 * Write at most size - 1 characters and a NUL.  Returns the length of the whole
 * text, so a result >= size means that the text was truncated.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	print_format(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) print_format(3, 4);

#endif
