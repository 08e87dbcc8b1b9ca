/* SPDX-License-Identifier: MIT */
/*
 * core/pipe.c - pipes of the core profile: a ring of one page.
 *
 * Each pipe has a lock, a queue of threads that wait for it, and counts of its
 * open ends.  Even a write of at most PIPE_SIZE bytes is not atomic.  A write
 * to a pipe without readers sends SIGPIPE, which kills the process, and fails
 * with -EPIPE.
 */
#include "core/files.h"
#include "fs/current.h"
#include "fs/pipe.h"
#include "kernel/wait.h"
#include "lib/errno.h"
#include "lib/signo.h"
#include "mm/slab.h"

#define PIPE_SIZE 4096u

struct pipe {
	struct mutex lock;
	struct waitq changed;
	unsigned ends[2];      /* [lock] open ends: 0 reads, 1 writes */
	_Atomic unsigned refs; /* [a] files that use the pipe */
	uint32_t head, used;   /* [lock] of the ring */
	char bytes[PIPE_SIZE];
};

static struct inode pipe_inode = { .mode = S_IFIFO | 0600,
				   .sb = &core_sb,
				   .refs = 1 };

/*
 * Is there a byte for a reader, room for a writer, or no other end?  Without
 * p->lock, the answer may change at once.
 */
static bool
is_ready(const struct pipe *p, bool reader)
{
	return reader ? p->used > 0 || p->ends[1] == 0
		      : p->used < PIPE_SIZE || p->ends[0] == 0;
}

/*
 * Wait until the pipe has bytes for a reader or room for a writer, or its other
 * end is closed.  0: the caller must unlock p.  -EAGAIN or -ERESTARTSYS: p is
 * not to be unlocked.
 */
static int
pipe_wait(struct pipe *p, const struct file *f, bool reader)
{
	int err;

	for (;;) {
		mutex_lock(&p->lock);
		if (is_ready(p, reader))
			return 0;
		mutex_unlock(&p->lock);
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_signals(&p->changed, is_ready(p, reader));
		if (err != 0)
			return err;
	}
}

static ssize_t
pipe_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct pipe *p = f->priv;
	ssize_t n = 0;
	int err = b->left == 0 ? 0 : pipe_wait(p, f, true);

	if (err != 0 || b->left == 0)
		return err;
	if (p->used > 0) {
		n = iobuf_put(b, p->bytes + p->head,
			      MIN(MIN(b->left, p->used), PIPE_SIZE - p->head));
		if (n > 0) {
			p->head = (p->head + (uint32_t)n) % PIPE_SIZE;
			p->used -= (uint32_t)n;
		}
	}
	mutex_unlock(&p->lock);
	waitq_wake_all(&p->changed);
	return n;
}

static ssize_t
pipe_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct pipe *p = f->priv;
	ssize_t done = 0, n = 0;
	uint32_t tail;

	while (b->left > 0 && n >= 0) {
		n = pipe_wait(p, f, false);
		if (n != 0)
			break;
		tail = (p->head + p->used) % PIPE_SIZE;
		if (p->ends[0] == 0)
			n = -EPIPE;
		else
			n = iobuf_take(b, p->bytes + tail,
				       MIN(MIN(b->left, PIPE_SIZE - p->used),
					   PIPE_SIZE - tail));
		if (n > 0) {
			p->used += (uint32_t)n;
			done += n;
		}
		mutex_unlock(&p->lock);
		waitq_wake_all(&p->changed);
	}
	if (n == -EPIPE)
		current_signal(SIGPIPE);
	return done > 0 ? done : n;
}

static void
pipe_release(struct file *f)
{
	struct pipe *p = f->priv;

	mutex_lock(&p->lock);
	p->ends[(f->mode & FILE_WRITE) != 0]--;
	mutex_unlock(&p->lock);
	waitq_wake_all(&p->changed);
	/* Last, because mutex_unlock() and the wake-up still use the pipe. */
	if (atomic_fetch_sub(&p->refs, 1) == 1)
		kfree(p);
}

static const struct file_ops pipe_ops = { .read = pipe_read,
					  .write = pipe_write,
					  .release = pipe_release };

int
pipe_create(unsigned flags, struct file *out[2])
{
	struct pipe *p = kzalloc(sizeof(*p));
	int err;

	if (p == NULL)
		return -ENOMEM;
	mutex_init(&p->lock, LOCK_PIPE);
	waitq_init(&p->changed);
	err = file_create(&pipe_inode, &pipe_ops, O_RDONLY | flags, &out[0]);
	if (err == 0) {
		err = file_create(&pipe_inode, &pipe_ops, O_WRONLY | flags,
				  &out[1]);
		if (err != 0)
			file_free(out[0]);
	}
	if (err != 0) {
		kfree(p);
		return err;
	}
	out[0]->priv = out[1]->priv = p;
	p->ends[0] = p->ends[1] = 1;
	p->refs = 2;
	return 0;
}
