/* SPDX-License-Identifier: MIT */
/*
 * core/files.h - the file layer of the core profile: a read-only root from an
 * initrd, pipes, the console and a few files of /proc.
 *
 * It stands in for fs/: it has the functions of the headers of fs/ that proc/
 * and syscall/ call.  There are no directories: a file is found by its whole
 * path.
 */
#ifndef CORE_FILES_H
#define CORE_FILES_H

#include "fs/file.h"
#include "fs/inode.h"
#include "kernel/mutex.h"
#include "mm/object.h"

#define PAGES_MOST (UINT64_C(1) << 18) /* of one object: 1 GiB */

/* A memory object with all of its pages in memory, core/pages.c. */
struct pages {
	struct memobj object;
	_Atomic uint32_t refs; /* [a] mappings, and the owner */
	struct mutex lock;     /* guards frames[] */
	uint64_t count;
	struct frame *frames[]; /* NULL: not accessed yet */
};

/*
 * Create an object of `count` zeroed pages, with one reference.  NULL if out of
 * memory or if count > PAGES_MOST.
 */
struct pages *pages_new(uint64_t count) must_check;
/* Copy `size` bytes to the start of a new object.  0 or -ENOMEM. */
int pages_store(struct pages *p, const void *data, uint64_t size) must_check;

/* A file of the core profile, found by its path. */
struct core_file {
	const char *path; /* [i] absolute */
	struct inode inode;
	struct pages *pages; /* [i] contents of a file of the initrd, or NULL */
	/* [i] A file of /proc: write the text into buf; return its length. */
	size_t (*text)(char *buf, size_t size);
	bool writable; /* [i] a write is accepted and has no effect */
};

/* The file with this path, or NULL.  The list does not change after boot. */
struct core_file *core_file_find(const char *path) nonnull;

extern const struct file_ops console_ops;  /* core/console.c */
extern struct core_file core_proc_files[]; /* core/proc.c; path NULL ends */

/* The superblock of every inode of the core profile: read-only. */
extern struct superblock core_sb;

#endif
