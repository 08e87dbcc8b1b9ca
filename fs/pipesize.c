/* SPDX-License-Identifier: MIT */
/*
 * fs/pipesize.c - the limits of pipe(7) on the capacity of pipes.
 *
 *   /proc/sys/fs/pipe-max-size          bytes that F_SETPIPE_SZ may ask for
 *   /proc/sys/fs/pipe-user-pages-soft   pages of one user's pipes; above it a
 *                                       new pipe gets two, and none may grow
 *   /proc/sys/fs/pipe-user-pages-hard   pages of one user's pipes; above it
 *                                       new pipes are refused
 *
 * In the last two, 0 means no limit.  Root's pipes are counted, but root is
 * exempt from the limits.  Linux has 16,384 pages and no hard limit; here both
 * depend on the size of RAM, so that one user's pipes leave most of a small
 * machine to the other users.
 */
#include "fs/pipesize.h"

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/user.h"

#define SOFT_MOST  16384u /* pages, as on Linux */
#define SOFT_SHARE 16u	  /* or RAM / SOFT_SHARE, if less */

_Atomic uint64_t pipe_max_size = 1 << 20;
_Atomic uint64_t pipe_soft_pages, pipe_hard_pages;

/* The limit as it applies to the current thread: none for root. */
static uint64_t
bound(uint64_t pages)
{
	return pages == 0 || thread_current()->cred.euid == 0 ? UINT64_MAX
							      : pages;
}

uint32_t
pipe_charge_new(struct user *u)
{
	uint32_t pages = (uint32_t)MIN(bound(pipe_max_size) >> PAGE_SHIFT,
				       (uint64_t)PIPE_PAGES);

	if (user_charge(u, USER_PIPES, pages,
			MIN(bound(pipe_soft_pages), bound(pipe_hard_pages))))
		return pages;
	pages = MIN(pages, PIPE_PAGES_FEW);
	return user_charge(u, USER_PIPES, pages, bound(pipe_hard_pages)) ? pages
									 : 0;
}

int
pipe_charge_more(struct user *u, uint32_t more, uint32_t pages)
{
	uint64_t most = MIN(bound(pipe_soft_pages), bound(pipe_hard_pages));

	if (more == 0)
		return 0;
	if ((uint64_t)pages << PAGE_SHIFT > bound(pipe_max_size))
		return -EPERM;
	return user_charge(u, USER_PIPES, more, most) ? 0 : -EPERM;
}

void
pipe_uncharge(struct user *u, uint32_t pages)
{
	user_uncharge(u, USER_PIPES, pages);
}

void
pipesize_init(void)
{
	struct frame_stats s;

	frame_get_stats(&s);
	pipe_soft_pages = MIN(s.total / SOFT_SHARE, SOFT_MOST);
	pipe_hard_pages = 2 * pipe_soft_pages;
}
