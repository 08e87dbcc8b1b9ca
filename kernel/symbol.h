/* SPDX-License-Identifier: MIT */
/*
 * kernel/symbol.h - names for kernel addresses.
 *
 * For the reports of panic() and the lock checker.  Any context, also while the
 * machine panics; nothing is locked or allocated.
 */
#ifndef KERNEL_SYMBOL_H
#define KERNEL_SYMBOL_H

#include "lib/base.h"

/* The name of the function that contains `va`, and the offset; or NULL. */
const char *symbol_find(vaddr_t va, uint64_t *offset);

#endif
