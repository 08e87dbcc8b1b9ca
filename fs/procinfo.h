/* SPDX-License-Identifier: MIT */
/*
 * fs/procinfo.h - the files of /proc about the machine and the file systems.
 *
 * The show() functions in fs/procinfo.c print the files, in process context.
 * fs_init() registers them once the root file system is mounted, before
 * processes exist.
 */
#ifndef FS_PROCINFO_H
#define FS_PROCINFO_H

/* Boot, once. */
void procinfo_init(void);

#endif
