/* SPDX-License-Identifier: MIT */
/*
 * kernel/sched.h - the scheduler: which thread runs on which hart.
 *
 * kernel/wait.h and kernel/mutex.h are built on sched_prepare(), sched_switch()
 * and sched_wake(); most other code uses those two.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include "kernel/hart.h"
#include "kernel/thread.h"

/*
 * Mark the current thread as sleeping: from here on a sched_wake() for this
 * thread is not lost.  The caller then checks its condition once more and calls
 * sched_switch() to sleep or sched_cancel() to continue.
 */
void sched_prepare(enum wait_mode mode);
void sched_cancel(void);

/*
 * Yield the hart.  A thread marked as sleeping returns after a wake-up.  A
 * runnable thread may return immediately if no other thread is ready.  Process
 * context, no spin lock.
 */
void sched_switch(void);

/*
 * Yield if the time slice is over: for long loops in the kernel, which is not
 * preempted.  Process context, no lock.
 */
void sched_give_way(void);

/* Wake t: make t ready if it sleeps, else do nothing.  Any context. */
void sched_wake(struct thread *t) nonnull;
/*
 * As sched_wake(), but defers the IPI to an idle hart that will run t: for a
 * caller that holds a lock.  Pass the returned mask to sched_tell() soon, and
 * keep interrupts off until then.
 */
hart_mask_t sched_wake_untold(struct thread *t) nonnull must_check;
void sched_tell(hart_mask_t set);

/*
 * Set THREAD_SIGNAL or THREAD_KILL in t's flags.  If t sleeps and its wait mode
 * allows it, wake t; if t runs, send an IPI to its hart.
 */
void sched_interrupt(struct thread *t, unsigned flags) nonnull;

/*
 * Restrict t to these harts; at least one of them exists.  A running t moves
 * before it returns to user mode, at the latest.  t is current, or a spin lock
 * keeps it alive, such as proc_lock.
 */
void sched_set_harts(struct thread *t, hart_mask_t harts) nonnull;

/* Turn the boot context of this hart into its idle thread. */
void sched_init_hart(void);

/* The idle loop of a hart. */
noreturn void sched_idle(void);

/* Handle a timer interrupt's tick on this hart: charge CPU time and preempt. */
void sched_tick(void);

/* ---- the begin and the end of a thread ---- */

/* Enqueue a new thread for the first time. */
void sched_start(struct thread *t) nonnull;
/* Every new thread calls this first, on its own stack, to finish the switch. */
void sched_begin(void);
/* Mark the current thread dead, and switch to another one for good. */
noreturn void sched_die(void);
/* Is t dead, and has it left its stack? */
bool sched_gone(struct thread *t) nonnull;

#endif
