/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/lex.c - bytes to tokens.
 *
 * The lexer knows operators, comments and here-documents; what is inside a
 * word is word.c's business, and which words are reserved is parse.c's.
 */
#include <ctype.h>
#include <string.h>

#include "sh.h"

static const struct {
	const char *text;
	enum token_kind kind;
} operators[] = {
	/* A longer operator comes before its own beginning. */
	{ ";;", TOK_DSEMI },   { ";", TOK_SEMI },     { "&&", TOK_AND_IF },
	{ "&", TOK_AMP },      { "||", TOK_OR_IF },   { "|", TOK_PIPE },
	{ "(", TOK_LPAREN },   { ")", TOK_RPAREN },   { "<<-", TOK_DLESSDASH },
	{ "<<", TOK_DLESS },   { "<&", TOK_LESSAND }, { "<>", TOK_LESSGREAT },
	{ "<", TOK_LESS },     { ">>", TOK_DGREAT },  { ">&", TOK_GREATAND },
	{ ">|", TOK_CLOBBER }, { ">", TOK_GREAT },
};

int
lex_get_raw(struct parser *ps)
{
	int c = input_get(ps->in);

	if (c >= 0 && ps->keep_raw)
		buf_push(&ps->raw, c);
	return c;
}

/* A backslash at the end of a line joins it with the next one. */
static void
join_lines(struct parser *ps)
{
	while (input_peek(ps->in) == '\\' && input_peek2(ps->in) == '\n') {
		lex_get_raw(ps);
		lex_get_raw(ps);
	}
}

int
lex_peek_char(struct parser *ps)
{
	join_lines(ps);
	return input_peek(ps->in);
}

int
lex_get(struct parser *ps)
{
	join_lines(ps);
	return lex_get_raw(ps);
}

void
lex_heredoc(struct parser *ps, struct redir *r, struct word *delim, bool strip)
{
	struct heredoc *h = arena_alloc(&ps->unit->arena, sizeof(*h));
	struct buf text = { NULL, 0, 0 };

	for (struct part *p = delim->parts; p != NULL; p = p->next) {
		h->quoted |= p->quoted;
		if (p->kind != PART_TEXT) {
			parse_error(ps, "the word after '<<' must not contain "
					"an expansion");
			buf_free(&text);
			return;
		}
		buf_puts(&text, p->text);
	}
	h->redir = r;
	h->strip = strip;
	h->delim = arena_strdup(&ps->unit->arena, buf_str(&text));
	buf_free(&text);
	*ps->pending_tail = h;
	ps->pending_tail = &h->next;
}

/* Read one line without its newline; false at the end of the input. */
static bool
heredoc_line(struct parser *ps, struct buf *line, bool *ended)
{
	int c;

	line->len = 0;
	while ((c = lex_get_raw(ps)) >= 0 && c != '\n')
		buf_push(line, c);
	*ended = c == '\n';
	return c >= 0 || line->len > 0;
}

static bool
odd_backslashes(const struct buf *b)
{
	size_t n = 0;

	while (n < b->len && b->p[b->len - 1 - n] == '\\')
		n++;
	return n % 2 != 0;
}

static struct word *
heredoc_parse(struct parser *ps, struct heredoc *h, struct buf *body)
{
	struct input in;
	struct parser sub = { .in = &in, .unit = ps->unit };
	struct word *w;

	if (h->quoted) {
		struct part *p = arena_alloc(&ps->unit->arena, sizeof(*p));

		p->quoted = true;
		p->text = arena_strndup(&ps->unit->arena, body->p, body->len);
		w = arena_alloc(&ps->unit->arena, sizeof(*w));
		w->parts = p;
		return w;
	}
	sub.pending_tail = &sub.pending;
	input_string(&in, body->p, body->len);
	in.lineno = ps->in->lineno;
	w = word_scan_heredoc(&sub);
	input_close(&in);
	if (sub.failed)
		ps->failed = true;
	return w;
}

static void
heredoc_read(struct parser *ps, struct heredoc *h)
{
	struct buf line = { NULL, 0, 0 }, body = { NULL, 0, 0 };
	bool joined = false, ended = true, found = false;

	while (heredoc_line(ps, &line, &ended)) {
		const char *text = buf_str(&line);

		while (h->strip && !joined && *text == '\t')
			text++;
		if (!joined && strcmp(text, h->delim) == 0) {
			found = true;
			break;
		}
		buf_puts(&body, text);
		if (ended)
			buf_push(&body, '\n');
		joined = !h->quoted && odd_backslashes(&line);
	}
	if (!found && sh.unwind == UNWIND_NONE)
		error("warning: the input ended inside a here-document "
		      "(no line '%s')",
		      h->delim);
	h->redir->target = heredoc_parse(ps, h, &body);
	buf_free(&line);
	buf_free(&body);
}

