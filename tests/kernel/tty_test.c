/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/tty_test.c - what typed keys become: lines, signals, echo, ends
 * of files; and what a read of the terminal waits for.
 *
 * Programs cannot type.  The line discipline runs on a terminal of its own
 * here; the reads are those of the console, which no session owns yet.
 */
#include "check/ktest.h"
#include "fs/abi.h"
#include "fs/special.h"
#include "fs/ttyline.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/iobuf.h"

#define CTRL(c) ((char)((c)&0x1f))
#define MANY	64u

static struct tty tty;
static char echoed[MANY + 1];
static size_t echoed_bytes;

static void
keep_echo(const char *text, size_t n)
{
	for (size_t i = 0; i < n && echoed_bytes < MANY; i++)
		echoed[echoed_bytes++] = text[i];
	echoed[echoed_bytes] = '\0';
}

static const struct console_driver echo_driver = { keep_echo };

/* A fresh terminal, with some local flags more and some less than usual. */
static void
begin(uint32_t more, uint32_t less)
{
	memset(&tty, 0, sizeof(tty));
	spin_init(&tty.lock, LOCK_TTY);
	tty.driver = &echo_driver;
	tty.modes = tty_console.modes;
	tty.modes.lflag = (tty.modes.lflag | more) & ~less;
	echoed_bytes = 0;
	echoed[0] = '\0';
}

/* Types all of it; returns the last signal that came of it, or 0. */
static int
type(const char *keys)
{
	int sig = 0, got;

	spin_lock(&tty.lock);
	for (; *keys != '\0'; keys++) {
		got = line_input(&tty, *keys);
		sig = got != 0 ? got : sig;
	}
	spin_unlock(&tty.lock);
	return sig;
}

static bool
ready(size_t want)
{
	bool yes;

	spin_lock(&tty.lock);
	yes = line_ready(&tty, want);
	spin_unlock(&tty.lock);
	return yes;
}

/* Does a read of at most n get exactly this? */
static bool
reads(size_t n, const char *text)
{
	char buf[MANY];
	bool end;
	size_t got;

	spin_lock(&tty.lock);
	got = line_take(&tty, buf, n, &end);
	spin_unlock(&tty.lock);
	return got == strlen(text) && memcmp(buf, text, got) == 0;
}

KTEST(tty, a_line_is_read_when_it_ends)
{
	begin(0, 0);
	EXPECT(t, type("ab") == 0 && !ready(1));
	EXPECT(t, type("c\rd") == 0 && ready(1));
	EXPECT(t, reads(MANY, "abc\n"));
	EXPECT(t, !ready(1));
	type("\nx\ny\n");
	EXPECT(t, reads(MANY, "d\n") && reads(MANY, "x\n"));
	EXPECT(t, reads(1, "y") && reads(MANY, "\n") && !ready(1));
	tty.modes.iflag &= ~ICRNL;
	type("q\r");
	EXPECT(t, !ready(1));
}

KTEST(tty, an_end_of_file_ends_what_was_typed)
{
	char keys[] = { 'a', 'b', CTRL('D'), CTRL('D'), 'c', '\n', '\0' };

	begin(0, 0);
	type(keys);
	EXPECT(t, reads(MANY, "ab") && ready(1));
	EXPECT(t, reads(MANY, "") && ready(1));
	EXPECT(t, reads(MANY, "c\n") && !ready(1));
}

KTEST(tty, keys_that_are_signals)
{
	const char keys[] = { CTRL('C'), 28, CTRL('Z') };
	const int signals[] = { 2, 3, 20 };
	char key[2] = "";

	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		key[0] = keys[i];
		begin(0, 0);
		type("ab\ncd");
		EXPECT(t, type(key) == signals[i]);
		EXPECT(t, !ready(1)); /* and what was typed is gone */
		type("e\n");
		EXPECT(t, reads(MANY, "e\n"));
		begin(NOFLSH, 0);
		type("ab\nc");
		EXPECT(t, type(key) == signals[i]);
		type("d\n");
		EXPECT(t, reads(MANY, "ab\n") && reads(MANY, "cd\n"));
		begin(0, ISIG);
		EXPECT(t, type(key) == 0);
		type("\n");
		EXPECT(t, ready(1) && !reads(MANY, "\n"));
	}
	/* A key that is switched off is one like any other. */
	begin(0, 0);
	tty.modes.cc[VINTR] = 0;
	EXPECT(t, type("\x03\n") == 0 && reads(MANY, "\x03\n"));
}

KTEST(tty, without_canon_keys_are_read_as_they_come)
{
	begin(0, ICANON);
	type("a\x04\x7f");
	EXPECT(t, ready(3) && !ready(4));
	EXPECT(t, reads(MANY, "a\x04\x7f") && !ready(1));
	EXPECT(t, type("b\x03") == 2);
	/* What was typed before the switch may be read after it. */
	begin(0, 0);
	type("half");
	EXPECT(t, !ready(1));
	spin_lock(&tty.lock);
	line_mode_changed(&tty);
	tty.modes.lflag &= ~ICANON;
	spin_unlock(&tty.lock);
	EXPECT(t, ready(4) && reads(MANY, "half"));
}

KTEST(tty, editing)
{
	begin(0, 0);
	type("abX\x7f"
	     "c\n");
	EXPECT(t, reads(MANY, "abc\n"));
	type("one two\x17three\n");
	EXPECT(t, reads(MANY, "one three\n"));
	type("gone\x15kept\n");
	EXPECT(t, reads(MANY, "kept\n"));
	EXPECT(t, type("\x16\x03\n") == 0 && reads(MANY, "\x03\n"));
	type("line\n\x7f\x7f\n");
	EXPECT(t, reads(MANY, "line\n") && reads(MANY, "\n"));
}

