/* SPDX-License-Identifier: MIT */
/*
 * proc/sigdefault.c - the default actions of signals, signal(7).
 *
 * A signal has its default action on a process without a handler for it that
 * does not ignore it.  The core profile, without proc/signal.c, uses this table
 * too.  proc/signal.h has the contract.
 */
#include "proc/signal.h"

/* Real-time signals are not listed: 0 is ACTION_TERMINATE. */
static const uint8_t default_actions[NSIG + 1] = {
	[SIGHUP] = ACTION_TERMINATE,  [SIGINT] = ACTION_TERMINATE,
	[SIGQUIT] = ACTION_CORE,      [SIGILL] = ACTION_CORE,
	[SIGTRAP] = ACTION_CORE,      [SIGABRT] = ACTION_CORE,
	[SIGBUS] = ACTION_CORE,	      [SIGFPE] = ACTION_CORE,
	[SIGKILL] = ACTION_TERMINATE, [SIGUSR1] = ACTION_TERMINATE,
	[SIGSEGV] = ACTION_CORE,      [SIGUSR2] = ACTION_TERMINATE,
	[SIGPIPE] = ACTION_TERMINATE, [SIGALRM] = ACTION_TERMINATE,
	[SIGTERM] = ACTION_TERMINATE, [SIGSTKFLT] = ACTION_TERMINATE,
	[SIGCHLD] = ACTION_IGNORE,    [SIGCONT] = ACTION_CONTINUE,
	[SIGSTOP] = ACTION_STOP,      [SIGTSTP] = ACTION_STOP,
	[SIGTTIN] = ACTION_STOP,      [SIGTTOU] = ACTION_STOP,
	[SIGURG] = ACTION_IGNORE,     [SIGXCPU] = ACTION_CORE,
	[SIGXFSZ] = ACTION_CORE,      [SIGVTALRM] = ACTION_TERMINATE,
	[SIGPROF] = ACTION_TERMINATE, [SIGWINCH] = ACTION_IGNORE,
	[SIGIO] = ACTION_TERMINATE,   [SIGPWR] = ACTION_TERMINATE,
	[SIGSYS] = ACTION_CORE,
};

enum signal_action
signal_default_action(int sig)
{
	return default_actions[sig];
}
