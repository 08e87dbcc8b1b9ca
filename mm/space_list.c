/* SPDX-License-Identifier: MIT */
/*
 * mm/space_list.c - the list of all spaces, and the sums of their counters.
 *
 * A spin lock guards the list.  A space without references stays on the list
 * until it is destroyed, but space_get_after() skips it.  The counters of a
 * destroyed space are added to `ended`, so that the sums over all spaces never
 * decrease.  No function here can fail; contexts are in mm/space_list.h.
 */
#include "mm/space_list.h"

#include "lib/string.h"
#include "mm/space.h"

static struct spinlock list_lock = SPINLOCK_INIT(LOCK_SPACES);
static struct list_node spaces = LIST_INIT(spaces); /* [list_lock] */
static uint64_t space_count;			    /* [list_lock] ever made */
static struct fork_counters ended; /* [list_lock] of destroyed spaces */

void
space_list_add(struct space *s)
{
	spin_lock(&list_lock);
	s->number = ++space_count;
	list_push_back(&spaces, &s->list_node);
	spin_unlock(&list_lock);
}

void
space_list_remove(struct space *s)
{
	spin_lock(&list_lock);
	list_del(&s->list_node);
	forkstat_sum(&ended, &s->counters, FORKSTAT_MOVE);
	spin_unlock(&list_lock);
}

void
space_for_each(void (*fn)(struct space *s, void *arg), void *arg)
{
	struct space *s;

	spin_lock(&list_lock);
	list_for_each_entry(s, &spaces, list_node)
		fn(s, arg);
	spin_unlock(&list_lock);
}

bool
space_is_there(uint64_t number)
{
	struct space *s;
	bool found = false;

	spin_lock(&list_lock);
	list_for_each_entry(s, &spaces, list_node)
		found = found || s->number == number;
	spin_unlock(&list_lock);
	return found;
}

void
space_counters(struct fork_counters *sum, bool reset)
{
	struct space *s;

	memset(sum, 0, sizeof(*sum));
	spin_lock(&list_lock);
	forkstat_sum(sum, &ended, FORKSTAT_ADD);
	list_for_each_entry(s, &spaces, list_node)
		forkstat_sum(sum, &s->counters, FORKSTAT_ADD);
	/*
	 * The spaces on the list keep their counters: the reset subtracts the
	 * sum from `ended`.
	 */
	if (reset)
		forkstat_sum(&ended, sum, FORKSTAT_TAKE);
	spin_unlock(&list_lock);
}

void
space_reset_counters(struct space *s)
{
	spin_lock(&list_lock);
	forkstat_sum(&ended, &s->counters, FORKSTAT_MOVE);
	spin_unlock(&list_lock);
}

/* Take a reference.  False if the last one has already been dropped. */
static bool
try_get(struct space *s)
{
	uint32_t users = s->users;

	while (users > 0) {
		if (atomic_compare_exchange_weak(&s->users, &users, users + 1))
			return true;
	}
	return false;
}

struct space *
space_get_after(struct space *prev)
{
	struct space *s = NULL;
	struct list_node *n;

	spin_lock(&list_lock);
	n = prev != NULL ? &prev->list_node : &spaces;
	while (s == NULL && (n = n->next) != &spaces) {
		s = list_entry(n, struct space, list_node);
		if (!try_get(s))
			s = NULL;
	}
	spin_unlock(&list_lock);
	if (prev != NULL)
		space_put(prev);
	return s;
}
