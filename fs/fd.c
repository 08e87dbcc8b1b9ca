/*
 * fs/fd.c - descriptor tables and directory contexts.
 *
 * The table's spin lock covers lookups and changes; files are closed after it
 * is released, because closing may sleep.  A table grows by doubling and never
 * shrinks; when memory is short the descriptor is not made (-ENOMEM).
 */
#include "fs/fd.h"

#include "fs/current.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/slab.h"

#define BITS 64u

struct fdtable *
fdtable_create(void)
{
	struct fdtable *t = kzalloc(sizeof(*t));

	if (t == NULL)
		return NULL;
	spin_init(&t->lock, LOCK_FDS);
	t->refs = 1;
	t->capacity = FD_INLINE;
	t->files = t->inline_files;
	t->cloexec = t->inline_cloexec;
	return t;
}

/* FD_MAX pointers are the largest block kmalloc() has: the bits are apart. */
static size_t
bits_size(unsigned capacity)
{
	return (capacity + BITS - 1) / BITS * sizeof(uint64_t);
}

static void
arrays_free(struct fdtable *t)
{
	if (t->files == t->inline_files)
		return;
	kfree(t->files);
	kfree(t->cloexec);
}

/*
 * Make room for descriptor `fd` < FD_MAX.  Called without the lock, which is
 * taken only to swap the arrays.
 */
static int
grow(struct fdtable *t, unsigned fd)
{
	unsigned capacity = FD_INLINE * 2;
	struct file **files, **old_files;
	uint64_t *bits, *old_bits;

	while (capacity <= fd)
		capacity *= 2;
	files = kzalloc(capacity * sizeof(*files));
	bits = kzalloc(bits_size(capacity));
	if (files == NULL || bits == NULL) {
		kfree(files);
		kfree(bits);
		return -ENOMEM;
	}
	spin_lock(&t->lock);
	old_files = files;
	old_bits = bits;
	if (t->capacity < capacity) {
		memcpy(files, t->files, t->capacity * sizeof(*files));
		memcpy(bits, t->cloexec, bits_size(t->capacity));
		old_files = t->files == t->inline_files ? NULL : t->files;
		old_bits = old_files == NULL ? NULL : t->cloexec;
		t->files = files;
		t->cloexec = bits;
		t->capacity = capacity;
	}
	spin_unlock(&t->lock);
	kfree(old_files);
	kfree(old_bits);
	return 0;
}

struct fdtable *
fdtable_clone(struct fdtable *t)
{
	struct fdtable *copy = fdtable_create();
	unsigned end;

	if (copy == NULL)
		return NULL;
	for (;;) {
		spin_lock(&t->lock);
		end = t->used_end;
		if (end <= copy->capacity)
			break;
		spin_unlock(&t->lock);
		if (grow(copy, end - 1) != 0) {
			fdtable_put(copy);
			return NULL;
		}
	}
	for (unsigned fd = 0; fd < end; fd++) {
		if (t->files[fd] != NULL)
			copy->files[fd] = file_get(t->files[fd]);
	}
	memcpy(copy->cloexec, t->cloexec, bits_size(end));
	copy->used_end = end;
	spin_unlock(&t->lock);
	return copy;
}

struct fdtable *
fdtable_get(struct fdtable *t)
{
	atomic_fetch_add(&t->refs, 1);
	return t;
}

static void
set_cloexec(struct fdtable *t, unsigned fd, bool on)
{
	uint64_t bit = UINT64_C(1) << fd % BITS;

	if (on)
		t->cloexec[fd / BITS] |= bit;
	else
		t->cloexec[fd / BITS] &= ~bit;
}

/* Take the file out of its slot; lock held. */
static struct file *
remove_fd(struct fdtable *t, unsigned fd)
{
	struct file *f;

	if (fd >= t->used_end)
		return NULL;
	f = t->files[fd];
	t->files[fd] = NULL;
	set_cloexec(t, fd, false);
	while (t->used_end > 0 && t->files[t->used_end - 1] == NULL)
		t->used_end--;
	return f;
}

