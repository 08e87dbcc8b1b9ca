/* SPDX-License-Identifier: MIT */
/*
 * mm/access.c - copies between the kernel and user memory.
 *
 * One routine, copy_pages(), serves every space, not only the current one.  It
 * finds the leaf by walking the page table in software, and copies through the
 * direct map.  During the copy it holds the space's lock (shared) and the
 * table's lock, so neither a fork nor an unmap can change the leaf.  If the
 * leaf is missing or too weak, copy_pages() calls space_fault(), as a
 * page-fault trap does, and tries again.  So copy-on-write is implemented once,
 * and the kernel never takes a page fault on user memory.
 *
 * All functions run in process context with no spin lock held, except
 * space_unpin(), which any context may call.  The errors are listed in
 * mm/access.h and mm/iobuf.h.
 */
#include "mm/access.h"

#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/fault.h"
#include "mm/fork/strategy.h"
#include "mm/iobuf.h"
#include "mm/pt.h"
#include "mm/space.h"
#include "mm/vma.h"

enum copy_kind {
	COPY_READ,
	COPY_PEEK, /* ignores missing read permission: iobuf_peek() */
	COPY_WRITE,
	COPY_POKE, /* iobuf_poke() */
	COPY_ZERO,
	COPY_STRING,
	COPY_LOAD32, /* atomic, as are the next two */
	COPY_STORE32,
	COPY_CAS32
};

/* The buffer of COPY_CAS32: the expected value and the new one. */
struct cas {
	uint32_t old, new;
};

struct copy {
	struct space *s;
	enum copy_kind kind;
	pte_t right; /* PTE bit that the leaf must have; 0: any present leaf */
	char *buf;   /* kernel side */
	bool ended;  /* COPY_STRING: the NUL was copied */
};

/*
 * May iobuf_poke() write to the page of this leaf, and space_pin() pin it? Yes,
 * if the leaf has W or the page belongs to this space alone.
 */
static bool
may_poke(const struct frame *table, pte_t e)
{
	return (e & PTE_W) != 0 || page_is_own(table, pte_frame(e));
}

/*
 * Copy n bytes at `user`, which lie in the one page that `leaf` maps.  Returns
 * the number of bytes copied; 0 if COPY_POKE needs the page un-shared first.
 */
static always_inline size_t
move(struct copy *c, const struct frame *table, pte_t leaf, char *user,
     size_t n)
{
	uint32_t *word = (uint32_t *)(void *)user;
	struct cas *cas;
	size_t len;

	switch (c->kind) {
	case COPY_READ:
	case COPY_PEEK:
		memcpy(c->buf, user, n);
		break;
	case COPY_WRITE:
		memcpy(user, c->buf, n);
		break;
	case COPY_POKE:
		if (!may_poke(table, leaf))
			return 0;
		memcpy(user, c->buf, n);
		if (leaf & PTE_X)
			mmu_sync_icache(&c->s->mmu);
		break;
	case COPY_ZERO:
		memset(user, 0, n);
		break;
	case COPY_STRING:
		len = strnlen(user, n);
		c->ended = len < n;
		n = len + c->ended;
		memcpy(c->buf, user, n);
		break;
	case COPY_LOAD32:
		*(uint32_t *)(void *)c->buf =
			__atomic_load_n(word, __ATOMIC_SEQ_CST);
		break;
	case COPY_STORE32:
		__atomic_store_n(word, *(uint32_t *)(void *)c->buf,
				 __ATOMIC_SEQ_CST);
		break;
	case COPY_CAS32:
		cas = (struct cas *)(void *)c->buf;
		(void)__atomic_compare_exchange_n(word, &cas->old, cas->new,
						  false, __ATOMIC_SEQ_CST,
						  __ATOMIC_SEQ_CST);
		break;
	}
	return n;
}

/*
 * Find the leaf for va, and lock its table.  NULL if no attached table covers
 * va.  A strategy that shares tables may replace the table in the slot while
 * the space's lock is held only for reading, and the old table may be freed.
 * So pt_lock protects the slot until the table is locked.
 */
static always_inline pte_t *
leaf_lock(struct space *s, uaddr_t va, struct frame **table)
{
	const bool shares = s->strategy->settle != NULL;
	pte_t *leaf;

	if (unlikely(shares))
		spin_lock(&s->pt_lock);
	leaf = pt_leaf(s->root, va, table);
	if (likely(leaf != NULL))
		spin_lock(&(*table)->table.lock);
	if (unlikely(shares))
		spin_unlock(&s->pt_lock);
	return leaf;
}

/*
 * Copy up to n bytes within one page.  Checks the leaf under its table's lock.
 * Returns the number of bytes copied, or 0 if the leaf is missing or too weak.
 */
