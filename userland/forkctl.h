/*
 * userland/forkctl.h - the parts of forkctl.
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
 * Say what decides one address of a process: mapping, tables, frame, who else
 * has them, and what an access would do now.
 */
void explain(const char *pid, const char *address);

/*
 * Run a program once under every strategy, its output thrown away, and print
 * what each did.  Exits when it cannot be run.
 */
void compare(char **argv);

#endif