void
fdtable_put(struct fdtable *t)
{
	if (atomic_fetch_sub(&t->refs, 1) != 1)
		return;
	for (unsigned fd = 0; fd < t->used_end; fd++) {
		if (t->files[fd] != NULL)
			file_put(t->files[fd]);
	}
	arrays_free(t);
	kfree(t);
}

/* Close what is in [first, last] and, if only_cloexec, marked. */
static void
close_some(struct fdtable *t, unsigned first, unsigned last, bool only_cloexec)
{
	struct file *f;

	for (unsigned fd = first; fd <= last && fd < t->used_end; fd++) {
		spin_lock(&t->lock);
		f = NULL;
		if (fd < t->used_end &&
		    (!only_cloexec || (t->cloexec[fd / BITS] >> fd % BITS & 1)))
			f = remove_fd(t, fd);
		spin_unlock(&t->lock);
		if (f != NULL)
			file_put(f);
	}
}

void
fdtable_close_on_exec(struct fdtable *t)
{
	close_some(t, 0, FD_MAX, true);
}

struct file *
fdtable_next(struct fdtable *t, int *fd)
{
	struct file *f = NULL;
	unsigned i = *fd < 0 ? 0 : (unsigned)*fd;

	spin_lock(&t->lock);
	for (; i < t->used_end && f == NULL; i++) {
		f = t->files[i];
		if (f != NULL) {
			file_get(f);
			*fd = (int)i;
		}
	}
	spin_unlock(&t->lock);
	return f;
}

/* The file in a slot, with a reference; the table cannot change meanwhile. */
static struct file *
get_locked(struct fdtable *t, unsigned fd)
{
	if (fd >= t->used_end || t->files[fd] == NULL)
		return NULL;
	return file_get(t->files[fd]);
}

struct file *
fd_get(int fd)
{
	struct fdtable *t = current_fdtable();
	struct file *f = NULL;

	if (t == NULL || fd < 0)
		return NULL;
	/*
	 * A table with one user is changed by nobody but the current thread;
	 * who looks at it from outside takes a reference and only reads.
	 */
	if (atomic_load_explicit(&t->refs, memory_order_acquire) == 1)
		return get_locked(t, (unsigned)fd);
	spin_lock(&t->lock);
	f = get_locked(t, (unsigned)fd);
	spin_unlock(&t->lock);
	return f;
}

static unsigned
fd_limit(void)
{
	return (unsigned)MIN(current_nofile_limit(), (uint64_t)FD_MAX);
}

/* The lowest free number >= min, with the lock; or an error, without. */
static int
find_free(struct fdtable *t, int min)
{
	unsigned limit = fd_limit(), fd;
	int err;

	if (min < 0 || (unsigned)min >= limit)
		return min == 0 ? -EMFILE : -EINVAL;
	for (;;) {
		spin_lock(&t->lock);
		fd = (unsigned)min;
		while (fd < t->used_end && t->files[fd] != NULL)
			fd++;
		if (fd >= limit) {
			spin_unlock(&t->lock);
			return -EMFILE;
		}
		if (fd < t->capacity)
			return (int)fd;
		spin_unlock(&t->lock);
		err = grow(t, fd);
		if (err != 0)
			return err;
	}
}

int
fd_room(void)
{
	struct fdtable *t = current_fdtable();
	int fd = find_free(t, 0);

	if (fd < 0)
		return fd;
	spin_unlock(&t->lock);
	return 0;
}

int
fd_install(struct file *f, int min, bool cloexec)
{
	struct fdtable *t = current_fdtable();
	int fd = find_free(t, min);

	if (fd < 0)
		return fd;
	t->files[fd] = f;
	set_cloexec(t, (unsigned)fd, cloexec);
	t->used_end = MAX(t->used_end, (unsigned)fd + 1);
	spin_unlock(&t->lock);
	return fd;
}

