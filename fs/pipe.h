/*
 * fs/pipe.h - pipes and FIFOs.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "fs/vfs.h"

/*
 * Make a pipe: out[0] reads, out[1] writes, each with one reference.  flags:
 * O_NONBLOCK or 0.  0 or -ENOMEM.  Process context.
 */
int pipe_create(unsigned flags, struct file *out[2]) must_check;

/*
 * The capacity in bytes; size > 0 changes it first, to that rounded up to a
 * power of two pages.  -EBADF when f is neither pipe nor FIFO; -EBUSY (more
 * is inside), -EPERM (above 1 MiB), -ENOMEM.
 */
int64_t pipe_resize(struct file *f, uint64_t size);

/* For a FIFO's inode->fops. */
extern const struct file_ops fifo_file_ops;

#endif
