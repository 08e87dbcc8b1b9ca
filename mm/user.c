/* SPDX-License-Identifier: MIT */
/*
 * mm/user.c - counts and limits the kernel resources of each user.
 *
 * A small hash table finds a user by id.  The counts are atomic, so that
 * charging needs no lock; user_lock guards the hash chains.  The last reference
 * is dropped under user_lock, so that no search finds a user that is being
 * freed.
 */
#include "mm/user.h"

#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "lib/list.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define CHAINS 16u

struct user {
	struct list_node node;		    /* [user_lock] in its chain */
	uint32_t uid;			    /* [i] */
	_Atomic uint32_t refs;		    /* [a] */
	_Atomic uint64_t holds[USER_KINDS]; /* [a] */
};

/* The limit of a kind is 1/SHARE of RAM, and for page tables 1/TABLES_SHARE. */
#define SHARE	     16u
#define TABLES_SHARE 4u

/*
 * The most bytes that one counted object uses, including the objects that it
 * owns.
 */
#define FILE_BYTES 1024u /* file, inode, pipe */
#define VMA_BYTES  128u

_Atomic uint64_t user_most[USER_KINDS];

static struct spinlock user_lock = SPINLOCK_INIT(LOCK_USERS);
static struct list_node chains[CHAINS]; /* [user_lock] next NULL: unused */

void
user_init(void)
{
	struct frame_stats s;
	uint64_t bytes;

	frame_get_stats(&s);
	bytes = (s.total << PAGE_SHIFT) / SHARE;
	user_most[USER_FILES] = bytes / FILE_BYTES;
	user_most[USER_VMAS] = bytes / VMA_BYTES;
	user_most[USER_TEXTS] = bytes / PAGE_SIZE;
	user_most[USER_TABLES] = s.total / TABLES_SHARE;
}

/* The hash chain of an id. */
static struct list_node *
chain_of(uint32_t uid)
{
	struct list_node *chain = &chains[uid % CHAINS];

	requires_lock(&user_lock);
	if (chain->next == NULL)
		list_init(chain);
	return chain;
}

/* Find the user with this id, and take a reference; or NULL. */
static struct user *
find_locked(uint32_t uid)
{
	struct user *u;

	requires_lock(&user_lock);
	list_for_each_entry(u, chain_of(uid), node) {
		if (u->uid == uid)
			return user_get(u);
	}
	return NULL;
}

struct user *
user_find(uint32_t uid)
{
	struct user *fresh = kzalloc(sizeof(*fresh)), *u;

	if (fresh == NULL)
		return NULL;
	fresh->uid = uid;
	fresh->refs = 1;
	spin_lock(&user_lock);
	u = find_locked(uid);
	if (u == NULL)
		list_push_back(chain_of(uid), &fresh->node);
	spin_unlock(&user_lock);
	if (u == NULL)
		return fresh;
	kfree(fresh);
	return u;
}

struct user *
user_get(struct user *u)
{
	if (u != NULL)
		atomic_fetch_add_explicit(&u->refs, 1, memory_order_relaxed);
	return u;
}

void
user_put(struct user *u)
{
	uint32_t refs;
	bool last;

	if (u == NULL)
		return;
	refs = u->refs;
	while (refs > 1) {
		if (atomic_compare_exchange_weak(&u->refs, &refs, refs - 1))
			return;
	}
	spin_lock(&user_lock);
	last = atomic_fetch_sub(&u->refs, 1) == 1;
	if (last)
		list_del(&u->node);
	spin_unlock(&user_lock);
	if (!last)
		return;
	for (unsigned i = 0; i < USER_KINDS; i++)
		assert(u->holds[i] == 0);
	kfree(u);
}

void
user_add(struct user *u, enum user_kind kind, uint64_t n)
{
	if (u != NULL)
		atomic_fetch_add_explicit(&u->holds[kind], n,
					  memory_order_relaxed);
}

bool
user_within(const struct user *u, enum user_kind kind)
{
	return user_uid(u) == 0 || u->holds[kind] <= user_most[kind];
}

bool
user_charge(struct user *u, enum user_kind kind, uint64_t n, uint64_t limit)
{
	uint64_t old;

	if (u == NULL)
		return true;
	old = atomic_fetch_add_explicit(&u->holds[kind], n,
					memory_order_relaxed);
	if (likely(n <= limit && old <= limit - n))
		return true;
	user_uncharge(u, kind, n);
	return false;
}

bool
user_charge_most(struct user *u, enum user_kind kind, uint64_t n)
{
	return user_charge(u, kind, n,
			   user_uid(u) == 0 ? UINT64_MAX : user_most[kind]);
}

void
user_uncharge(struct user *u, enum user_kind kind, uint64_t n)
{
	if (u != NULL)
		atomic_fetch_sub_explicit(&u->holds[kind], n,
					  memory_order_relaxed);
}

uint32_t
user_uid(const struct user *u)
{
	return u == NULL ? 0 : u->uid;
}

void *
user_page(struct user *u)
{
	void *page;

	if (!user_charge_most(u, USER_TEXTS, 1))
		return NULL;
	page = kmalloc(PAGE_SIZE);
	if (page == NULL)
		user_uncharge(u, USER_TEXTS, 1);
	return page;
}

void
user_page_free(struct user *u, void *page)
{
	user_uncharge(u, USER_TEXTS, 1);
	kfree(page);
}

bool
user_next(uint32_t *uid, uint64_t holds[USER_KINDS])
{
	struct user *best = NULL, *u;

	spin_lock(&user_lock);
	for (unsigned i = 0; i < CHAINS; i++) {
		list_for_each_entry(u, chain_of(i), node) {
			if (u->uid >= *uid &&
			    (best == NULL || u->uid < best->uid))
				best = u;
		}
	}
	for (unsigned i = 0; best != NULL && i < USER_KINDS; i++)
		holds[i] = best->holds[i];
	if (best != NULL)
		*uid = best->uid;
	spin_unlock(&user_lock);
	return best != NULL;
}
