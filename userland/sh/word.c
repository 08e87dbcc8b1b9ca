/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/word.c - one word of the input, taken apart.
 *
 * Quotes disappear here: what they meant is kept in the `quoted` flag of each
 * part.  $(...) is parsed at once, by the same parser, so that a `)` inside
 * it never ends it early.
 */
#include <ctype.h>
#include <string.h>

#include "sh.h"

enum mode {
	MODE_WORD,	   /* up to a blank or an operator */
	MODE_QUOTES,	   /* "..." */
	MODE_BRACE,	   /* ${x-...} */
	MODE_BRACE_QUOTED, /* "${x-...}" */
	MODE_ARITH,	   /* $((...)) */
	MODE_HEREDOC,	   /* to the end of the input */
};

struct builder {
	struct parser *ps;
	struct part *first, **tail;
	struct buf text;
	bool quoted; /* of `text` */
	bool any;    /* there is a text, maybe empty */
};

static void scan_parts(struct builder *b, enum mode mode);

static void
builder_init(struct builder *b, struct parser *ps)
{
	*b = (struct builder){ .ps = ps };
	b->tail = &b->first;
}

static struct part *
add_part(struct builder *b, enum part_kind kind, bool quoted)
{
	struct part *p = arena_alloc(&b->ps->unit->arena, sizeof(*p));

	p->kind = kind;
	p->quoted = quoted;
	*b->tail = p;
	b->tail = &p->next;
	return p;
}

static void
end_text(struct builder *b)
{
	if (b->any) {
		struct part *p = add_part(b, PART_TEXT, b->quoted);

		p->text = arena_strndup(&b->ps->unit->arena, b->text.p,
					b->text.len);
	}
	b->text.len = 0;
	b->any = false;
}

/* From here on text is quoted or not; an empty "" still makes a part. */
static void
begin_text(struct builder *b, bool quoted)
{
	if (b->any && b->quoted != quoted)
		end_text(b);
	b->any = true;
	b->quoted = quoted;
}

static void
push(struct builder *b, int c, bool quoted)
{
	begin_text(b, quoted);
	buf_push(&b->text, c);
}

static struct word *
finish(struct builder *b)
{
	struct word *w = arena_alloc(&b->ps->unit->arena, sizeof(*w));

	end_text(b);
	buf_free(&b->text);
	w->parts = b->first;
	return w;
}

static struct word *
scan_nested(struct parser *ps, enum mode mode)
{
	struct builder b;

	builder_init(&b, ps);
	scan_parts(&b, mode);
	return finish(&b);
}

static void
unterminated(struct parser *ps, const char *what, int line)
{
	if (sh.unwind == UNWIND_NONE && line == ps->in->lineno)
		parse_error(ps, "no closing %s", what);
	else if (sh.unwind == UNWIND_NONE)
		parse_error(ps, "no closing %s for the one on line %d", what,
			    line);
	ps->failed = true;
}

static void
scan_single_quotes(struct builder *b)
{
	int line = b->ps->in->lineno;
	int c;

	begin_text(b, true);
	while ((c = lex_get_raw(b->ps)) != '\'') {
		if (c < 0) {
			unterminated(b->ps, "quote (')", line);
			return;
		}
		push(b, c, true);
	}
}

static void
scan_double_quotes(struct builder *b)
{
	struct part **before;

	end_text(b);
	before = b->tail;
	scan_parts(b, MODE_QUOTES);
	if (b->tail == before)
		begin_text(b, true);
	end_text(b);
}

/* `...`: the text is unescaped once, then parsed by itself. */
static void
scan_backquote(struct builder *b, bool quoted)
{
	struct parser *ps = b->ps;
	struct buf text = { NULL, 0, 0 };
	int line = ps->in->lineno;
	struct part *p;
	struct input in;
	struct parser sub = { .in = &in, .unit = ps->unit };
	int c;

	while ((c = lex_get_raw(ps)) != '`' && c >= 0) {
		if (c == '\\') {
			int next = input_peek(ps->in);

			if (next == '$' || next == '`' || next == '\\' ||
			    (quoted && next == '"'))
				c = lex_get_raw(ps);
		}
		buf_push(&text, c);
	}
	if (c < 0) {
		unterminated(ps, "backquote (`)", line);
		buf_free(&text);
		return;
	}
	end_text(b);
	p = add_part(b, PART_COMMAND, quoted);
	sub.pending_tail = &sub.pending;
	input_string(&in, text.p, text.len);
	in.lineno = line;
	p->node = parse_all(&sub);
	input_close(&in);
	buf_free(&text);
	buf_free(&sub.raw);
	if (sub.failed)
		ps->failed = true;
}

