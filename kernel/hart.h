/*
 * kernel/hart.h - per-hart data.
 *
 * A hart is one hardware thread.  In the kernel, tp always points at the
 * struct hart of the hart we run on; the kernel is not preempted in kernel
 * mode, so the pointer stays valid until the next sleep.
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

/* One bit a hart, bit number = struct hart's `index`. */
typedef uint32_t hart_mask_t;

struct hart {
	struct arch_hart arch;	 /* must be first: trap.S uses offsets */
	struct thread *thread;	 /* [h] running here */
	struct thread *idle;	 /* [i] */
	unsigned index;		 /* [i] 0 .. MAX_HARTS - 1, boot hart 0 */
	uint64_t id;		 /* [i] the hardware's hart id */
	struct locks_held locks; /* [h] debug: its spin locks */
	unsigned spin_depth;	 /* [h] spin locks held + push_off calls */
	bool spin_irqs;		 /* [h] interrupts were on before the first */
	unsigned irq_depth;	 /* [h] > 0 inside an interrupt handler */
	struct space *space;	 /* [h] whose page table is loaded, or NULL */

	/* What other harts look at, often, has a cache line of its own. */
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
/* To each other hart that is online; how many.  Interrupts off. */
unsigned hart_interrupt_others(uint32_t reason);

/* From the trap code: act on what other harts wanted. */
void hart_ipi_received(void);

/*
 * Make every other hart wait, interrupts off, until hart_resume_others().
 * For looking at everything at once.  Process context; one caller at a time.
 */
void hart_stop_others(void);
void hart_resume_others(void);

#endif
