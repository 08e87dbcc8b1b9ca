/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/parse_compound.c - if, while, for, case, ( ) and { }.
 *
 * One function for each.  parse_command() looks at the next token and chooses;
 * it returns a node, or NULL after a mistake, and adds the redirections behind
 * it.
 */
#include <string.h>

#include "sh.h"
#include "parse.h"

/* A list that must not be empty, as between `if` and `then`. */
static struct node *
parse_body(struct parser *ps)
{
	struct node *n = parse_compound_list(ps);

	if (n == NULL)
		unexpected(ps, NULL);
	return n;
}

static struct node *
parse_if(struct parser *ps)
{
	struct node *n = node_new(ps, NODE_IF);
	struct clause **tail = &n->clauses;

	lex_take(ps);
	do {
		struct clause *c = arena_alloc(&ps->unit->arena, sizeof(*c));

		c->cond = parse_body(ps);
		expect_word(ps, "then");
		c->body = parse_body(ps);
		*tail = c;
		tail = &c->next;
	} while (take_word(ps, "elif"));
	if (take_word(ps, "else"))
		n->body = parse_body(ps);
	expect_word(ps, "fi");
	return n;
}

static struct node *
parse_loop(struct parser *ps, enum node_kind kind)
{
	struct node *n = node_new(ps, kind);

	lex_take(ps);
	n->cond = parse_body(ps);
	expect_word(ps, "do");
	n->body = parse_body(ps);
	expect_word(ps, "done");
	return n;
}

static struct node *
parse_for(struct parser *ps)
{
	struct node *n = node_new(ps, NODE_FOR);
	struct word **tail = &n->words;
	const char *name;

	lex_take(ps);
	name = lex_peek(ps)->kind == TOK_WORD ? word_plain(ps->tok.word) : NULL;
	if (name == NULL || !name_ok(name, strlen(name))) {
		parse_error(ps, "'for' needs a variable name, found '%s'",
			    token_text(ps));
		return n;
	}
	n->name = arena_strdup(&ps->unit->arena, name);
	lex_take(ps);
	skip_newlines(ps);
	if (take_word(ps, "in")) {
		n->has_in = true;
		while (lex_peek(ps)->kind == TOK_WORD) {
			*tail = ps->tok.word;
			tail = &ps->tok.word->next;
			lex_take(ps);
		}
		if (!take(ps, TOK_SEMI) && !take(ps, TOK_NEWLINE))
			unexpected(ps, "do");
	} else {
		take(ps, TOK_SEMI);
	}
	skip_newlines(ps);
	expect_word(ps, "do");
	n->body = parse_body(ps);
	expect_word(ps, "done");
	return n;
}

static struct clause *
parse_case_clause(struct parser *ps)
{
	struct clause *c = arena_alloc(&ps->unit->arena, sizeof(*c));
	struct word **tail = &c->patterns;

	take(ps, TOK_LPAREN);
	do {
		struct token *t = lex_peek(ps);

		if (t->kind != TOK_WORD) {
			unexpected(ps, "a pattern");
			return c;
		}
		*tail = t->word;
		tail = &t->word->next;
		lex_take(ps);
	} while (take(ps, TOK_PIPE));
	if (!take(ps, TOK_RPAREN))
		unexpected(ps, ")");
	c->body = parse_compound_list(ps);
	return c;
}

static struct node *
parse_case(struct parser *ps)
{
	struct node *n = node_new(ps, NODE_CASE);
	struct clause **tail = &n->clauses;

	lex_take(ps);
	if (lex_peek(ps)->kind != TOK_WORD) {
		unexpected(ps, "a word");
		return n;
	}
	n->words = ps->tok.word;
	lex_take(ps);
	skip_newlines(ps);
	expect_word(ps, "in");
	skip_newlines(ps);
	while (!ps->failed && !is_word(ps, "esac")) {
		*tail = parse_case_clause(ps);
		tail = &(*tail)->next;
		if (!take(ps, TOK_DSEMI))
			break;
		skip_newlines(ps);
	}
	expect_word(ps, "esac");
	return n;
}

static struct node *
parse_enclosed(struct parser *ps, enum node_kind kind)
{
	struct node *n = node_new(ps, kind);

	lex_take(ps);
	n->body = parse_body(ps);
	if (kind == NODE_GROUP)
		expect_word(ps, "}");
	else if (!take(ps, TOK_RPAREN))
		unexpected(ps, ")");
	return n;
}

struct node *
parse_command(struct parser *ps)
{
	struct node *n;

	if (stack_low()) {
		parse_error(ps, "nested too deeply");
		return NULL;
	}
	if (lex_peek(ps)->kind == TOK_LPAREN)
		n = parse_enclosed(ps, NODE_SUBSHELL);
	else if (is_word(ps, "{"))
		n = parse_enclosed(ps, NODE_GROUP);
	else if (is_word(ps, "if"))
		n = parse_if(ps);
	else if (is_word(ps, "while"))
		n = parse_loop(ps, NODE_WHILE);
	else if (is_word(ps, "until"))
		n = parse_loop(ps, NODE_UNTIL);
	else if (is_word(ps, "for"))
		n = parse_for(ps);
	else if (is_word(ps, "case"))
		n = parse_case(ps);
	else if (at_ender(ps) || is_word(ps, "!"))
		return unexpected(ps, NULL), NULL;
	else
		return parse_simple(ps);
	set_end(ps, n, ps->tok.end);
	parse_redirs(ps, n);
	if (n->redirs != NULL)
		set_end(ps, n, lex_peek(ps)->begin);
	return n;
}
