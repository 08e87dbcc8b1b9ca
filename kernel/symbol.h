/* SPDX-License-Identifier: MIT */
/*
 * kernel/symbol.h - find the function that contains a kernel address.
 *
 * panic() and the lock checker use it in their reports.  Any context, even
 * during a panic: symbol_find() takes no lock and allocates nothing.
 */
#ifndef KERNEL_SYMBOL_H
#define KERNEL_SYMBOL_H

#include "lib/base.h"

/*
 * The name of the function that contains `va`, or NULL.  *offset: va's offset
 * in the function.
 */
const char *symbol_find(vaddr_t va, uint64_t *offset);

#endif
