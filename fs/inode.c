/* SPDX-License-Identifier: MIT */
/*
 * fs/inode.c - the inode cache: one struct inode for each file in use, found by
 * (superblock, number); and the changes common to all file systems.
 *
 * icache_lock, a spin lock, guards the hash and the list of unused inodes; it
 * is held when a reference count becomes 0 or leaves 0.  An inode is loaded
 * (INODE_NEW) and evicted (INODE_EVICTING) without the lock; meanwhile, lookups
 * of the inode block on icache_waitq.  When memory is short, inode_find() and
 * inode_new() fail and change nothing; a shrinker evicts unused clean inodes.
 */
#include "fs/inode.h"

#include "fs/init.h"
#include "fs/mount.h"
#include "fs/pagecache.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/time.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define HASH_SIZE     512u  /* a power of two */
#define UNUSED_MAX    2048u /* prune when there are more unused */
#define PRUNE_AT_ONCE 256u  /* inodes that one prune may evict */

struct spinlock icache_lock = SPINLOCK_INIT(LOCK_INODES);
static struct waitq icache_waitq = WAITQ_INIT(icache_waitq);
static struct list_node hash[HASH_SIZE];		      /* [C] */
static struct list_node unused_list = LIST_INIT(unused_list); /* [C] oldest
								 first */
static _Atomic unsigned unused_count; /* [C] to change */

static struct list_node *
hash_chain(const struct superblock *sb, uint64_t ino)
{
	uint64_t h =
		(ino ^ (uint64_t)sb->dev << 20) * UINT64_C(0x9e3779b97f4a7c15);

	return &hash[h >> 32 & (HASH_SIZE - 1)];
}

/* Find an inode in the hash; NULL: it is not cached. */
static struct inode *
hash_lookup(const struct superblock *sb, uint64_t ino)
{
	struct list_node *chain = hash_chain(sb, ino);
	struct inode *inode;

	requires_lock(&icache_lock);
	list_for_each_entry(inode, chain, hash_node) {
		if (inode->ino == ino && inode->sb == sb)
			return inode;
	}
	return NULL;
}

static struct inode *
inode_alloc(struct superblock *sb, uint64_t ino)
{
	struct inode *inode = sb->ops->alloc_inode(sb);

	if (inode == NULL)
		return NULL;
	inode->sb = sb;
	inode->ino = ino;
	atomic_store(&inode->refs, 1);
	mutex_init(&inode->lock, LOCK_INODE);
	list_init(&inode->hash_node);
	list_init(&inode->sb_node);
	list_init(&inode->lru_node);
	return inode;
}

static void
inode_publish(struct inode *inode)
{
	requires_lock(&icache_lock);
	list_push_front(hash_chain(inode->sb, inode->ino), &inode->hash_node);
	list_push_back(&inode->sb->inodes, &inode->sb_node);
}

/* Add a reference to an inode, which may be unused. */
static void
inode_take(struct inode *inode)
{
	requires_lock(&icache_lock);
	if (atomic_fetch_add(&inode->refs, 1) == 0) {
		list_del(&inode->lru_node);
		unused_count--;
	}
}

static bool
inode_leaving(struct superblock *sb, uint64_t ino)
{
	struct inode *inode;
	bool leaving;

	spin_lock(&icache_lock);
	inode = hash_lookup(sb, ino);
	leaving = inode != NULL && (inode->state & INODE_EVICTING) != 0;
	spin_unlock(&icache_lock);
	return leaving;
}

static bool
inode_cached(struct superblock *sb, uint64_t ino)
{
	bool cached;

	spin_lock(&icache_lock);
	cached = hash_lookup(sb, ino) != NULL;
	spin_unlock(&icache_lock);
	return cached;
}

/*
 * Look up an inode in the cache and wait until it is loaded.  *out with a
 * reference, or NULL if the inode is not cached.  0; -EIO (INODE_BAD).
 */
static int
inode_find_cached(struct superblock *sb, uint64_t ino, struct inode **out)
{
	struct inode *inode;

	for (;;) {
		spin_lock(&icache_lock);
		inode = hash_lookup(sb, ino);
		if (inode == NULL || !(inode->state & INODE_EVICTING))
			break;
		spin_unlock(&icache_lock);
		wait_event(&icache_waitq, !inode_leaving(sb, ino));
	}
	if (inode != NULL)
		inode_take(inode);
	spin_unlock(&icache_lock);

	if (inode != NULL && (inode->state & INODE_NEW) != 0)
		wait_event(&icache_waitq, !(inode->state & INODE_NEW));
	if (inode != NULL && (inode->state & INODE_BAD) != 0) {
		inode_put(inode);
		return -EIO;
	}
	*out = inode;
	return 0;
}

