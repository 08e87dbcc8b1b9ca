/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/trap.c - signals: what the shell does, what the user traps.
 *
 * A handler only sets a flag; the walk over the tree looks at the flags after
 * each command.  At a terminal Ctrl-C sets `got_interrupt`, which brings the
 * shell back to its prompt.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sh.h"

#define SIGNALS 65 /* 0 is EXIT */

static char *actions[SIGNALS]; /* NULL: default; "": ignored */
static bool ignored_at_start[SIGNALS];
static volatile sig_atomic_t pending[SIGNALS], any_pending, got_interrupt;
static bool running_exit;

static const struct {
	const char *name;
	int number;
} names[] = {
	{ "EXIT", 0 },	     { "HUP", SIGHUP },	      { "INT", SIGINT },
	{ "QUIT", SIGQUIT }, { "ILL", SIGILL },	      { "TRAP", SIGTRAP },
	{ "ABRT", SIGABRT }, { "BUS", SIGBUS },	      { "FPE", SIGFPE },
	{ "KILL", SIGKILL }, { "USR1", SIGUSR1 },     { "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 }, { "PIPE", SIGPIPE },     { "ALRM", SIGALRM },
	{ "TERM", SIGTERM }, { "STKFLT", SIGSTKFLT }, { "CHLD", SIGCHLD },
	{ "CONT", SIGCONT }, { "STOP", SIGSTOP },     { "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN }, { "TTOU", SIGTTOU },     { "URG", SIGURG },
	{ "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ },     { "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF }, { "WINCH", SIGWINCH },   { "IO", SIGIO },
	{ "PWR", SIGPWR },   { "SYS", SIGSYS },
};

const char *
signal_name(int sig)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == sig)
			return names[i].name;
	return NULL;
}

/* INT, SIGINT, int or 2; -1 when there is no such signal. */
int
signal_number(const char *name)
{
	intmax_t n;

	if (parse_number(name, &n))
		return n >= 0 && n < SIGNALS ? (int)n : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i].name, name) == 0)
			return names[i].number;
	return -1;
}

static void
on_signal(int sig)
{
	if (sig == SIGINT && actions[SIGINT] == NULL) {
		got_interrupt = 1;
		return;
	}
	pending[sig] = 1;
	any_pending = 1;
}

/* Only so that sigsuspend() wakes up; it must not disturb a read. */
static void
on_child(int sig)
{
	if (actions[sig] != NULL)
		on_signal(sig);
}

static void
set_handler(int sig, void (*handler)(int sig))
{
	struct sigaction act = { .sa_handler = handler };

	sigemptyset(&act.sa_mask);
	if (sig == SIGCHLD && handler == on_child)
		act.sa_flags = SA_RESTART;
	sigaction(sig, &act, NULL);
}

static bool
ignored_at_prompt(int sig)
{
	return sig == SIGTERM || sig == SIGQUIT || sig == SIGTSTP ||
	       sig == SIGTTIN || sig == SIGTTOU;
}

/* The action for a signal without a trap. */
static void
set_default(int sig)
{
	if (sig == SIGCHLD)
		set_handler(sig, on_child);
	else if (sh.interactive && sig == SIGINT)
		set_handler(sig, on_signal);
	else if (sh.interactive && ignored_at_prompt(sig))
		set_handler(sig, SIG_IGN);
	else if (!ignored_at_start[sig])
		set_handler(sig, SIG_DFL);
}

void
signals_init(void)
{
	for (int sig = 1; sig < 32; sig++) {
		struct sigaction act;

		if (sigaction(sig, NULL, &act) == 0)
			ignored_at_start[sig] = act.sa_handler == SIG_IGN;
		if (sig == SIGCHLD ||
		    (sh.interactive &&
		     (sig == SIGINT || ignored_at_prompt(sig))))
			set_default(sig);
	}
}

bool
interrupted(void)
{
	return got_interrupt != 0;
}

void
interrupt_clear(void)
{
	got_interrupt = 0;
}

/*
 * In a child: caught signals have their default meaning again, ignored ones
 * stay ignored, and those the prompt ignored for itself do not.
 */
void
signals_subshell(void)
{
	for (int sig = 0; sig < SIGNALS; sig++) {
		bool caught = actions[sig] != NULL && *actions[sig] != '\0';

		pending[sig] = 0;
		if (actions[sig] != NULL && !caught)
			continue;
		free(actions[sig]);
		actions[sig] = NULL;
		if (sig > 0 && sig < 32 &&
		    (caught || sig == SIGINT || sig == SIGCHLD ||
		     ignored_at_prompt(sig)))
			set_default(sig);
	}
	any_pending = 0;
	got_interrupt = 0;
}

