/* SPDX-License-Identifier: MIT */
/*
 * fs/fd.c - descriptor tables: map descriptor numbers to open files.
 *
 * A slot holds the address of a struct file, perhaps with SLOT_CLOEXEC, or 0 if
 * the number is free.  The first piece of slots grows by doubling up to a page.
 * Each further piece is a page of slots, found through an array that grows by
 * doubling.  A piece is allocated when a number in it is first used, so a high
 * number costs one piece.  Pieces and array never shrink.  When memory is
 * short, no descriptor is installed (-ENOMEM).
 *
 * The table's spin lock guards lookups and changes; lookup() skips the lock of
 * a table that is not shared.  Files are closed after the lock is released,
 * because closing may sleep.
 */
#include "fs/fd.h"

#include "fs/current.h"
#include "fs/file.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/slab.h"

#define PIECE	     ((unsigned)(PAGE_SIZE / sizeof(uintptr_t))) /* slots */
#define SLOT_CLOEXEC 1u /* close-on-exec; bit 0 of a file's address is 0 */

struct fdtable *
fdtable_create(void)
{
	struct fdtable *t = kzalloc(sizeof(*t));

	if (t == NULL)
		return NULL;
	spin_init(&t->lock, LOCK_FDS);
	t->refs = 1;
	t->first_size = FD_INLINE;
	t->first = t->inline_slots;
	return t;
}

/* ---- slots ---- */

static inline struct file *
file_in(uintptr_t slot)
{
	return (struct file *)(slot & ~(uintptr_t)SLOT_CLOEXEC);
}

/* The slot of a number below used_end; NULL: no piece has it, so it is free. */
static inline uintptr_t *
slot_of(const struct fdtable *t, unsigned fd)
{
	uintptr_t *piece;

	if (likely(fd < PIECE))
		return &t->first[fd];
	piece = t->pieces[fd / PIECE];
	return piece == NULL ? NULL : &piece[fd % PIECE];
}

/*
 * Is the number open?  This function and the next ones up to has_room() require
 * the lock, or a table that no other thread can use.
 */
static bool
is_open(const struct fdtable *t, unsigned fd)
{
	const uintptr_t *slot;

	if (fd >= t->used_end)
		return false;
	slot = slot_of(t, fd);
	return slot != NULL && *slot != 0;
}

/* The lowest open number >= fd; a number >= used_end if there is none. */
static unsigned
next_open(const struct fdtable *t, unsigned fd)
{
	while (fd < t->used_end && !is_open(t, fd))
		fd = slot_of(t, fd) != NULL ? fd + 1 : (fd / PIECE + 1) * PIECE;
	return fd;
}

/* Store `f` in the slot of the number.  The slot exists. */
static void
put_file(struct fdtable *t, unsigned fd, struct file *f, bool cloexec)
{
	*slot_of(t, fd) = (uintptr_t)f | (cloexec ? SLOT_CLOEXEC : 0);
	t->used_end = MAX(t->used_end, fd + 1);
}

/* Empty the slot and return its file; NULL: the number is not open. */
static struct file *
remove_fd(struct fdtable *t, unsigned fd)
{
	struct file *f;

	if (!is_open(t, fd))
		return NULL;
	f = file_in(*slot_of(t, fd));
	*slot_of(t, fd) = 0;
	t->lowest = MIN(t->lowest, fd);
	while (t->used_end > 0 && !is_open(t, t->used_end - 1))
		t->used_end = slot_of(t, t->used_end - 1) != NULL
				      ? t->used_end - 1
				      : (t->used_end - 1) / PIECE * PIECE;
	return f;
}

/* ---- room ---- */

/*
 * Does the number have a slot?  If other pieces exist, `first` has PIECE slots.
 */
static bool
has_room(const struct fdtable *t, unsigned fd)
{
	return fd < PIECE ? fd < t->first_size
			  : fd / PIECE < t->piece_count &&
				    t->pieces[fd / PIECE] != NULL;
}

/* Grow the first piece to at least `slots` <= PIECE slots.  0 or -ENOMEM. */
static int
grow_first(struct fdtable *t, unsigned slots)
{
	unsigned size = 2 * FD_INLINE;
	uintptr_t *fresh, *old;

	while (size < slots)
		size *= 2;
	fresh = kzalloc(size * sizeof(*fresh));
	if (fresh == NULL)
		return -ENOMEM;
	old = fresh;
	spin_lock(&t->lock);
	if (t->first_size < size) {
		old = t->first;
		memcpy(fresh, old, t->first_size * sizeof(*old));
		t->first = fresh;
		t->first_size = size;
	}
	spin_unlock(&t->lock);
	if (old != t->inline_slots)
		kfree(old);
	return 0;
}

