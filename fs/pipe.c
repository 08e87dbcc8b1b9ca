/* SPDX-License-Identifier: MIT */
/*
 * fs/pipe.c - pipes and FIFOs: a byte stream from writers to readers.
 *
 * The bytes are in a ring of pages; a page is allocated at the first write to
 * it and freed with the ring.  An empty pipe starts at its first page again, so
 * short transfers touch one page and allocate nothing.  pipe->lock, a mutex,
 * guards the ring; user memory may fault under it.  A thread that sleeps reads
 * the counters without the lock, and again with the lock after it wakes.
 *
 * Data is copied directly between a page and the program, in pieces within one
 * page.  If a copy faults, no byte of that piece is transferred: -EFAULT if it
 * was the first.  A write of at most PIPE_BUF bytes is atomic.  When memory is
 * short, a write returns the bytes transferred so far, or -ENOMEM.
 */
#include "fs/pipe.h"

#include "fs/current.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/pipesize.h"
#include "fs/poll.h"
#include "kernel/thread.h"
#include "lib/signo.h"
#include "mm/access.h"
#include "mm/commit.h"
#include "mm/slab.h"
#include "mm/user.h"

#define PIPE_BUF 4096u

struct pipe {
	struct mutex lock;
	char **pages;	       /* [lock] ring; NULL: no page yet */
	uint32_t page_count;   /* [lock] a power of two */
	struct user *user;     /* [i] charged for the ring; a reference */
	_Atomic uint64_t ends; /* [lock to write] tail:head, in one load */
	_Atomic uint32_t readers, writers;   /* [a] open files */
	_Atomic uint32_t opened_r, opened_w; /* [a] total opens, for FIFOs */
	uint32_t users; /* [inode->lock] open files of the pipe or FIFO */
	struct waitq read_waitq;
	struct waitq write_waitq;
	char *first_pages[PIPE_PAGES];
};

/* Owns the inodes of pipe(2); [a] set once. */
static struct superblock *_Atomic pipe_sb;
static _Atomic uint64_t pipe_count; /* for inode numbers */

/* Make an empty pipe for the current thread's user: 0, -ENFILE or -ENOMEM. */
static int
pipe_alloc(struct pipe **out)
{
	struct user *u = thread_current()->user;
	uint32_t pages = pipe_charge_new(u);
	struct pipe *p;

	if (pages == 0)
		return -ENFILE;
	p = kzalloc(sizeof(*p));
	if (p == NULL) {
		pipe_uncharge(u, pages);
		return -ENOMEM;
	}
	mutex_init(&p->lock, LOCK_PIPE);
	waitq_init(&p->read_waitq);
	waitq_init(&p->write_waitq);
	p->pages = p->first_pages;
	p->page_count = pages;
	p->user = user_get(u);
	*out = p;
	return 0;
}

/* Allocate a page of a ring.  It is charged to commit until it is freed. */
static char *
page_new(void)
{
	char *page;

	if (commit_charge(1) != 0)
		return NULL;
	page = kmalloc(PAGE_SIZE);
	if (page == NULL)
		commit_release(1);
	return page;
}

/* Free the ring and all pages in it. */
static void
ring_free(struct pipe *p)
{
	for (uint32_t i = 0; i < p->page_count; i++) {
		if (p->pages[i] == NULL)
			continue;
		kfree(p->pages[i]);
		commit_release(1);
	}
	if (p->pages != p->first_pages)
		kfree(p->pages);
}

static void
pipe_free(struct pipe *p)
{
	if (p == NULL)
		return;
	assert(waitq_unused(&p->read_waitq) && waitq_unused(&p->write_waitq));
	ring_free(p);
	pipe_uncharge(p->user, p->page_count);
	user_put(p->user);
	kfree(p);
}

/* A relaxed load: pipe->lock, or joining the wait queue, orders it. */
static inline uint64_t
pipe_ends(const struct pipe *p)
{
	return atomic_load_explicit(&((struct pipe *)(uintptr_t)p)->ends,
				    memory_order_relaxed);
}