static always_inline size_t
copy_in_page(struct copy *c, uaddr_t va, size_t n)
{
	/*
	 * Peek and poke need no right, so a parked leaf (PROT_NONE) is enough:
	 * it has U, but not V.
	 */
	const pte_t need = PTE_U | (c->right != 0 ? PTE_V | c->right : 0);
	struct frame *table;
	pte_t *leaf;

	rwlock_read(&c->s->lock);
	leaf = leaf_lock(c->s, va, &table);
	if (unlikely(leaf == NULL)) {
		n = 0;
	} else {
		if (likely((*leaf & need) == need))
			n = move(c, table, *leaf,
				 (char *)phys_to_virt(pte_pa(*leaf)) +
					 (va & PAGE_MASK),
				 n);
		else
			n = 0;
		spin_unlock(&table->table.lock);
	}
	space_unlock_read(c->s);
	return n;
}

static inline unsigned
access_of(const struct copy *c)
{
	if (c->right != 0)
		return c->right == PTE_R ? VM_READ : VM_WRITE;
	return VM_FORCE | (c->kind == COPY_PEEK ? VM_READ : VM_WRITE);
}

/*
 * Copy up to n bytes, and return how many were copied.  Always inlined: the
 * kind of copy is then a constant in each caller, so a short copy costs no more
 * than the page-table walk.
 */
static always_inline size_t
copy_pages(struct copy *c, uaddr_t va, size_t n)
{
	size_t left;

	lock_check_sleep();
	if (va >= USER_END || thread_should_fail_copy())
		return 0;
	n = MIN(n, USER_END - va);
	for (left = n; left > 0 && !c->ended;) {
		size_t part = MIN(left, PAGE_SIZE - (va & PAGE_MASK));

		part = copy_in_page(c, va, part);
		if (unlikely(part == 0) &&
		    space_fault(c->s, va, access_of(c)) != 0)
			break;
		left -= part;
		va += part;
		if (c->buf != NULL)
			c->buf += part;
	}
	return n - left;
}

size_t
space_read(struct space *s, void *to, uaddr_t from, size_t n)
{
	struct copy c = {
		.s = s, .kind = COPY_READ, .right = PTE_R, .buf = to
	};

	return copy_pages(&c, from, n);
}

size_t
space_write(struct space *s, uaddr_t to, const void *from, size_t n)
{
	struct copy c = { .s = s,
			  .kind = COPY_WRITE,
			  .right = PTE_W,
			  .buf = (char *)(uintptr_t)from };

	return copy_pages(&c, to, n);
}

size_t
space_zero(struct space *s, uaddr_t to, size_t n)
{
	struct copy c = { .s = s, .kind = COPY_ZERO, .right = PTE_W };

	return copy_pages(&c, to, n);
}

/* The page cannot be pinned yet: call space_fault() and try again. */
#define RETRY 1

static int
pin_leaf(struct space *s, uaddr_t va, unsigned access, struct frame **out)
{
	struct vma *v;
	struct frame *table;
	pte_t *leaf;
	int err = RETRY;

	rwlock_read(&s->lock);
	v = vma_find(s, va);
	leaf = leaf_lock(s, va, &table);
	if (v != NULL && (v->flags & VM_SHARED)) {
		err = -EINVAL;
	} else if (v != NULL && !(v->flags & access & VM_PROT)) {
		err = -EACCES;
	} else if (v != NULL && leaf != NULL) {
		/*
		 * The leaf holds a reference to the frame, and cannot be
		 * cleared while its table is locked: the frame is not freed.
		 */
		if (pte_valid(*leaf) && may_poke(table, *leaf)) {
			*out = pte_frame(*leaf);
			err = frame_pin(*out) ? 0 : -ENOMEM;
		}
	}
	if (leaf != NULL)
		spin_unlock(&table->table.lock);
	if (err == 0)
		s->npins++; /* before the unlock: the next fork must see it */
	space_unlock_read(s);
	return err;
}

int
space_pin(struct space *s, uaddr_t va, unsigned access, struct frame **out)
{
	int err;

	lock_check_sleep();
	if (va >= USER_END)
		return -EFAULT;
	while ((err = pin_leaf(s, va, access, out)) == RETRY) {
		err = space_fault(s, va, VM_WRITE | VM_FORCE);
		if (err != 0)
			break;
	}
	return err;
}

void
space_unpin(struct space *s, struct frame *f)
{
	/*
	 * Unpin the frame first: once npins is 0 a fork may share tables, and a
	 * shared table must not map a pinned page.
	 */
	frame_unpin(f);
	s->npins--;
}

int
copy_from_user(void *to, uaddr_t from, size_t n)
{
	if (!user_range_ok(from, n))
		return -EFAULT;
	return space_read(thread_current()->space, to, from, n) == n ? 0
								     : -EFAULT;
}