int
fd_replace(struct file *f, int fd, bool cloexec)
{
	struct fdtable *t = current_fdtable();
	struct file *old;
	int err;

	if (fd < 0 || (unsigned)fd >= fd_limit())
		return -EBADF;
	spin_lock(&t->lock);
	while ((unsigned)fd >= t->capacity) {
		spin_unlock(&t->lock);
		err = grow(t, (unsigned)fd);
		if (err != 0)
			return err;
		spin_lock(&t->lock);
	}
	old = t->files[fd];
	t->files[fd] = f;
	set_cloexec(t, (unsigned)fd, cloexec);
	t->used_end = MAX(t->used_end, (unsigned)fd + 1);
	spin_unlock(&t->lock);
	if (old != NULL)
		file_put(old);
	return fd;
}

int
fd_close(int fd)
{
	struct fdtable *t = current_fdtable();
	struct file *f;

	if (fd < 0)
		return -EBADF;
	spin_lock(&t->lock);
	f = remove_fd(t, (unsigned)fd);
	spin_unlock(&t->lock);
	if (f == NULL)
		return -EBADF;
	file_put(f);
	return 0;
}

void
fd_close_range(unsigned first, unsigned last, bool only_mark)
{
	struct fdtable *t = current_fdtable();

	if (!only_mark) {
		close_some(t, first, MIN(last, FD_MAX), false);
		return;
	}
	spin_lock(&t->lock);
	for (unsigned fd = first; fd <= last && fd < t->used_end; fd++) {
		if (t->files[fd] != NULL)
			set_cloexec(t, fd, true);
	}
	spin_unlock(&t->lock);
}

int
fd_get_cloexec(int fd)
{
	struct fdtable *t = current_fdtable();
	int r = -EBADF;

	spin_lock(&t->lock);
	if (fd >= 0 && (unsigned)fd < t->used_end && t->files[fd] != NULL)
		r = (int)(t->cloexec[(unsigned)fd / BITS] >>
				  (unsigned)fd % BITS &
			  1);
	spin_unlock(&t->lock);
	return r;
}

int
fd_set_cloexec(int fd, bool on)
{
	struct fdtable *t = current_fdtable();
	int r = -EBADF;

	spin_lock(&t->lock);
	if (fd >= 0 && (unsigned)fd < t->used_end && t->files[fd] != NULL) {
		set_cloexec(t, (unsigned)fd, on);
		r = 0;
	}
	spin_unlock(&t->lock);
	return r;
}

/* ---- working directory and umask ---- */

static struct fs_context *
context_new(struct inode *cwd, uint32_t umask)
{
	struct fs_context *c = kzalloc(sizeof(*c));

	if (c == NULL) {
		inode_put(cwd);
		return NULL;
	}
	spin_init(&c->lock, LOCK_FS_CONTEXT);
	c->refs = 1;
	c->cwd = cwd;
	c->umask = umask;
	return c;
}

struct fs_context *
fs_context_create(void)
{
	return context_new(inode_get(vfs_root()), 022);
}

struct fs_context *
fs_context_clone(struct fs_context *c)
{
	return context_new(fs_context_cwd(c), c->umask);
}

struct fs_context *
fs_context_get(struct fs_context *c)
{
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void
fs_context_put(struct fs_context *c)
{
	if (atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	inode_put(c->cwd);
	kfree(c);
}

struct inode *
fs_context_cwd(struct fs_context *c)
{
	struct inode *cwd;

	spin_lock(&c->lock);
	cwd = inode_get(c->cwd);
	spin_unlock(&c->lock);
	return cwd;
}

void
fs_context_set_cwd(struct fs_context *c, struct inode *dir)
{
	struct inode *old;

	spin_lock(&c->lock);
	old = c->cwd;
	c->cwd = dir;
	spin_unlock(&c->lock);
	inode_put(old);
}

uint32_t
fs_context_set_umask(struct fs_context *c, uint32_t umask)
{
	return atomic_exchange(&c->umask, umask & 0777);
}