static inline uint32_t
pipe_head(const struct pipe *p)
{
	return (uint32_t)pipe_ends(p);
}

static inline uint32_t
pipe_tail(const struct pipe *p)
{
	return (uint32_t)(pipe_ends(p) >> 32);
}

static inline void
pipe_set_ends(struct pipe *p, uint32_t head, uint32_t tail)
{
	requires_lock(&p->lock);
	atomic_store_explicit(&p->ends, (uint64_t)tail << 32 | head,
			      memory_order_relaxed);
}

static inline uint32_t
pipe_used(const struct pipe *p)
{
	uint64_t ends = pipe_ends(p);

	return (uint32_t)(ends >> 32) - (uint32_t)ends;
}

/* A page is free only when all its bytes are read, so round head down. */
static inline uint32_t
pipe_room(const struct pipe *p)
{
	uint64_t ends = pipe_ends(p);
	uint32_t from = ROUND_DOWN((uint32_t)ends, (uint32_t)PAGE_SIZE);

	return p->page_count * (uint32_t)PAGE_SIZE -
	       ((uint32_t)(ends >> 32) - from);
}

static char **
page_slot(struct pipe *p, uint32_t pos)
{
	return &p->pages[pos >> PAGE_SHIFT & (p->page_count - 1)];
}

/* ---- reading ---- */

static ssize_t
copy_out(struct pipe *p, struct iobuf *b)
{
	ssize_t done = 0, n;

	while (b->left > 0 && pipe_used(p) > 0) {
		uint32_t head = pipe_head(p), at = head & PAGE_MASK;
		size_t want = MIN(pipe_used(p), (uint32_t)PAGE_SIZE - at);

		want = MIN(want, b->left);
		n = iobuf_put(b, *page_slot(p, head) + at, want);
		if (n != (ssize_t)want)
			return done > 0 ? done : -EFAULT;
		done += n;
		pipe_set_ends(p, head + (uint32_t)n, pipe_tail(p));
	}
	if (pipe_used(p) == 0)
		pipe_set_ends(p, 0, 0);
	return done;
}

/* Wait until the pipe has bytes or has no writer. */
static int
wait_for_bytes(struct file *f, struct pipe *p)
{
	if (f->flags & O_NONBLOCK)
		return p->writers == 0 ? 0 : -EAGAIN;
	return wait_event_signals(&p->read_waitq,
				  pipe_used(p) > 0 || p->writers == 0);
}

static ssize_t
pipe_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct pipe *p = f->inode->pipe;
	bool was_full, over;
	ssize_t n;
	int err;

	if (b->left == 0)
		return 0;
	for (;;) {
		err = pipe_used(p) == 0 ? wait_for_bytes(f, p) : 0;
		if (err != 0)
			return err;
		mutex_lock(&p->lock);
		if (pipe_used(p) > 0)
			break;
		/* Another reader took the bytes, or the last writer closed. */
		over = p->writers == 0;
		mutex_unlock(&p->lock);
		if (over)
			return 0;
	}
	was_full = pipe_room(p) < PIPE_BUF;
	n = copy_out(p, b);
	/* Writers block only while there is less room than PIPE_BUF. */
	was_full = was_full && pipe_room(p) >= PIPE_BUF;
	mutex_unlock(&p->lock);
	if (was_full)
		waitq_wake_all(&p->write_waitq);
	return n;
}

/* ---- writing ---- */

/* Copy the bytes that fit.  If fewer than `need` fit, copy none: -errno. */
static ssize_t
copy_in(struct pipe *p, struct iobuf *b, uint32_t need)
{
	uint32_t start = pipe_tail(p), tail = start, room = pipe_room(p);
	ssize_t err = 0;

	while (b->left > 0 && room > 0) {
		uint32_t at = tail & PAGE_MASK;
		size_t want = MIN(room, (uint32_t)PAGE_SIZE - at);
		char **slot = page_slot(p, tail);

		want = MIN(want, b->left);
		if (*slot == NULL && (*slot = page_new()) == NULL)
			err = -ENOMEM;
		else if (iobuf_take(b, *slot + at, want) != (ssize_t)want)
			err = -EFAULT;
		if (err != 0)
			break;
		tail += (uint32_t)want;
		room -= (uint32_t)want;
	}
	if (tail - start < need)
		return err;
	pipe_set_ends(p, pipe_head(p), tail);
	return (ssize_t)(tail - start);
}

