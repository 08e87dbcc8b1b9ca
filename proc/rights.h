/* SPDX-License-Identifier: MIT */
/*
 * proc/rights.h - what execve(2) makes of the ids, by the set-ID bits of the
 * new program.
 *
 * rights_alone() comes first, then rights_find().  Neither can fail.
 */
#ifndef PROC_RIGHTS_H
#define PROC_RIGHTS_H

#include "kernel/thread.h"
#include "lib/base.h"

struct file;

struct exec_rights {
	struct cred cred; /* groups borrowed from the current thread */
	bool secure;	  /* AT_SECURE: more than the real ids */
	bool dumpable;	  /* see struct space */
};

/*
 * Has the program a set-ID bit?  Then the other threads of the process must
 * have ended before rights_find(): only then do references on the directory
 * show whether another process shares it.
 */
bool rights_alone(const struct file *program) nonnull;

/*
 * Find the rights of the current thread in this program, with `interp` or NULL
 * as its dynamic linker.  Process context; takes the program's inode lock.
 */
void
rights_find(struct exec_rights *r, struct file *program, struct file *interp);

#endif