static void
inode_set_state(struct inode *inode, unsigned set, unsigned clear)
{
	atomic_fetch_or(&inode->state, set);
	atomic_fetch_and(&inode->state, ~clear);
}

int
inode_find(struct superblock *sb, uint64_t ino, struct inode **out)
{
	struct inode *fresh, *cached;
	int err;

	for (;;) {
		err = inode_find_cached(sb, ino, &cached);
		if (err != 0 || cached != NULL) {
			*out = cached;
			return err;
		}
		fresh = inode_alloc(sb, ino);
		if (fresh == NULL)
			return -ENOMEM;
		fresh->state = INODE_NEW;
		spin_lock(&icache_lock);
		if (hash_lookup(sb, ino) == NULL)
			break;
		spin_unlock(&icache_lock);
		sb->ops->free_inode(fresh);
	}
	inode_publish(fresh);
	spin_unlock(&icache_lock);

	err = sb->ops->read_inode(fresh);
	spin_lock(&icache_lock);
	if (err != 0) {
		list_del(&fresh->hash_node);
		inode_set_state(fresh, INODE_BAD, 0);
	}
	inode_set_state(fresh, 0, INODE_NEW);
	spin_unlock(&icache_lock);
	waitq_wake_all(&icache_waitq);
	if (err != 0) {
		inode_put(fresh);
		return err;
	}
	*out = fresh;
	return 0;
}

struct inode *
inode_new(struct superblock *sb, uint64_t ino, const struct inode_attr *attr)
{
	struct inode *inode = inode_alloc(sb, ino);

	if (inode == NULL)
		return NULL;
	inode->mode = attr->mode;
	inode->uid = attr->uid;
	inode->gid = attr->gid;
	inode->rdev = attr->rdev;
	inode->nlink = 1;
	inode->atime = inode->mtime = inode->ctime = (int64_t)time_real();
	return inode;
}

void
inode_add(struct inode *inode)
{
	spin_lock(&icache_lock);
	/*
	 * On a damaged disk, a directory entry may name a free inode, so
	 * another thread may be reading this one.  The read fails: wait until
	 * that inode has left the cache.
	 */
	while (hash_lookup(inode->sb, inode->ino) != NULL) {
		spin_unlock(&icache_lock);
		wait_event(&icache_waitq, !inode_cached(inode->sb, inode->ino));
		spin_lock(&icache_lock);
	}
	inode_publish(inode);
	spin_unlock(&icache_lock);
}

struct inode *
inode_get(struct inode *inode)
{
	uint32_t old = atomic_fetch_add(&inode->refs, 1);

	assert(old > 0);
	(void)old;
	return inode;
}

/*
 * Evict an inode with refs 0 and INODE_EVICTING: lookups of it block, so no
 * thread can get a reference.  Returns the former parent of a removed directory
 * (inode->above, else NULL), which the caller must put.
 */
static struct inode *
inode_evict(struct inode *inode)
{
	const struct super_ops *ops = inode->sb->ops;
	struct inode *above = inode->above;

	if (!(inode->state & INODE_BAD) && ops->evict_inode != NULL)
		ops->evict_inode(inode);
	spin_lock(&icache_lock);
	list_del(&inode->hash_node);
	list_del(&inode->sb_node);
	spin_unlock(&icache_lock);
	/* If this was the last inode, the superblock may be freed already. */
	waitq_wake_all(&icache_waitq);
	ops->free_inode(inode);
	return above;
}

static size_t prune(bool write_back, size_t limit, size_t looks);

/* Drop one reference.  Returns the inode to put next, or NULL. */
static struct inode *
put_one(struct inode *inode)
{
	uint32_t refs = atomic_load(&inode->refs);
	bool crowded;

	while (refs > 1) {
		if (atomic_compare_exchange_weak(&inode->refs, &refs, refs - 1))
			return NULL;
	}
	spin_lock(&icache_lock);
	assert(inode->refs > 0);
	if (atomic_fetch_sub(&inode->refs, 1) != 1) {
		spin_unlock(&icache_lock);
		return NULL;
	}
	if (inode->nlink == 0 || (inode->sb->flags & SB_NOCACHE) != 0 ||
	    (inode->state & INODE_BAD) != 0) {
		inode_set_state(inode, INODE_EVICTING, 0);
		spin_unlock(&icache_lock);
		return inode_evict(inode);
	}
	list_push_back(&unused_list, &inode->lru_node);
	crowded = ++unused_count > UNUSED_MAX &&
		  unused_count % PRUNE_AT_ONCE == 0;
	spin_unlock(&icache_lock);
	if (crowded)
		prune(false, PRUNE_AT_ONCE, 2 * PRUNE_AT_ONCE);
	return NULL;
}

