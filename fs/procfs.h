/* SPDX-License-Identifier: MIT */
/*
 * fs/procfs.h - how other folders put files into /proc.
 *
 * A file is a function that prints its whole text into a textbuf.  The text is
 * made when a reader begins at position 0, and kept with the open file until
 * the reader begins there again.  Each write() is handed over as one piece.
 *
 * Files are registered at boot, before processes exist, and stay for ever.  The
 * callbacks run in process context and may sleep.
 */
#ifndef FS_PROCFS_H
#define FS_PROCFS_H

#include "fs/textbuf.h"
#include "lib/base.h"

struct file;
struct file_ops;
struct inode;
struct space;

#define PROC_WRITE_MAX 4096 /* more in one write() is -EINVAL */

/*
 * `path` is relative to /proc, as in "sys/vm/drop_caches"; directories on the
 * way are made.  show: 0 or -errno.  write: gets a NUL-terminated copy of what
 * was written, n bytes; 0 or -errno; NULL: the file cannot be written.  Panics
 * if the table of entries is full or has the path already.
 */
void procfs_register_file(const char *path,
			  int (*show)(struct textbuf *out, void *arg),
			  int (*write)(const char *data, size_t n, void *arg),
			  void *arg);

/* A show() for a number: prints the _Atomic uint64_t at arg. */
int procfs_show_number(struct textbuf *out, void *arg);
/*
 * Parse a written text as a decimal number that fits into 63 bits, with or
 * without a newline at the end.  False, with *value untouched: it is not such a
 * number.
 */
bool procfs_parse_number(const char *data, size_t n, uint64_t *value) nonnull;

/* Is the written text `word`, with or without a newline at the end? */
bool procfs_is_word(const char *data, size_t n, const char *word) nonnull;

/*
 * A file in every /proc/<pid>.  show and write return -ESRCH when the process
 * has gone.  `mode`: permission bits, e.g. 0444.
 */
void
procfs_register_pid_file(const char *name, uint32_t mode,
			 int (*show)(struct textbuf *out, pid_t pid),
			 int (*write)(const char *data, size_t n, pid_t pid));

/*
 * Files about the memory of a process.  Opening one fails with -EACCES for
 * threads that may not look into the process.  An open file belongs to the
 * image of that moment: after the process has executed another program, or
 * ended, the file reads as empty.
 */

/* A text about the address space. */
void
procfs_register_pid_space(const char *name, uint32_t mode,
			  int (*show)(struct textbuf *out, struct space *s));

/*
 * A file of records of `size` <= 64 bytes: read-only, in whole records, from a
 * multiple of `size` on.  get() stores record `index` at an address aligned to
 * 8 bytes; -ENXIO after the last record.
 */
void procfs_register_pid_records(const char *name, uint32_t mode, size_t size,
				 int (*get)(struct space *s, uint64_t index,
					    void *record));

/*
 * A file with operations of its own; fops->open must be procfs_open_space().
 * procfs_space() returns the space, with a reference, or NULL.
 */
void procfs_register_pid_data(const char *name, uint32_t mode,
			      const struct file_ops *fops);
int procfs_open_space(struct file *f) nonnull must_check;
struct space *procfs_space(const struct file *f) nonnull must_check;

/*
 * A symbolic link in every /proc/<pid>: text() prints what readlink shows;
 * target() gives what following it reaches, with a reference, or an error;
 * NULL: the text is followed.
 */
void procfs_register_pid_link(const char *name,
			      int (*text)(struct textbuf *out, pid_t pid),
			      int (*target)(struct inode **out, pid_t pid));

/*
 * /proc/<pid>/fd and the like: a directory of links named by numbers.  next():
 * the first number >= *n; false at the end or when the process has gone.  text
 * and target as for procfs_register_pid_link(), for one number; -ENOENT if
 * there is no such number.
 */
void
procfs_register_pid_numbers(const char *name, bool (*next)(pid_t pid, int *n),
			    int (*text)(struct textbuf *out, pid_t pid, int n),
			    int (*target)(struct inode **out, pid_t pid,
					  int n));

/* What procfs asks about processes. */
struct procfs_processes {
	/* The first pid > after; false at the end. */
	bool (*next)(pid_t after, pid_t *out);
	/*
	 * The owner of the entries of /proc/<pid> or, if `top`, of that
	 * directory itself.  False when the process has gone.
	 */
	bool (*owner)(pid_t pid, bool top, uint32_t *uid, uint32_t *gid);
	/*
	 * The number of the image that the process executes now.  If `inside`,
	 * only for threads that may look into the process.  0; -EACCES, -ESRCH.
	 */
	int (*image)(pid_t pid, bool inside, uint64_t *image);
	/* The space of this image with a reference; NULL when it has gone. */
	struct space *(*space)(pid_t pid, uint64_t image);
};

/* Boot, once; the table is kept.  Before that, /proc has no processes. */
void procfs_set_processes(const struct procfs_processes *ops) nonnull;

/* A write to /proc/sys/kernel/hostname and uname(2) use the same name. */
void system_set_hostname(const char *name, size_t n);
const char *system_hostname(void);

#endif
