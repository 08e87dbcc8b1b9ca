/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/input.c - where the parser's bytes come from.
 *
 * A struct input holds one line at a time, so that a prompt appears only
 * when a line is really needed, and so that a script on standard input leaves
 * the bytes after the current line to the commands that read them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

void
input_string(struct input *in, const char *s, size_t n)
{
	*in = (struct input){ .fd = -1, .lineno = 1 };
	buf_add(&in->line, s, n);
}

void
input_fd(struct input *in, int fd, bool shared)
{
	*in = (struct input){ .fd = fd, .fresh = true, .shared = shared };
}

void
input_close(struct input *in)
{
	if (in->fd > 2)
		close(in->fd);
	in->fd = -1;
	in->eof = true;
	buf_free(&in->line);
	buf_free(&in->block);
}

/* Read a block; 0 at the end, on errors and when Ctrl-C came. */
static size_t
read_block(int fd, char *p, size_t n)
{
	for (;;) {
		ssize_t got = read_or_signal(fd, p, n);

		if (got >= 0)
			return got;
		if (errno != EINTR || interrupted())
			return 0;
		trap_poll();
		if (sh.unwind != UNWIND_NONE)
			return 0;
	}
}

/* Take one line of a file that has no other reader, a block at a time. */
static void
fill_private(struct input *in)
{
	for (;;) {
		char *start = in->block.p + in->block_pos;
		size_t left = in->block.len - in->block_pos;
		char *nl = left > 0 ? memchr(start, '\n', left) : NULL;
		char chunk[1024];

		if (nl != NULL)
			left = nl + 1 - start;
		buf_add(&in->line, start, left);
		in->block_pos += left;
		if (nl != NULL)
			return;
		in->block.len = in->block_pos = 0;
		left = read_block(in->fd, chunk, sizeof(chunk));
		if (left == 0)
			return;
		buf_add(&in->block, chunk, left);
	}
}

/* Take one line and leave the rest in the file for other readers. */
static void
fill_shared(struct input *in)
{
	bool seekable = lseek(in->fd, 0, SEEK_CUR) >= 0;

	for (;;) {
		char chunk[512];
		size_t got =
			read_block(in->fd, chunk, seekable ? sizeof(chunk) : 1);
		char *nl = memchr(chunk, '\n', got);
		size_t use = nl != NULL ? (size_t)(nl + 1 - chunk) : got;

		buf_add(&in->line, chunk, use);
		if (use < got)
			lseek(in->fd, -(off_t)(got - use), SEEK_CUR);
		if (nl != NULL || got == 0)
			return;
	}
}

static void
default_prompt(struct buf *b)
{
	char cwd[512];

	buf_puts(b, "tine:");
	buf_puts(b, getcwd(cwd, sizeof(cwd)) != NULL ? cwd : "?");
	buf_puts(b, geteuid() == 0 ? "# " : "$ ");
}

static void
make_prompt(struct buf *b, bool fresh)
{
	struct mark m = arena_mark(&sh_tmp);
	const char *ps = var_get(fresh ? "PS1" : "PS2");
	int status = sh.status;

	if (ps != NULL)
		ps = expand_prompt(ps);
	if (ps != NULL)
		buf_puts(b, ps);
	else if (fresh)
		default_prompt(b);
	else
		buf_puts(b, "> ");
	arena_release(&sh_tmp, m);
	sh.status = status;
}

/*
 * Replace each !!  of `line`, but not between two ', by the line typed before.
 * Print the result, so that the person at the terminal sees what is run.
 * Returns false, after a message, if no line was typed before.
 */
static bool
recall(struct buf *line)
{
	const char *last = history_get(1);
	struct buf b = { NULL, 0, 0 };
	bool found = false;
	char quote = '\0';

	for (const char *p = buf_str(line); *p != '\0'; p++) {
		if (*p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '\'' || *p == '"'))
			quote = *p;
		if (quote != '\'' && *p == '\\' && p[1] != '\0') {
			buf_add(&b, p++, 2);
		} else if (quote != '\'' && p[0] == '!' && p[1] == '!') {
			found = true;
			buf_puts(&b, last != NULL ? last : "");
			p++;
		} else {
			buf_push(&b, *p);
		}
	}
	if (found && last != NULL) {
		line->len = 0;
		buf_puts(line, buf_str(&b));
		dprintf(2, "%s\n", buf_str(&b));
	}
	buf_free(&b);
	if (found && last == NULL)
		error("!!: no line was typed before");
	return !found || last != NULL;
}

/* A whole line of a person: with !! replaced, into the history. */
static void
take_line(struct input *in)
{
	if (in->line.len > 0 && in->line.p[in->line.len - 1] == '\n')
		in->line.len--;
	if (in->fresh && !recall(&in->line)) {
		in->line.len = 0;
		sh.status = 1;
		sh.unwind = UNWIND_ERROR;
		return;
	}
	history_add(buf_str(&in->line));
	buf_push(&in->line, '\n');
}

/* Ask a person for a line.  Ctrl-C gives none and unwinds to the prompt. */
static void
fill_prompted(struct input *in)
{
	struct buf prompt = { NULL, 0, 0 };
	enum edit_result r = EDIT_NO_TERMINAL;

	if (in->fresh)
		jobs_report();
	make_prompt(&prompt, in->fresh);
	if (in->edit)
		r = edit_line(buf_str(&prompt), &in->line);
	if (r == EDIT_NO_TERMINAL) {
		in->edit = false;
		if (write(2, prompt.p, prompt.len) < 0)
			in->prompt = false;
		fill_shared(in);
	}
	buf_free(&prompt);
	if (r == EDIT_LINE || (r == EDIT_NO_TERMINAL && in->line.len > 0))
		take_line(in);
	if (r == EDIT_INTERRUPT || interrupted()) {
		in->line.len = 0;
		sh.unwind = UNWIND_INTERRUPT;
	}
}

static bool
fill(struct input *in)
{
	if (in->eof || in->fd < 0 || sh.unwind != UNWIND_NONE)
		return false;
	in->line.len = in->pos = 0;
	if (in->prompt)
		fill_prompted(in);
	else if (in->shared)
		fill_shared(in);
	else
		fill_private(in);
	in->fresh = false;
	if (sh.unwind != UNWIND_NONE)
		return false;
	if (in->line.len == 0) {
		in->eof = true;
		return false;
	}
	in->lineno++;
	if (sh.opt[OPT_VERBOSE] && write(2, in->line.p, in->line.len) < 0)
		sh.opt[OPT_VERBOSE] = false;
	return true;
}

int
input_peek(struct input *in)
{
	for (;;) {
		while (in->pos < in->line.len && in->line.p[in->pos] == '\0')
			in->pos++;
		if (in->pos < in->line.len)
			return (unsigned char)in->line.p[in->pos];
		if (!fill(in))
			return -1;
	}
}

int
input_peek2(struct input *in)
{
	if (in->pos + 1 < in->line.len)
		return (unsigned char)in->line.p[in->pos + 1];
	return -1;
}

int
input_get(struct input *in)
{
	int c = input_peek(in);

	if (c < 0)
		return c;
	in->pos++;
	if (c == '\n' && in->fd < 0)
		in->lineno++;
	return c;
}

/* After a mistake at the terminal the rest of the line is not run. */
void
input_discard_line(struct input *in)
{
	if (in->fd >= 0)
		in->pos = in->line.len;
}
