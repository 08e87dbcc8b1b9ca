/* SPDX-License-Identifier: MIT */
/*
 * procfs/procfs.h - the table of all files of /proc, and what the files of
 * this room share.
 *
 * procfs/table.c has a row for each file: to add a file, write a function that
 * prints it and add a row.  A show function prints the whole text into a
 * textbuf.  The text is made when a reader reads at position 0, and kept with
 * the open file until the next read at position 0.  A write function gets all
 * bytes of one write() in one call.  The functions run in process context and
 * may sleep; each returns 0 or -errno.
 *
 * "*" in a path stands for a number.  At the beginning of a path "*" is a
 * process id, and the row is about that process: the row's inode has the owner
 * of the process, or root if the process is not dumpable.  An inode or open
 * file holds no reference on the process.  Each lookup and each function checks
 * again that the process exists.
 */
#ifndef PROCFS_PROCFS_H
#define PROCFS_PROCFS_H

#include "fs/inode.h"
#include "fs/textbuf.h"

#define PROC_WRITE_MAX	4096u	 /* a longer write() is -EINVAL */
#define PROC_NUMBER_MAX 0xfffffe /* the last name in a directory of numbers */
#define PROC_RECORD_MAX 64u	 /* bytes */
#define PROC_ROOT	0u	 /* the row of /proc itself */

struct space;

/* What an inode of /proc is about. */
struct proc_node {
	const struct proc_entry *entry;
	pid_t pid;	     /* 0: not about a process */
	int number;	     /* of a row with a second "*", as in 1/fd/2 */
	struct space *space; /* for show() of a row with of_space */
};

typedef int proc_show_fn(struct textbuf *out, const struct proc_node *node);
/* `data` are the n bytes written, and a NUL. */
typedef int
proc_write_fn(const char *data, size_t n, const struct proc_node *node);
/* Get the inode that a link leads to, with a reference. */
typedef int proc_follow_fn(struct inode **out, const struct proc_node *node);
/* Find the first number >= *n in a directory; false at the end. */
typedef bool proc_next_fn(const struct proc_node *dir, int *n);
/* Store record `index` at an address aligned to 8 bytes; -ENXIO at the end. */
typedef int proc_record_fn(struct space *s, uint64_t index, void *record);

/*
 * A row.  Files about the memory of a process have of_space, record() or
 * proc_mem_ops: open() fails with -EACCES for threads that may not inspect the
 * process.  The open file refers to the program image at the time of open():
 * after the process has executed another program, or exited, the file is empty.
 */
struct proc_entry {
	const char *path; /* below /proc */
	uint32_t mode;
	proc_show_fn *show;	/* of a link: prints the result of readlink() */
	proc_write_fn *write;	/* NULL: open() for writing is -EACCES */
	void *arg;		/* for show() and write() */
	bool of_space;		/* show() gets the space */
	proc_follow_fn *follow; /* of a link; NULL: follow the text */
	proc_next_fn *next;	/* of a directory with a row "*" */
	/* A read() must begin and end at multiples of `size`, else -EINVAL. */
	proc_record_fn *record;
	size_t size;
	const struct file_ops *fops; /* NULL: a text, or records */
};

extern const struct proc_entry proc_table[];
extern const unsigned proc_rows;

/* ---- tree.c ---- */

struct proc_node proc_node(const struct inode *inode) nonnull;

/* ---- file.c ---- */

extern const struct file_ops proc_text_ops, proc_record_ops, proc_mem_ops;

/* Functions for a number: print or set the _Atomic uint64_t at entry->arg. */
proc_show_fn show_number;
proc_write_fn write_number;
/*
 * Parse a written text as a number below 2^63, decimal or hexadecimal behind
 * 0x, with or without a newline at the end.  False, with *value unchanged, for
 * any other text.
 */
bool proc_parse_number(const char *data, size_t n, uint64_t *value) nonnull;
/* Is the written text `word`, with or without a newline at the end? */
bool proc_is_word(const char *data, size_t n, const char *word) nonnull;

/* ---- pid.c: how procfs finds processes ---- */

proc_next_fn next_pid;
/*
 * Get the owner of the entries of /proc/<pid> or, if `top`, of that directory
 * itself.  False if the process no longer exists.
 */
bool pid_owner(pid_t pid, bool top, uint32_t *uid, uint32_t *gid) nonnull;
/*
 * Get the number of the image that the process executes now.  With `inside`,
 * only for threads that may inspect the process.  0; -EACCES, -ESRCH.
 */
int pid_image(pid_t pid, bool inside, uint64_t *image) nonnull must_check;
/*
 * The space of this image, with a reference; NULL if the process has exited or
 * executes another image.
 */
struct space *pid_space(pid_t pid, uint64_t image) must_check;

#endif
