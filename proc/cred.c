/* SPDX-License-Identifier: MIT */
/*
 * proc/cred.c - credentials of threads, and lists of supplementary groups.
 *
 * A system call changes the ids of the current thread with cred_commit();
 * execve(2) sets its new ids in proc/exec.c.  Both write under proc_lock, and
 * other threads read the ids under that lock.  access(2) alone sets fsuid and
 * fsgid without the lock, and only until it returns (syscall/stat.c).
 *
 * A group list is stored in pages, since 65,536 groups exceed the largest
 * kmalloc().  Without memory groups_from_user() fails; all other functions only
 * take and drop references and cannot fail.
 */
#include "proc/cred.h"

#include "fs/current.h"
#include "kernel/sched.h"
#include "mm/access.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "mm/user.h"
#include "proc/process.h"

#define IN_A_PAGE (PAGE_SIZE / sizeof(uint32_t))

struct groups {
	_Atomic uint32_t refs; /* [a] */
	unsigned count;	       /* [i] */
	uint32_t *page[];      /* [i] IN_A_PAGE in each, sorted */
};

static uint32_t *
place(const struct groups *g, unsigned i)
{
	return &g->page[i / IN_A_PAGE][i % IN_A_PAGE];
}

struct groups *
groups_get(struct groups *g)
{
	if (g != NULL)
		atomic_fetch_add_explicit(&g->refs, 1, memory_order_relaxed);
	return g;
}

void
groups_put(struct groups *g)
{
	if (g == NULL ||
	    atomic_fetch_sub_explicit(&g->refs, 1, memory_order_acq_rel) > 1)
		return;
	for (unsigned i = 0; i < g->count; i += IN_A_PAGE)
		kfree(g->page[i / IN_A_PAGE]);
	kfree(g);
}

unsigned
groups_count(const struct groups *g)
{
	return g == NULL ? 0 : g->count;
}

uint32_t
groups_at(const struct groups *g, unsigned i)
{
	return *place(g, i);
}

/* ---- making a list ---- */

/*
 * Restore the heap [0, n): move the group at `top` down until no child is
 * larger.
 */
static void
sift(const struct groups *g, unsigned top, unsigned n)
{
	unsigned child;

	for (; (child = 2 * top + 1) < n; top = child) {
		uint32_t *a = place(g, top), *b, value = *a;

		if (child + 1 < n && *place(g, child) < *place(g, child + 1))
			child++;
		b = place(g, child);
		if (value >= *b)
			return;
		*a = *b;
		*b = value;
	}
}

/* Heapsort: in place, O(n log n) also in the worst case. */
static void
sort(const struct groups *g)
{
	for (unsigned i = g->count / 2; i-- > 0;)
		sift(g, i, g->count);
	for (unsigned n = g->count; n-- > 1;) {
		uint32_t *first = place(g, 0), *last = place(g, n);
		uint32_t value = *last;

		*last = *first;
		*first = value;
		sift(g, 0, n);
		sched_give_way();
	}
}

/* The number of bytes used in the page that begins with group number i. */
static size_t
part(const struct groups *g, unsigned i)
{
	return MIN(g->count - i, IN_A_PAGE) * sizeof(uint32_t);
}

static int
fill(struct groups *g, uaddr_t from)
{
	for (unsigned i = 0; i < g->count; i += IN_A_PAGE) {
		g->page[i / IN_A_PAGE] = kmalloc(PAGE_SIZE);
		if (g->page[i / IN_A_PAGE] == NULL)
			return -ENOMEM;
		if (copy_from_user(place(g, i), from + i * sizeof(uint32_t),
				   part(g, i)) != 0)
			return -EFAULT;
	}
	return 0;
}

int
groups_from_user(unsigned n, uaddr_t from, struct groups **out)
{
	size_t pages = ROUND_UP(n, IN_A_PAGE) / IN_A_PAGE;
	struct groups *g = kzalloc(sizeof(*g) + pages * sizeof(g->page[0]));
	int err;

	if (g == NULL)
		return -ENOMEM;
	g->refs = 1;
	g->count = n;
	err = fill(g, from);
	if (err == 0)
		sort(g);
	/* Reject group -1: as the largest value, it sorts last. */
	if (err == 0 && n > 0 && groups_at(g, n - 1) == UINT32_MAX)
		err = -EINVAL;
	if (err != 0)
		groups_put(g);
	else
		*out = g;
	return err;
}

int
groups_to_user(const struct groups *g, uaddr_t to)
{
	for (unsigned i = 0; i < groups_count(g); i += IN_A_PAGE)
		if (copy_to_user(to + i * sizeof(uint32_t), place(g, i),
				 part(g, i)) != 0)
			return -EFAULT;
	return 0;
}

/* ---- credentials ---- */

bool
current_in_group(uint32_t gid)
{
	const struct cred *c = &thread_current()->cred;
	unsigned low = 0, high = groups_count(c->groups), middle;

	if (gid == c->fsgid)
		return true;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (groups_at(c->groups, middle) < gid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < groups_count(c->groups) &&
	       groups_at(c->groups, low) == gid;
}

/* Does the thread's user have more tasks than RLIMIT_NPROC allows? */
static bool
over_nproc(void)
{
	uint32_t mine = thread_current()->cred.uid, uid = mine;
	uint64_t holds[USER_KINDS];

	return user_next(&uid, holds) && uid == mine &&
	       holds[USER_TASKS] > process_current()->limits[RLIMIT_NPROC].cur;
}

void
cred_note_nproc(void)
{
	struct cred *mine = &thread_current()->cred;

	mine->over_nproc = mine->uid != 0 && over_nproc();
}

int
cred_check_nproc(void)
{
	struct cred *mine = &thread_current()->cred;

	mine->over_nproc = mine->over_nproc && over_nproc();
	return mine->over_nproc ? -EAGAIN : 0;
}

void
cred_copy(struct cred *to, const struct cred *from)
{
	*to = *from;
	(void)groups_get(to->groups);
}

void
cred_drop(struct cred *c)
{
	groups_put(c->groups);
	c->groups = NULL;
}

void
cred_commit(const struct cred *new)
{
	struct cred *mine = &thread_current()->cred, old = *mine;

	spin_lock(&proc_lock);
	*mine = *new;
	mine->fsuid = new->euid;
	mine->fsgid = new->egid;
	if (old.euid != new->euid || old.egid != new->egid) {
		thread_current()->space->dumpable = false;
		process_current()->death_signal = 0;
	}
	spin_unlock(&proc_lock);
	cred_drop(&old);
}
