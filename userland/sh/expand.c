/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/expand.c - words to arguments.
 *
 * A field is built in "pattern form": every quoted character that could mean
 * something in a pattern has a backslash before it.  When the field is done
 * it is either matched against file names or the backslashes come off.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

void
fields_add(struct fields *f, char *s)
{
	if (f->n + 1 >= f->cap) {
		int cap = f->cap ? f->cap * 2 : 8;
		char **v = arena_alloc(&sh_tmp, cap * sizeof(*v));

		if (f->n > 0)
			memcpy(v, f->v, f->n * sizeof(*v));
		f->v = v;
		f->cap = cap;
	}
	f->v[f->n++] = s;
}

/* Add a byte that stands for itself. */
static void
put_literal(struct expander *e, char c)
{
	if ((e->split || e->pattern) && strchr("\\*?[]!-^", c) != NULL)
		buf_push(&e->cur, '\\');
	buf_push(&e->cur, c);
}

/* End the field that is being built, empty or not. */
void
expander_break(struct expander *e)
{
	char *field = arena_strdup(&sh_tmp, buf_str(&e->cur));

	e->cur.len = 0;
	e->have = e->space_ended = false;
	if (pattern_active(field) && !sh.opt[OPT_NOGLOB] &&
	    glob_expand(field, e->out) > 0)
		return;
	fields_add(e->out, pattern_unescape(field));
}

/* The result of an unquoted expansion: IFS decides where it breaks. */
static void
add_split(struct expander *e, const char *s)
{
	const char *ifs = var_get("IFS");

	if (ifs == NULL)
		ifs = " \t\n";
	for (; *s != '\0'; s++) {
		if (strchr(ifs, *s) == NULL) {
			if (*s == '\\')
				put_literal(e, *s);
			else
				buf_push(&e->cur, *s);
			e->have = true;
		} else if (strchr(" \t\n", *s) != NULL) {
			if (e->have) {
				expander_break(e);
				e->space_ended = true;
			}
		} else if (e->space_ended && !e->have) {
			e->space_ended = false;
		} else {
			expander_break(e);
		}
	}
}

void
expander_value(struct expander *e, const char *s, bool quoted)
{
	if (!quoted && e->split) {
		add_split(e, s);
		return;
	}
	if (quoted || *s != '\0')
		e->have = true;
	for (; *s != '\0'; s++) {
		if (quoted)
			put_literal(e, *s);
		else
			buf_push(&e->cur, *s);
	}
}

/* ---- command substitution -------------------------------------------- */

static void
read_all(int fd, struct buf *b)
{
	char chunk[4096];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR && !interrupted())
			continue;
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			if (chunk[i] != '\0')
				buf_push(b, chunk[i]);
	}
	while (b->len > 0 && b->p[b->len - 1] == '\n')
		b->len--;
}

static void
substitution_failed(const char *what)
{
	error("cannot start a command substitution: %s: %s", what,
	      strerror(errno));
	fatal_expansion();
}

static void
expand_command(struct expander *e, struct part *p)
{
	struct buf text = { NULL, 0, 0 };
	int fds[2];
	pid_t pid;

	if (p->node == NULL) {
		sh.substitution_status = sh.status = 0;
		expander_value(e, "", p->quoted);
		return;
	}
	if (pipe(fds) < 0) {
		substitution_failed("pipe");
		return;
	}
	pid = job_fork(NULL, false);
	if (pid < 0) {
		substitution_failed("fork");
		close(fds[0]);
		close(fds[1]);
		return;
	}
	if (pid == 0) {
		close(fds[0]);
		if (fds[1] != 1) {
			dup2(fds[1], 1);
			close(fds[1]);
		}
		run_child(p->node);
	}
	close(fds[1]);
	read_all(fds[0], &text);
	close(fds[0]);
	sh.substitution_status = sh.status = wait_child(pid);
	expander_value(e, buf_str(&text), p->quoted);
	buf_free(&text);
}

static void
expand_arith(struct expander *e, struct part *p)
{
	char text[32], *s = expand_string(p->word);
	intmax_t value;

	if (s == NULL)
		return;
	if (!arith_eval(s, &value)) {
		fatal_expansion();
		return;
	}
	snprintf(text, sizeof(text), "%jd", value);
	expander_value(e, text, p->quoted);
}

/* ---- words ----------------------------------------------------------- */

/* ~ and ~/...: returns how much of `s` the home directory replaced. */
static size_t
expand_tilde(struct expander *e, const char *s, bool last, bool assign)
{
	const char *home = var_get("HOME");

	if (s[0] != '~' || home == NULL)
		return 0;
	if (s[1] == '/' || (assign && s[1] == ':') || (s[1] == '\0' && last)) {
		expander_value(e, home, true);
		return 1;
	}
	return 0;
}

/* Literal text breaks at blanks only when it is the operand of ${...}. */
static void
expand_text(struct expander *e, struct part *p, bool operand)
{
	if (p->quoted) {
		expander_value(e, p->text, true);
	} else if (operand && e->split) {
		add_split(e, p->text);
	} else {
		buf_puts(&e->cur, p->text);
		e->have = true;
	}
}

