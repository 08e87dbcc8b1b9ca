/*
 * proc/shortage.h - what happens when a program's page cannot be had because
 * memory has run out: one process is ended.  docs/memory.md has the rule.
 */
#ifndef PROC_SHORTAGE_H
#define PROC_SHORTAGE_H

#include "lib/base.h"

#define OOM_ADJ_MOST 1000 /* oom_score_adj is from -1000, never, to this */

struct process;
struct trapframe;

/*
 * Repair the current program's fault after space_fault() gave -ENOMEM: end a
 * process, wait until it is gone, and try again until there is a page.
 * Returns what space_fault() does, -ENOMEM only for a page that a rule withholds
 * from this process, of fault injection or of its user's page tables; -EINTR
 * when this process is to end.  Process context, no lock held; may sleep for
 * long.
 */
int shortage_fault(unsigned access, uaddr_t va) must_check;

/* A process has become a zombie or less: faults that wait for that go on. */
void shortage_process_gone(void);

/* Boot: /proc/PID/oom_score and oom_score_adj. */
void shortage_init(void);

#endif