static void
read_pending_heredocs(struct parser *ps)
{
	struct heredoc *h = ps->pending;

	ps->pending = NULL;
	ps->pending_tail = &ps->pending;
	for (; h != NULL && !ps->failed; h = h->next)
		heredoc_read(ps, h);
}

/* Skip blanks and a comment, but not the newline behind it. */
static void
skip_blanks(struct parser *ps)
{
	int c;

	while ((c = lex_peek_char(ps)) == ' ' || c == '\t' || c == '\r')
		lex_get(ps);
	if (c != '#')
		return;
	while ((c = input_peek(ps->in)) >= 0 && c != '\n')
		lex_get_raw(ps);
}

static bool
scan_operator(struct parser *ps)
{
	char text[4] = { lex_peek_char(ps), 0 };
	size_t len = 1;
	int found = -1;

	if (strchr(";&|()<>", text[0]) == NULL)
		return false;
	lex_get(ps);
	for (;;) {
		size_t i, n = sizeof(operators) / sizeof(operators[0]);

		for (i = 0; i < n; i++)
			if (strcmp(operators[i].text, text) == 0)
				break;
		if (i < n)
			found = i;
		/* Is there an operator that goes on with the next byte? */
		text[len] = lex_peek_char(ps);
		for (i = 0; i < n && len < 3 && text[len] > 0; i++)
			if (strncmp(operators[i].text, text, len + 1) == 0)
				break;
		if (len == 3 || text[len] <= 0 || i == n)
			break;
		lex_get(ps);
		len++;
	}
	ps->tok.kind = operators[found].kind;
	return true;
}

/* `2>file`: digits directly before a redirection are not a word. */
static bool
is_io_number(struct parser *ps, const struct word *w, int *number)
{
	const char *s = word_plain(w);
	int c = lex_peek_char(ps);
	int n = 0;

	if (s == NULL || *s == '\0' || (c != '<' && c != '>'))
		return false;
	for (; *s != '\0'; s++) {
		if (!isdigit((unsigned char)*s))
			return false;
		n = n > 9 ? n : n * 10 + (*s - '0');
	}
	if (n > 9) {
		parse_error(ps, "descriptors above 9 are reserved for the "
				"shell");
		return false;
	}
	*number = n;
	return true;
}

static void
scan_token(struct parser *ps)
{
	int c;

	skip_blanks(ps);
	ps->tok = (struct token){ .begin = ps->raw.len };
	c = lex_peek_char(ps);
	if (c < 0) {
		ps->tok.kind = TOK_EOF;
	} else if (c == '\n') {
		lex_get(ps);
		ps->tok.kind = TOK_NEWLINE;
		read_pending_heredocs(ps);
	} else if (!scan_operator(ps)) {
		ps->tok.kind = TOK_WORD;
		ps->tok.word = word_scan(ps);
		if (is_io_number(ps, ps->tok.word, &ps->tok.number))
			ps->tok.kind = TOK_IO_NUMBER;
	}
	ps->tok.end = ps->raw.len;
}

struct token *
lex_peek(struct parser *ps)
{
	if (!ps->have_tok) {
		scan_token(ps);
		ps->have_tok = true;
	}
	if (ps->failed)
		ps->tok.kind = TOK_EOF;
	return &ps->tok;
}

void
lex_take(struct parser *ps)
{
	ps->have_tok = false;
}

/* A word of one unquoted piece, or NULL. */
const char *
word_plain(const struct word *w)
{
	const struct part *p = w != NULL ? w->parts : NULL;

	if (p == NULL || p->next != NULL || p->kind != PART_TEXT || p->quoted)
		return NULL;
	return p->text;
}

/* The current token as a person typed it, for messages. */
const char *
token_text(struct parser *ps)
{
	struct token *t = lex_peek(ps);

	if (t->kind == TOK_EOF)
		return "end of file";
	if (t->kind == TOK_NEWLINE)
		return "end of line";
	if (t->kind == TOK_WORD || t->kind == TOK_IO_NUMBER) {
		const char *s = word_plain(t->word);

		if (s != NULL)
			return s;
		if (!ps->keep_raw)
			return "a quoted word";
		return arena_strndup(&ps->unit->arena, ps->raw.p + t->begin,
				     t->end - t->begin);
	}
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (operators[i].kind == t->kind)
			return operators[i].text;
	return "?";
}
