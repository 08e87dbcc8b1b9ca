/*
 * kernel/symbol.h - names for kernel addresses.
 */
#ifndef KERNEL_SYMBOL_H
#define KERNEL_SYMBOL_H

#include "lib/base.h"

/* The function that contains `va` and the offset into it, or NULL. */
const char *symbol_find(vaddr_t va, uint64_t *offset);

#endif
