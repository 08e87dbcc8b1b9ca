/*
 * fs/pipe.h - pipes and FIFOs.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "fs/vfs.h"

/*
 * Make a pipe: out[0] reads, out[1] writes, each with one reference.  flags:
 * O_NONBLOCK or 0.  0, -ENOMEM, or -ENFILE: the user's pipes are as many as
 * may be (fs/pipesize.h).  Process context.
 */
int pipe_create(unsigned flags, struct file *out[2]) must_check;

/* The capacity in bytes; -EBADF when f is neither pipe nor FIFO. */
int64_t pipe_size(struct file *f);

/*
 * Change it, to `size` rounded up to a power of two pages; the new capacity.
 * -EBADF as above; -EBUSY (more is inside), -EPERM (above the limits of
 * fs/pipesize.h), -EINVAL (above 2 GiB), -ENOMEM.
 */
int64_t pipe_resize(struct file *f, uint32_t size);

/*
 * The bytes of memory that one descriptor accounts for, of `refs` that name f:
 * the pages of its pipe, shared evenly by the open ends, and an end's part by
 * its descriptors.  0 if f is not a pipe.  Process context, may sleep.
 */
uint64_t pipe_share(struct file *f, uint32_t refs) nonnull;

/* For a FIFO's inode->fops. */
extern const struct file_ops fifo_file_ops;

#endif
