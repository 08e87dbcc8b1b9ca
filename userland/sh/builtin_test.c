/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/builtin_test.c - test EXPRESSION, [ EXPRESSION ].
 *
 * With up to four arguments their number decides what is meant, as POSIX
 * has it; beyond that there is a small grammar with -a, -o, ! and ( ).
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

struct test {
	char **v;
	int n, at;
	bool failed;
};

static bool parse_or(struct test *t);

static bool
fail(struct test *t, const char *what, const char *why)
{
	if (!t->failed)
		error("test: %s%s%s", what, *what != '\0' ? ": " : "", why);
	t->failed = true;
	return false;
}

static bool
is_unary(const char *s)
{
	return s[0] == '-' && s[1] != '\0' && s[2] == '\0' &&
	       strchr("bcdefghkLnprSstuwxz", s[1]) != NULL;
}

static bool
is_binary(const char *s)
{
	static const char *const ops[] = {
		"=",   "==",  "!=",  "<",   ">",   "-eq", "-ne",
		"-gt", "-ge", "-lt", "-le", "-nt", "-ot", "-ef",
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(ops[i], s) == 0)
			return true;
	return false;
}

static bool
file_test(struct test *t, char op, const char *path)
{
	struct stat st;
	intmax_t fd;

	if (op == 't')
		return parse_number(path, &fd)
			       ? isatty(fd)
			       : fail(t, path, "is not a descriptor number");
	if (op == 'r' || op == 'w' || op == 'x')
		return access(path, op == 'r'	? R_OK
				    : op == 'w' ? W_OK
						: X_OK) == 0;
	if (op == 'h' || op == 'L')
		return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
	if (stat(path, &st) < 0)
		return false;
	switch (op) {
	case 'b':
		return S_ISBLK(st.st_mode);
	case 'c':
		return S_ISCHR(st.st_mode);
	case 'd':
		return S_ISDIR(st.st_mode);
	case 'f':
		return S_ISREG(st.st_mode);
	case 'p':
		return S_ISFIFO(st.st_mode);
	case 'S':
		return S_ISSOCK(st.st_mode);
	case 'g':
		return (st.st_mode & S_ISGID) != 0;
	case 'u':
		return (st.st_mode & S_ISUID) != 0;
	case 'k':
		return (st.st_mode & S_ISVTX) != 0;
	case 's':
		return st.st_size > 0;
	default:
		return true;
	}
}

static bool
unary(struct test *t, const char *op, const char *arg)
{
	if (op[1] == 'n')
		return *arg != '\0';
	if (op[1] == 'z')
		return *arg == '\0';
	return file_test(t, op[1], arg);
}

static bool
compare_files(const char *a, const char *op, const char *b)
{
	struct stat x, y;
	bool have_x = stat(a, &x) == 0, have_y = stat(b, &y) == 0;
	bool newer;

	if (op[1] == 'e')
		return have_x && have_y && x.st_dev == y.st_dev &&
		       x.st_ino == y.st_ino;
	if (!have_x || !have_y)
		return op[1] == 'n' ? have_x && !have_y : have_y && !have_x;
	if (op[1] == 'o') {
		struct stat z = x;

		x = y;
		y = z;
	}
	newer = x.st_mtim.tv_sec != y.st_mtim.tv_sec
			? x.st_mtim.tv_sec > y.st_mtim.tv_sec
			: x.st_mtim.tv_nsec > y.st_mtim.tv_nsec;
	return newer;
}

static bool
compare_numbers(struct test *t, const char *a, const char *op, const char *b)
{
	intmax_t x, y;

	if (!parse_number(a, &x))
		return fail(t, a, "is not a number");
	if (!parse_number(b, &y))
		return fail(t, b, "is not a number");
	if (strcmp(op, "-eq") == 0)
		return x == y;
	if (strcmp(op, "-ne") == 0)
		return x != y;
	if (strcmp(op, "-gt") == 0)
		return x > y;
	if (strcmp(op, "-ge") == 0)
		return x >= y;
	if (strcmp(op, "-lt") == 0)
		return x < y;
	return x <= y;
}

