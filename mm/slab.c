/* SPDX-License-Identifier: MIT */
/*
 * mm/slab.c - kmalloc(): allocates small kernel objects from size classes.
 *
 * A slab is a block of one or four pages: a header, followed by objects of one
 * size.  Free objects are linked through their first word.  The frame record of
 * each page points to the slab's header, so that kfree() finds the slab.  A
 * slab without used objects (an empty slab) is freed at once, unless it is the
 * only empty one of its class.  In front of each class every hart has a
 * magazine of free objects.  Larger requests get blocks of whole pages.
 *
 * In KASAN builds each object is followed by a red zone of at least 16 bytes.
 * A freed object waits in a ring before it can be allocated again, so that a
 * use after free is detected for longer.
 */
#include "mm/slab.h"

#include "check/hooks.h"
#include "kernel/hart.h"
#include "kernel/magazine.h"
#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "kernel/thread.h"
#include "lib/list.h"
#include "lib/string.h"
#include "mm/frame.h"

#define MAX_SMALL 2688u /* six per slab of four pages; fits struct process */
#define MAX_ORDER 3u	/* 8 pages */
#define POISON	  0x5a
#define BIG	  UINT64_C(1) /* kernel.data = order << 1 | BIG */
#define AT_HAND	  8192u	      /* bytes of objects in a magazine */

struct slab_class {
	struct spinlock lock;
	uint16_t size, order;
	unsigned keep;		    /* [i] objects in a magazine at most */
	struct magazine *magazines; /* [i] one a hart */
	struct list_node partial;   /* [lock] slabs with a free object */
	unsigned empty;		    /* [lock] wholly free slabs in `partial` */
	unsigned used; /* [lock] objects handed out, of all slabs */
};

struct slab {
	struct list_node node;	  /* [class->lock] in partial, or unlinked */
	struct slab_class *class; /* [i] */
	void *free;		  /* [class->lock] */
	unsigned used, capacity;  /* [class->lock]; [i] */
};

#define CLASS(bytes, ord)                                                     \
	{                                                                     \
		.lock = SPINLOCK_INIT(LOCK_SLAB), .size = bytes, .order = ord \
	}

static struct slab_class classes[] = {
	CLASS(32, 0),	     CLASS(64, 0),   CLASS(96, 0),   CLASS(128, 0),
	CLASS(192, 0),	     CLASS(256, 0),  CLASS(384, 0),  CLASS(512, 2),
	CLASS(768, 2),	     CLASS(1024, 2), CLASS(1536, 2), CLASS(2048, 2),
	CLASS(MAX_SMALL, 2),
};

static struct magazine magazines[ARRAY_SIZE(classes)][MAX_HARTS];

static _Atomic size_t page_count;
static _Atomic size_t big_pages; /* part of page_count: pages of alloc_big() */

static struct slab_class *
class_for(size_t size)
{
	struct slab_class *c = classes;

	while (c->size < size)
		c++;
	return c;
}

static struct magazine *
magazine_of(const struct slab_class *c)
{
	return &c->magazines[this_hart()->index];
}

static struct slab *
slab_of(const void *p)
{
	return (struct slab *)(uintptr_t)frame_of_ptr(p)->kernel.data;
}

/* ---- freeing objects ---- */

static void
slab_release(struct slab *s)
{
	unsigned order = s->class->order;

	atomic_fetch_sub_explicit(&page_count, 1u << order,
				  memory_order_relaxed);
	kasan_unpoison(s, PAGE_SIZE << order);
	frame_free_order(frame_of_ptr(s), order);
}

/* Put objects back into their slabs, and free surplus empty slabs. */
static void
class_give(struct slab_class *c, void *const *objects, unsigned n)
{
	struct list_node empty;

	list_init(&empty);
	spin_lock(&c->lock);
	while (n > 0) {
		void *p = objects[--n];
		struct slab *s = slab_of(p);

		assert(s->used > 0);
		if (s->free == NULL)
			list_push_front(&c->partial, &s->node);
		*(void **)p = s->free;
		s->free = p;
		c->used--;
		if (--s->used > 0 || c->empty++ == 0)
			continue;
		c->empty--;
		list_del(&s->node);
		list_push_front(&empty, &s->node);
	}
	spin_unlock(&c->lock);
	while (!list_empty(&empty))
		slab_release(
			list_entry(list_pop_front(&empty), struct slab, node));
}

