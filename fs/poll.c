/*
 * fs/poll.c - sleeping on several wait queues.
 *
 * Each round puts one waiter on every queue that the files name, looks at the
 * files, and sleeps if none is ready.  The first waiters live on the stack;
 * further ones in blocks that the next rounds use again, because a waiter
 * cannot move while it is on a queue.  No memory for a block: -ENOMEM, unless
 * a file is ready anyway.
 */
#include "fs/poll.h"

#include "kernel/hart.h"
#include "mm/slab.h"

#define SLOTS_FIRST 8u	/* on the stack */
#define SLOTS_BLOCK 32u /* in each further block */

struct poll_slot {
	struct waiter waiter;
	struct waitq *q;
};

struct poll_block {
	struct poll_block *next;
	struct poll_slot slots[SLOTS_BLOCK];
};

/* Slots are used in order: first[], then the blocks. */
struct poll_table {
	unsigned used;
	bool failed; /* a queue found no slot */
	struct poll_block *blocks;
	struct poll_slot first[SLOTS_FIRST];
};

/* Slot number i; NULL when there is no memory for its block. */
static struct poll_slot *
slot_at(struct poll_table *pt, unsigned i)
{
	struct poll_block **b = &pt->blocks;

	if (i < SLOTS_FIRST)
		return &pt->first[i];
	for (i -= SLOTS_FIRST; i >= SLOTS_BLOCK && *b != NULL; i -= SLOTS_BLOCK)
		b = &(*b)->next;
	if (*b == NULL)
		*b = kzalloc(sizeof(**b));
	return *b == NULL ? NULL : &(*b)->slots[i];
}

void
poll_wait(struct waitq *q, struct poll_table *pt)
{
	struct poll_slot *s;

	if (pt == NULL || pt->failed)
		return;
	s = slot_at(pt, pt->used);
	if (s == NULL) {
		pt->failed = true;
		return;
	}
	s->q = q;
	waiter_add(q, &s->waiter, WAIT_SIGNALS);
	pt->used++;
}

/* What is possible now, POLL*; a file without poll() is always ready. */
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
 * Has no queue been woken since its waiter was added?  Every waiter_add()
 * marks the thread as sleeping again, and so undoes a wake-up from a queue
 * added before.  A waker takes the waiter off its queue first: with all of
 * them still linked, whatever comes now will find us asleep.
 */
static bool
undisturbed(struct poll_table *pt)
{
	for (unsigned i = 0; i < pt->used; i++) {
		if (!list_linked(&slot_at(pt, i)->waiter.node))
			return false;
	}
	return true;
}

static void
leave_queues(struct poll_table *pt)
{
	struct poll_slot *s;

	for (unsigned i = 0; i < pt->used; i++) {
		s = slot_at(pt, i);
		waiter_remove(s->q, &s->waiter);
	}
	pt->used = 0;
}

/* One look at all files, which adds to *pt unless that is NULL. */
static int
look(struct poll_entry *e, unsigned n, struct poll_table *pt)
{
	int ready = 0;

	for (unsigned i = 0; i < n; i++) {
		if (e[i].file != NULL)
			e[i].revents = (uint16_t)(file_poll(e[i].file, pt) &
						  (e[i].events | POLLNVAL));
		ready += e[i].revents != 0;
	}
	return ready;
}

/* Number ready, 0 to look again, or why there is nothing to wait for. */
static int
poll_round(struct poll_entry *e, unsigned n, struct poll_table *pt,
	   uint64_t deadline)
{
	struct waitq nobody; /* so that there is always one to sleep on */
	int r;

	waitq_init(&nobody);
	poll_wait(&nobody, pt);
	r = look(e, n, pt);
	if (r == 0 && pt->failed)
		r = -ENOMEM;
	else if (r == 0 && undisturbed(pt))
		r = waiter_sleep(&pt->first[0].waiter, WAIT_SIGNALS, deadline);
	leave_queues(pt);
	return r;
}

int
poll_files(struct poll_entry *e, unsigned n, uint64_t deadline)
{
	struct poll_table pt = { .used = 0 };
	struct poll_block *b;
	int r = look(e, n, NULL);

	if (r > 0 || deadline == 0)
		return r;
	do
		r = poll_round(e, n, &pt, deadline);
	while (r == 0);
	while ((b = pt.blocks) != NULL) {
		pt.blocks = b->next;
		kfree(b);
	}
	if (r == -ETIMEDOUT)
		return 0;
	return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}
