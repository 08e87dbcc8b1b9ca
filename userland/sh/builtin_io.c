/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/builtin_io.c - echo, printf, read.
 *
 * Output goes through out_*() and is flushed by the caller.  read takes one
 * byte at a time, so that a later command gets the rest of the input.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/*
 * The escape behind a backslash; advances *s.  `echo`: octal numbers begin
 * with a 0.  Returns the byte, -1 for \c, -2 for what is no escape.
 */
static int
escape(const char **s, bool echo)
{
	static const char from[] = "abfnrtv\\", to[] = "\a\b\f\n\r\t\v\\";
	const char *hit = **s != '\0' ? strchr(from, **s) : NULL;
	int value = 0;

	if (hit != NULL) {
		++*s;
		return (unsigned char)to[hit - from];
	}
	if (**s == 'c') {
		++*s;
		return -1;
	}
	if (echo && **s == '0')
		++*s;
	else if (echo || **s < '0' || **s > '7')
		return -2;
	for (int i = 0; i < 3 && **s >= '0' && **s <= '7'; i++)
		value = value * 8 + (*(*s)++ - '0');
	return value & 255;
}

/* Print with escapes; false when \c said to stop. */
static bool
put_escaped(const char *s, bool echo)
{
	while (*s != '\0') {
		char c = *s++;

		if (c == '\\') {
			int value = escape(&s, echo);

			if (value == -1)
				return false;
			if (value >= 0)
				c = value;
		}
		out_add(&c, 1);
	}
	return true;
}

int
builtin_echo(int argc, char **argv)
{
	bool newline = true, escapes = false;
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (argv[i][1 + strspn(argv[i] + 1, "neE")] != '\0')
			break;
		for (const char *p = argv[i] + 1; *p != '\0'; p++) {
			if (*p == 'n')
				newline = false;
			else
				escapes = *p == 'e';
		}
	}
	for (int first = i; i < argc; i++) {
		if (i > first)
			out_puts(" ");
		if (!escapes)
			out_puts(argv[i]);
		else if (!put_escaped(argv[i], true))
			return 0;
	}
	if (newline)
		out_puts("\n");
	return 0;
}

/* ---- printf ---------------------------------------------------------- */

struct printf_state {
	char **argv;
	int argc, next;
	int status;
	bool stop;
};

static const char *
next_argument(struct printf_state *st)
{
	return st->next < st->argc ? st->argv[st->next++] : NULL;
}

static intmax_t
integer_argument(struct printf_state *st)
{
	const char *s = next_argument(st);
	char *end;
	intmax_t n;

	if (s == NULL)
		return 0;
	if (*s == '\'' || *s == '"')
		return (unsigned char)s[1];
	errno = 0;
	n = strtoimax(s, &end, 0);
	if (errno == ERANGE && *s != '-')
		n = strtoumax(s, &end, 0);
	if (end == s || *end != '\0') {
		error("printf: '%s' is not a number", s);
		st->status = 1;
	}
	return n;
}

static void
put_field(const char *spec, int width, int precision, const char *s, size_t n)
{
	size_t pad;

	if (precision >= 0 && (size_t)precision < n)
		n = precision;
	pad = width > 0 && (size_t)width > n ? width - n : 0;
	for (size_t i = 0; i < pad && strchr(spec, '-') == NULL; i++)
		out_puts(" ");
	out_add(s, n);
	for (size_t i = 0; i < pad && strchr(spec, '-') != NULL; i++)
		out_puts(" ");
}

static double
float_argument(struct printf_state *st)
{
	const char *s = next_argument(st);
	char *end;
	double value;

	if (s == NULL)
		return 0;
	value = strtod(s, &end);
	if (end == s || *end != '\0') {
		error("printf: '%s' is not a number", s);
		st->status = 1;
	}
	return value;
}

static void
put_number(struct printf_state *st, const char *flags, int width, int precision,
	   char conversion)
{
	bool integer = strchr("diouxX", conversion) != NULL;
	char spec[32], text[1024];

	/* The longest double has 309 digits before the point. */
	width = width > 300 ? 300 : width;
	precision = precision > 300 ? 300 : precision;
	snprintf(spec, sizeof(spec), "%%%s*.*%s%c", flags, integer ? "j" : "",
		 conversion);
	if (integer)
		snprintf(text, sizeof(text), spec, width, precision,
			 integer_argument(st));
	else
		snprintf(text, sizeof(text), spec, width, precision,
			 float_argument(st));
	out_puts(text);
}

static int
read_width(struct printf_state *st, const char **f)
{
	int n = 0;

	if (**f == '*') {
		++*f;
		return integer_argument(st) & 0xffff;
	}
	while (isdigit((unsigned char)**f)) {
		n = n > 9999 ? n : n * 10 + (**f - '0');
		++*f;
	}
	return n;
}

