/* SPDX-License-Identifier: MIT */
/*
 * proc/rights.h - the ids that execve(2) gives a program, by its set-ID bits.
 *
 * rights_alone() comes first, then, after the other threads have ended,
 * rights_find().  Neither can fail.  Process context.
 */
#ifndef PROC_RIGHTS_H
#define PROC_RIGHTS_H

#include "kernel/thread.h"
#include "lib/base.h"

struct file;

struct exec_rights {
	struct cred cred; /* groups borrowed from the current thread */
	bool secure;	  /* AT_SECURE: ids beyond the real ones */
	bool dumpable;	  /* see struct space */
};

/*
 * Does the program have a set-ID bit?  If so, the other threads of the process
 * must have ended before rights_find(): only then do references on the
 * directory show whether another process shares it.
 */
bool rights_alone(const struct file *program) nonnull;

/*
 * Compute the credentials of the current thread in this program, with `interp`
 * or NULL as its dynamic linker.  Process context; takes the program's inode
 * lock.
 */
void
rights_find(struct exec_rights *r, struct file *program, struct file *interp);

#endif
