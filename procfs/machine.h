/* SPDX-License-Identifier: MIT */
/*
 * procfs/machine.h - the files of /proc about the machine and the file systems.
 *
 * The show() functions in procfs/machine.c print the files, in process context.
 * procfs_init() registers them.
 */
#ifndef PROCFS_MACHINE_H
#define PROCFS_MACHINE_H

/* Boot, once. */
void procinfo_init(void);

#endif