static ssize_t
broken_pipe(ssize_t done)
{
	if (done > 0)
		return done;
	current_signal(SIGPIPE);
	return -EPIPE;
}

static ssize_t
pipe_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct pipe *p = f->inode->pipe;
	uint32_t need = b->left <= PIPE_BUF ? (uint32_t)b->left : 1;
	ssize_t done = 0, n;
	size_t wanted;
	int err;

	while (b->left > 0) {
		mutex_lock(&p->lock);
		if (p->readers == 0) {
			mutex_unlock(&p->lock);
			return broken_pipe(done);
		}
		wanted = MIN(b->left, pipe_room(p));
		n = pipe_room(p) < need ? 0 : copy_in(p, b, need);
		mutex_unlock(&p->lock);
		if (n < 0)
			return done > 0 ? done : n;
		if (n > 0) {
			done += n;
			waitq_wake_all(&p->read_waitq);
			if ((size_t)n < wanted)
				break; /* user memory faulted */
			continue;
		}
		if (f->flags & O_NONBLOCK)
			return done > 0 ? done : -EAGAIN;
		err = wait_event_signals(&p->write_waitq,
					 pipe_room(p) >= need ||
						 p->readers == 0);
		if (err != 0)
			return done > 0 ? done : err;
	}
	return done;
}

/* ---- poll, ioctl, open, release ---- */

static unsigned
pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->inode->pipe;
	unsigned mask = 0;

	if (f->mode & FILE_READ) {
		poll_wait(&p->read_waitq, pt);
		if (pipe_used(p) > 0)
			mask |= POLLIN | POLLRDNORM;
		if (p->writers == 0 && p->opened_w > 0)
			mask |= POLLHUP;
	}
	if (f->mode & FILE_WRITE) {
		poll_wait(&p->write_waitq, pt);
		if (pipe_room(p) >= PIPE_BUF)
			mask |= POLLOUT | POLLWRNORM;
		if (p->readers == 0)
			mask |= POLLERR;
	}
	return mask;
}

static int64_t
pipe_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	int32_t used;

	if (cmd != FIONREAD)
		return -ENOTTY;
	used = (int32_t)pipe_used(f->inode->pipe);
	return copy_to_user(arg, &used, sizeof(used));
}

static int
pipe_fsync(struct file *f)
{
	return -EINVAL;
}

static void
pipe_leave(struct pipe *p, unsigned mode)
{
	if (mode & FILE_READ)
		atomic_fetch_sub(&p->readers, 1);
	if (mode & FILE_WRITE)
		atomic_fetch_sub(&p->writers, 1);
	waitq_wake_all(&p->read_waitq);
	waitq_wake_all(&p->write_waitq);
}

static void
pipe_enter(struct pipe *p, unsigned mode)
{
	if (mode & FILE_READ) {
		atomic_fetch_add(&p->readers, 1);
		atomic_fetch_add(&p->opened_r, 1);
	}
	if (mode & FILE_WRITE) {
		atomic_fetch_add(&p->writers, 1);
		atomic_fetch_add(&p->opened_w, 1);
	}
	waitq_wake_all(&p->read_waitq);
	waitq_wake_all(&p->write_waitq);
}

/* Drop one opening of the pipe; the last one frees it. */
static void
fifo_unuse(struct inode *inode)
{
	struct pipe *gone = NULL;

	mutex_lock(&inode->lock);
	if (--inode->pipe->users == 0) {
		gone = inode->pipe;
		inode->pipe = NULL;
	}
	mutex_unlock(&inode->lock);
	pipe_free(gone);
}

static void
pipe_release(struct file *f)
{
	pipe_leave(f->inode->pipe, f->mode);
	fifo_unuse(f->inode);
}

