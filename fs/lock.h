/*
 * fs/lock.h - advisory locks: fcntl(F_SETLK) records and flock(2).
 *
 * A record lock belongs to a descriptor table (as Linux's does to its
 * files_struct), a flock to an open file.  The two kinds do not see each
 * other.
 */
#ifndef FS_LOCK_H
#define FS_LOCK_H

#include "fs/fd.h"

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

struct lock_range {
	int type;	     /* F_RDLCK, F_WRLCK, F_UNLCK */
	uint64_t start, end; /* bytes, inclusive; end UINT64_MAX: to the end */
	pid_t pid;	     /* who holds it */
};

/*
 * Take, change or drop a record lock.  With `wait` sleeps until it is free.
 * 0; -EAGAIN, -EDEADLK (would wait for ever), -ERESTARTSYS, -ENOMEM.
 */
int lock_set(struct file *f, struct fdtable *owner,
	     const struct lock_range *want, bool wait) must_check;

/* The first lock in the way of *want replaces it, or type = F_UNLCK. */
void lock_test(struct file *f, struct fdtable *owner, struct lock_range *want);

/* flock(2): type as above.  0, -EAGAIN, -ERESTARTSYS, -ENOMEM. */
int lock_flock(struct file *f, int type, bool wait) must_check;

/* A descriptor of `inode` in this table was closed: all its records go. */
void lock_release_owner(struct inode *inode, struct fdtable *owner);
/* The open file goes: its flock goes. */
void lock_release_file(struct file *f);

#endif