/*
 * Add all parts to the field being built.  `operand`: they come from inside
 * ${...}, where even literal blanks separate fields.
 */
void
expand_parts(struct expander *e, struct part *p, bool operand)
{
	if (stack_low()) {
		error("nested too deeply (a function that calls itself?)");
		fatal_expansion();
		return;
	}
	if (p != NULL && p->kind == PART_TEXT && !p->quoted) {
		size_t n = expand_tilde(e, p->text, p->next == NULL, false);

		if (n > 0) {
			struct part rest = *p;

			rest.text += n;
			if (*rest.text != '\0')
				expand_text(e, &rest, operand);
			p = p->next;
		}
	}
	for (; p != NULL && sh.unwind == UNWIND_NONE; p = p->next) {
		switch (p->kind) {
		case PART_TEXT:
			expand_text(e, p, operand);
			break;
		case PART_PARAM:
			expand_param(e, p);
			break;
		case PART_COMMAND:
			expand_command(e, p);
			break;
		case PART_ARITH:
			expand_arith(e, p);
			break;
		}
	}
}

static char *expand_value(struct word *w, bool named);

/* `export x=~/a:$y`: an argument that is an assignment does not split. */
static bool
is_declaration(const struct word *w)
{
	const char *s = word_plain(w);

	return s != NULL &&
	       (strcmp(s, "export") == 0 || strcmp(s, "readonly") == 0 ||
		strcmp(s, "local") == 0);
}

static bool
looks_like_assign(const struct word *w)
{
	const struct part *p = w->parts;
	const char *eq;

	if (p == NULL || p->kind != PART_TEXT || p->quoted)
		return false;
	eq = strchr(p->text, '=');
	return eq != NULL && name_ok(p->text, eq - p->text);
}

char **
expand_words(struct word *w, int *argc)
{
	struct fields out = { NULL, 0, 0 };
	struct expander e = { .split = true, .out = &out };
	bool declaration = w != NULL && is_declaration(w);

	for (; w != NULL && sh.unwind == UNWIND_NONE; w = w->next) {
		if (declaration && looks_like_assign(w)) {
			char *s = expand_value(w, true);

			if (s != NULL)
				fields_add(&out, s);
			continue;
		}
		expand_parts(&e, w->parts, false);
		if (e.have && sh.unwind == UNWIND_NONE)
			expander_break(&e);
		e.have = e.space_ended = false;
		e.cur.len = 0;
	}
	buf_free(&e.cur);
	if (sh.unwind != UNWIND_NONE)
		return NULL;
	fields_add(&out, NULL);
	*argc = out.n - 1;
	return out.v;
}

static char *
finish(struct expander *e)
{
	char *s = NULL;

	if (sh.unwind == UNWIND_NONE)
		s = arena_strdup(&sh_tmp, buf_str(&e->cur));
	buf_free(&e->cur);
	return s;
}

char *
expand_string(struct word *w)
{
	struct expander e = { .split = false };

	expand_parts(&e, w->parts, false);
	return finish(&e);
}

char *
expand_pattern(struct word *w)
{
	struct expander e = { .pattern = true };

	expand_parts(&e, w->parts, false);
	return finish(&e);
}

/*
 * The value of an assignment: ~ also counts after each `:`, and when `named`
 * (NAME=value still in one piece) after the first `=`.
 */
static char *
expand_value(struct word *w, bool named)
{
	struct expander e = { .split = false };
	bool start = !named;

	for (struct part *p = w->parts; p != NULL; p = p->next) {
		struct part one = *p;

		one.next = NULL;
		if (p->kind != PART_TEXT || p->quoted) {
			expand_parts(&e, &one, false);
			start = false;
			continue;
		}
		for (const char *s = p->text; *s != '\0';) {
			size_t n = start ? expand_tilde(&e, s, p->next == NULL,
							true)
					 : 0;

			if (n == 0) {
				start = *s == ':' || (named && *s == '=');
				named = named && *s != '=';
				buf_push(&e.cur, *s++);
			} else {
				start = false;
				s += n;
			}
		}
	}
	return finish(&e);
}

char *
expand_assign(struct word *w)
{
	return expand_value(w, false);
}

/* PS1, PS2 and PS4 are expanded like text in double quotes. */
char *
expand_prompt(const char *s)
{
	struct input in;
	struct unit *u = xmalloc(sizeof(*u));
	struct parser ps = { .in = &in, .unit = u };
	char *result = NULL;
	struct word *w;

	*u = (struct unit){ .refs = 1 };
	ps.pending_tail = &ps.pending;
	input_string(&in, s, strlen(s));
	w = word_scan_heredoc(&ps);
	input_close(&in);
	if (!ps.failed)
		result = expand_string(w);
	sh.unwind = UNWIND_NONE;
	unit_drop(u);
	return result;
}