static void
object_give(struct slab_class *c, void *p)
{
	struct magazine *m = magazine_of(c);
	void *spill[MAGAZINE_MAX];

	while (unlikely(!magazine_put(m, p, c->keep)))
		class_give(c, spill, magazine_take(m, c->keep / 2, spill));
}

/* ---- the ring of freed objects ---- */

#ifdef TINE_KASAN
#define RING 256u

static void *_Atomic ring[RING];
static _Atomic unsigned ring_next;
static _Atomic uint64_t ring_bytes;

/*
 * Store p, which may be NULL, at this index of the ring.  Returns the object
 * that was there, or NULL.
 */
static void *
ring_swap(unsigned place, void *p)
{
	void *old;

	if (p != NULL)
		ring_bytes += slab_of(p)->class->size;
	old = atomic_exchange(&ring[place % RING], p);
	if (old != NULL)
		ring_bytes -= slab_of(old)->class->size;
	return old;
}

static void *
ring_pass(void *p)
{
	return ring_swap(ring_next++, p);
}

static void
ring_drain(void)
{
	for (unsigned i = 0; i < RING; i++) {
		void *p = ring_swap(i, NULL);

		if (p != NULL)
			object_give(slab_of(p)->class, p);
	}
}
#else
#define ring_bytes   0u
#define ring_pass(p) (p)
#define ring_drain() ((void)0)
#endif

static size_t
header_size(void)
{
	return ROUND_UP(sizeof(struct slab), 16);
}

static struct slab *
slab_new(struct slab_class *c, enum frame_how how)
{
	struct frame *f = frame_alloc_order(c->order, how);
	size_t bytes = PAGE_SIZE << c->order;
	struct slab *s;
	char *at;

	if (f == NULL)
		return NULL;
	s = frame_ptr(f);
	for (unsigned i = 0; i < 1u << c->order; i++)
		f[i].kernel.data = (uint64_t)(uintptr_t)s;
	list_init(&s->node);
	s->class = c;
	s->used = 0;
	s->free = NULL;
	s->capacity = (unsigned)((bytes - header_size()) / c->size);
	at = (char *)s + header_size();
	for (unsigned i = s->capacity; i > 0; i--) {
		void **object = (void **)(at + (i - 1) * (size_t)c->size);

		*object = s->free;
		s->free = object;
	}
	kasan_poison(s + 1, bytes - sizeof(*s), KASAN_SLAB);
	atomic_fetch_add_explicit(&page_count, 1u << c->order,
				  memory_order_relaxed);
	return s;
}

/* Take an object from the class's slabs; NULL if there is none. */
static void *
class_take(struct slab_class *c)
{
	struct slab *s;
	void **object;

	requires_lock(&c->lock);
	if (list_empty(&c->partial))
		return NULL;
	s = list_first(&c->partial, struct slab, node);
	object = s->free;
	s->free = *object;
	c->used++;
	if (s->used++ == 0)
		c->empty--;
	if (s->free == NULL)
		list_del(&s->node);
	return object;
}

/*
 * Take an object from the class's slabs, and fill half of this hart's magazine.
 * NULL if the slabs have no free object.
 */
static void *
class_refill(struct slab_class *c)
{
	void *more[MAGAZINE_MAX / 2], *p;
	unsigned n = 0;

	spin_lock(&c->lock);
	p = class_take(c);
	while (n < c->keep / 2 && (more[n] = class_take(c)) != NULL)
		n++;
	spin_unlock(&c->lock);
	while (n > 0)
		object_give(c, more[--n]);
	return p;
}

static void *
alloc_small(size_t size, enum frame_how how)
{
	struct slab_class *c = class_for(size + KASAN_REDZONE);
	void *p = magazine_get(magazine_of(c));
	struct slab *s;

	while (unlikely(p == NULL) && (p = class_refill(c)) == NULL) {
		s = slab_new(c, how);
		if (s == NULL)
			return NULL;
		spin_lock(&c->lock);
		list_push_front(&c->partial, &s->node);
		c->empty++;
		spin_unlock(&c->lock);
	}
	kasan_object(p, size, c->size);
	return p;
}

static void *
alloc_big(size_t size, enum frame_how how)
{
	unsigned order = 0;
	struct frame *f;

	while (PAGE_SIZE << order < size)
		order++;
	if (order > MAX_ORDER)
		return NULL;
	f = frame_alloc_order(order, how);
	if (f == NULL)
		return NULL;
	f->kernel.data = (uint64_t)order << 1 | BIG;
	atomic_fetch_add_explicit(&page_count, 1u << order,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&big_pages, 1u << order,
				  memory_order_relaxed);
	kasan_object(frame_ptr(f), size, PAGE_SIZE << order);
	return frame_ptr(f);
}