/*
 * Count this opening and wait for the other end, as POSIX requires of open(2).
 * opened_r and opened_w also end the wait if the other end opens and closes
 * again.  If the other end was open before, do not wait: it may have waited for
 * this end and closed since.  A pipe of pipe(2), opened through /proc/<pid>/fd,
 * may have lost its other end for good: do not wait, as on Linux.
 */
static int
fifo_enter(struct file *f, struct pipe *p)
{
	uint32_t seen_r = p->opened_r, seen_w = p->opened_w;
	bool reader = p->readers > 0, writer = p->writers > 0;
	unsigned access = f->mode & (FILE_READ | FILE_WRITE);

	pipe_enter(p, access);
	if (f->inode->sb == atomic_load(&pipe_sb))
		return 0;
	if (access == FILE_READ && !writer && !(f->flags & O_NONBLOCK))
		return wait_event_signals(&p->read_waitq,
					  p->writers > 0 ||
						  p->opened_w != seen_w);
	if (access != FILE_WRITE || reader || p->readers > 0)
		return 0;
	if (f->flags & O_NONBLOCK)
		return -ENXIO;
	return wait_event_signals(&p->write_waitq,
				  p->readers > 0 || p->opened_r != seen_r);
}

static int
fifo_open(struct file *f)
{
	struct inode *inode = f->inode;
	struct pipe *p;
	int err = 0;

	mutex_lock(&inode->lock);
	if (inode->pipe == NULL)
		err = pipe_alloc(&inode->pipe);
	p = inode->pipe;
	if (p != NULL)
		p->users++;
	mutex_unlock(&inode->lock);
	if (p == NULL)
		return err;
	err = fifo_enter(f, p);
	if (err != 0)
		pipe_release(f);
	return err;
}

const struct file_ops fifo_file_ops = {
	.open = fifo_open,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.fsync = pipe_fsync,
	.release = pipe_release,
};

/* ---- pipefs: the superblock and inodes of pipe(2) ---- */

static struct inode *
pipe_alloc_inode(struct superblock *sb)
{
	return kzalloc(sizeof(struct inode));
}

static void
pipe_free_inode(struct inode *inode)
{
	kfree(inode);
}

static int
pipe_statfs(struct superblock *sb, struct fs_usage *u)
{
	*u = (struct fs_usage){ .type = 0x50495045, .block_size = PAGE_SIZE };
	return 0;
}

static const struct super_ops pipe_super_ops = {
	.alloc_inode = pipe_alloc_inode,
	.free_inode = pipe_free_inode,
	.statfs = pipe_statfs,
};
static const struct inode_ops pipe_inode_ops = { .setattr = NULL };
/* The superblock's type name; pipefs is not registered, so not mountable. */
static const struct filesystem pipe_filesystem = { .name = "pipefs" };

/* Get the superblock, allocated for the first pipe; NULL: no memory. */
static struct superblock *
pipe_sb_get(void)
{
	static struct mutex lock = MUTEX_INIT(lock, LOCK_PIPE_FS);
	struct superblock *sb = atomic_load(&pipe_sb);

	if (likely(sb != NULL))
		return sb;
	mutex_lock(&lock);
	sb = atomic_load(&pipe_sb);
	if (sb == NULL) {
		sb = sb_alloc(&pipe_filesystem, &pipe_super_ops, NULL,
			      SB_NOCACHE);
		atomic_store(&pipe_sb, sb);
	}
	mutex_unlock(&lock);
	return sb;
}

static int
pipe_inode_create(struct inode **out)
{
	struct inode_attr attr = { .mode = S_IFIFO | 0600 };
	struct superblock *sb = pipe_sb_get();
	struct inode *inode;
	struct pipe *p;
	int err;

	if (sb == NULL)
		return -ENOMEM;
	err = pipe_alloc(&p);
	if (err != 0)
		return err;
	attr.uid = thread_current()->cred.fsuid;
	attr.gid = thread_current()->cred.fsgid;
	inode = inode_new(sb, atomic_fetch_add(&pipe_count, 1) + 1, &attr);
	if (inode == NULL) {
		pipe_free(p);
		return -ENOMEM;
	}
	inode->ops = &pipe_inode_ops;
	inode->fops = &fifo_file_ops;
	inode->pipe = p;
	p->users = 2;
	inode_add(inode);
	*out = inode;
	return 0;
}

