/*
 * proc/script.h - "#!" lines: the words they put before the arguments.
 */
#ifndef PROC_SCRIPT_H
#define PROC_SCRIPT_H

#include "lib/base.h"

#define SCRIPT_LINE_MAX 256 /* -ENOEXEC when the line is longer */
#define SCRIPT_WORDS	12  /* two for each of EXEC_SCRIPTS, and a path */

/*
 * What replaces argv[0]: word[0] is the program to run now.  All zero: no
 * script so far.
 */
struct script {
	char *word[SCRIPT_WORDS];
	unsigned count;
};

/*
 * `path` turned out to begin with head[0 .. n), a "#!" line: put interpreter
 * and argument in front.  0, -ENOEXEC, -ENOMEM.
 */
int script_add(struct script *s, const char *path, const char *head,
	       size_t n) must_check nonnull;

void script_free(struct script *s) nonnull;

#endif
