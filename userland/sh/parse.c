/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/parse.c - tokens to a tree.
 *
 * A recursive-descent parser, one function per construct.  A mistake is
 * reported once, by parse_error(); from then on every token reads as the end
 * of the input, so all functions unwind by themselves.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"
#include "parse.h"

void
parse_error(struct parser *ps, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	/* Ctrl-C in the middle of a command is no mistake in it. */
	if (!ps->failed && sh.unwind == UNWIND_NONE) {
		va_start(ap, fmt);
		vsnprintf(text, sizeof(text), fmt, ap);
		va_end(ap);
		if (sh.script != NULL)
			sh.lineno = ps->in->lineno;
		if (sh.script != NULL || ps->in->lineno <= 1 || ps->in->prompt)
			error("syntax error: %s", text);
		else
			error("syntax error on line %d: %s", ps->in->lineno,
			      text);
	}
	ps->failed = true;
}

void
unexpected(struct parser *ps, const char *wanted)
{
	if (ps->failed)
		return;
	if (wanted != NULL)
		parse_error(ps, "'%s' expected, found '%s'", wanted,
			    token_text(ps));
	else
		parse_error(ps, "'%s' is not expected here", token_text(ps));
}

struct node *
node_new(struct parser *ps, enum node_kind kind)
{
	struct node *n = arena_alloc(&ps->unit->arena, sizeof(*n));

	n->kind = kind;
	n->line = ps->in->lineno;
	n->unit = ps->unit;
	n->begin = lex_peek(ps)->begin;
	return n;
}

static const char *const reserved[] = {
	"then", "else",	 "elif",  "fi",	 "do",	 "done", "esac", "}",
	"if",	"while", "until", "for", "case", "{",	 "!",	 "in",
};
#define RESERVED_ENDERS 8 /* the first ones end a compound list */

bool
is_word(struct parser *ps, const char *text)
{
	struct token *t = lex_peek(ps);
	const char *s = t->kind == TOK_WORD ? word_plain(t->word) : NULL;

	return s != NULL && strcmp(s, text) == 0;
}

bool
at_ender(struct parser *ps)
{
	for (size_t i = 0; i < RESERVED_ENDERS; i++)
		if (is_word(ps, reserved[i]))
			return true;
	return false;
}

bool
take(struct parser *ps, enum token_kind kind)
{
	if (lex_peek(ps)->kind != kind || ps->failed)
		return false;
	lex_take(ps);
	return true;
}

bool
take_word(struct parser *ps, const char *text)
{
	if (!is_word(ps, text))
		return false;
	lex_take(ps);
	return true;
}

void
expect_word(struct parser *ps, const char *text)
{
	if (!take_word(ps, text))
		unexpected(ps, text);
}

void
skip_newlines(struct parser *ps)
{
	while (take(ps, TOK_NEWLINE))
		continue;
}

void
set_end(struct parser *ps, struct node *n, size_t end)
{
	n->end = ps->keep_raw && end > n->begin ? end : n->begin;
}

/* ---- redirections ---------------------------------------------------- */

static bool
redir_kind(enum token_kind t, enum redir_kind *kind, int *fd)
{
	static const struct {
		enum token_kind token;
		enum redir_kind kind;
		int fd;
	} table[] = {
		{ TOK_LESS, REDIR_IN, 0 },
		{ TOK_GREAT, REDIR_OUT, 1 },
		{ TOK_DGREAT, REDIR_APPEND, 1 },
		{ TOK_LESSGREAT, REDIR_BOTH, 0 },
		{ TOK_CLOBBER, REDIR_CLOBBER, 1 },
		{ TOK_LESSAND, REDIR_DUP_IN, 0 },
		{ TOK_GREATAND, REDIR_DUP_OUT, 1 },
		{ TOK_DLESS, REDIR_HERE, 0 },
		{ TOK_DLESSDASH, REDIR_HERE, 0 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].token != t)
			continue;
		*kind = table[i].kind;
		*fd = table[i].fd;
		return true;
	}
	return false;
}

