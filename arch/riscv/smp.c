/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/smp.c - start the other harts and send them IPIs.
 *
 * machine_start_harts() runs in the boot thread and starts one hart at a time.
 * A hart enters at entry.S, loads its struct hart from starting_harts[], and
 * calls kernel_boot_secondary().  A hart that is not online after five seconds
 * is logged; it may still come online later.  hart_send_ipi() may be called in
 * any context.
 */
#include "arch/machine.h"

#include "arch/irq.h"
#include "arch/kstack.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/kmap.h"
#include "arch/riscv/sbi.h"
#include "kernel/boot.h"
#include "kernel/hart.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/time.h"

extern char emergency_stacks[];

struct hart *starting_harts[MAX_HART_ID + 1]; /* by id, for entry.S */

#define START_TIMEOUT (5 * NSEC_PER_SEC)

static bool
hart_start(struct hart *h)
{
	vaddr_t stack = kstack_alloc();
	uint64_t deadline = time_now() + START_TIMEOUT;

	if (stack == 0)
		return false;
	h->arch.kernel_sp = stack + KSTACK_SIZE;
	h->arch.emergency_sp = (uint64_t)(uintptr_t)emergency_stacks +
			       (h->index + 1) * PAGE_SIZE;
	starting_harts[h->id] = h;
	atomic_thread_fence(memory_order_seq_cst);
	if (sbi_hart_start(h->id, image_pa, 0) != 0) {
		starting_harts[h->id] = NULL;
		h->arch.kernel_sp = 0;
		kstack_free(stack);
		return false;
	}
	while (!h->online) {
		/* The hart may still come online, so keep its stack. */
		if (time_now() > deadline)
			return false;
		cpu_relax();
	}
	return true;
}

unsigned
machine_start_harts(void)
{
	unsigned up = 1;

	for (unsigned i = 1; i < hart_count; i++) {
		if (hart_start(&harts[i]))
			up++;
		else
			log_error("hart %lu did not start", harts[i].id);
	}
	return up;
}

void
machine_enable_interrupts(void)
{
	irq_hart_init();
	/* Programs may read time, cycle and instret. */
	csr_write("scounteren", 7);
	csr_write("sie", SIE_SSIE | SIE_STIE | SIE_SEIE);
}

void
hart_send_ipi(struct hart *h, uint32_t reason)
{
	if ((atomic_fetch_or(&h->ipi_wanted, reason) & reason) == 0)
		sbi_send_ipi(h->id);
}

void kernel_boot_secondary(void);

/* The first C function on the other harts; entry.S calls it. */
void
kernel_boot_secondary(void)
{
	csr_clear("sstatus", SSTATUS_FS);
	hart_main();
}
