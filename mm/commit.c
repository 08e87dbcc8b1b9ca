/* SPDX-License-Identifier: MIT */
/*
 * mm/commit.c - commit accounting: limits the memory promised to programs.
 *
 * The commit charge is the number of pages that programs may still need: the
 * pages of private writable mappings without VM_NORESERVE, and those of tmpfs.
 * It is counted under every policy, so that the policy can change at any time.
 * The policy decides which request fails with -ENOMEM:
 *
 *   heuristic	a single request for more pages than there is RAM
 *   always	none
 *   strict	a request that would raise the charge above the limit
 *
 * Under strict, once a fork or mmap has succeeded, the process is not killed
 * for lack of a page: the limit leaves a part of RAM for page tables and the
 * kernel's own data.  Under the other two policies proc/shortage.c kills one
 * process when memory runs out.
 *
 * commit_charge() and commit_release() take no lock, and any context may call
 * them.
 */
#include "mm/commit.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"

#define KERNEL_SHARE 16 /* 1/KERNEL_SHARE of RAM is left to the kernel */

static _Atomic uint64_t committed;
static _Atomic enum commit_policy policy read_mostly;
static uint64_t limit read_mostly;	  /* [i] after boot; strict's limit */
static uint64_t most_at_once read_mostly; /* [i] heuristic's limit: all RAM */

bool
commit_init(const char *name)
{
	static const char *const names[] = { "heuristic", "always", "strict" };
	struct frame_stats s;
	unsigned i = 0;

	frame_get_stats(&s);
	limit = s.free - s.free / KERNEL_SHARE;
	most_at_once = s.total - s.reserved;
	while (i < ARRAY_SIZE(names) && strcmp(name, names[i]) != 0)
		i++;
	return commit_set_policy(i);
}

enum commit_policy
commit_policy(void)
{
	return atomic_load_explicit(&policy, memory_order_relaxed);
}

bool
commit_set_policy(uint64_t number)
{
	if (number > COMMIT_STRICT)
		return false;
	atomic_store(&policy, (enum commit_policy)number);
	return true;
}

static uint64_t
count(uint64_t pages)
{
	return atomic_fetch_add_explicit(&committed, pages,
					 memory_order_relaxed);
}

int
commit_charge(uint64_t pages)
{
	if (commit_policy() == COMMIT_HEURISTIC && pages > most_at_once)
		return -ENOMEM;
	return commit_charge_copy(pages);
}

int
commit_charge_copy(uint64_t pages)
{
	uint64_t old = count(pages);

	if (commit_policy() == COMMIT_STRICT &&
	    (pages > limit || old > limit - pages)) {
		commit_release(pages);
		return -ENOMEM;
	}
	return 0;
}

void
commit_release(uint64_t pages)
{
	atomic_fetch_sub_explicit(&committed, pages, memory_order_relaxed);
}

void
commit_get(uint64_t *now, uint64_t *max)
{
	*now = committed;
	*max = limit;
}
