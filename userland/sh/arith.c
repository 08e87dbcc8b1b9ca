/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/arith.c - $((...)): C's integer expressions.
 *
 * Precedence climbing over one table.  Arithmetic is done unsigned, so that
 * overflow wraps.  A part that && || ?: skips is parsed but has no effect.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

struct arith {
	const char *s, *start;
	bool failed;
	int skip; /* > 0: do not evaluate */
};

static intmax_t expression(struct arith *a, int level);

static intmax_t
fail(struct arith *a, const char *why)
{
	if (!a->failed)
		error("arithmetic: %s in '%s'", why, a->start);
	a->failed = true;
	return 0;
}

static void
skip_space(struct arith *a)
{
	while (*a->s != '\0' && strchr(" \t\n\r", *a->s) != NULL)
		a->s++;
}

/* Decimal, 0x hexadecimal or 0 octal, with an optional sign. */
bool
parse_number(const char *s, intmax_t *value)
{
	char *end;

	errno = 0;
	*value = strtoimax(s, &end, 0);
	if (end == s || errno == ERANGE)
		return false;
	while (*end != '\0' && strchr(" \t\n", *end) != NULL)
		end++;
	return *end == '\0';
}

static intmax_t
variable(struct arith *a, const char *name)
{
	const char *value = param_get(name);
	intmax_t n;

	if (value == NULL && sh.opt[OPT_NOUNSET] && a->skip == 0) {
		error("%s: is not set", name);
		a->failed = true;
		return 0;
	}
	if (value == NULL || *value == '\0' || a->skip > 0)
		return 0;
	if (!parse_number(value, &n)) {
		if (!a->failed)
			error("arithmetic: the value of %s is not a number: "
			      "'%s'",
			      name, value);
		a->failed = true;
		return 0;
	}
	return n;
}

static const struct {
	const char *text;
	int level;
} binary[] = {
	/* A longer operator comes before its own beginning. */
	{ "||", 2 }, { "&&", 3 }, { "==", 7 }, { "!=", 7 }, { "<<", 9 },
	{ ">>", 9 }, { "<=", 8 }, { ">=", 8 }, { "<", 8 },  { ">", 8 },
	{ "|", 4 },  { "^", 5 },  { "&", 6 },  { "+", 10 }, { "-", 10 },
	{ "*", 11 }, { "/", 11 }, { "%", 11 },
};

static intmax_t
divide(struct arith *a, char op, intmax_t x, intmax_t y)
{
	if (a->skip > 0)
		return 0;
	if (y == 0)
		return fail(a, "division by zero");
	if (y == -1)
		return op == '/' ? (intmax_t)(0 - (uintmax_t)x) : 0;
	return op == '/' ? x / y : x % y;
}

static intmax_t
apply(struct arith *a, const char *op, intmax_t x, intmax_t y)
{
	uintmax_t ux = x, uy = y;

	if (op[0] == op[1] && op[0] == '<')
		return ux << (uy & 63);
	if (op[0] == op[1] && op[0] == '>')
		return x >> (uy & 63);
	if (op[0] != '\0' && op[1] == '=' && strchr("=!<>", op[0])) {
		switch (op[0]) {
		case '=':
			return x == y;
		case '!':
			return x != y;
		case '<':
			return x <= y;
		default:
			return x >= y;
		}
	}
	switch (op[0]) {
	case '<':
		return x < y;
	case '>':
		return x > y;
	case '|':
		return ux | uy;
	case '^':
		return ux ^ uy;
	case '&':
		return ux & uy;
	case '+':
		return ux + uy;
	case '-':
		return ux - uy;
	case '*':
		return ux * uy;
	default:
		return divide(a, op[0], x, y);
	}
}

/* The rest of `name op= value`, when that is what follows. */
static bool
assignment(struct arith *a, const char *name, intmax_t *value)
{
	static const char *const ops[] = {
		"<<", ">>", "+", "-", "*", "/", "%", "&", "|", "^", "",
	};
	char text[32];
	size_t n = 0, i;

	skip_space(a);
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		n = strlen(ops[i]);
		if (strncmp(a->s, ops[i], n) == 0 && a->s[n] == '=')
			break;
	}
	if (i == sizeof(ops) / sizeof(ops[0]) || (n == 0 && a->s[1] == '='))
		return false;
	a->s += n + 1;
	*value = expression(a, 0);
	if (n > 0)
		*value = apply(a, ops[i], variable(a, name), *value);
	if (a->skip > 0 || a->failed)
		return true;
	snprintf(text, sizeof(text), "%jd", *value);
	if (!var_set(name, text, 0))
		a->failed = true;
	return true;
}