int
pipe_create(unsigned flags, struct file *out[2])
{
	struct inode *inode;
	int err = pipe_inode_create(&inode);

	if (err != 0)
		return err;
	err = file_create(inode, &fifo_file_ops, O_RDONLY | flags, &out[0]);
	if (err != 0)
		goto no_reader;
	err = file_create(inode, &fifo_file_ops, O_WRONLY | flags, &out[1]);
	if (err != 0)
		goto no_writer;
	inode_get(inode);
	pipe_enter(inode->pipe, FILE_READ | FILE_WRITE);
	return 0;

no_writer:
	/* The file was never opened, so release() must not run. */
	file_free(out[0]);
no_reader:
	pipe_free(inode->pipe);
	inode->pipe = NULL;
	inode_put(inode);
	return err;
}

/* ---- capacity ---- */

/* Move the pages with bytes to a new ring, and free the old ring. */
static void
pipe_set_ring(struct pipe *p, char **pages, uint32_t count)
{
	uint32_t from = pipe_head(p) >> PAGE_SHIFT;
	uint32_t n = ((pipe_head(p) & PAGE_MASK) + pipe_used(p) + PAGE_MASK) >>
		     PAGE_SHIFT;

	requires_lock(&p->lock);
	for (uint32_t i = from; i < from + n; i++) {
		pages[i & (count - 1)] = p->pages[i & (p->page_count - 1)];
		p->pages[i & (p->page_count - 1)] = NULL;
	}
	ring_free(p);
	p->pages = pages;
	p->page_count = count;
}

/* Replace the ring by one of `count` pages. */
static int
change_ring(struct pipe *p, uint32_t count)
{
	uint32_t old = p->page_count, most = MAX(old, count);
	char **pages = NULL;
	int err = pipe_charge_more(p->user, most - old, count);

	if (err != 0)
		return err;
	/* If the first byte lies inside a page, that whole page is needed. */
	if ((pipe_head(p) & PAGE_MASK) + pipe_used(p) > count * PAGE_SIZE)
		err = -EBUSY;
	else if (count <= PIPE_PAGES_MOST)
		pages = kzalloc(count * sizeof(*pages));
	if (pages == NULL) {
		pipe_uncharge(p->user, most - old);
		return err != 0 ? err : -ENOMEM;
	}
	pipe_set_ring(p, pages, count);
	pipe_uncharge(p->user, most - count);
	return 0;
}

int64_t
pipe_size(struct file *f)
{
	if (f->ops != &fifo_file_ops)
		return -EBADF;
	return (int64_t)(f->inode->pipe->page_count * PAGE_SIZE);
}

int64_t
pipe_resize(struct file *f, uint32_t size)
{
	struct pipe *p = f->inode->pipe;
	uint32_t count = 1;
	int err;

	if (f->ops != &fifo_file_ops)
		return -EBADF;
	if (size > UINT32_C(1) << 31)
		return -EINVAL;
	while (count * PAGE_SIZE < size)
		count *= 2;
	mutex_lock(&p->lock);
	err = change_ring(p, count);
	mutex_unlock(&p->lock);
	waitq_wake_all(&p->write_waitq);
	return err != 0 ? err : (int64_t)(count * PAGE_SIZE);
}

uint64_t
pipe_share(struct file *f, uint32_t refs)
{
	struct pipe *p = f->inode->pipe;
	uint64_t pages = 0, ends, mine;

	if (f->ops != &fifo_file_ops)
		return 0;
	mutex_lock(&p->lock);
	for (uint32_t i = 0; i < p->page_count; i++)
		pages += p->pages[i] != NULL;
	ends = p->readers + p->writers;
	mutex_unlock(&p->lock);
	mine = !!(f->mode & FILE_READ) + !!(f->mode & FILE_WRITE);
	if (ends < mine || refs == 0)
		return 0; /* f is being closed */
	return pages * PAGE_SIZE * mine / (ends * refs);
}
