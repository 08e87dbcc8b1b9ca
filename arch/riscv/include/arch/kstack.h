/* SPDX-License-Identifier: MIT */
/*
 * arch/kstack.h - kernel stacks.
 *
 * A stack is KSTACK_SIZE bytes.  The pages below are unmapped, so that an
 * overflow traps instead of damaging memory.  Freed stacks stay mapped in a
 * small per-hart cache, since a mapping can only be removed together with a
 * flush of every hart.
 */
#ifndef ARCH_KSTACK_H
#define ARCH_KSTACK_H

#include "lib/base.h"

/*
 * The lowest usable address of a new stack, contents undefined; 0 if memory or
 * addresses are short.  Process context without spin locks.
 */
vaddr_t kstack_alloc(void) must_check;

/* No thread may be running on the stack.  Any context without spin locks. */
void kstack_free(vaddr_t base);

/* Free the cached stacks of all harts. */
void kstack_drain(void);

/* Stacks in use now (not the cached ones). */
unsigned kstack_in_use(void);

/* Continue in fn() at the top of another stack; the old one is abandoned. */
noreturn void stack_call(vaddr_t top, void (*fn)(void));

#endif
