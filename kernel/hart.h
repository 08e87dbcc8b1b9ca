/* SPDX-License-Identifier: MIT */
/*
 * kernel/hart.h - struct hart, the data of one hart, and IPIs.
 *
 * A hart is one hardware thread.  In the kernel, tp always points at the struct
 * hart of the hart that executes.  A thread is not preempted in kernel mode, so
 * this_hart() stays valid until the thread sleeps or yields.
 *
 * Keys: [h] only this hart, interrupts off  [i] constant after boot  [a] atomic
 */
#ifndef KERNEL_HART_H
#define KERNEL_HART_H

#include "arch/hart.h"
#include "check/hooks.h"

#include <stdatomic.h>

struct space;
struct thread;

#define MAX_HARTS   8
#define MAX_HART_ID 63 /* SBI takes sets of harts as 64-bit masks */

/* One bit per hart; the bit number is `index` of struct hart. */
typedef uint32_t hart_mask_t;

struct hart {
	struct arch_hart arch;	 /* must be first: trap.S uses offsets */
	struct thread *thread;	 /* [h] running here */
	struct thread *idle;	 /* [i] */
	unsigned index;		 /* [i] 0 .. MAX_HARTS - 1, boot hart 0 */
	uint64_t id;		 /* [i] the hardware's hart id */
	struct locks_held locks; /* [h] debug: spin locks held */
	unsigned spin_depth;	 /* [h] spin locks held + push_off calls */
	bool spin_irqs;		 /* [h] interrupts were on at depth 0 */
	unsigned irq_depth;	 /* [h] > 0 inside an interrupt handler */
	struct mmu_space *mmu;	 /* [h] space that this hart runs, or NULL */

	/* Other harts read these fields often: a cache line of their own. */
	cache_aligned _Atomic uint32_t idle_now; /* [a] 1: in the idle loop */
	_Atomic uint32_t ipi_wanted;		 /* [a] IPI_* bits */
	_Atomic bool online;			 /* [a] runs threads */
} cache_aligned;

extern struct hart harts[MAX_HARTS];
/*
 * [i] after boot: the number of harts found, 1 .. MAX_HARTS.  It includes
 * harts that have not started: see harts_online().
 */
extern unsigned hart_count;

/*
 * The harts that run threads.  A hart is added when it starts, perhaps late,
 * and is never removed.  Any context.
 */
hart_mask_t harts_online(void);

static inline struct hart *
this_hart(void)
{
	return (struct hart *)arch_this_hart();
}

static inline struct thread *
thread_current(void)
{
	return this_hart()->thread;
}

/* Reasons for an inter-processor interrupt. */
#define IPI_RESCHED (1u << 0)
#define IPI_STOP    (1u << 1) /* stop until resumed; in a panic, for ever */

void hart_send_ipi(struct hart *h, uint32_t reason) nonnull;
/*
 * Send an IPI to each other online hart; returns their number.  Interrupts off.
 */
unsigned hart_interrupt_others(uint32_t reason);

/* Called by the trap code on an IPI: handle the reasons in ipi_wanted. */
void hart_ipi_received(void);

/*
 * Stop every other hart, interrupts off, until hart_resume_others(), so that an
 * audit reads a consistent state.  Process context; a concurrent caller sleeps
 * on a mutex.
 */
void hart_stop_others(void);
void hart_resume_others(void);

#endif
