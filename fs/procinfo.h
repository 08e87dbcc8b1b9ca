/* SPDX-License-Identifier: MIT */
/*
 * fs/procinfo.h - the files of /proc about the machine and the file systems.
 *
 * The show() functions in fs/procinfo.c print the files, in process context.
 * procfs_init() registers them.
 */
#ifndef FS_PROCINFO_H
#define FS_PROCINFO_H

/* Boot, once. */
void procinfo_init(void);

#endif