KTEST(tty, echo)
{
	begin(0, 0);
	type("a\x01\n");
	EXPECT(t, strcmp(echoed, "a^A\r\n") == 0);
	begin(0, ECHO);
	type("a\x01\n");
	EXPECT(t, strcmp(echoed, "") == 0);
	begin(ECHONL, ECHO);
	type("a\n");
	EXPECT(t, strcmp(echoed, "\r\n") == 0);
	begin(0, ECHOCTL);
	type("a\x01");
	EXPECT(t, strcmp(echoed, "a\x01") == 0);
	begin(0, 0);
	type("ab\x7f");
	EXPECT(t, strcmp(echoed, "ab\b \b") == 0);
}

/* ---- the console itself ---- */

static pid_t told_group;
static int told_signal;

static void
note_signal(pid_t pgrp, int sig)
{
	told_group = pgrp;
	told_signal = sig;
}

static void
discard_echo(const char *text, size_t n)
{
	(void)text;
	(void)n;
}

static const struct console_driver silent = { discard_echo };
static const struct console_driver *usual;
static struct termios usual_modes;

static void
borrow_console(uint32_t less)
{
	struct tty *c = &tty_console;

	spin_lock(&c->lock);
	usual = c->driver;
	usual_modes = c->modes;
	c->driver = &silent;
	c->modes.lflag &= ~less;
	spin_unlock(&c->lock);
}

static void
give_console_back(void)
{
	struct tty *c = &tty_console;

	spin_lock(&c->lock);
	line_flush(c);
	c->driver = usual;
	c->modes = usual_modes;
	c->foreground = 0;
	spin_unlock(&c->lock);
}

static void
press(const char *keys)
{
	while (*keys != '\0')
		tty_receive(*keys++);
}

KTEST(tty, a_key_signals_the_foreground_and_no_other_group)
{
	borrow_console(0);
	tty_set_signal_hook(note_signal);
	told_group = told_signal = 0;
	press("\x03");
	EXPECT(t, told_signal == 0);
	tty_console.foreground = 77;
	press("a");
	EXPECT(t, told_signal == 0);
	press("\x1a");
	EXPECT(t, told_group == 77 && told_signal == 20);
	tty_set_signal_hook(NULL);
	give_console_back();
}

/* read(2) of n bytes with VMIN and VTIME: the bytes it got, or an error. */
static ssize_t
raw_read(size_t n, uint8_t min, uint8_t time, unsigned flags, char *buf)
{
	struct file f = { .flags = flags };
	struct iobuf b;

	spin_lock(&tty_console.lock);
	tty_console.modes.cc[VMIN] = min;
	tty_console.modes.cc[VTIME] = time;
	spin_unlock(&tty_console.lock);
	iobuf_init_kernel(&b, buf, n);
	return tty_read(&f, &b, NULL);
}

static _Atomic bool typed;

static void
press_late(void *arg)
{
	thread_sleep(NSEC_PER_SEC / 100);
	press(arg);
	typed = true;
}

KTEST(tty, what_a_read_waits_for)
{
	static char more[] = "b";
	uint64_t start;
	char buf[8];

	borrow_console(ICANON | ISIG);
	EXPECT(t, raw_read(8, 0, 0, 0, buf) == 0);
	EXPECT(t, raw_read(8, 1, 0, O_NONBLOCK, buf) == -EAGAIN);
	press("abc");
	EXPECT(t, raw_read(8, 2, 0, 0, buf) == 3);
	press("a");
	REQUIRE(t, thread_spawn_kernel("typist", press_late, more) == 0);
	EXPECT(t, raw_read(8, 2, 0, 0, buf) == 2 && buf[1] == 'b');
	while (!typed)
		sched_switch();
	/* No key at all within the time, and no more keys. */
	start = time_now();
	EXPECT(t, raw_read(8, 0, 1, 0, buf) == 0);
	EXPECT(t, time_now() - start >= NSEC_PER_SEC / 10);
	press("de");
	start = time_now();
	EXPECT(t, raw_read(8, 3, 1, 0, buf) == 2);
	EXPECT(t, time_now() - start >= NSEC_PER_SEC / 10);
	press("fg");
	/* A read asks for no more than it takes. */
	EXPECT(t, raw_read(2, 9, 0, 0, buf) == 2 && buf[1] == 'g');
	give_console_back();
}

KTEST(tty, a_read_of_lines)
{
	char buf[8];

	borrow_console(0);
	press("ab");
	EXPECT(t, raw_read(8, 1, 0, O_NONBLOCK, buf) == -EAGAIN);
	press("c\nd\n");
	EXPECT(t, raw_read(8, 1, 0, 0, buf) == 4 && buf[3] == '\n');
	EXPECT(t, raw_read(8, 1, 0, O_NONBLOCK, buf) == 2 && buf[0] == 'd');
	press("\x04");
	EXPECT(t, raw_read(8, 1, 0, 0, buf) == 0);
	/* An end of file behind a full buffer belongs to that read. */
	press("xy\x04");
	EXPECT(t, raw_read(2, 1, 0, 0, buf) == 2);
	EXPECT(t, raw_read(2, 1, 0, O_NONBLOCK, buf) == -EAGAIN);
	give_console_back();
}
