/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/main.c - start, options, the read-and-run loop, the end.
 *
 *   sh [options] [script [arg...]]      sh [options] -c command [name [arg...]]
 *   sh                                  talks to a person on a terminal
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

struct shell sh;

static const struct {
	char letter;
	const char *name;
} options[OPT_COUNT] = {
	[OPT_ALLEXPORT] = { 'a', "allexport" },
	[OPT_ERREXIT] = { 'e', "errexit" },
	[OPT_NOGLOB] = { 'f', "noglob" },
	[OPT_INTERACTIVE] = { 'i', "interactive" },
	[OPT_MONITOR] = { 'm', "monitor" },
	[OPT_NOEXEC] = { 'n', "noexec" },
	[OPT_NOUNSET] = { 'u', "nounset" },
	[OPT_VERBOSE] = { 'v', "verbose" },
	[OPT_XTRACE] = { 'x', "xtrace" },
	[OPT_NOCLOBBER] = { 'C', "noclobber" },
};

/* "sh: ..." on standard error; in a script also where. */
void
error(const char *fmt, ...)
{
	struct buf b = { NULL, 0, 0 };
	char text[1024];
	va_list ap;
	ssize_t done;

	buf_puts(&b, "sh: ");
	if (sh.script != NULL) {
		buf_puts(&b, sh.script);
		snprintf(text, sizeof(text), " line %d: ", sh.lineno);
		if (sh.lineno > 0)
			buf_puts(&b, text);
		else
			buf_puts(&b, ": ");
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_puts(&b, text);
	buf_push(&b, '\n');
	done = write(2, b.p, b.len);
	(void)done;
	buf_free(&b);
}

/* An error after which a script cannot sensibly go on. */
void
fatal_expansion(void)
{
	if (sh.unwind != UNWIND_NONE)
		return;
	sh.status = 2;
	sh.unwind = UNWIND_ERROR;
}

/* ---- options and parameters ------------------------------------------ */

bool
option_set_letter(char c, bool on)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		if (options[i].letter != c)
			continue;
		sh.opt[i] = on;
		return true;
	}
	return false;
}

bool
option_set_name(const char *name, bool on)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (strcmp(options[i].name, name) == 0)
			return option_set_letter(options[i].letter, on);
	return false;
}

void
option_print(bool as_commands)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		if (as_commands)
			out_printf("set %co %s\n", sh.opt[i] ? '-' : '+',
				   options[i].name);
		else
			out_printf("%-12s %s\n", options[i].name,
				   sh.opt[i] ? "on" : "off");
	}
}

/* $- */
const char *
option_letters(void)
{
	static char text[OPT_COUNT + 1];
	int n = 0;

	for (int i = 0; i < OPT_COUNT; i++)
		if (sh.opt[i])
			text[n++] = options[i].letter;
	text[n] = '\0';
	return text;
}

void
params_set(struct params *p, int n, char **v)
{
	p->n = n;
	p->v = xmalloc((n + 1) * sizeof(*p->v));
	for (int i = 0; i < n; i++)
		p->v[i] = xstrdup(v[i]);
	p->v[n] = NULL;
}

void
params_free(struct params *p)
{
	for (int i = 0; i < p->n; i++)
		free(p->v[i]);
	free(p->v);
	*p = (struct params){ 0, NULL };
}

/* ---- running --------------------------------------------------------- */

/* At the prompt an error or Ctrl-C only drops the line. */
static void
back_to_prompt(struct input *in)
{
	if (sh.unwind == UNWIND_INTERRUPT)
		sh.status = 130;
	interrupt_clear();
	sh.unwind = UNWIND_NONE;
	sh.loop_depth = sh.no_errexit = 0;
	input_discard_line(in);
	in->eof = false;
}

/* Leaving with stopped jobs takes a second try. */
static bool
may_leave(struct input *in)
{
	static bool warned;

	if (!in->prompt || !jobs_stopped() || warned)
		return true;
	error("there are stopped jobs (`jobs` lists them; repeat to exit)");
	warned = true;
	in->eof = false;
	return false;
}

static void
run_line(struct input *in, struct node *tree, bool tail)
{
	struct mark m = arena_mark(&sh_tmp);

	in->ran = true;
	exec_node(tree, tail && in->fd < 0 && in->pos >= in->line.len);
	trap_poll();
	arena_release(&sh_tmp, m);
}

/* Read and run to the end of the input, or until something unwinds. */
int
run_input(struct input *in, bool tail)
{
	while (sh.unwind == UNWIND_NONE) {
		struct unit *unit;
		struct node *tree;
		enum parse_result r = parse_line(in, &unit, &tree);

		if (r == PARSE_OK && tree != NULL) {
			run_line(in, tree, tail);
		} else if (r == PARSE_FAILED && sh.unwind == UNWIND_NONE) {
			sh.status = 2;
			sh.unwind = UNWIND_ERROR;
		}
		unit_drop(unit);
		if (r == PARSE_EOF && may_leave(in))
			break;
		if (in->prompt && (sh.unwind == UNWIND_ERROR ||
				   sh.unwind == UNWIND_INTERRUPT))
			back_to_prompt(in);
	}
	return sh.status;
}

