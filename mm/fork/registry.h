/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/registry.h - choosing the default fork strategy at boot.
 *
 * The functions that look up a strategy by its name are declared in mm/space.h,
 * since code outside mm/ calls them, too.
 */
#ifndef MM_FORK_REGISTRY_H
#define MM_FORK_REGISTRY_H

#include "lib/base.h"

/*
 * Check all strategies and choose the default.  `bootarg` is the value of the
 * boot argument fork=, or NULL.  False if `bootarg` names no strategy: the
 * build's default stays chosen.  Panics if a strategy is incomplete, if two
 * have the same name, or if the build's default does not exist.  Boot hart,
 * once.
 */
bool fork_registry_init(const char *bootarg);

#endif
