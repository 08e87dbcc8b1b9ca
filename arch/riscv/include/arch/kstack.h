/* SPDX-License-Identifier: MIT */
/*
 * arch/kstack.h - allocate and free kernel stacks.
 *
 * A stack is KSTACK_SIZE bytes.  The guard pages below it are unmapped, so that
 * an overflow traps instead of overwriting memory.  Freed stacks stay mapped in
 * a small per-hart cache, since unmapping requires a TLB flush on every hart.
 */
#ifndef ARCH_KSTACK_H
#define ARCH_KSTACK_H

#include "lib/base.h"

/*
 * Allocate a stack with undefined contents.  Returns its lowest address, or 0
 * if memory or address space has run out.  Process context without spin locks.
 */
vaddr_t kstack_alloc(void) must_check;

/* Free a stack that no thread runs on.  Any context without spin locks. */
void kstack_free(vaddr_t base);

/* Free the cached stacks of all harts. */
void kstack_drain(void);

/* The number of stacks in use, cached stacks excluded. */
unsigned kstack_in_use(void);

/*
 * Make the stacks that other harts have mapped visible to this hart: call it
 * before a switch to another stack, or after a page fault in the kernel.  False
 * if there was nothing to do: then the fault is a bug.  Interrupts off.
 */
bool kstack_sync(void);

/*
 * Find the stack that contains sp, or with guard pages that contain sp.
 * Returns its lowest address, or 0 if there is none.  For panics: any context,
 * no lock.
 */
vaddr_t kstack_find(vaddr_t sp);

/* Continue in fn() at the top of another stack; abandon the current one. */
noreturn void stack_call(vaddr_t top, void (*fn)(void));

#endif
