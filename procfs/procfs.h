/* SPDX-License-Identifier: MIT */
/*
 * procfs/procfs.h - how other folders register files in /proc.
 *
 * A file is a function that prints its whole text into a textbuf.  The text is
 * generated when a reader reads at position 0, and kept with the open file
 * until the next read at position 0.  The file's write callback gets all bytes
 * of one write() in one call.
 *
 * Files are registered at boot, before processes exist, and are never removed.
 * The callbacks run in process context and may sleep.
 */
#ifndef PROCFS_PROCFS_H
#define PROCFS_PROCFS_H

#include "fs/textbuf.h"
#include "lib/base.h"

struct file;
struct file_ops;
struct inode;
struct space;

#define PROC_WRITE_MAX 4096 /* a longer write() is -EINVAL */

/*
 * Register a file.  `path` is relative to /proc, as in "sys/vm/drop_caches";
 * missing directories are created.  show: 0 or -errno.  write: gets a
 * NUL-terminated copy of the n bytes written; 0 or -errno; NULL: the file
 * cannot be written.  Panics if the table of entries is full or has the path
 * already.
 */
void procfs_register_file(const char *path,
			  int (*show)(struct textbuf *out, void *arg),
			  int (*write)(const char *data, size_t n, void *arg),
			  void *arg);

/* A show() for a number: prints the _Atomic uint64_t at arg. */
int procfs_show_number(struct textbuf *out, void *arg);
/*
 * Parse a written text as a decimal number below 2^63, with or without a
 * newline at the end.  False, with *value unchanged, for any other text.
 */
bool procfs_parse_number(const char *data, size_t n, uint64_t *value) nonnull;

/* Is the written text `word`, with or without a newline at the end? */
bool procfs_is_word(const char *data, size_t n, const char *word) nonnull;

/*
 * Register a file in every /proc/<pid>.  show() and write() return -ESRCH if
 * the process no longer exists.  `mode`: permission bits, e.g. 0444.
 */
void
procfs_register_pid_file(const char *name, uint32_t mode,
			 int (*show)(struct textbuf *out, pid_t pid),
			 int (*write)(const char *data, size_t n, pid_t pid));

/*
 * Files about the memory of a process.  open() fails with -EACCES for threads
 * that may not inspect the process.  An open file refers to the program image
 * at the time of open(): after the process has executed another program, or
 * exited, the file reads as empty.
 */

/* Register a text file about the address space. */
void
procfs_register_pid_space(const char *name, uint32_t mode,
			  int (*show)(struct textbuf *out, struct space *s));

/*
 * Register a read-only file of records of `size` <= 64 bytes.  A read() starts
 * at a multiple of `size` and returns whole records.  get() stores record
 * `index` at an address aligned to 8 bytes; -ENXIO after the last record.
 */
void procfs_register_pid_records(const char *name, uint32_t mode, size_t size,
				 int (*get)(struct space *s, uint64_t index,
					    void *record));

/*
 * Register a file with its own operations; fops->open must be
 * procfs_open_space().  procfs_space() returns the space, with a reference, or
 * NULL.
 */
void procfs_register_pid_data(const char *name, uint32_t mode,
			      const struct file_ops *fops);
int procfs_open_space(struct file *f) nonnull must_check;
struct space *procfs_space(const struct file *f) nonnull must_check;

/*
 * Register a symbolic link in every /proc/<pid>.  text() prints the result of
 * readlink(); target() returns the inode to follow the link to, with a
 * reference, or an error; NULL: follow the text.
 */
void procfs_register_pid_link(const char *name,
			      int (*text)(struct textbuf *out, pid_t pid),
			      int (*target)(struct inode **out, pid_t pid));

/*
 * Register a directory of links with numbers as names, as /proc/<pid>/fd.
 * next() returns the first number >= *n; false at the end or if the process no
 * longer exists.  text() and target() are as for procfs_register_pid_link(),
 * for one number; -ENOENT if there is no such number.
 */
void
procfs_register_pid_numbers(const char *name, bool (*next)(pid_t pid, int *n),
			    int (*text)(struct textbuf *out, pid_t pid, int n),
			    int (*target)(struct inode **out, pid_t pid,
					  int n));

/* The callbacks with which procfs queries processes. */
struct procfs_processes {
	/* Find the first pid > after; false at the end. */
	bool (*next)(pid_t after, pid_t *out);
	/*
	 * Get the owner of the entries of /proc/<pid> or, if `top`, of that
	 * directory itself.  False if the process no longer exists.
	 */
	bool (*owner)(pid_t pid, bool top, uint32_t *uid, uint32_t *gid);
	/*
	 * Get the number of the image that the process executes now.  With
	 * `inside`, only for threads that may inspect the process.  0; -EACCES,
	 * -ESRCH.
	 */
	int (*image)(pid_t pid, bool inside, uint64_t *image);
	/* The space of this image, with a reference; NULL if freed. */
	struct space *(*space)(pid_t pid, uint64_t image);
};

/* Boot, once; *ops must stay valid.  Until then, /proc lists no process. */
void procfs_set_processes(const struct procfs_processes *ops) nonnull;

#endif
