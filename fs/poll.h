/* SPDX-License-Identifier: MIT */
/*
 * fs/poll.h - waiting for several files at once.
 *
 * A file's poll() operation returns the events that hold now.  It calls
 * poll_wait() for each wait queue that is woken when these events change.
 * poll_files() sleeps on all of these queues.  Queues that pollers use must be
 * woken with waitq_wake_all().  Process context, no spin lock held.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include "kernel/wait.h"

#define POLLIN	   0x0001u
#define POLLPRI	   0x0002u
#define POLLOUT	   0x0004u
#define POLLERR	   0x0008u
#define POLLHUP	   0x0010u
#define POLLNVAL   0x0020u
#define POLLRDNORM 0x0040u
#define POLLRDBAND 0x0080u
#define POLLWRNORM 0x0100u
#define POLLWRBAND 0x0200u
#define POLLRDHUP  0x2000u

struct poll_table; /* private to fs/poll.c */

/*
 * Add the thread to wait queue `q`, for a poll() operation, which must call
 * this before it tests its condition.  `q` must live as long as the file.  No
 * effect if pt is NULL: then no thread is going to sleep.
 */
void poll_wait(struct waitq *q, struct poll_table *pt);

struct poll_entry {
	struct file *file; /* with a reference; NULL: see revents */
	int32_t fd;	   /* for the caller */
	uint16_t events;   /* POLL* to report; caller adds POLLERR ... */
	uint16_t revents;  /* result; if file is NULL, set by the caller:
			      nonzero means ready */
};

/*
 * A list of arrays of entries, so that many entries need no large block of
 * memory.
 */
struct poll_piece {
	struct poll_piece *next; /* NULL: the last */
	struct poll_entry *entries;
	unsigned count;
};

/*
 * Wait until an entry is ready, or until `deadline` (a time_now() value, 0: do
 * not wait, WAIT_FOREVER).  Returns the number of ready entries, 0 at the
 * deadline; -ERESTARTNOHAND (a signal), -ENOMEM (no room to wait on so many).
 */
int poll_files(struct poll_piece *p, uint64_t deadline) must_check nonnull;

#endif
