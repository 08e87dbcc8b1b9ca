/* SPDX-License-Identifier: MIT */
/*
 * procfs/files.h - registering the files of /proc about processes.
 *
 * Each function registers the files of one source file.  procfs_init() is
 * called at boot, and calls the others.
 */
#ifndef PROCFS_FILES_H
#define PROCFS_FILES_H

#include "lib/base.h"

/* Boot, after fs_init(), before processes exist. */
void procfs_init(void);

/* procpid.c: the files in every /proc/<pid>. */
void procpid_init(void);
/* procpages.c: the files about memory in every /proc/<pid>. */
void procpages_init(void);
/* proclinks.c: the links in every /proc/<pid>. */
void proclinks_init(void);

#endif
