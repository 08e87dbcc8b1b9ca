/* SPDX-License-Identifier: MIT */
/*
 * mm/commit.h - commit accounting, in pages, and its policy.
 *
 * The policy decides when commit_charge() refuses a request.  It is set at boot
 * and can be changed at any time.  A change does not affect the pages that are
 * already charged.
 */
#ifndef MM_COMMIT_H
#define MM_COMMIT_H

#include "lib/base.h"

/* Linux's numbers, as in /proc/sys/vm/overcommit_memory. */
enum commit_policy {
	COMMIT_HEURISTIC, /* refuse a single request for more than all RAM */
	COMMIT_ALWAYS,	  /* refuse nothing */
	COMMIT_STRICT,	  /* refuse a request that would exceed the limit */
};

/*
 * Boot, once, after frame_init(): set the policy by name, heuristic, always or
 * strict.  For any other name the policy is heuristic and the result false.
 */
bool commit_init(const char *name) nonnull;

/*
 * Get the policy, or set it by number; false if no policy has that number.
 * Pages that are already charged stay charged.  Any context.
 */
enum commit_policy commit_policy(void);
bool commit_set_policy(uint64_t number);

/*
 * Charge the pages of one request, also for tmpfs.  Returns 0, or -ENOMEM if
 * the policy refuses the request.  Any context.
 */
int commit_charge(uint64_t pages) must_check;
/*
 * As commit_charge(), for the pages that a fork duplicates: only the strict
 * policy can refuse them.
 */
int commit_charge_copy(uint64_t pages) must_check;
void commit_release(uint64_t pages);
/* The pages that are charged now, and the limit of the strict policy. */
void commit_get(uint64_t *committed, uint64_t *limit);

#endif
