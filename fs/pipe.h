/* SPDX-License-Identifier: MIT */
/*
 * fs/pipe.h - pipes and FIFOs.
 *
 * A pipe or FIFO is a ring of pages between readers and writers; fifo_file_ops
 * has the operations of both.  The ring exists while an end is open.
 * pipe_create() makes the two files of pipe(2).  The other functions take an
 * open file on which the caller holds a reference; they run in process context.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "lib/base.h"

struct file;

/*
 * Make a pipe: out[0] reads, out[1] writes, each with one reference.  flags:
 * O_NONBLOCK or 0.  0, -ENOMEM, or -ENFILE (the user has reached the limit
 * of open files, or of pipe capacity: fs/pipesize.h).  Process context.
 */
int pipe_create(unsigned flags, struct file *out[2]) must_check;

/* The capacity in bytes; -EBADF when f is neither pipe nor FIFO. */
int64_t pipe_size(struct file *f);

/*
 * Change the capacity to `size`, rounded up to a power of two pages.  Returns
 * the new capacity; -EBADF if f is neither pipe nor FIFO; -EBUSY (the bytes in
 * the pipe do not fit), -EPERM (above the limits of fs/pipesize.h), -EINVAL
 * (above 2 GiB), -ENOMEM.
 */
int64_t pipe_resize(struct file *f, uint32_t size);

/*
 * The bytes of memory to attribute to one of the `refs` descriptors that refer
 * to f.  A pipe's pages are divided evenly among its open ends, and each end's
 * share among that end's descriptors.  0 if f is not a pipe.  Process context,
 * may sleep.
 */
uint64_t pipe_share(struct file *f, uint32_t refs) nonnull;

/* For a FIFO's inode->fops. */
extern const struct file_ops fifo_file_ops;

#endif