/* Programs inherit what is ignored: give back what only the prompt ignored. */
void
signals_exec(void)
{
	sh.interactive = false;
	for (int sig = 1; sig < 32; sig++)
		if (actions[sig] == NULL && ignored_at_prompt(sig))
			set_default(sig);
}

bool
traps_set(void)
{
	for (int sig = 0; sig < SIGNALS; sig++)
		if (actions[sig] != NULL && *actions[sig] != '\0')
			return true;
	return false;
}

int
trap_pending_signal(void)
{
	for (int sig = 1; any_pending && sig < SIGNALS; sig++)
		if (pending[sig])
			return sig;
	return 0;
}

/*
 * read() that also ends with EINTR when a signal came before the call that the
 * shell has yet to act on: signals are blocked between the look at the flags
 * and the wait.  The caller must act on it, or the next call ends so, too.
 */
ssize_t
read_or_signal(int fd, void *p, size_t n)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	sigset_t all, old;
	int ready = -1;

	if (!sh.interactive && !traps_set())
		return read(fd, p, n);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	if (trap_pending_signal() != 0 || interrupted())
		errno = EINTR;
	else
		ready = ppoll(&input, 1, NULL, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ready < 0 ? -1 : read(fd, p, n);
}

static void
run_action(int sig)
{
	char *action = xstrdup(actions[sig]);
	int status = sh.status;

	run_string(action);
	if (sh.unwind == UNWIND_NONE)
		sh.status = status;
	free(action);
}

/* Returns true when there was something to do. */
bool
trap_poll(void)
{
	int sig;

	if (got_interrupt && sh.interactive && sh.unwind == UNWIND_NONE) {
		sh.status = 128 + SIGINT;
		sh.unwind = UNWIND_INTERRUPT;
		return true;
	}
	if (!any_pending || sh.unwind != UNWIND_NONE)
		return false;
	/* First the flag, so that a signal that comes now raises it again. */
	any_pending = 0;
	for (sig = 1; sig < SIGNALS; sig++) {
		if (!pending[sig])
			continue;
		if (sh.unwind != UNWIND_NONE) {
			any_pending = 1;
			break;
		}
		pending[sig] = 0;
		if (actions[sig] != NULL)
			run_action(sig);
	}
	return true;
}

/* The EXIT trap runs once, whatever it does. */
void
trap_run_exit(void)
{
	int status = sh.status;

	if (actions[0] == NULL || running_exit)
		return;
	running_exit = true;
	sh.unwind = UNWIND_NONE;
	sh.status = status;
	run_action(0);
	if (sh.unwind != UNWIND_EXIT)
		sh.status = status;
}

static void
set_trap(int sig, const char *action)
{
	free(actions[sig]);
	actions[sig] = action != NULL ? xstrdup(action) : NULL;
	if (sig == 0 || (ignored_at_start[sig] && !sh.interactive))
		return;
	if (action == NULL)
		set_default(sig);
	else if (*action == '\0')
		set_handler(sig, SIG_IGN);
	else
		set_handler(sig, on_signal);
}

static int
print_traps(void)
{
	struct mark m = arena_mark(&sh_tmp);

	for (int sig = 0; sig < SIGNALS; sig++) {
		if (actions[sig] == NULL)
			continue;
		out_printf("trap -- %s ", quote(actions[sig]));
		if (signal_name(sig) != NULL)
			out_printf("%s\n", signal_name(sig));
		else
			out_printf("%d\n", sig);
	}
	arena_release(&sh_tmp, m);
	return 0;
}

int
builtin_trap(int argc, char **argv)
{
	const char *action = NULL;
	int status = 0, i = 1;
	intmax_t n;

	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (i >= argc)
		return print_traps();
	/* A number first means: all of these back to the default. */
	if (strcmp(argv[i], "-") == 0)
		i++;
	else if (!parse_number(argv[i], &n) && argc - i > 1)
		action = argv[i++];
	for (; i < argc; i++) {
		int sig = signal_number(argv[i]);

		if (sig < 0) {
			error("trap: %s: no such signal", argv[i]);
			status = 1;
		} else if (sig != SIGKILL && sig != SIGSTOP) {
			set_trap(sig, action);
		}
	}
	return status;
}
