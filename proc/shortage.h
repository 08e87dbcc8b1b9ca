/* SPDX-License-Identifier: MIT */
/*
 * proc/shortage.h - what happens when a program's page cannot be had because
 * memory has run out: one process is ended.
 *
 * docs/memory.md has the rule, proc/shortage.c the score that chooses the
 * process.
 */
#ifndef PROC_SHORTAGE_H
#define PROC_SHORTAGE_H

#include "lib/base.h"

#define OOM_ADJ_MOST 1000 /* oom_score_adj is from -1000, never, to this */

struct process;
struct trapframe;

/*
 * Repair the current program's fault after space_fault() gave -ENOMEM: end a
 * process, wait until it is gone, and try again until there is a page.  Returns
 * what space_fault() does, but -ENOMEM only when fault injection, or the bound
 * on page tables of its user, withholds the page from this process; -EINTR when
 * this process must end.  Process context, no lock held; may sleep for long.
 */
int shortage_fault(unsigned access, uaddr_t va) must_check;

/* A process has become a zombie or is gone: wake the faults that wait. */
void shortage_process_gone(void);

/* Boot: /proc/PID/oom_score and oom_score_adj. */
void shortage_init(void);

#endif
