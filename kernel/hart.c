/* SPDX-License-Identifier: MIT */
/*
 * kernel/hart.c - handle IPIs, and stop and resume the other harts.
 *
 * hart_stop_others() makes stop_epoch odd, sends IPI_STOP and waits until every
 * other hart has incremented stopped_harts.  Those harts wait in
 * hart_ipi_received(), interrupts off, until hart_resume_others() makes the
 * epoch even, or for ever during a panic.
 */
#include "kernel/hart.h"

#include "arch/irq.h"
#include "kernel/mutex.h"
#include "kernel/panic.h"
#include "kernel/thread.h"

struct hart harts[MAX_HARTS];
unsigned hart_count read_mostly = 1;

static struct mutex stop_mutex = MUTEX_INIT(stop_mutex, LOCK_STOP);
static _Atomic uint32_t stop_epoch; /* odd while the other harts must wait */
static _Atomic uint32_t stopped_harts;

hart_mask_t
harts_online(void)
{
	hart_mask_t set = 0;

	for (unsigned i = 0; i < hart_count; i++) {
		if (harts[i].online)
			set |= 1u << i;
	}
	return set;
}

void
hart_ipi_received(void)
{
	struct hart *h = this_hart();
	uint32_t wanted = atomic_exchange(&h->ipi_wanted, 0);

	if (wanted & IPI_RESCHED)
		atomic_fetch_or(&h->thread->flags, THREAD_RESCHED);
	if (wanted & IPI_STOP) {
		atomic_fetch_add(&stopped_harts, 1);
		while (atomic_load(&stop_epoch) % 2 == 1 || panic_in_progress())
			irq_wait(); /* hart_resume_others() sends an IPI */
		atomic_fetch_sub(&stopped_harts, 1);
	}
}

unsigned
hart_interrupt_others(uint32_t reason)
{
	unsigned others = 0;

	for (unsigned i = 0; i < hart_count; i++) {
		if (&harts[i] != this_hart() && harts[i].online) {
			hart_send_ipi(&harts[i], reason);
			others++;
		}
	}
	return others;
}

void
hart_stop_others(void)
{
	unsigned want;

	mutex_lock(&stop_mutex);
	irq_push_off();
	atomic_fetch_add(&stop_epoch, 1);
	want = hart_interrupt_others(IPI_STOP);
	while (atomic_load(&stopped_harts) < want)
		cpu_relax();
}

void
hart_resume_others(void)
{
	atomic_fetch_add(&stop_epoch, 1);
	(void)hart_interrupt_others(0);
	while (atomic_load(&stopped_harts) > 0)
		cpu_relax();
	irq_pop_off();
	mutex_unlock(&stop_mutex);
}
