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

#include "fs/procfs.h"
#include "kernel/hart.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/user.h"

#define SOFT_MOST  16384u /* pages, as on Linux */
#define SOFT_SHARE 16u	  /* or RAM / SOFT_SHARE, if less */

/* [a] Set at boot and by root. */
static _Atomic uint64_t max_size = 1 << 20; /* bytes, a power of two pages */
static _Atomic uint64_t soft_pages, hard_pages; /* 0: no limit */

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
	uint32_t pages = (uint32_t)MIN(bound(max_size) >> PAGE_SHIFT,
				       (uint64_t)PIPE_PAGES);

	if (user_charge(u, USER_PIPES, pages,
			MIN(bound(soft_pages), bound(hard_pages))))
		return pages;
	pages = MIN(pages, PIPE_PAGES_FEW);
	return user_charge(u, USER_PIPES, pages, bound(hard_pages)) ? pages : 0;
}

int
pipe_charge_more(struct user *u, uint32_t more, uint32_t pages)
{
	uint64_t most = MIN(bound(soft_pages), bound(hard_pages));

	if (more == 0)
		return 0;
	if ((uint64_t)pages << PAGE_SHIFT > bound(max_size))
		return -EPERM;
	return user_charge(u, USER_PIPES, more, most) ? 0 : -EPERM;
}

void
pipe_uncharge(struct user *u, uint32_t pages)
{
	user_uncharge(u, USER_PIPES, pages);
}

/* ---- /proc/sys/fs ---- */

/* Set max_size, rounded up to a power of two pages as by F_SETPIPE_SZ. */
static int
write_max_size(const char *data, size_t n, void *arg)
{
	uint64_t bytes, size = PAGE_SIZE;

	if (!procfs_parse_number(data, n, &bytes) || bytes > UINT64_C(1) << 31)
		return -EINVAL;
	while (size < bytes)
		size *= 2;
	max_size = size;
	return 0;
}

static int
write_pages(const char *data, size_t n, void *arg)
{
	uint64_t pages;

	if (!procfs_parse_number(data, n, &pages))
		return -EINVAL;
	*(_Atomic uint64_t *)arg = pages;
	return 0;
}

void
pipesize_init(void)
{
	struct frame_stats s;

	frame_get_stats(&s);
	soft_pages = MIN(s.total / SOFT_SHARE, SOFT_MOST);
	hard_pages = 2 * soft_pages;
	procfs_register_file("sys/fs/pipe-max-size", procfs_show_number,
			     write_max_size, &max_size);
	procfs_register_file("sys/fs/pipe-user-pages-soft", procfs_show_number,
			     write_pages, &soft_pages);
	procfs_register_file("sys/fs/pipe-user-pages-hard", procfs_show_number,
			     write_pages, &hard_pages);
}
