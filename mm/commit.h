/* SPDX-License-Identifier: MIT */
/*
 * mm/commit.h - the policy of commit accounting; charging is in mm/space.h.
 *
 * The policy decides when commit_charge() refuses a request.  It is chosen at
 * boot and can be changed at any time: what was charged before stays charged.
 */
#ifndef MM_COMMIT_H
#define MM_COMMIT_H

#include "lib/base.h"

/* Linux's numbers, as in /proc/sys/vm/overcommit_memory. */
enum commit_policy {
	COMMIT_HEURISTIC, /* refuse a single request for more than all RAM */
	COMMIT_ALWAYS,	  /* refuse nothing */
	COMMIT_STRICT,	  /* refuse what goes beyond the limit */
};

/*
 * Boot, once, after frame_init().  `name` is heuristic, always or strict;
 * false, and the policy is heuristic, if it is something else.
 */
bool commit_init(const char *name) nonnull;

/*
 * The policy; a new policy by its number, false if no policy has it.  Any
 * context; what was charged before stays charged.
 */
enum commit_policy commit_policy(void);
bool commit_set_policy(uint64_t number);

#endif