/* Parse one redirection if there is one; advances *tail. */
static bool
parse_redir(struct parser *ps, struct redir ***tail)
{
	struct token *t = lex_peek(ps);
	int number = -1, fd;
	enum token_kind op;
	enum redir_kind kind;
	struct redir *r;

	if (t->kind == TOK_IO_NUMBER) {
		number = t->number;
		lex_take(ps);
		t = lex_peek(ps);
	}
	op = t->kind;
	if (!redir_kind(op, &kind, &fd))
		return false;
	lex_take(ps);
	t = lex_peek(ps);
	if (t->kind != TOK_WORD && t->kind != TOK_IO_NUMBER) {
		parse_error(ps, "a file name is missing before '%s'",
			    token_text(ps));
		return false;
	}
	r = arena_alloc(&ps->unit->arena, sizeof(*r));
	r->kind = kind;
	r->fd = number >= 0 ? number : fd;
	r->target = t->word;
	if (kind == REDIR_HERE)
		lex_heredoc(ps, r, t->word, op == TOK_DLESSDASH);
	lex_take(ps);
	**tail = r;
	*tail = &r->next;
	return true;
}

void
parse_redirs(struct parser *ps, struct node *n)
{
	struct redir **tail = &n->redirs;

	while (parse_redir(ps, &tail))
		continue;
}

/* ---- simple commands ------------------------------------------------- */

/* NAME=value: the name is split off the word's first part. */
static struct assign *
parse_assign(struct parser *ps, struct word *w)
{
	struct part *p = w->parts;
	struct assign *a;
	char *eq;

	if (p == NULL || p->kind != PART_TEXT || p->quoted)
		return NULL;
	eq = strchr(p->text, '=');
	if (eq == NULL || !name_ok(p->text, eq - p->text))
		return NULL;
	a = arena_alloc(&ps->unit->arena, sizeof(*a));
	a->name = arena_strndup(&ps->unit->arena, p->text, eq - p->text);
	a->value = w;
	p->text = eq + 1;
	if (*p->text == '\0')
		w->parts = p->next;
	return a;
}

static struct node *
parse_function(struct parser *ps, struct node *n)
{
	const char *name = word_plain(n->words);

	lex_take(ps);
	if (!take(ps, TOK_RPAREN)) {
		unexpected(ps, ")");
		return n;
	}
	if (name == NULL || strpbrk(name, "/=$") != NULL) {
		parse_error(ps, "a function cannot have this name");
		return n;
	}
	skip_newlines(ps);
	n->kind = NODE_FUNCTION;
	n->name = arena_strdup(&ps->unit->arena, name);
	n->words = NULL;
	n->body = parse_command(ps);
	if (n->body != NULL && n->body->kind == NODE_SIMPLE)
		parse_error(ps, "the body of %s() must be in '{ }'", name);
	return n;
}

struct node *
parse_simple(struct parser *ps)
{
	struct node *n = node_new(ps, NODE_SIMPLE);
	struct assign **assigns = &n->assigns;
	struct word **words = &n->words;
	struct redir **redirs = &n->redirs;

	for (;;) {
		struct token *t = lex_peek(ps);

		if (t->kind == TOK_WORD) {
			struct assign *a = NULL;

			if (n->words == NULL)
				a = parse_assign(ps, t->word);
			if (a != NULL) {
				*assigns = a;
				assigns = &a->next;
			} else {
				*words = t->word;
				words = &t->word->next;
			}
			set_end(ps, n, t->end);
			lex_take(ps);
		} else if (t->kind == TOK_LPAREN && n->words != NULL &&
			   n->words->next == NULL && n->assigns == NULL &&
			   n->redirs == NULL) {
			return parse_function(ps, n);
		} else if (!parse_redir(ps, &redirs)) {
			break;
		} else {
			set_end(ps, n, ps->tok.end);
		}
	}
	if (n->words == NULL && n->assigns == NULL && n->redirs == NULL)
		unexpected(ps, NULL);
	return n;
}

/* ---- pipelines and lists --------------------------------------------- */

static struct node *
parse_pipeline(struct parser *ps)
{
	struct node *n = node_new(ps, NODE_PIPE);
	struct node **tail = &n->kids;

	while (take_word(ps, "!"))
		n->negate = !n->negate;
	for (;;) {
		struct node *kid = parse_command(ps);

		if (kid == NULL || ps->failed)
			return NULL;
		*tail = kid;
		tail = &kid->next;
		if (!take(ps, TOK_PIPE))
			break;
		skip_newlines(ps);
	}
	set_end(ps, n, lex_peek(ps)->begin);
	return n;
}

