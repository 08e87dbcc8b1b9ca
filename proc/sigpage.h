/* SPDX-License-Identifier: MIT */
/*
 * proc/sigpage.h - the signal trampoline: the page of code to which a signal
 * handler returns.
 *
 * riscv64 has no SA_RESTORER: the kernel supplies the few instructions that
 * call rt_sigreturn(2), in one read-only page that every space maps.
 */
#ifndef PROC_SIGPAGE_H
#define PROC_SIGPAGE_H

#include "lib/base.h"
#include "mm/space.h"

/*
 * The layout below STACK_TOP, from lower to higher addresses: the stack, an
 * unmapped page, this page.  One leaf table maps this page and the topmost
 * pages of the stack.
 */
#define SIGPAGE_ADDR	  (STACK_TOP - PAGE_SIZE)
#define PROGRAM_STACK_TOP (STACK_TOP - 2 * PAGE_SIZE)

/* Boot: make the page.  Panics without memory. */
void sigpage_init(void);

/* Map the page into a new space.  0 or -ENOMEM. */
int sigpage_map(struct space *s) must_check;

#endif
