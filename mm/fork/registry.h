/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/registry.h - choose a fork strategy by its name.
 *
 * The strategies are in a section of the image, which does not change; so the
 * functions need no lock, and run in any context.
 */
#ifndef MM_FORK_REGISTRY_H
#define MM_FORK_REGISTRY_H

#include "lib/base.h"

struct fork_strategy;

/*
 * Check all strategies and choose the default.  `bootarg` is the value of the
 * boot argument fork=, or NULL.  False if `bootarg` names no strategy: the
 * build's default stays chosen.  Panics if a strategy is incomplete, if two
 * have the same name, or if the build's default does not exist.  Boot hart,
 * once.
 */
bool fork_registry_init(const char *bootarg);

/* The strategy called `name`, or NULL. */
const struct fork_strategy *fork_strategy_find(const char *name);
const char *fork_strategy_name(const struct fork_strategy *st);
/* The default of this boot, and its origin ("build", "bootarg"). */
const struct fork_strategy *fork_strategy_default(const char **whence);
/* Strategy number i, from 0, or NULL after the last; a strategy's summary. */
const struct fork_strategy *fork_strategy_at(unsigned i);
const char *fork_strategy_summary(const struct fork_strategy *st);

#endif