/* $(...): the token that contains this word is set aside meanwhile. */
static void
scan_command(struct builder *b, bool quoted)
{
	struct parser *ps = b->ps;
	struct token tok = ps->tok;
	struct heredoc *pending = ps->pending, **tail = ps->pending_tail;
	struct part *p;

	end_text(b);
	p = add_part(b, PART_COMMAND, quoted);
	ps->pending = NULL;
	ps->pending_tail = &ps->pending;
	p->node = parse_until_rparen(ps);
	ps->tok = tok;
	ps->have_tok = false;
	ps->pending = pending;
	ps->pending_tail = pending != NULL ? tail : &ps->pending;
}

static void
scan_arith(struct builder *b, bool quoted)
{
	struct part *p;

	end_text(b);
	p = add_part(b, PART_ARITH, quoted);
	p->word = scan_nested(b->ps, MODE_ARITH);
}

static bool
is_special(int c)
{
	return c > 0 && strchr("@*#?-$!", c) != NULL;
}

static bool
is_name_start(int c)
{
	return c > 0 && c < 128 && (isalpha(c) || c == '_');
}

static bool
is_name_char(int c)
{
	return is_name_start(c) || (c >= '0' && c <= '9');
}

/* Read the parameter's name inside ${...}; NULL when there is none. */
static char *
scan_brace_name(struct parser *ps)
{
	struct buf name = { NULL, 0, 0 };
	int c = lex_peek_char(ps);
	char *result = NULL;

	if (is_name_start(c)) {
		while (is_name_char(lex_peek_char(ps)))
			buf_push(&name, lex_get(ps));
	} else if (c >= '0' && c <= '9') {
		while ((c = lex_peek_char(ps)) >= '0' && c <= '9')
			buf_push(&name, lex_get(ps));
	} else if (is_special(c)) {
		buf_push(&name, lex_get(ps));
	}
	if (name.len > 0)
		result = arena_strdup(&ps->unit->arena, buf_str(&name));
	buf_free(&name);
	return result;
}

static enum param_op
scan_brace_op(struct parser *ps, bool *colon)
{
	int c = lex_peek_char(ps);

	if (c == ':') {
		lex_get(ps);
		*colon = true;
		c = lex_peek_char(ps);
	}
	if (c <= 0 || strchr("-=?+#%", c) == NULL)
		return OP_NONE;
	lex_get(ps);
	switch (c) {
	case '-':
		return OP_DEFAULT;
	case '=':
		return OP_ASSIGN;
	case '?':
		return OP_ERROR;
	case '+':
		return OP_ALT;
	}
	if (*colon)
		return OP_NONE;
	if (lex_peek_char(ps) == c) {
		lex_get(ps);
		return c == '#' ? OP_PREFIX_LONG : OP_SUFFIX_LONG;
	}
	return c == '#' ? OP_PREFIX : OP_SUFFIX;
}

/* After "${": everything up to the closing brace. */
static void
scan_brace(struct builder *b, bool quoted)
{
	struct parser *ps = b->ps;
	struct part *p;

	end_text(b);
	p = add_part(b, PART_PARAM, quoted);
	p->text = scan_brace_name(ps);
	if (p->text == NULL) {
		parse_error(ps, "bad substitution: no name after '${'");
		return;
	}
	if (lex_peek_char(ps) == '}') {
		lex_get(ps);
		return;
	}
	if (strcmp(p->text, "#") == 0 && (is_special(lex_peek_char(ps)) ||
					  is_name_char(lex_peek_char(ps)))) {
		p->op = OP_LENGTH;
		p->text = scan_brace_name(ps);
		if (lex_get(ps) != '}')
			parse_error(ps, "bad substitution: ${#%s...", p->text);
		return;
	}
	p->op = scan_brace_op(ps, &p->colon);
	if (p->op == OP_NONE) {
		parse_error(ps, "bad substitution: ${%s...", p->text);
		return;
	}
	p->word =
		scan_nested(ps, quoted && p->op < OP_PREFIX ? MODE_BRACE_QUOTED
							    : MODE_BRACE);
}