void
inode_put(struct inode *inode)
{
	while (inode != NULL)
		inode = put_one(inode);
}

static bool
data_is_dirty(const struct inode *inode)
{
	return inode->cache != NULL && inode->cache->dev != NULL &&
	       S_ISREG(inode->mode) &&
	       (inode->cache->dirty != 0 || inode->cache->in_flight != 0);
}

static bool
inode_is_dirty(const struct inode *inode)
{
	return (inode->state & INODE_DIRTY) != 0 || data_is_dirty(inode);
}

static int
write_data(struct inode *inode)
{
	if (inode->cache == NULL || inode->cache->dev == NULL ||
	    !S_ISREG(inode->mode))
		return 0;
	return pagecache_sync(inode->cache, 0, UINT64_MAX);
}

/*
 * Check the oldest unused inode.  If it is clean, remove it from the list, set
 * INODE_EVICTING and return it.  If it is dirty, return it with a reference if
 * `write_back`; else move it to the end of the list and return NULL.  The list
 * is not empty.
 */
static struct inode *
unused_look(bool write_back, bool *dirty)
{
	struct inode *inode = list_first(&unused_list, struct inode, lru_node);

	requires_lock(&icache_lock);
	*dirty = inode_is_dirty(inode);
	if (*dirty && !write_back) {
		list_del(&inode->lru_node);
		list_push_back(&unused_list, &inode->lru_node);
		return NULL;
	}
	if (*dirty) {
		inode_take(inode);
	} else {
		inode_set_state(inode, INODE_EVICTING, 0);
		list_del(&inode->lru_node);
		unused_count--;
	}
	return inode;
}

/*
 * Evict at most `limit` of the `looks` oldest unused inodes; returns the count.
 */
static size_t
prune(bool write_back, size_t limit, size_t looks)
{
	struct inode *inode = NULL;
	bool dirty = false, none;
	size_t done = 0;

	while (done < limit && looks-- > 0) {
		spin_lock(&icache_lock);
		none = list_empty(&unused_list);
		if (!none)
			inode = unused_look(write_back, &dirty);
		spin_unlock(&icache_lock);
		if (none)
			break;
		if (inode == NULL)
			continue;
		if (dirty) {
			/* inode_put() appends the inode to the list again. */
			(void)write_data(inode);
			inode_put(inode);
		} else {
			/* inode_evict() returns NULL: the inode has a name. */
			(void)inode_evict(inode);
			done++;
		}
	}
	return done;
}

void
inode_prune(void)
{
	(void)prune(true, SIZE_MAX, 4 * (size_t)unused_count + 16);
}

bool
inode_busy(struct superblock *sb)
{
	struct inode *inode;

	requires_lock(&icache_lock);
	list_for_each_entry(inode, &sb->inodes, sb_node) {
		if (inode->refs > (inode == sb->root))
			return true;
	}
	return false;
}

static bool
any_inode(const struct inode *inode)
{
	(void)inode;
	return true;
}

static bool
must_commit(const struct inode *inode)
{
	return (inode->state & INODE_DIRTY) != 0 && inode->nlink > 0;
}

/*
 * Find the next usable inode of `sb` after `after` (NULL: the first) for which
 * fits() is true, with a reference; NULL at the end.
 */
static struct inode *
next_where(struct superblock *sb, struct inode *after,
	   bool (*fits)(const struct inode *inode))
{
	struct list_node *it =
		after == NULL ? sb->inodes.next : after->sb_node.next;

	requires_lock(&icache_lock);
	for (; it != &sb->inodes; it = it->next) {
		struct inode *inode = list_entry(it, struct inode, sb_node);

		if (!(inode->state &
		      (INODE_NEW | INODE_EVICTING | INODE_BAD)) &&
		    fits(inode)) {
			inode_take(inode);
			return inode;
		}
	}
	return NULL;
}

static struct inode *
next_and_put(struct superblock *sb, struct inode *after,
	     bool (*fits)(const struct inode *inode))
{
	struct inode *inode;

	spin_lock(&icache_lock);
	inode = next_where(sb, after, fits);
	spin_unlock(&icache_lock);
	inode_put(after);
	return inode;
}

struct inode *
inode_next(struct superblock *sb, struct inode *after)
{
	return next_and_put(sb, after, any_inode);
}

