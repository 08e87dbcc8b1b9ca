/* SPDX-License-Identifier: MIT */
/*
 * proc/procfiles.h - the files of /proc that tell about processes.
 *
 * Each function registers the files of one source file.  procfiles_init() is
 * called at boot, and calls the others.
 */
#ifndef PROC_PROCFILES_H
#define PROC_PROCFILES_H

#include "lib/base.h"

/* Boot, after fs_init(), before processes exist. */
void procfiles_init(void);

/* procpid.c: the files in every /proc/<pid>. */
void procpid_init(void);
/* procpages.c: the files there about the process's memory. */
void procpages_init(void);
/* proclinks.c: the links there. */
void proclinks_init(void);

#endif