/* After '$'. */
static void
scan_dollar(struct builder *b, bool quoted)
{
	struct parser *ps = b->ps;
	int c = lex_peek_char(ps);
	struct buf name = { NULL, 0, 0 };

	if (stack_low()) {
		parse_error(ps, "nested too deeply");
		return;
	}
	if (c == '(') {
		lex_get(ps);
		if (lex_peek_char(ps) == '(') {
			lex_get(ps);
			scan_arith(b, quoted);
		} else {
			scan_command(b, quoted);
		}
		return;
	}
	if (c == '{') {
		lex_get(ps);
		scan_brace(b, quoted);
		return;
	}
	if (!is_name_char(c) && !is_special(c)) {
		push(b, '$', quoted);
		return;
	}
	end_text(b);
	buf_push(&name, lex_get(ps));
	if (is_name_start(c))
		while (is_name_char(lex_peek_char(ps)))
			buf_push(&name, lex_get(ps));
	add_part(b, PART_PARAM, quoted)->text =
		arena_strdup(&ps->unit->arena, buf_str(&name));
	buf_free(&name);
}

/* A backslash; what it may escape depends on where we are. */
static void
scan_backslash(struct builder *b, enum mode mode, bool quoted)
{
	int c = input_peek(b->ps->in);
	const char *special = mode == MODE_HEREDOC ? "$`\\" : "$`\"\\";

	if (c < 0) {
		push(b, '\\', true);
		return;
	}
	if (quoted && strchr(special, c) == NULL &&
	    !(mode == MODE_BRACE_QUOTED && c == '}')) {
		push(b, '\\', true);
		return;
	}
	push(b, lex_get_raw(b->ps), true);
}

/* Does `c`, just seen but not taken, end the word?  Takes a closer. */
static bool
at_end(struct builder *b, enum mode mode, int c, int *parens)
{
	struct parser *ps = b->ps;

	if (mode == MODE_WORD)
		return strchr(" \t\r\n;&|()<>", c) != NULL;
	if (mode == MODE_QUOTES && c == '"') {
		lex_get(ps);
		return true;
	}
	if ((mode == MODE_BRACE || mode == MODE_BRACE_QUOTED) && c == '}') {
		lex_get(ps);
		return true;
	}
	if (mode != MODE_ARITH)
		return false;
	if (c == '(')
		++*parens;
	if (c != ')' || (*parens)-- > 0)
		return false;
	lex_get(ps);
	if (lex_get(ps) != ')')
		parse_error(ps, "expected '))' (write a subshell in a command "
				"substitution as '$( (')");
	return true;
}

static const char *
closer(enum mode mode)
{
	switch (mode) {
	case MODE_QUOTES:
		return "quote (\")";
	case MODE_ARITH:
		return "'))'";
	default:
		return "'}'";
	}
}

static void
scan_parts(struct builder *b, enum mode mode)
{
	struct parser *ps = b->ps;
	bool quoted = mode != MODE_WORD && mode != MODE_BRACE;
	int line = ps->in->lineno;
	int parens = 0;

	while (!ps->failed) {
		int c = lex_peek_char(ps);

		if (c < 0) {
			if (mode != MODE_WORD && mode != MODE_HEREDOC)
				unterminated(ps, closer(mode), line);
			return;
		}
		if (at_end(b, mode, c, &parens))
			return;
		lex_get(ps);
		if (c == '\\')
			scan_backslash(b, mode, quoted);
		else if (c == '$')
			scan_dollar(b, quoted);
		else if (c == '`')
			scan_backquote(b, quoted);
		else if (c == '\'' && !quoted)
			scan_single_quotes(b);
		else if (c == '"' && mode != MODE_HEREDOC && mode != MODE_ARITH)
			scan_double_quotes(b);
		else if (c != '"' || mode == MODE_HEREDOC)
			push(b, c, quoted);
	}
}

struct word *
word_scan(struct parser *ps)
{
	return scan_nested(ps, MODE_WORD);
}

struct word *
word_scan_heredoc(struct parser *ps)
{
	return scan_nested(ps, MODE_HEREDOC);
}
