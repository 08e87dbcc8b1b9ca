/* SPDX-License-Identifier: MIT */
/*
 * fs/poll.c - sleeping on several wait queues.
 *
 * The entry point is poll_files(), in process context.  In each round every
 * file's poll() operation adds a waiter to its queues; if no file is ready, the
 * thread sleeps.  The first waiters are on the stack, the others in page-sized
 * blocks, because a waiter cannot move while it is on a queue; later rounds use
 * the same blocks.  If a block cannot be allocated, the result is -ENOMEM,
 * unless a file is ready.
 */
#include "fs/poll.h"

#include "fs/file.h"
#include "kernel/hart.h"
#include "mm/slab.h"

#define SLOTS_FIRST 8u /* on the stack */
#define SLOTS_BLOCK 85u

struct poll_slot {
	struct waiter waiter;
	struct waitq *q;
};

struct poll_block {
	struct poll_block *next;
	struct poll_slot *slots;
	unsigned used, size;
};

struct full_block {
	struct poll_block block;
	struct poll_slot slots[SLOTS_BLOCK];
};

_Static_assert(sizeof(struct full_block) <= PAGE_SIZE, "a page");

/* Slots are used in order: block by block, each from its start. */
struct poll_table {
	bool failed; /* a queue found no slot */
	struct poll_block first, *last;
	struct poll_slot first_slots[SLOTS_FIRST];
};

static void
table_init(struct poll_table *pt)
{
	pt->failed = false;
	pt->first = (struct poll_block){ .slots = pt->first_slots,
					 .size = SLOTS_FIRST };
	pt->last = &pt->first;
}

static void
table_free(struct poll_table *pt)
{
	struct poll_block *b;

	while ((b = pt->first.next) != NULL) {
		pt->first.next = b->next;
		kfree(b);
	}
}

/* Get the next free slot; NULL if a new block cannot be allocated. */
static struct poll_slot *
slot_take(struct poll_table *pt)
{
	struct poll_block *b = pt->last;
	struct full_block *fresh;

	if (b->used == b->size && b->next == NULL) {
		fresh = kmalloc(sizeof(*fresh));
		if (fresh == NULL)
			return NULL;
		fresh->block = (struct poll_block){ .slots = fresh->slots,
						    .size = SLOTS_BLOCK };
		b->next = &fresh->block;
	}
	if (b->used == b->size)
		pt->last = b = b->next;
	return &b->slots[b->used++];
}

void
poll_wait(struct waitq *q, struct poll_table *pt)
{
	struct poll_slot *s;

	if (pt == NULL || pt->failed)
		return;
	s = slot_take(pt);
	if (s == NULL) {
		pt->failed = true;
		return;
	}
	s->q = q;
	waiter_add(q, &s->waiter, WAIT_SIGNALS);
}

/* The POLL* bits that hold now; a file without poll() is always ready. */
static unsigned
file_poll(struct file *f, struct poll_table *pt)
{
	if (f->mode & FILE_PATH_ONLY)
		return POLLNVAL;
	if (f->ops->poll == NULL)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	return f->ops->poll(f, pt);
}

/*
 * Is every waiter still on its queue?  Each waiter_add() marks the thread as
 * sleeping again, and so cancels a wake-up that came from an earlier queue.
 * But a waker removes its waiter from the queue first.  So if all waiters are
 * linked, no wake-up was lost, and a later one finds the thread marked as
 * sleeping.
 */
static bool
undisturbed(const struct poll_table *pt)
{
	for (const struct poll_block *b = &pt->first; b != NULL; b = b->next) {
		for (unsigned i = 0; i < b->used; i++) {
			if (!list_linked(&b->slots[i].waiter.node))
				return false;
		}
	}
	return true;
}

static void
leave_queues(struct poll_table *pt)
{
	for (struct poll_block *b = &pt->first; b != NULL; b = b->next) {
		for (; b->used > 0; b->used--) {
			struct poll_slot *s = &b->slots[b->used - 1];

			waiter_remove(s->q, &s->waiter);
		}
	}
	pt->last = &pt->first;
}

/* Poll one file; add its queues to *pt unless pt is NULL.  True: ready. */
static bool
look_at(struct poll_entry *e, struct poll_table *pt)
{
	if (e->file != NULL)
		e->revents = (uint16_t)(file_poll(e->file, pt) &
					(e->events | POLLNVAL));
	return e->revents != 0;
}

static int
look(struct poll_piece *p, struct poll_table *pt)
{
	int ready = 0;

	for (; p != NULL; p = p->next) {
		for (unsigned i = 0; i < p->count; i++)
			ready += look_at(&p->entries[i], pt);
	}
	return ready;
}

/* One round.  Returns the number of ready entries, 0 to retry, or -errno. */
static int
poll_round(struct poll_piece *p, struct poll_table *pt, uint64_t deadline)
{
	struct waitq nobody; /* never woken; first_slots[0] waits on it */
	int r;

	waitq_init(&nobody);
	poll_wait(&nobody, pt);
	r = look(p, pt);
	if (r == 0 && pt->failed)
		r = -ENOMEM;
	else if (r == 0 && undisturbed(pt))
		r = waiter_sleep(&pt->first_slots[0].waiter, WAIT_SIGNALS,
				 deadline);
	leave_queues(pt);
	return r;
}

int
poll_files(struct poll_piece *p, uint64_t deadline)
{
	struct poll_table pt;
	int r = look(p, NULL);

	if (r > 0 || deadline == 0)
		return r;
	table_init(&pt);
	do
		r = poll_round(p, &pt, deadline);
	while (r == 0);
	table_free(&pt);
	if (r == -ETIMEDOUT)
		return 0;
	return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}