static void *
alloc(size_t size, enum frame_how how)
{
	if (how == FRAME_MAY_SLEEP)
		lock_check_alloc();
	if (unlikely(thread_should_fail()))
		return NULL;
	if (size == 0)
		size = 1;
	return size <= MAX_SMALL - KASAN_REDZONE ? alloc_small(size, how)
						 : alloc_big(size, how);
}

void *
kmalloc(size_t size)
{
	return alloc(size, FRAME_MAY_SLEEP);
}

void *
kmalloc_atomic(size_t size)
{
	return alloc(size, FRAME_ATOMIC);
}

void *
kzalloc(size_t size)
{
	void *p = kmalloc(size);

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

static void
object_poison(const struct slab *s, void *p)
{
	assert(((char *)p - (char *)s - header_size()) % s->class->size == 0);
#ifdef TINE_DEBUG
	kasan_unpoison(p, s->class->size);
	memset(p, POISON, s->class->size);
	kasan_poison(p, s->class->size, KASAN_FREE_OBJECT);
#endif
}

static void
free_small(struct slab *s, void *p)
{
	void *old;

	object_poison(s, p);
	old = ring_pass(p);
	if (old != NULL)
		object_give((old == p ? s : slab_of(old))->class, old);
}

static void
free_big(struct frame *f, unsigned order)
{
	atomic_fetch_sub_explicit(&page_count, 1u << order,
				  memory_order_relaxed);
	atomic_fetch_sub_explicit(&big_pages, 1u << order,
				  memory_order_relaxed);
	kasan_unpoison(frame_ptr(f), PAGE_SIZE << order);
	frame_free_order(f, order);
}

void
kfree(void *p)
{
	struct frame *f;
	uint64_t data;

	if (p == NULL)
		return;
	kasan_check_free(p);
	f = frame_of_ptr(p);
	data = f->kernel.data;
	assert(frame_word(f) & FRAME_KERNEL);
	if (data & BIG)
		free_big(f, (unsigned)(data >> 1));
	else
		free_small((struct slab *)(uintptr_t)data, p);
}

char *
kstrndup(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	char *copy = kmalloc(n + 1);

	if (copy != NULL) {
		memcpy(copy, s, n);
		copy[n] = '\0';
	}
	return copy;
}

size_t
slab_pages(void)
{
	return page_count;
}

uint64_t
slab_unused(void)
{
	uint64_t bytes = (page_count - big_pages) * PAGE_SIZE + ring_bytes;

	for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
		unsigned used = classes[i].used;

		for (unsigned h = 0; h < hart_count; h++)
			used -= magazines[i][h].count;
		bytes -= (uint64_t)used * classes[i].size;
	}
	return bytes;
}

/* Unlink one empty slab from the class; NULL if there is none. */
static struct slab *
class_take_empty(struct slab_class *c)
{
	struct slab *found = NULL, *s;

	spin_lock(&c->lock);
	if (c->empty > 0) {
		list_for_each_entry(s, &c->partial, node) {
			if (s->used == 0) {
				found = s;
				break;
			}
		}
		list_del(&found->node);
		c->empty--;
	}
	spin_unlock(&c->lock);
	return found;
}

static void
magazines_drain(void)
{
	void *spill[MAGAZINE_MAX];

	for (unsigned h = 0; h < hart_count; h++) {
		for (unsigned i = 0; i < ARRAY_SIZE(classes); i++)
			class_give(&classes[i], spill,
				   magazine_take(&magazines[i][h], 0, spill));
	}
}

size_t
slab_shrink(void)
{
	size_t before = page_count;

	ring_drain();
	magazines_drain();
	for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
		struct slab *s;

		while ((s = class_take_empty(&classes[i])) != NULL)
			slab_release(s);
	}
	return before - MIN(before, page_count);
}

static size_t
shrink_when_short(size_t pages)
{
	return slab_shrink();
}

void
slab_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
		struct slab_class *c = &classes[i];

		list_init(&c->partial);
		c->keep = MIN(MAGAZINE_MAX, AT_HAND / c->size);
		c->magazines = magazines[i];
		for (unsigned h = 0; h < MAX_HARTS; h++)
			spin_init(&magazines[i][h].lock, LOCK_MAGAZINE);
	}
	frame_register_shrinker(shrink_when_short);
}
