/* SPDX-License-Identifier: MIT */
/*
 * fs/special.h - device nodes: device numbers and their file operations.
 *
 * fs/special.c has the table from device numbers to operations, for nodes on
 * any file system: inode_init_special() searches it when a node's inode is
 * created or read.  fs/devfs.c creates a node in /dev for each entry.  The
 * table is constant, so no lock is needed.
 */
#ifndef FS_SPECIAL_H
#define FS_SPECIAL_H

#include "fs/file.h"

#define MAJOR_MEM   1u	 /* null, zero, ... by minor number */
#define MAJOR_VT    4u	 /* minor 0: the console as a terminal */
#define MAJOR_TTY   5u	 /* minor 0: the process's terminal, 1: console */
#define MAJOR_DISK  254u /* minor: 16 * index of the disk */
#define DISK_MINORS 16u

/* A device's name in /dev and its number. */
struct special_device {
	const char *name;
	uint32_t rdev;
	uint32_t perm; /* permission bits */
	const struct file_ops *fops;
};

/* Entry i of the table of character devices; NULL at the end. */
const struct special_device *special_at(unsigned i);

/*
 * Set inode->fops (and cache, for disks) of a device node, FIFO or socket by
 * mode and rdev.  For read_inode() and create() of any file system.
 */
void inode_init_special(struct inode *inode) nonnull;

/* Disks: read and write through the disk's page cache; fs/generic.c. */
extern const struct file_ops blockdev_file_ops;

/* Terminals, fs/tty.c. */
extern const struct file_ops tty_file_ops, tty_console_file_ops,
	tty_current_file_ops;

#endif