int
copy_to_user(uaddr_t to, const void *from, size_t n)
{
	if (!user_range_ok(to, n))
		return -EFAULT;
	return space_write(thread_current()->space, to, from, n) == n ? 0
								      : -EFAULT;
}

ssize_t
copy_string_from_user(char *to, uaddr_t from, size_t size)
{
	struct copy c = { .s = thread_current()->space,
			  .kind = COPY_STRING,
			  .right = PTE_R,
			  .buf = to };
	size_t n = copy_pages(&c, from, size);

	if (c.ended)
		return (ssize_t)n - 1;
	return n == size ? -ENAMETOOLONG : -EFAULT;
}

/* Access the 32-bit word at `at` atomically.  -EINVAL if it is not aligned. */
static always_inline int
access32(uaddr_t at, enum copy_kind kind, void *buf)
{
	struct copy c = { .s = thread_current()->space,
			  .kind = kind,
			  .right = kind == COPY_LOAD32 ? PTE_R : PTE_W,
			  .buf = buf };
	const size_t n = sizeof(uint32_t);

	if (!IS_ALIGNED(at, n))
		return -EINVAL;
	return copy_pages(&c, at, n) == n ? 0 : -EFAULT;
}

int
user_load32(uaddr_t at, uint32_t *value)
{
	return access32(at, COPY_LOAD32, value);
}

int
user_store32(uaddr_t at, uint32_t value)
{
	if (!IS_ALIGNED(at, sizeof(value)))
		return copy_to_user(at, &value, sizeof(value));
	return access32(at, COPY_STORE32, &value);
}

int
user_cas32(uaddr_t at, uint32_t *old, uint32_t new)
{
	struct cas cas = { *old, new };
	int err = access32(at, COPY_CAS32, &cas);

	if (err == 0)
		*old = cas.old;
	return err;
}

/* ---- iobufs ---- */

void
iobuf_init(struct iobuf *b, struct space *space, uint64_t base, size_t n)
{
	b->space = space;
	b->one = (struct iovec){ base, n };
	b->vec = &b->one;
	b->count = 1;
	b->skip = 0;
	b->left = n;
}

void
iobuf_init_vec(struct iobuf *b, struct space *space, const struct iovec *vec,
	       unsigned count)
{
	b->space = space;
	b->vec = vec;
	b->count = count;
	b->skip = 0;
	b->left = 0;
	for (unsigned i = 0; i < count; i++)
		b->left += vec[i].len;
}

static inline pte_t
right_to_move(enum copy_kind kind)
{
	if (kind == COPY_PEEK || kind == COPY_POKE)
		return 0;
	return kind == COPY_READ ? PTE_R : PTE_W;
}

/*
 * Copy n bytes between the buffer and `data`.  If `data` is NULL, fill the
 * buffer with zeroes.
 */
static always_inline ssize_t
iobuf_move(struct iobuf *b, char *data, size_t n, enum copy_kind kind)
{
	size_t done = 0;

	assert(n <= b->left);
	while (done < n) {
		size_t part = MIN(n - done, b->vec->len - b->skip), got = part;
		uint64_t at = b->vec->base + b->skip;

		if (b->space != NULL) {
			struct copy c = { .s = b->space,
					  .kind = kind,
					  .right = right_to_move(kind),
					  .buf = data };

			got = copy_pages(&c, at, part);
		} else if (kind == COPY_READ) {
			memcpy(data, (void *)(uintptr_t)at, part);
		} else if (kind == COPY_WRITE) {
			memcpy((void *)(uintptr_t)at, data, part);
		} else {
			memset((void *)(uintptr_t)at, 0, part);
		}
		done += got;
		b->skip += got;
		b->left -= got;
		if (data != NULL)
			data += got;
		if (got < part)
			return done > 0 ? (ssize_t)done : -EFAULT;
		if (b->skip == b->vec->len && b->left > 0) {
			b->vec++;
			b->count--;
			b->skip = 0;
		}
	}
	return (ssize_t)done;
}

ssize_t
iobuf_put(struct iobuf *b, const void *data, size_t n)
{
	return iobuf_move(b, (char *)(uintptr_t)data, n, COPY_WRITE);
}

ssize_t
iobuf_poke(struct iobuf *b, const void *data, size_t n)
{
	return iobuf_move(b, (char *)(uintptr_t)data, n, COPY_POKE);
}

ssize_t
iobuf_take(struct iobuf *b, void *data, size_t n)
{
	return iobuf_move(b, data, n, COPY_READ);
}

ssize_t
iobuf_peek(struct iobuf *b, void *data, size_t n)
{
	return iobuf_move(b, data, n, COPY_PEEK);
}

ssize_t
iobuf_put_zeroes(struct iobuf *b, size_t n)
{
	return iobuf_move(b, NULL, n, COPY_ZERO);
}
