/* SPDX-License-Identifier: MIT */
/*
 * userland/forkctl.h - the parts of forkctl.
 *
 * forkctl.c reads the words and prints the lists; explain() is in
 * forkexplain.c, compare() and measure() are in forkcompare.c.
 */
#ifndef FORKCTL_H
#define FORKCTL_H

#include <stddef.h>

/* Read a file of /proc, or say why not and exit. */
void read_or_die(const char *path, char *text, size_t size);

/* "/proc/PID/FILE" for a process number or "self"; exits 2 for anything else. */
void proc_path(char path[64], const char *pid, const char *file);

/* The strategy a process runs under. */
void read_strategy(const char *pid, char name[64]);

/*
 * Say what decides one address of a process: mapping, tables, frame, which
 * other processes share these, and what an access would do now.
 */
void explain(const char *pid, const char *address);

/*
 * Run a program once under every strategy, its output thrown away, and print
 * what each did.  Exits when it cannot be run.
 */
void compare(char **argv);

/*
 * Run a program under a strategy: some times to warm up, then `count` times.
 * Each of the latter prints a line "measured NAME NUMBER ...": whether the run
 * was cut off after `seconds`, the signal and status that ended it,
 * instructions, the most additional frames in use, and the growth of each
 * counter of /proc/forkstat.  After a run that a signal ended there is none.
 * The program's output is thrown away.  Exits 2 when a number is none.
 */
void measure(const char *count, const char *seconds, const char *strategy,
	     char **argv);

#endif
