/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/registry.h - choosing the strategy of this boot.
 *
 * The look-ups of strategies by name are declared in mm/space.h, for code
 * outside mm/ that knows no more of a strategy than its name.
 */
#ifndef MM_FORK_REGISTRY_H
#define MM_FORK_REGISTRY_H

#include "lib/base.h"

/*
 * Check all strategies and choose the default; `bootarg` is the value of fork=,
 * or NULL.  False: `bootarg` names no strategy, and the build's default stays.
 * Boot hart, once.
 */
bool fork_registry_init(const char *bootarg);

#endif
