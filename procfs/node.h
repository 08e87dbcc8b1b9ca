/* SPDX-License-Identifier: MIT */
/*
 * procfs/node.h - internal to procfs: the encoding of pids in inode numbers,
 * and the interface between procfs.c (the tree, open files) and procfs_pid.c
 * (processes).
 *
 * Inode numbers below 2^32 are 1 + the position in the table of registered
 * files; 1 is /proc itself.  Larger ones are pid << 32 | entry << 24 | number.
 * `entry` is 0 for /proc/<pid> itself, else 1 + the position in the table of
 * per-process entries.  `number` is 0 for the entry itself and 1 + n for n in
 * the entry, as in /proc/<pid>/fd/n.  So a lookup needs only the inode number.
 */
#ifndef PROCFS_NODE_H
#define PROCFS_NODE_H

#include "fs/textbuf.h"
#include "fs/vfs.h"

#define PROC_ROOT_INO	1u
#define PROC_NUMBER_MAX 0xfffffe

static inline uint64_t
proc_ino(pid_t pid, unsigned entry, unsigned number)
{
	return (uint64_t)(uint32_t)pid << 32 | (uint64_t)entry << 24 | number;
}

/* 0: not about a process. */
static inline pid_t
proc_ino_pid(uint64_t ino)
{
	return (pid_t)(ino >> 32);
}

/* ---- procfs.c ---- */

extern const struct file_ops proc_file_ops;
int64_t proc_seek(struct file *f, int64_t offset, int whence);

/* Permits only a truncation to size 0. */
int proc_setattr(struct inode *inode, const struct inode_change *c);

/* Parse a decimal number without sign or leading zeroes.  False: other text. */
bool proc_parse_number(const char *name, size_t len, int *n);

/*
 * Copy the text to a readlink() buffer and free it.  Returns its length, or
 * -errno; `err` != 0 is returned unchanged.
 */
ssize_t proc_link_text(struct textbuf *tb, int err, char *buf, size_t size);

/* ---- procfs_pid.c; inodes with proc_ino_pid() != 0 ---- */

/* Find the first process with a pid > after; false at the end. */
bool proc_next_pid(pid_t after, pid_t *out);

/* Get an inode of a process, with a reference; -ENOENT: no such process. */
int procpid_find(struct superblock *sb, uint64_t ino,
		 struct inode **out) must_check;

int procpid_read_inode(struct inode *inode);
/* Get the image number that an open file refers to; 0, -EACCES or -ESRCH. */
int procpid_open(struct inode *inode, uint64_t *image);
int procpid_show(struct inode *inode, uint64_t image, struct textbuf *out);
int procpid_write(struct inode *inode, const char *data, size_t n);
bool procpid_can_write(struct inode *inode);

#endif