/* Grow the array to at least `pieces` pointers (FD_MAX needs 2,048). */
static int
grow_pieces(struct fdtable *t, unsigned pieces)
{
	unsigned count = 2;
	uintptr_t **fresh, **old;

	while (count < pieces)
		count *= 2;
	fresh = kzalloc(count * sizeof(*fresh));
	if (fresh == NULL)
		return -ENOMEM;
	old = fresh;
	spin_lock(&t->lock);
	if (t->piece_count < count) {
		old = t->pieces;
		memcpy(fresh, old, t->piece_count * sizeof(*old));
		t->pieces = fresh;
		t->piece_count = count;
	}
	spin_unlock(&t->lock);
	kfree(old);
	return 0;
}

static int
add_piece(struct fdtable *t, unsigned at)
{
	uintptr_t *fresh = kzalloc(PIECE * sizeof(*fresh));

	if (fresh == NULL)
		return -ENOMEM;
	spin_lock(&t->lock);
	if (t->pieces[at] == NULL) {
		t->pieces[at] = fresh;
		fresh = NULL;
	}
	spin_unlock(&t->lock);
	kfree(fresh);
	return 0;
}

/*
 * Make sure that number `fd` < FD_MAX has a slot.  0 or -ENOMEM.  The caller
 * does not hold the lock: make_room() acquires it only to link new memory into
 * the table.
 */
static int
make_room(struct fdtable *t, unsigned fd)
{
	unsigned at = fd / PIECE, slots = MIN(fd + 1, PIECE);
	int err = 0;

	if (__atomic_load_n(&t->first_size, __ATOMIC_RELAXED) < slots)
		err = grow_first(t, slots);
	if (err == 0 && at > 0 &&
	    __atomic_load_n(&t->piece_count, __ATOMIC_RELAXED) <= at)
		err = grow_pieces(t, at + 1);
	if (err == 0 && at > 0)
		err = add_piece(t, at);
	return err;
}

/* ---- whole tables ---- */

/* Find a number that has a slot in t but none in copy; FD_MAX: none. */
static unsigned
lacking(const struct fdtable *copy, const struct fdtable *t)
{
	for (unsigned first = 0; first < t->used_end; first += PIECE) {
		unsigned last = MIN(t->used_end, first + PIECE) - 1;

		if (slot_of(t, first) != NULL && !has_room(copy, last))
			return last;
	}
	return FD_MAX;
}

/*
 * Copy the slots of t to the empty table `copy`, which has slots for them, and
 * take a reference on each file.
 */
static void
copy_slots(struct fdtable *copy, const struct fdtable *t)
{
	for (unsigned first = 0; first < t->used_end; first += PIECE) {
		unsigned n = MIN(t->used_end - first, PIECE);
		const uintptr_t *from = slot_of(t, first);
		uintptr_t *to = from == NULL ? NULL : slot_of(copy, first);

		for (unsigned i = 0; from != NULL && i < n; i++) {
			if (from[i] != 0)
				(void)file_get(file_in(from[i]));
			to[i] = from[i];
		}
	}
	copy->used_end = t->used_end;
	copy->lowest = t->lowest;
}

struct fdtable *
fdtable_clone(struct fdtable *t)
{
	struct fdtable *copy = fdtable_create();
	unsigned fd;

	if (copy == NULL)
		return NULL;
	for (;;) {
		spin_lock(&t->lock);
		fd = lacking(copy, t);
		if (fd == FD_MAX)
			break;
		spin_unlock(&t->lock);
		if (make_room(copy, fd) != 0) {
			fdtable_put(copy);
			return NULL;
		}
	}
	copy_slots(copy, t);
	spin_unlock(&t->lock);
	return copy;
}

struct fdtable *
fdtable_get(struct fdtable *t)
{
	atomic_fetch_add(&t->refs, 1);
	return t;
}

void
fdtable_put(struct fdtable *t)
{
	if (atomic_fetch_sub(&t->refs, 1) != 1)
		return;
	for (unsigned fd = next_open(t, 0); fd < t->used_end;
	     fd = next_open(t, fd + 1))
		file_put(file_in(*slot_of(t, fd)));
	if (t->first != t->inline_slots)
		kfree(t->first);
	for (unsigned at = 1; at < t->piece_count; at++)
		kfree(t->pieces[at]);
	kfree(t->pieces);
	kfree(t);
}

/*
 * Close the descriptors in [first, last]; with only_cloexec, only those marked
 * close-on-exec.
 */
static void
close_some(struct fdtable *t, unsigned first, unsigned last, bool only_cloexec)
{
	unsigned fd = first;
	struct file *f;

	for (;; fd++) {
		f = NULL;
		spin_lock(&t->lock);
		fd = next_open(t, fd);
		if (fd > last || fd >= t->used_end)
			break;
		if (!only_cloexec || (*slot_of(t, fd) & SLOT_CLOEXEC))
			f = remove_fd(t, fd);
		spin_unlock(&t->lock);
		if (f != NULL)
			file_put(f);
	}
	spin_unlock(&t->lock);
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
	unsigned i;

	spin_lock(&t->lock);
	i = next_open(t, *fd < 0 ? 0 : (unsigned)*fd);
	if (i < t->used_end) {
		f = file_get(file_in(*slot_of(t, i)));
		*fd = (int)i;
	}
	spin_unlock(&t->lock);
	return f;
}