static bool
binary(struct test *t, const char *a, const char *op, const char *b)
{
	if (op[0] == '=')
		return strcmp(a, b) == 0;
	if (op[0] == '!')
		return strcmp(a, b) != 0;
	if (op[0] == '<')
		return strcmp(a, b) < 0;
	if (op[0] == '>')
		return strcmp(a, b) > 0;
	if (strcmp(op, "-nt") == 0 || strcmp(op, "-ot") == 0 ||
	    strcmp(op, "-ef") == 0)
		return compare_files(a, op, b);
	return compare_numbers(t, a, op, b);
}

/* ---- the grammar for many arguments ----------------------------------- */

static const char *
peek(struct test *t, int ahead)
{
	return t->at + ahead < t->n ? t->v[t->at + ahead] : NULL;
}

static bool
parse_primary(struct test *t)
{
	const char *s = peek(t, 0), *op = peek(t, 1);
	bool result;

	if (s == NULL)
		return fail(t, "", "an argument is missing");
	if (stack_low())
		return fail(t, "", "nested too deeply");
	if (op != NULL && is_binary(op) && peek(t, 2) != NULL) {
		t->at += 3;
		return binary(t, s, op, t->v[t->at - 1]);
	}
	if (strcmp(s, "!") == 0) {
		t->at++;
		return !parse_primary(t);
	}
	if (strcmp(s, "(") == 0) {
		t->at++;
		result = parse_or(t);
		if (peek(t, 0) == NULL || strcmp(peek(t, 0), ")") != 0)
			return fail(t, "", "a ')' is missing");
		t->at++;
		return result;
	}
	if (is_unary(s) && op != NULL) {
		t->at += 2;
		return unary(t, s, op);
	}
	t->at++;
	return *s != '\0';
}

static bool
parse_and(struct test *t)
{
	bool result = parse_primary(t);

	while (peek(t, 0) != NULL && strcmp(peek(t, 0), "-a") == 0) {
		t->at++;
		result = parse_primary(t) && result;
	}
	return result;
}

static bool
parse_or(struct test *t)
{
	bool result = parse_and(t);

	while (peek(t, 0) != NULL && strcmp(peek(t, 0), "-o") == 0) {
		t->at++;
		result = parse_and(t) || result;
	}
	return result;
}

static bool
parse_full(struct test *t)
{
	bool result = parse_or(t);

	if (t->at < t->n)
		fail(t, t->v[t->at], "not expected here");
	return result;
}

/* `v` and `n` without `test`, `[` and `]`. */
static bool
evaluate(struct test *t, char **v, int n)
{
	switch (n) {
	case 0:
		return false;
	case 1:
		return *v[0] != '\0';
	case 2:
		if (strcmp(v[0], "!") == 0)
			return *v[1] == '\0';
		if (is_unary(v[0]))
			return unary(t, v[0], v[1]);
		return fail(t, v[0], "is not a test for one argument");
	case 3:
		if (is_binary(v[1]))
			return binary(t, v[0], v[1], v[2]);
		if (strcmp(v[0], "!") == 0)
			return !evaluate(t, v + 1, 2);
		if (strcmp(v[0], "(") == 0 && strcmp(v[2], ")") == 0)
			return *v[1] != '\0';
		break;
	case 4:
		if (strcmp(v[0], "!") == 0)
			return !evaluate(t, v + 1, 3);
		break;
	}
	return parse_full(t);
}

int
builtin_test(int argc, char **argv)
{
	struct test t = { .v = argv + 1, .n = argc - 1 };
	bool result;

	if (strcmp(argv[0], "[") == 0) {
		if (argc < 2 || strcmp(argv[argc - 1], "]") != 0) {
			error("[: the last argument must be ']'");
			return 2;
		}
		t.n--;
	}
	result = evaluate(&t, t.v, t.n);
	return t.failed ? 2 : !result;
}
