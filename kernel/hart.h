/* SPDX-License-Identifier: MIT */
/*
 * kernel/hart.h - per-hart data.
 *
 * A hart is one hardware thread.  In the kernel, tp always points at the struct
 * hart of the hart that executes.  A thread is not preempted in kernel mode, so
 * this_hart() stays valid until the thread sleeps.
 *
 * Keys: [h] only this hart, interrupts off  [i] constant after boot  [a] atomic
 */
#ifndef KERNEL_HART_H
#define KERNEL_HART_H

#include "arch/hart.h"
#include "kernel/lockcheck.h"

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
	struct locks_held locks; /* [h] debug: spin locks it holds */
	unsigned spin_depth;	 /* [h] spin locks held + push_off calls */
	bool spin_irqs;		 /* [h] interrupts were on before the first */
	unsigned irq_depth;	 /* [h] > 0 inside an interrupt handler */
	struct space *space;	 /* [h] its page table is loaded; or NULL */

	/* Other harts read these often: in their own cache line. */
	cache_aligned _Atomic uint32_t idle_now; /* [a] 1: in the idle loop */
	_Atomic uint32_t ipi_wanted;		 /* [a] IPI_* bits */
	_Atomic bool online;			 /* [a] */
} cache_aligned;

extern struct hart harts[MAX_HARTS];
extern unsigned hart_count; /* [i] after boot: harts found, 1 .. MAX_HARTS */

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
#define IPI_STOP    (1u << 1) /* panic or audit: wait until released */

void hart_send_ipi(struct hart *h, uint32_t reason) nonnull;
/* IPI to each other hart that is online; returns how many.  Interrupts off. */
unsigned hart_interrupt_others(uint32_t reason);

/* From the trap code, on an IPI: act on the reasons in ipi_wanted. */
void hart_ipi_received(void);

/*
 * Make every other hart wait, interrupts off, until hart_resume_others(), so
 * that an audit sees all data at one moment.  Process context; further callers
 * sleep on a mutex.
 */
void hart_stop_others(void);
void hart_resume_others(void);

#endif
