/* SPDX-License-Identifier: MIT */
/*
 * proc/script.h - "#!" lines: the words that they insert before the arguments.
 *
 * A script may name another script as its interpreter, up to EXEC_SCRIPTS times
 * (proc/exec.h).
 */
#ifndef PROC_SCRIPT_H
#define PROC_SCRIPT_H

#include "lib/base.h"

#define SCRIPT_LINE_MAX 256 /* bytes of the file that count */
#define SCRIPT_WORDS	13  /* 2 for each of EXEC_SCRIPTS + 1, and a path */

/*
 * The words that replace argv[0]; word[0] is the program to run.  All zero: no
 * script so far.
 */
struct script {
	char *word[SCRIPT_WORDS];
	unsigned count;
};

/*
 * Parse the "#!" line in head[0 .. n), the start of the file `path`, and insert
 * the interpreter and its argument in front.  A NUL ends either of them.  In a
 * line that is too long the argument is truncated; the interpreter's name must
 * be complete.  0, -ENOEXEC, -ENOMEM; -EACCES if the name is empty.
 */
int script_add(struct script *s, const char *path, const char *head,
	       size_t n) must_check nonnull;

void script_free(struct script *s) nonnull;

#endif