/* One conversion; `f` is behind the '%'.  Returns what follows it. */
static const char *
conversion(struct printf_state *st, const char *f)
{
	char flags[8] = "";
	size_t n = strspn(f, "-+ #0");
	int width, precision = -1;
	const char *s;

	memcpy(flags, f, n < 7 ? n : 7);
	f += n;
	width = read_width(st, &f);
	if (*f == '.') {
		f++;
		precision = read_width(st, &f);
	}
	switch (*f) {
	case '%':
		out_puts("%");
		break;
	case 's':
	case 'c':
		s = next_argument(st);
		s = s != NULL ? s : "";
		put_field(flags, width, *f == 'c' ? 1 : precision, s,
			  strlen(s));
		break;
	case 'b':
		s = next_argument(st);
		if (s != NULL && !put_escaped(s, false))
			st->stop = true;
		break;
	case 'd':
	case 'i':
	case 'o':
	case 'u':
	case 'x':
	case 'X':
	case 'e':
	case 'E':
	case 'f':
	case 'F':
	case 'g':
	case 'G':
		put_number(st, flags, width, precision, *f);
		break;
	default:
		error("printf: '%%%.1s' is not a conversion", f);
		st->status = 1;
		st->stop = true;
		return f;
	}
	return f + 1;
}

static void
print_once(struct printf_state *st, const char *f)
{
	while (*f != '\0' && !st->stop) {
		char c = *f++;

		if (c == '%') {
			f = conversion(st, f);
			continue;
		}
		if (c == '\\') {
			int value = escape(&f, false);

			if (value == -1) {
				st->stop = true;
				return;
			}
			if (value >= 0)
				c = value;
		}
		out_add(&c, 1);
	}
}

int
builtin_printf(int argc, char **argv)
{
	struct printf_state st = { .argv = argv, .argc = argc, .next = 2 };
	int before;

	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		argv++;
		st.argv = argv;
		st.argc = --argc;
	}
	if (argc < 2) {
		error("printf: format missing");
		return 2;
	}
	/* The format is used again until no argument is left. */
	do {
		before = st.next;
		print_once(&st, argv[1]);
	} while (!st.stop && st.next < argc && st.next > before);
	return st.status;
}

/* ---- read ------------------------------------------------------------ */

/* A line, and for each byte whether a backslash protects it. */
struct line {
	struct buf text, mask;
};

static int
read_line(struct line *l, bool raw)
{
	bool escaped = false;
	char c;

	for (;;) {
		ssize_t n = read_or_signal(0, &c, 1);

		if (n < 0 && errno == EINTR && trap_pending_signal() == 0 &&
		    !interrupted())
			continue;
		if (n < 0)
			return errno == EINTR ? 130 : 2;
		if (n == 0)
			return 1;
		if (escaped && c == '\n') {
			escaped = false;
			continue;
		}
		if (!escaped && c == '\n')
			return 0;
		if (!escaped && !raw && c == '\\') {
			escaped = true;
			continue;
		}
		if (c != '\0') {
			buf_push(&l->text, c);
			buf_push(&l->mask, escaped);
		}
		escaped = false;
	}
}

static bool
is_separator(const struct line *l, size_t at, const char *ifs, bool blank)
{
	char c = l->text.p[at];

	if (at >= l->text.len || l->mask.p[at] || strchr(ifs, c) == NULL)
		return false;
	return !blank || strchr(" \t\n", c) != NULL;
}

/*
 * Where does the field that begins at `at` end?  *next is behind its separator.
 */
static size_t
field_end(const struct line *l, size_t at, const char *ifs, size_t *next)
{
	size_t end = at, n = l->text.len;

	while (end < n && !is_separator(l, end, ifs, false))
		end++;
	at = end;
	while (at < n && is_separator(l, at, ifs, true))
		at++;
	if (at < n && is_separator(l, at, ifs, false)) {
		at++;
		while (at < n && is_separator(l, at, ifs, true))
			at++;
	}
	*next = at;
	return end;
}

static bool
set_field(const char *name, const struct line *l, size_t from, size_t to)
{
	char *value = arena_strndup(&sh_tmp, l->text.p + from, to - from);

	return var_set(name, value, 0);
}

static int
assign_fields(struct line *l, char **names, int n)
{
	const char *ifs = var_get("IFS");
	size_t at = 0, len = l->text.len, next, end;

	if (ifs == NULL)
		ifs = " \t\n";
	ifs = arena_strdup(&sh_tmp, ifs);
	buf_str(&l->text);
	buf_str(&l->mask);
	while (at < len && is_separator(l, at, ifs, true))
		at++;
	for (int i = 0; i < n; i++) {
		end = field_end(l, at, ifs, &next);
		if (i == n - 1 && next < len) {
			/* The last name takes all that is left. */
			end = len;
			while (end > at && is_separator(l, end - 1, ifs, true))
				end--;
		}
		if (!set_field(names[i], l, at, end))
			return 2;
		at = next;
	}
	return 0;
}

int
builtin_read(int argc, char **argv)
{
	static char reply[] = "REPLY";
	struct line l = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	char *names[1] = { reply };
	bool raw = false;
	int i = 1, status, failed = 0;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (strcmp(argv[i], "-r") == 0) {
			raw = true;
		} else if (strcmp(argv[i], "-p") == 0 && i + 1 < argc) {
			i++;
			if (write(2, argv[i], strlen(argv[i])) < 0)
				return 2;
		} else {
			error("read: %s: no such option (-r and -p are valid)",
			      argv[i]);
			return 2;
		}
	}
	for (int k = i; k < argc; k++) {
		if (name_ok(argv[k], strlen(argv[k])))
			continue;
		error("read: '%s' is not a variable name", argv[k]);
		return 2;
	}
	status = read_line(&l, raw);
	if (status <= 1)
		failed = i < argc ? assign_fields(&l, argv + i, argc - i)
				  : assign_fields(&l, names, 1);
	buf_free(&l.text);
	buf_free(&l.mask);
	return status ? status : failed;
}