static struct node *
parse_and_or(struct parser *ps)
{
	struct node *n = node_new(ps, NODE_ANDOR);
	struct node **tail = &n->kids;
	enum joint joint = JOINT_FIRST;

	for (;;) {
		struct node *kid = parse_pipeline(ps);

		if (kid == NULL)
			return NULL;
		kid->joint = joint;
		*tail = kid;
		tail = &kid->next;
		if (take(ps, TOK_AND_IF))
			joint = JOINT_AND;
		else if (take(ps, TOK_OR_IF))
			joint = JOINT_OR;
		else
			break;
		skip_newlines(ps);
	}
	set_end(ps, n, lex_peek(ps)->begin);
	return n;
}

/*
 * A list ends at a newline when `line`, else at a word or token that cannot
 * begin a command.  The caller checks that it is the right one.
 */
static struct node *
parse_list(struct parser *ps, bool line)
{
	struct node *n = node_new(ps, NODE_LIST);
	struct node **tail = &n->kids;

	for (;;) {
		struct node *kid;
		enum token_kind t;

		if (!line)
			skip_newlines(ps);
		t = lex_peek(ps)->kind;
		if (t == TOK_EOF || t == TOK_NEWLINE || t == TOK_RPAREN ||
		    t == TOK_DSEMI || at_ender(ps))
			break;
		kid = parse_and_or(ps);
		if (kid == NULL)
			return NULL;
		*tail = kid;
		tail = &kid->next;
		if (take(ps, TOK_AMP))
			kid->async = true;
		else if (!take(ps, TOK_SEMI) &&
			 lex_peek(ps)->kind != TOK_NEWLINE)
			break;
	}
	return n->kids != NULL && !ps->failed ? n : NULL;
}

struct node *
parse_compound_list(struct parser *ps)
{
	return parse_list(ps, false);
}

/* $(...): the opening parenthesis is already taken. */
struct node *
parse_until_rparen(struct parser *ps)
{
	struct node *n;

	ps->have_tok = false;
	n = parse_compound_list(ps);
	if (lex_peek(ps)->kind != TOK_RPAREN && sh.unwind == UNWIND_NONE)
		unexpected(ps, ")");
	for (struct heredoc *h = ps->pending; h != NULL; h = h->next)
		parse_error(ps, "the here-document '%s' has no body", h->delim);
	return n;
}

/* The whole input is one list. */
struct node *
parse_all(struct parser *ps)
{
	struct node *n = parse_compound_list(ps);

	if (lex_peek(ps)->kind != TOK_EOF)
		unexpected(ps, NULL);
	return ps->failed ? NULL : n;
}

/* One complete command; *tree is NULL for an empty line. */
enum parse_result
parse_line(struct input *in, struct unit **unit, struct node **tree)
{
	struct parser ps = { .in = in, .keep_raw = true };
	enum parse_result result = PARSE_OK;

	ps.pending_tail = &ps.pending;
	ps.unit = xmalloc(sizeof(*ps.unit));
	*ps.unit = (struct unit){ .refs = 1 };
	in->fresh = true;
	*tree = parse_list(&ps, true);
	if (!ps.failed && sh.unwind == UNWIND_NONE) {
		enum token_kind t = lex_peek(&ps)->kind;

		if (t == TOK_EOF && *tree == NULL && !ps.failed)
			result = PARSE_EOF;
		else if (t != TOK_EOF && t != TOK_NEWLINE)
			unexpected(&ps, NULL);
	}
	/* Bodies still due: the input ended on the line of their `<<`. */
	for (struct heredoc *h = ps.pending; h != NULL && !ps.failed;
	     h = h->next)
		parse_error(&ps, "the here-document '%s' has no body",
			    h->delim);
	if (ps.failed || sh.unwind != UNWIND_NONE)
		result = PARSE_FAILED;
	ps.unit->raw = arena_strndup(&ps.unit->arena, ps.raw.p, ps.raw.len);
	buf_free(&ps.raw);
	*unit = ps.unit;
	return result;
}