struct inode *
inode_next_dirty(struct superblock *sb, struct inode *after)
{
	return next_and_put(sb, after, data_is_dirty);
}

/* As inode_put(), without eviction: the inode has a name. */
static void
put_named(struct inode *inode)
{
	requires_lock(&icache_lock);
	assert(inode->nlink > 0);
	if (atomic_fetch_sub(&inode->refs, 1) == 1) {
		list_push_back(&unused_list, &inode->lru_node);
		unused_count++;
	}
}

struct inode *
inode_next_to_commit(struct superblock *sb, struct inode *after)
{
	struct inode *found;

	spin_lock(&icache_lock);
	found = next_where(sb, after, must_commit);
	if (after != NULL)
		put_named(after);
	spin_unlock(&icache_lock);
	return found;
}

int
inode_sync(struct inode *inode)
{
	struct superblock *sb = inode->sb;
	int err, err2 = 0;

	/*
	 * A commit in progress may have cleared INODE_DIRTY but not yet written
	 * the inode.  Set the flag again, so that sync() writes it.
	 */
	if (!sb_read_only(sb) && sb->ops->commit != NULL)
		atomic_fetch_or(&inode->state, INODE_DIRTY);
	err = write_data(inode);
	if (S_ISBLK(inode->mode) && inode->cache != NULL)
		err = mount_sync_disk(inode->cache);
	if (sb->ops->sync != NULL)
		err2 = sb->ops->sync(sb);
	return err != 0 ? err : err2;
}

void
inode_mark_dirty(struct inode *inode)
{
	if (inode->sb->ops->commit == NULL)
		return;
	if (!(atomic_fetch_or(&inode->state, INODE_DIRTY) & INODE_DIRTY))
		inode_writer_kick();
}

void
inode_touch(struct inode *inode)
{
	inode->mtime = inode->ctime = (int64_t)time_real();
	inode_mark_dirty(inode);
}

void
inode_touch_ctime(struct inode *inode)
{
	inode->ctime = (int64_t)time_real();
	inode_mark_dirty(inode);
}

void
inode_accessed(struct inode *inode)
{
	int64_t now;

	if (sb_read_only(inode->sb) || inode->sb->ops->commit == NULL)
		return;
	/*
	 * relatime: update if atime is not newer than mtime and ctime, or is a
	 * day old.  The unsigned difference cannot overflow.
	 */
	now = (int64_t)time_real();
	if (inode->atime > inode->mtime && inode->atime > inode->ctime &&
	    (inode->atime > now ||
	     (uint64_t)now - (uint64_t)inode->atime < 86400 * NSEC_PER_SEC))
		return;
	inode->atime = now;
	inode_mark_dirty(inode);
}

void
inode_apply_change(struct inode *inode, const struct inode_change *c)
{
	if (c->what & CHANGE_MODE)
		inode->mode = (inode->mode & S_IFMT) | (c->mode & S_IALLUGO);
	if (c->what & CHANGE_UID)
		inode->uid = c->uid;
	if (c->what & CHANGE_GID)
		inode->gid = c->gid;
	if (c->what & CHANGE_ATIME)
		inode->atime = c->atime;
	if (c->what & CHANGE_MTIME)
		inode->mtime = c->mtime;
	inode_touch_ctime(inode);
}

int
inode_deny_write(struct inode *inode)
{
	int32_t n = atomic_load(&inode->writers);

	do {
		if (n > 0)
			return -ETXTBSY;
	} while (!atomic_compare_exchange_weak(&inode->writers, &n, n - 1));
	return 0;
}

void
inode_allow_write(struct inode *inode)
{
	atomic_fetch_add(&inode->writers, 1);
}

int
inode_begin_write(struct inode *inode)
{
	int32_t n = atomic_load(&inode->writers);

	do {
		if (n < 0)
			return -ETXTBSY;
	} while (!atomic_compare_exchange_weak(&inode->writers, &n, n + 1));
	/*
	 * Check the flag after counting the writer: a remount sets the flag,
	 * then looks for writers.
	 */
	if (sb_refuses_writes(inode->sb) && S_ISREG(inode->mode)) {
		inode_end_write(inode);
		return -EROFS;
	}
	return 0;
}

void
inode_end_write(struct inode *inode)
{
	atomic_fetch_sub(&inode->writers, 1);
}

static size_t
icache_shrinker(size_t pages)
{
	return prune(false, pages / 4 + 1, unused_count);
}

void
icache_init(void)
{
	for (unsigned i = 0; i < HASH_SIZE; i++)
		list_init(&hash[i]);
	frame_register_shrinker(icache_shrinker);
}
