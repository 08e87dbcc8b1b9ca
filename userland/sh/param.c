/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/param.c - $x, ${x...} and the special parameters.
 *
 * param_get() gives a value or NULL; the rest expands one ${...} into the
 * fields that expand.c builds.  Strings are in sh_tmp.  A parameter that must
 * be set and is not ends the command (fatal_expansion()).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

static char *
number(intmax_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%jd", n);
	return arena_strdup(&sh_tmp, text);
}

/* "$*": all parameters with the first byte of IFS between them. */
static char *
join_params(bool star)
{
	const char *ifs = var_get("IFS");
	struct buf b = { NULL, 0, 0 };
	char *s;

	for (int i = 0; i < sh.params.n; i++) {
		if (i > 0 && (!star || ifs == NULL))
			buf_push(&b, ' ');
		else if (i > 0 && *ifs != '\0')
			buf_push(&b, *ifs);
		buf_puts(&b, sh.params.v[i]);
	}
	s = arena_strdup(&sh_tmp, buf_str(&b));
	buf_free(&b);
	return s;
}

/* The value of any parameter, or NULL when it is not set. */
const char *
param_get(const char *name)
{
	if (*name >= '0' && *name <= '9') {
		long n = strtol(name, NULL, 10);

		if (n == 0)
			return sh.arg0;
		return n <= sh.params.n ? sh.params.v[n - 1] : NULL;
	}
	if (name_ok(name, strlen(name))) {
		if (strcmp(name, "LINENO") == 0 && var_get(name) == NULL)
			return number(sh.lineno);
		return var_get(name);
	}
	switch (*name) {
	case '?':
		return number(sh.status);
	case '#':
		return number(sh.params.n);
	case '$':
		return number(sh.pid);
	case '!':
		return sh.last_background ? number(sh.last_background) : NULL;
	case '-':
		return option_letters();
	}
	/* $@ and $* count as unset when there is nothing in them. */
	return sh.params.n > 0 ? join_params(*name == '*') : NULL;
}

static bool
is_list(const char *name)
{
	return strcmp(name, "@") == 0 || strcmp(name, "*") == 0;
}

/* $@ and $* where fields are wanted. */
static void
expand_list(struct expander *e, bool quoted, bool at)
{
	if (!e->split || (quoted && !at)) {
		expander_value(e, join_params(!at), quoted);
		return;
	}
	for (int i = 0; i < sh.params.n; i++) {
		if (i > 0 && (quoted || e->have))
			expander_break(e);
		e->space_ended = false;
		expander_value(e, sh.params.v[i], quoted);
	}
}

static void
not_set(const char *name, const char *message)
{
	error("%s: %s", name, message);
	fatal_expansion();
}

/* ${x=w}: only variables can be given a value. */
static void
assign_default(struct expander *e, struct part *p)
{
	char *value;

	if (!name_ok(p->text, strlen(p->text))) {
		not_set(p->text, "cannot be assigned to");
		return;
	}
	value = expand_string(p->word);
	if (value == NULL)
		return;
	if (!var_set(p->text, value, 0)) {
		fatal_expansion();
		return;
	}
	expander_value(e, value, p->quoted);
}

static void
fail_unset(struct part *p)
{
	char *message;

	if (p->word->parts == NULL) {
		not_set(p->text,
			p->colon ? "is not set or empty" : "is not set");
		return;
	}
	message = expand_string(p->word);
	if (message != NULL)
		not_set(p->text, message);
}

/* Cut the part that matches off `value`, at either end, long or short. */
static char *
trim(const char *value, const char *pattern, enum param_op op)
{
	size_t n = strlen(value);
	bool prefix = op == OP_PREFIX || op == OP_PREFIX_LONG;
	bool longest = op == OP_PREFIX_LONG || op == OP_SUFFIX_LONG;

	for (size_t i = 0; i <= n; i++) {
		size_t len = longest ? n - i : i;

		if (prefix && pattern_match(pattern, value, len))
			return arena_strdup(&sh_tmp, value + len);
		if (!prefix && pattern_match(pattern, value + n - len, len))
			return arena_strndup(&sh_tmp, value, n - len);
	}
	return arena_strdup(&sh_tmp, value);
}

static void
expand_trim(struct expander *e, struct part *p, const char *value)
{
	char *copy = arena_strdup(&sh_tmp, value != NULL ? value : "");
	char *pattern = expand_pattern(p->word);

	if (pattern != NULL)
		expander_value(e, trim(copy, pattern, p->op), p->quoted);
}

/* Length in characters: bytes that go on a UTF-8 sequence do not count. */
static size_t
length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			n++;
	return n;
}

static void
expand_plain(struct expander *e, struct part *p, const char *value)
{
	if (is_list(p->text))
		expand_list(e, p->quoted, *p->text == '@');
	else
		expander_value(e, value != NULL ? value : "", p->quoted);
}

/* The operand of ${x-w} or ${x+w} takes the place of the parameter. */
static void
expand_operand(struct expander *e, struct part *p)
{
	if (p->quoted && p->word->parts == NULL)
		e->have = true;
	expand_parts(e, p->word->parts, true);
}

void
expand_param(struct expander *e, struct part *p)
{
	const char *value = param_get(p->text);
	bool set = value != NULL && !(p->colon && *value == '\0');

	if (!set && sh.opt[OPT_NOUNSET] && !is_list(p->text) &&
	    (p->op == OP_NONE || p->op == OP_LENGTH || p->op >= OP_PREFIX)) {
		not_set(p->text, "is not set");
		return;
	}
	switch (p->op) {
	case OP_NONE:
		expand_plain(e, p, value);
		break;
	case OP_LENGTH:
		expander_value(
			e,
			is_list(p->text)
				? number(sh.params.n)
				: number(length(value != NULL ? value : "")),
			p->quoted);
		break;
	case OP_DEFAULT:
		if (set)
			expand_plain(e, p, value);
		else
			expand_operand(e, p);
		break;
	case OP_ASSIGN:
		if (set)
			expand_plain(e, p, value);
		else
			assign_default(e, p);
		break;
	case OP_ERROR:
		if (set)
			expand_plain(e, p, value);
		else
			fail_unset(p);
		break;
	case OP_ALT:
		if (set)
			expand_operand(e, p);
		else if (p->quoted)
			e->have = true;
		break;
	default:
		expand_trim(e, p, value);
		break;
	}
}
