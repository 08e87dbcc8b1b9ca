/* SPDX-License-Identifier: MIT */
/*
 * lib/printf.c - formatted output into a buffer.
 *
 * vsnprintf() makes one pass over the format and writes each conversion,
 * padded, into the buffer.  No state, no allocation, any context.
 */
#include "lib/printf.h"

#include "lib/string.h"

struct out {
	char *buf;
	size_t size, len; /* len also counts truncated text */
};

struct spec {
	bool left, zero, alt;
	char sign;	      /* '+', ' ' or 0 */
	int width, precision; /* precision -1: none given */
	int length;	      /* -2 hh, -1 h, 0 int, 1 l ll z j t */
};

static void
put_char(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void
put_repeat(struct out *o, char c, int n)
{
	while (n-- > 0)
		put_char(o, c);
}

static void
put_padded(struct out *o, const struct spec *sp, const char *s, int n)
{
	if (!sp->left)
		put_repeat(o, ' ', sp->width - n);
	for (int i = 0; i < n; i++)
		put_char(o, s[i]);
	if (sp->left)
		put_repeat(o, ' ', sp->width - n);
}

static void
put_number(struct out *o, const struct spec *sp, uint64_t v, bool negative,
	   unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char rev[24], prefix[3];
	int n = 0, np = 0, zeroes;

	if (negative)
		prefix[np++] = '-';
	else if (sp->sign != 0)
		prefix[np++] = sp->sign;
	if (sp->alt && base == 16 && v != 0) {
		prefix[np++] = '0';
		prefix[np++] = upper ? 'X' : 'x';
	}
	for (; v != 0; v /= base)
		rev[n++] = digits[v % base];
	zeroes = (sp->precision >= 0 ? sp->precision : 1) - n;
	if (sp->zero && !sp->left && sp->precision < 0)
		zeroes = MAX(zeroes, sp->width - np - n);
	zeroes = MAX(zeroes, 0);

	if (!sp->left)
		put_repeat(o, ' ', sp->width - np - zeroes - n);
	for (int i = 0; i < np; i++)
		put_char(o, prefix[i]);
	put_repeat(o, '0', zeroes);
	for (int i = n; i > 0; i--)
		put_char(o, rev[i - 1]);
	if (sp->left)
		put_repeat(o, ' ', sp->width - np - zeroes - n);
}

static const char *
parse_spec(const char *f, struct spec *sp, va_list *ap)
{
	*sp = (struct spec){ .precision = -1 };
	for (;; f++) {
		if (*f == '-')
			sp->left = true;
		else if (*f == '0')
			sp->zero = true;
		else if (*f == '#')
			sp->alt = true;
		else if (*f == '+' || (*f == ' ' && sp->sign == 0))
			sp->sign = *f;
		else if (*f != ' ')
			break;
	}
	if (*f == '*') {
		sp->width = va_arg(*ap, int);
		if (sp->width < 0) {
			sp->left = true;
			sp->width = -sp->width;
		}
		f++;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		sp->width = sp->width * 10 + (*f - '0');
	if (*f == '.') {
		sp->precision = 0;
		if (*++f == '*') {
			sp->precision = va_arg(*ap, int);
			f++;
		}
		for (; *f >= '0' && *f <= '9'; f++)
			sp->precision = sp->precision * 10 + (*f - '0');
	}
	for (;; f++) {
		if (*f == 'h')
			sp->length--;
		else if (*f == 'l' || *f == 'z' || *f == 'j' || *f == 't')
			sp->length = 1;
		else
			return f;
	}
}

static uint64_t
take_unsigned(const struct spec *sp, va_list *ap)
{
	if (sp->length > 0)
		return va_arg(*ap, uint64_t);
	if (sp->length == -1)
		return (uint16_t)va_arg(*ap, unsigned);
	if (sp->length < -1)
		return (uint8_t)va_arg(*ap, unsigned);
	return va_arg(*ap, unsigned);
}

static int64_t
take_signed(const struct spec *sp, va_list *ap)
{
	if (sp->length > 0)
		return va_arg(*ap, int64_t);
	if (sp->length == -1)
		return (int16_t)va_arg(*ap, int);
	if (sp->length < -1)
		return (int8_t)va_arg(*ap, int);
	return va_arg(*ap, int);
}

static void
put_string(struct out *o, const struct spec *sp, const char *s)
{
	if (s == NULL)
		s = "(null)";
	put_padded(o, sp, s,
		   (int)strnlen(s, sp->precision < 0 ? INT32_MAX
						     : (size_t)sp->precision));
}

/* Format one conversion.  Returns the address after it in the format. */
static const char *
convert(struct out *o, const char *f, va_list *ap)
{
	struct spec sp;
	int64_t i;
	char c;

	f = parse_spec(f, &sp, ap);
	switch (*f) {
	case 'd':
	case 'i':
		i = take_signed(&sp, ap);
		put_number(o, &sp, i < 0 ? -(uint64_t)i : (uint64_t)i, i < 0,
			   10, false);
		break;
	case 'o':
	case 'u':
	case 'x':
	case 'X':
		sp.sign = 0;
		put_number(o, &sp, take_unsigned(&sp, ap), false,
			   *f == 'o'   ? 8
			   : *f == 'u' ? 10
				       : 16,
			   *f == 'X');
		break;
	case 'p':
		sp.alt = true;
		put_number(o, &sp, (uintptr_t)va_arg(*ap, void *), false, 16,
			   false);
		break;
	case 'c':
		c = (char)va_arg(*ap, int);
		put_padded(o, &sp, &c, 1);
		break;
	case 's':
		put_string(o, &sp, va_arg(*ap, const char *));
		break;
	case '%':
		put_char(o, '%');
		break;
	default: /* unknown: print % and the character */
		put_char(o, '%');
		return f;
	}
	return f + 1;
}

int
vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = size };
	va_list args;

	va_copy(args, ap);
	while (*fmt != '\0') {
		if (*fmt == '%')
			fmt = convert(&o, fmt + 1, &args);
		else
			put_char(&o, *fmt++);
	}
	va_end(args);
	if (size > 0)
		buf[MIN(o.len, size - 1)] = '\0';
	return (int)o.len;
}

int
snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