/* eval and traps: the status of nothing is 0. */
int
run_string(const char *s)
{
	struct input in;
	int lineno = sh.lineno;

	if (stack_low()) {
		error("nested too deeply");
		fatal_expansion();
		return sh.status;
	}
	input_string(&in, s, strlen(s));
	in.lineno = lineno > 0 ? lineno : 1;
	run_input(&in, false);
	if (!in.ran && sh.unwind == UNWIND_NONE)
		sh.status = 0;
	input_close(&in);
	return sh.status;
}

int
run_file(const char *path)
{
	const char *script = sh.script;
	int lineno = sh.lineno;
	struct input in;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	fd = fd_move_high(fd);
	sh.script = path;
	sh.source_depth++;
	input_fd(&in, fd, false);
	run_input(&in, false);
	if (!in.ran && sh.unwind == UNWIND_NONE)
		sh.status = 0;
	input_close(&in);
	sh.source_depth--;
	sh.script = script;
	sh.lineno = lineno;
	if (sh.unwind == UNWIND_RETURN)
		sh.unwind = UNWIND_NONE;
	return sh.status;
}

void
shell_exit(int status)
{
	sh.status = status;
	trap_run_exit();
	if (!sh.subshell)
		jobs_end();
	_exit(sh.status & 255);
}

static void
run_script(const char *path)
{
	struct input in;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		int code = errno;

		error("cannot open the script %s: %s", path, strerror(code));
		shell_exit(code == ENOENT ? 127 : 126);
	}
	fd = fd_move_high(fd);
	sh.script = path;
	input_fd(&in, fd, false);
	run_input(&in, false);
	shell_exit(sh.status);
}

/*
 * A text file without "#!": this process becomes a fresh shell for it.  Only
 * exported variables and ignored signals carry over, as with execve.
 */
void
run_script_instead(const char *path, char **argv)
{
	struct params params;
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	params_set(&params, argc - 1, argv + 1);
	path = xstrdup(path);
	function_forget_all();
	var_forget_unexported();
	var_set("IFS", " \t\n", 0);
	var_set("PS4", "+ ", 0);
	var_set("OPTIND", "1", 0);
	signals_subshell();
	sh = (struct shell){ .arg0 = path, .params = params, .pid = getpid() };
	run_script(path);
}

/* ---- start ----------------------------------------------------------- */

static void
usage(const char *why, const char *what)
{
	error("%s: %s", what, why);
	error("usage: sh [-aefnuvxC] [-o NAME] [-c COMMAND | SCRIPT] [ARG...]");
	_exit(2);
}

struct start {
	bool command, standard_input, login;
};

/* Returns the index of the first operand. */
static int
parse_options(int argc, char **argv, struct start *st)
{
	int i = 1;

	for (; i < argc && (argv[i][0] == '-' || argv[i][0] == '+') &&
	       argv[i][1] != '\0';
	     i++) {
		bool on = argv[i][0] == '-';

		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		for (const char *p = argv[i] + 1; *p != '\0'; p++) {
			if (*p == 'c') {
				st->command = true;
			} else if (*p == 's') {
				st->standard_input = true;
			} else if (*p == 'l') {
				st->login = true;
			} else if (*p == 'o') {
				if (i + 1 >= argc ||
				    !option_set_name(argv[++i], on))
					usage("no such option", "-o");
				break;
			} else if (!option_set_letter(*p, on)) {
				usage("no such option", argv[i]);
			}
		}
	}
	if (i < argc && strcmp(argv[i], "-") == 0)
		i++;
	return i;
}

static void
start_interactive(void)
{
	sh.interactive = sh.opt[OPT_INTERACTIVE] = true;
	signals_init();
	jobs_init();
}

static void
run_profile(void)
{
	if (run_file("/etc/profile") < 0)
		sh.status = 0;
}

int
main(int argc, char **argv)
{
	struct start st = { false, false, argv[0] != NULL && *argv[0] == '-' };
	struct input in;
	const char *command = NULL;
	int i;

	stack_init();
	sh.pid = getpid();
	sh.arg0 = argc > 0 ? argv[0] : "sh";
	i = parse_options(argc, argv, &st);
	var_init();
	if (st.command) {
		if (i >= argc)
			usage("command missing", "-c");
		command = argv[i++];
	}
	if (i < argc && !st.standard_input)
		sh.arg0 = argv[i++];
	params_set(&sh.params, argc > i ? argc - i : 0, argv + i);
	if (sh.opt[OPT_INTERACTIVE] ||
	    (command == NULL && (st.standard_input || sh.arg0 == argv[0]) &&
	     isatty(0) && isatty(2)))
		start_interactive();
	else
		signals_init();
	if (st.login)
		run_profile();
	if (command != NULL) {
		input_string(&in, command, strlen(command));
		run_input(&in, true);
		shell_exit(sh.status);
	}
	if (sh.arg0 != argv[0] && !st.standard_input)
		run_script(sh.arg0);
	input_fd(&in, 0, true);
	in.prompt = sh.interactive;
	in.edit = sh.interactive && isatty(0);
	run_input(&in, false);
	shell_exit(sh.status);
}
