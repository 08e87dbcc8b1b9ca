/* SPDX-License-Identifier: MIT */
/*
 * mm/limit.c - checks the memory limits of a process, and locks its memory.
 *
 * RLIMIT_AS limits all mappings, RLIMIT_DATA private writable ones without
 * stacks, and RLIMIT_MEMLOCK locked ones; mm/fault.c checks RLIMIT_STACK when a
 * stack grows.  A check adds up the sizes of all VMAs anew, but only if the
 * limit is set, so no running total has to be maintained.  Callers hold the
 * space's lock; space_lock_all() takes it.
 *
 * There is no swap, so anonymous memory that is present stays present.  To lock
 * a range, the caller makes its pages present, and VM_LOCKED records the lock:
 * locked memory may not be discarded.
 */
#include "mm/limit.h"

#include "lib/errno.h"
#include "mm/commit.h"
#include "mm/space.h"
#include "mm/vma.h"

/* The VMAs that a limit counts: those with (flags & mask) == value. */
struct counted {
	unsigned mask, value;
};

static const struct counted counts_all = { 0, 0 };
static const struct counted counts_data = { VM_WRITE | VM_SHARED | VM_GROWSDOWN,
					    VM_WRITE };
static const struct counted counts_locked = { VM_LOCKED, VM_LOCKED };

static bool
counts(const struct counted *c, unsigned flags)
{
	return (flags & c->mask) == c->value;
}

/* The bytes of [start, end) that a limit counts. */
static uint64_t
bytes_in(struct space *s, const struct counted *c, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find_next(s, start);
	uint64_t bytes = 0;

	requires_lock(&s->lock);
	for (; v != NULL && v->start < end; v = vma_next(v)) {
		if (counts(c, v->flags))
			bytes += MIN(v->end, end) - MAX(v->start, start);
	}
	return bytes;
}

/* Would `more` bytes of a VMA with these flags exceed the limit? */
static bool
over(struct space *s, enum memory_limit which, const struct counted *c,
     unsigned flags, uint64_t more)
{
	uint64_t limit;

	if (!counts(c, flags))
		return false;
	limit = current_memory_limit(which);
	return unlikely(limit != UINT64_MAX) &&
	       bytes_in(s, c, 0, USER_END) + more > limit;
}

uint64_t
vma_bytes(struct space *s, uaddr_t start, uaddr_t end)
{
	requires_lock(&s->lock);
	return bytes_in(s, &counts_all, start, end);
}

uint64_t
vma_locked_bytes(struct space *s)
{
	requires_lock(&s->lock);
	return bytes_in(s, &counts_locked, 0, USER_END);
}

int
limit_check(struct space *s, unsigned flags, uint64_t bytes)
{
	requires_lock(&s->lock);
	if (over(s, LIMIT_AS, &counts_all, flags, bytes) ||
	    over(s, LIMIT_DATA, &counts_data, flags, bytes))
		return -ENOMEM;
	return over(s, LIMIT_MEMLOCK, &counts_locked, flags, bytes) ? -EAGAIN
								    : 0;
}

int
limit_check_protect(struct space *s, uaddr_t start, uaddr_t end, unsigned prot)
{
	struct vma *v = vma_find_next(s, start);
	uint64_t more = 0;

	for (; v != NULL && v->start < end; v = vma_next(v)) {
		if (!counts(&counts_data, v->flags) &&
		    counts(&counts_data, (v->flags & ~VM_PROT) | prot))
			more += MIN(v->end, end) - MAX(v->start, start);
	}
	return more > 0 && over(s, LIMIT_DATA, &counts_data, VM_WRITE, more)
		       ? -ENOMEM
		       : 0;
}

int
limit_check_lock(struct space *s, uaddr_t start, uaddr_t end)
{
	uint64_t more = end - start - bytes_in(s, &counts_locked, start, end);

	return over(s, LIMIT_MEMLOCK, &counts_locked, VM_LOCKED, more) ? -ENOMEM
								       : 0;
}

int
space_charge(struct space *s, unsigned flags, uint64_t bytes, uint64_t pages)
{
	int err;

	requires_write_lock(&s->lock);
	err = limit_check(s, flags, bytes);
	if (err == 0)
		err = commit_charge(pages);
	if (err == 0)
		s->committed += pages;
	return err;
}

int
space_lock_all(struct space *s, bool present, unsigned flags, unsigned future)
{
	uint64_t limit = current_memory_limit(LIMIT_MEMLOCK);
	struct vma *v;
	int err = 0;

	rwlock_write(&s->lock);
	if (present && flags != 0 && vma_bytes(s, 0, USER_END) > limit)
		err = -ENOMEM;
	else
		s->map_flags = future;
	v = err == 0 && present ? vma_find_next(s, 0) : NULL;
	for (; v != NULL; v = vma_next(v))
		v->flags = (v->flags & ~VM_LOCKS) | flags;
	vma_merge_range(s, 0, USER_END);
	space_unlock(s);
	return err;
}
