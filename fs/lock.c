/*
 * fs/lock.c - advisory file locks.
 *
 * All locks of all files are under one mutex: they are rare and short.  Each
 * inode has a list of held ranges.  A new range of one owner replaces what it
 * overlaps of its own and melts together with what it touches; that can split
 * an old one in two, so two structures are allocated before anything changes.
 * Waiters sleep on one queue and look again whenever any lock goes.
 */
#include "fs/lock.h"

#include "fs/current.h"
#include "mm/slab.h"

struct file_lock {
	struct list_node node; /* [locks_lock] in inode->locks */
	struct inode *inode;   /* [i] */
	const void *owner;     /* [i] fdtable, or file for flock */
	bool flock;	       /* [i] */
	struct lock_range r;   /* [locks_lock] */
};

/* Who waits for whom, to find circles among record locks. */
struct lock_waiter {
	struct list_node node; /* [locks_lock] */
	const void *owner, *blocker;
};

static struct mutex locks_lock = MUTEX_INIT(locks_lock);
static struct waitq locks_waitq = WAITQ_INIT(locks_waitq);
static struct list_node lock_waiters = LIST_INIT(lock_waiters);
static _Atomic uint64_t locks_released; /* counts, for waiters */

static bool
overlaps(const struct lock_range *a, const struct lock_range *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static struct file_lock *
find_conflict(struct inode *inode, const void *owner, bool flock,
	      const struct lock_range *want)
{
	struct file_lock *l;

	list_for_each_entry(l, &inode->locks, node) {
		if (l->flock == flock && l->owner != owner &&
		    overlaps(&l->r, want) &&
		    (l->r.type == F_WRLCK || want->type == F_WRLCK))
			return l;
	}
	return NULL;
}

static bool
would_deadlock(const void *owner, const void *blocker)
{
	struct lock_waiter *w;
	bool moved = true;

	/* Each owner waits at most once per thread; follow the chain. */
	for (unsigned i = 0; i < 64 && moved; i++) {
		moved = false;
		if (blocker == owner)
			return true;
		list_for_each_entry(w, &lock_waiters, node) {
			if (w->owner == blocker) {
				blocker = w->blocker;
				moved = true;
				break;
			}
		}
	}
	return false;
}

static void
lock_free(struct file_lock *l)
{
	list_del(&l->node);
	kfree(l);
}

/*
 * Cut `cut` out of the owner's ranges.  *spare is used if one is split.
 * Ranges of the same owner never overlap, so at most one split happens.
 */
static void
cut_range(struct inode *inode, const void *owner, bool flock,
	  const struct lock_range *cut, struct file_lock **spare)
{
	struct file_lock *l, *tmp, *rest;

	list_for_each_entry_safe(l, tmp, &inode->locks, node) {
		if (l->flock != flock || l->owner != owner ||
		    !overlaps(&l->r, cut))
			continue;
		if (l->r.start < cut->start && l->r.end > cut->end) {
			rest = *spare;
			*spare = NULL;
			*rest = *l;
			rest->r.start = cut->end + 1;
			list_push_back(&inode->locks, &rest->node);
			l->r.end = cut->start - 1;
		} else if (l->r.start < cut->start) {
			l->r.end = cut->start - 1;
		} else if (l->r.end > cut->end) {
			l->r.start = cut->end + 1;
		} else {
			lock_free(l);
		}
	}
}

/* Overlapping, or with no byte between them. */
static bool
touches(const struct lock_range *a, const struct lock_range *b)
{
	return (a->end == UINT64_MAX || b->start <= a->end + 1) &&
	       (b->end == UINT64_MAX || a->start <= b->end + 1);
}

/*
 * Widen *r over the owner's ranges of the same type that touch it.  No two of
 * those touch each other, so one pass finds all.
 */
static void
widen(struct inode *inode, const void *owner, bool flock, struct lock_range *r)
{
	struct lock_range wide = *r;
	struct file_lock *l;

	list_for_each_entry(l, &inode->locks, node) {
		if (l->flock != flock || l->owner != owner ||
		    l->r.type != r->type || !touches(&l->r, r))
			continue;
		wide.start = MIN(wide.start, l->r.start);
		wide.end = MAX(wide.end, l->r.end);
	}
	*r = wide;
}

static void
wake_waiters(void)
{
	atomic_fetch_add(&locks_released, 1);
	waitq_wake_all(&locks_waitq);
}

/* Wait until some lock has gone.  locks_lock held; dropped meanwhile. */
static int
wait_for(const void *owner, const void *blocker, bool flock)
{
	struct lock_waiter w = { .owner = owner, .blocker = blocker };
	uint64_t seen = locks_released;
	int err;

	if (!flock && would_deadlock(owner, blocker))
		return -EDEADLK;
	list_init(&w.node);
	if (!flock)
		list_push_back(&lock_waiters, &w.node);
	mutex_unlock(&locks_lock);
	err = wait_event_signals(&locks_waitq, locks_released != seen);
	mutex_lock(&locks_lock);
	list_del(&w.node);
	return err;
}

static int
lock_apply(struct inode *inode, const void *owner, bool flock,
	   const struct lock_range *want, bool wait)
{
	struct file_lock *fresh = kzalloc(sizeof(*fresh));
	struct file_lock *spare = kzalloc(sizeof(*spare)), *blocker;
	int err = -ENOMEM;

	if (fresh == NULL || spare == NULL)
		goto out;
	mutex_lock(&locks_lock);
	err = 0;
	while (want->type != F_UNLCK && err == 0 &&
	       (blocker = find_conflict(inode, owner, flock, want)) != NULL)
		err = wait ? wait_for(owner, blocker->owner, flock) : -EAGAIN;
	if (err == 0) {
		fresh->r = *want;
		if (want->type != F_UNLCK)
			widen(inode, owner, flock, &fresh->r);
		cut_range(inode, owner, flock, &fresh->r, &spare);
		if (want->type != F_UNLCK) {
			fresh->inode = inode;
			fresh->owner = owner;
			fresh->flock = flock;
			fresh->r.pid = current_pid();
			list_push_back(&inode->locks, &fresh->node);
			fresh = NULL;
		}
		/* A write lock may have become a read lock. */
		wake_waiters();
	}
	mutex_unlock(&locks_lock);
out:
	kfree(fresh);
	kfree(spare);
	return err;
}

int
lock_set(struct file *f, struct fdtable *owner, const struct lock_range *want,
	 bool wait)
{
	return lock_apply(f->inode, owner, false, want, wait);
}

void
lock_test(struct file *f, struct fdtable *owner, struct lock_range *want)
{
	struct file_lock *l;

	mutex_lock(&locks_lock);
	l = find_conflict(f->inode, owner, false, want);
	if (l != NULL)
		*want = l->r;
	else
		want->type = F_UNLCK;
	mutex_unlock(&locks_lock);
}

int
lock_flock(struct file *f, int type, bool wait)
{
	struct lock_range all = { .type = type, .start = 0, .end = UINT64_MAX };

	return lock_apply(f->inode, f, true, &all, wait);
}

static void
release(struct inode *inode, const void *owner)
{
	struct file_lock *l, *tmp;
	bool any = false;

	mutex_lock(&locks_lock);
	list_for_each_entry_safe(l, tmp, &inode->locks, node) {
		if (l->owner == owner) {
			lock_free(l);
			any = true;
		}
	}
	if (any)
		wake_waiters();
	mutex_unlock(&locks_lock);
}

void
lock_release_owner(struct inode *inode, struct fdtable *owner)
{
	release(inode, owner);
}

void
lock_release_file(struct file *f)
{
	release(f->inode, f);
}