static intmax_t
operand(struct arith *a)
{
	const char *begin;
	char *end;
	intmax_t value;

	skip_space(a);
	begin = a->s;
	if (*begin >= '0' && *begin <= '9') {
		errno = 0;
		value = strtoimax(begin, &end, 0);
		if (errno == ERANGE)
			return fail(a, "the number is too large");
		if (isalnum((unsigned char)*end) || *end == '_')
			return fail(a, "malformed number");
		a->s = end;
		return value;
	}
	while ((unsigned char)*a->s < 128 &&
	       (isalnum((unsigned char)*a->s) || *a->s == '_'))
		a->s++;
	if (a->s == begin)
		return fail(a, *begin == '\0' ? "operand missing at the end"
					      : "a value is missing");
	begin = arena_strndup(&sh_tmp, begin, a->s - begin);
	if (assignment(a, begin, &value))
		return value;
	return variable(a, begin);
}

static intmax_t
unary(struct arith *a)
{
	intmax_t value;

	if (stack_low())
		return fail(a, "nesting too deep");
	skip_space(a);
	switch (*a->s) {
	case '-':
		a->s++;
		return 0 - (uintmax_t)unary(a);
	case '+':
		a->s++;
		return unary(a);
	case '~':
		a->s++;
		return ~unary(a);
	case '!':
		a->s++;
		return !unary(a);
	case '(':
		a->s++;
		value = expression(a, 0);
		skip_space(a);
		if (*a->s != ')')
			return fail(a, "a ')' is missing");
		a->s++;
		return value;
	}
	return operand(a);
}

/* The operator at hand if it binds at least as tightly as `level`. */
static const char *
next_operator(struct arith *a, int level, int *its_level)
{
	skip_space(a);
	for (size_t i = 0; i < sizeof(binary) / sizeof(binary[0]); i++) {
		size_t n = strlen(binary[i].text);

		if (strncmp(a->s, binary[i].text, n) != 0)
			continue;
		if (binary[i].level < level)
			return NULL;
		a->s += n;
		*its_level = binary[i].level;
		return binary[i].text;
	}
	return NULL;
}

static intmax_t
conditional(struct arith *a, intmax_t condition)
{
	intmax_t yes, no;

	a->s++;
	a->skip += !condition;
	yes = expression(a, 0);
	a->skip -= !condition;
	skip_space(a);
	if (*a->s != ':')
		return fail(a, "a ':' is missing after '?'");
	a->s++;
	a->skip += !!condition;
	no = expression(a, 1);
	a->skip -= !!condition;
	return condition ? yes : no;
}

/* Levels: 0 anything, 1 ?:, 2 ||, 3 && ... 11 multiplication. */
static intmax_t
expression(struct arith *a, int level)
{
	intmax_t x = unary(a), y;
	const char *op;
	int at;

	while (!a->failed && (op = next_operator(a, level, &at)) != NULL) {
		bool lazy = at <= 3;
		bool done = lazy && (at == 2 ? x != 0 : x == 0);

		a->skip += done;
		y = expression(a, at + 1);
		a->skip -= done;
		if (lazy)
			x = at == 2 ? x || y : x && y;
		else
			x = apply(a, op, x, y);
	}
	skip_space(a);
	if (level <= 1 && *a->s == '?' && !a->failed)
		return conditional(a, x);
	return x;
}

bool
arith_eval(const char *s, intmax_t *value)
{
	struct arith a = { .s = s, .start = s };

	skip_space(&a);
	*value = 0;
	if (*a.s == '\0')
		return true;
	*value = expression(&a, 0);
	skip_space(&a);
	if (*a.s != '\0' && !a.failed)
		fail(&a, "unexpected text");
	return !a.failed;
}
