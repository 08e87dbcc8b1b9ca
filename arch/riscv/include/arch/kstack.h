/*
 * arch/kstack.h - kernel stacks.
 *
 * A stack is KSTACK_SIZE bytes whose lower neighbours are unmapped, so that an
 * overflow traps instead of damaging memory.  Freed stacks are kept mapped in
 * a small cache, since a mapping can only be given back after flushing every
 * hart.
 */
#ifndef ARCH_KSTACK_H
#define ARCH_KSTACK_H

#include "lib/base.h"

/*
 * The lowest usable address of a new stack, contents undefined; 0 when memory
 * or addresses are short.  Any context without spin locks.
 */
vaddr_t kstack_alloc(void) must_check;

/* Nobody may be running on it.  Any context without spin locks. */
void kstack_free(vaddr_t base);

/* Give the cached stacks' memory back. */
void kstack_drain(void);

/* Stacks in use now (not the cached ones). */
unsigned kstack_in_use(void);

/* Continue in fn() at the top of another stack; the old one is abandoned. */
noreturn void stack_call(vaddr_t top, void (*fn)(void));

#endif