/* ---- the current thread's descriptors ---- */

/*
 * Returns the file of number `fd`, with a reference; NULL if the number is free
 * or the file has a mode bit in `refuse`.  No other thread may change the table
 * meanwhile.
 */
static inline struct file *
get_locked(struct fdtable *t, unsigned fd, unsigned refuse)
{
	const uintptr_t *slot = fd < t->used_end ? slot_of(t, fd) : NULL;
	struct file *f = slot == NULL ? NULL : file_in(*slot);

	return f == NULL || (f->mode & refuse) ? NULL : file_get(f);
}

static inline struct file *
lookup(int fd, unsigned refuse)
{
	struct fdtable *t = current_fdtable();
	struct file *f;

	if (t == NULL || fd < 0)
		return NULL;
	/*
	 * If the table has one reference, only the current thread can change
	 * it, so no lock is needed.  Another process that reads the table takes
	 * a reference first and never changes the table.
	 */
	if (atomic_load_explicit(&t->refs, memory_order_acquire) == 1)
		return get_locked(t, (unsigned)fd, refuse);
	spin_lock(&t->lock);
	f = get_locked(t, (unsigned)fd, refuse);
	spin_unlock(&t->lock);
	return f;
}

struct file *
fd_get(int fd)
{
	return lookup(fd, FILE_PATH_ONLY);
}

struct file *
fd_get_any(int fd)
{
	return lookup(fd, 0);
}

unsigned
fd_size(void)
{
	const struct fdtable *t = current_fdtable();
	unsigned pieces = __atomic_load_n(&t->piece_count, __ATOMIC_RELAXED);
	unsigned first = __atomic_load_n(&t->first_size, __ATOMIC_RELAXED);

	return pieces > 1 ? pieces * PIECE : MAX(first, 2 * FD_INLINE);
}

static unsigned
fd_limit(void)
{
	return (unsigned)MIN(current_nofile_limit(), (uint64_t)FD_MAX);
}

/* find_free() looks at most at this many numbers, then releases the lock. */
#define SCAN_MAX 4096u

/*
 * Returns the lowest free number >= min, with the lock held and a slot for the
 * number; or an error, with the lock released.  While the lock is released,
 * another thread may close a lower number, which is then not returned.
 */
static int
find_free(struct fdtable *t, int min)
{
	unsigned limit = fd_limit(), from = (unsigned)min, fd, stop;
	int err;

	if (min < 0 || (unsigned)min >= limit)
		return min == 0 ? -EMFILE : -EINVAL;
	for (;;) {
		spin_lock(&t->lock);
		fd = MAX(from, t->lowest);
		stop = fd + SCAN_MAX;
		while (fd < stop && is_open(t, fd))
			fd++;
		if (from <= t->lowest)
			t->lowest = fd;
		else
			from = fd;
		if (fd < stop && fd < limit && has_room(t, fd))
			return (int)fd;
		spin_unlock(&t->lock);
		if (fd == stop)
			continue;
		err = fd < limit ? make_room(t, fd) : -EMFILE;
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
	put_file(t, (unsigned)fd, f, cloexec);
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
	while (!has_room(t, (unsigned)fd)) {
		spin_unlock(&t->lock);
		err = make_room(t, (unsigned)fd);
		if (err != 0)
			return err;
		spin_lock(&t->lock);
	}
	old = file_in(*slot_of(t, (unsigned)fd));
	put_file(t, (unsigned)fd, f, cloexec);
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
	for (unsigned fd = next_open(t, first); fd <= last && fd < t->used_end;
	     fd = next_open(t, fd + 1))
		*slot_of(t, fd) |= SLOT_CLOEXEC;
	spin_unlock(&t->lock);
}

int
fd_get_cloexec(int fd)
{
	struct fdtable *t = current_fdtable();
	int r = -EBADF;

	spin_lock(&t->lock);
	if (fd >= 0 && is_open(t, (unsigned)fd))
		r = (*slot_of(t, (unsigned)fd) & SLOT_CLOEXEC) != 0;
	spin_unlock(&t->lock);
	return r;
}

int
fd_set_cloexec(int fd, bool on)
{
	struct fdtable *t = current_fdtable();
	uintptr_t *slot;
	int r = -EBADF;

	spin_lock(&t->lock);
	if (fd >= 0 && is_open(t, (unsigned)fd)) {
		slot = slot_of(t, (unsigned)fd);
		*slot = (uintptr_t)file_in(*slot) | (on ? SLOT_CLOEXEC : 0);
		r = 0;
	}
	spin_unlock(&t->lock);
	return r;
}
