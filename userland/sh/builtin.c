/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/builtin.c - the table of builtins, and the short ones.
 *
 * A builtin writes through out_*(); its caller flushes and notices when that
 * fails.  What must run in the shell's own process is here, and also what is
 * called so often that a fork would be a waste (echo, test, printf).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

#define MAX_SOURCE_DEPTH 200

static struct buf out;

void
out_add(const char *s, size_t n)
{
	buf_add(&out, s, n);
}

void
out_puts(const char *s)
{
	buf_puts(&out, s);
}

void
out_printf(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_puts(text);
}

/* Returns 0 or the errno of the write that failed. */
int
out_flush(void)
{
	struct buf b = out;
	size_t done = 0;
	int code = 0;

	/* A trap may print meanwhile: it starts with a buffer of its own. */
	out = (struct buf){ NULL, 0, 0 };
	while (done < b.len && code == 0) {
		ssize_t n = write(1, b.p + done, b.len - done);

		if (n >= 0)
			done += n;
		else if (errno != EINTR || interrupted())
			code = errno;
	}
	buf_free(&b);
	return code;
}

static int
builtin_true(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int
builtin_false(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 1;
}

/* The number in argv[1]; `missing` without one; -1 after a message. */
static int
number_argument(int argc, char **argv, int missing)
{
	intmax_t n;

	if (argc < 2)
		return missing;
	if (!parse_number(argv[1], &n) || n < 0 || n > 1 << 30) {
		error("%s: '%s' is not a number", argv[0], argv[1]);
		return -1;
	}
	return n;
}

static int
builtin_exit(int argc, char **argv)
{
	int status = number_argument(argc, argv, sh.status);

	sh.status = status < 0 ? 2 : status & 255;
	sh.unwind = UNWIND_EXIT;
	return sh.status;
}

static int
builtin_return(int argc, char **argv)
{
	int status = number_argument(argc, argv, sh.status);

	if (sh.function_depth == 0 && sh.source_depth == 0 && sh.interactive) {
		error("return: not in a function or a sourced file");
		return 1;
	}
	sh.status = status < 0 ? 2 : status & 255;
	sh.unwind = sh.function_depth == 0 && sh.source_depth == 0
			    ? UNWIND_EXIT
			    : UNWIND_RETURN;
	return sh.status;
}

static int
leave_loops(int argc, char **argv, enum unwind how)
{
	int n = number_argument(argc, argv, 1);

	if (n <= 0) {
		if (n == 0)
			error("%s: the loop count must be at least 1", argv[0]);
		fatal_expansion();
		return sh.status;
	}
	if (sh.loop_depth == 0)
		return 0;
	sh.status = 0;
	sh.unwind_count = n < sh.loop_depth ? n : sh.loop_depth;
	sh.unwind = how;
	return 0;
}

static int
builtin_break(int argc, char **argv)
{
	return leave_loops(argc, argv, UNWIND_BREAK);
}

static int
builtin_continue(int argc, char **argv)
{
	return leave_loops(argc, argv, UNWIND_CONTINUE);
}

static int
builtin_eval(int argc, char **argv)
{
	struct buf b = { NULL, 0, 0 };
	int status;

	for (int i = 1; i < argc; i++) {
		if (i > 1)
			buf_push(&b, ' ');
		buf_puts(&b, argv[i]);
	}
	status = run_string(buf_str(&b));
	buf_free(&b);
	return status;
}

/* The file for `.`: along PATH, but it need not be executable. */
static char *
find_source(const char *name)
{
	const char *path = var_get("PATH");

	if (strchr(name, '/') != NULL)
		return arena_strdup(&sh_tmp, name);
	for (const char *p = path; p != NULL;) {
		size_t n = strcspn(p, ":");
		char *full = arena_alloc(&sh_tmp, n + strlen(name) + 3);
		struct stat st;

		memcpy(full, n > 0 ? p : ".", n > 0 ? n : 1);
		strcat(full, "/");
		strcat(full, name);
		if (stat(full, &st) == 0 && S_ISREG(st.st_mode))
			return full;
		p = p[n] == ':' ? p + n + 1 : NULL;
	}
	return arena_strdup(&sh_tmp, name);
}

static int
builtin_source(int argc, char **argv)
{
	int status;

	if (argc < 2) {
		error(".: file name missing");
		return 2;
	}
	if (sh.source_depth >= MAX_SOURCE_DEPTH || stack_low()) {
		error(".: sourced files are nested too deeply");
		fatal_expansion();
		return sh.status;
	}
	status = run_file(find_source(argv[1]));
	if (status < 0) {
		error(".: cannot open %s: %s", argv[1], strerror(errno));
		fatal_expansion();
		return sh.status;
	}
	return status;
}

static int
builtin_umask(int argc, char **argv)
{
	mode_t mask;
	char *end;
	long n;

	if (argc < 2 || strcmp(argv[1], "-S") == 0) {
		static const char *const rwx[] = {
			"", "x", "w", "wx", "r", "rx", "rw", "rwx",
		};

		mask = umask(0);
		umask(mask);
		if (argc < 2)
			out_printf("%04o\n", (unsigned)mask);
		else
			out_printf("u=%s,g=%s,o=%s\n", rwx[~mask >> 6 & 7],
				   rwx[~mask >> 3 & 7], rwx[~mask & 7]);
		return 0;
	}
	n = strtol(argv[1], &end, 8);
	if (*argv[1] == '\0' || *end != '\0' || n < 0 || n > 0777) {
		error("umask: '%s' is not an octal mask like 022", argv[1]);
		return 1;
	}
	umask(n);
	return 0;
}

const struct builtin builtins[] = {
	{ ":", builtin_true, BUILTIN_SPECIAL, "do nothing" },
	{ ".", builtin_source, BUILTIN_SPECIAL, "run a file in this shell" },
	{ "[", builtin_test, 0, "test; last argument ']'" },
	{ "bg", builtin_bg, 0, "continue a stopped job in the background" },
	{ "break", builtin_break, BUILTIN_SPECIAL, "leave a loop" },
	{ "cd", builtin_cd, 0, "change directory" },
	{ "command", builtin_command, 0, "run a command, ignore functions" },
	{ "continue", builtin_continue, BUILTIN_SPECIAL,
	  "start the next iteration" },
	{ "echo", builtin_echo, 0, "print words" },
	{ "eval", builtin_eval, BUILTIN_SPECIAL, "run words as a command" },
	{ "exec", builtin_exec, BUILTIN_SPECIAL,
	  "replace the shell by a program" },
	{ "exit", builtin_exit, BUILTIN_SPECIAL, "leave the shell" },
	{ "export", builtin_export, BUILTIN_SPECIAL,
	  "put variables in the environment" },
	{ "false", builtin_false, 0, "fail" },
	{ "fg", builtin_fg, 0, "move a job to the foreground" },
	{ "getopts", builtin_getopts, 0, "parse options" },
	{ "help", builtin_help, 0, "this list" },
	{ "history", builtin_history, 0, "lines typed before" },
	{ "jobs", builtin_jobs, 0, "list jobs; -l with processes" },
	{ "kill", builtin_kill, 0, "send a signal" },
	{ "local", builtin_local, 0, "declare variables of a function" },
	{ "printf", builtin_printf, 0, "print with a format" },
	{ "pwd", builtin_pwd, 0, "print the directory" },
	{ "read", builtin_read, 0, "read a line" },
	{ "readonly", builtin_readonly, BUILTIN_SPECIAL,
	  "make variables read-only" },
	{ "return", builtin_return, BUILTIN_SPECIAL, "leave a function" },
	{ "set", builtin_set, BUILTIN_SPECIAL, "options, parameters" },
	{ "shift", builtin_shift, BUILTIN_SPECIAL, "remove $1" },
	{ "test", builtin_test, 0, "compare values, check files" },
	{ "trap", builtin_trap, BUILTIN_SPECIAL, "set signal handlers" },
	{ "true", builtin_true, 0, "succeed" },
	{ "type", builtin_type, 0, "what a name means" },
	{ "ulimit", builtin_ulimit, 0, "set resource limits" },
	{ "umask", builtin_umask, 0, "default permissions" },
	{ "unset", builtin_unset, BUILTIN_SPECIAL,
	  "remove variables and functions" },
	{ "wait", builtin_wait, 0, "wait for jobs" },
	{ NULL, NULL, 0, NULL },
};

const struct builtin *
builtin_find(const char *name)
{
	for (const struct builtin *b = builtins; b->name != NULL; b++)
		if (strcmp(b->name, name) == 0)
			return b;
	return NULL;
}
