/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/context.c - initialize thread contexts and trapframes, and switch
 * floating-point registers lazily.
 *
 * A hart's FP registers hold the values of the thread hart->arch.fp_owner.
 * When that thread is switched out, the values are saved if sstatus.FS is
 * dirty.  Every other thread runs with FS off: its first FP instruction traps,
 * and fp_first_use() then loads its values.  So most switches between programs
 * move no FP registers.
 */
#include "arch/context.h"

#include "arch/fpu.h"
#include "arch/riscv/csr.h"
#include "kernel/hart.h"
#include "kernel/thread.h"
#include "lib/string.h"

void context_start(void);
void fp_store(struct fpstate *fp);
void fp_load(const struct fpstate *fp);

void
context_init(struct context *c, vaddr_t top, void (*entry)(void *arg),
	     void *arg)
{
	memset(c, 0, sizeof(*c));
	c->ra = (uint64_t)(uintptr_t)context_start;
	c->sp = top;
	c->s[1] = (uint64_t)(uintptr_t)entry;
	c->s[2] = (uint64_t)(uintptr_t)arg;
}

struct trapframe *
thread_trapframe(struct thread *t)
{
	return (struct trapframe *)(uintptr_t)(t->stack + KSTACK_SIZE) - 1;
}

void
trapframe_init_user(struct trapframe *tf, uaddr_t entry, uaddr_t sp)
{
	memset(tf, 0, sizeof(*tf));
	tf->pc = entry;
	tf->sp = sp;
	tf->status = SSTATUS_SPIE;
}

/*
 * The registers now equal t->fp: set FS to clean, in sstatus and in the
 * trapframe.
 */
static void
fp_mark_clean(struct thread *t)
{
	struct trapframe *tf = thread_trapframe(t);

	csr_clear("sstatus", SSTATUS_FS);
	csr_set("sstatus", SSTATUS_FS_CLEAN);
	tf->status = (tf->status & ~(uint64_t)SSTATUS_FS) | SSTATUS_FS_CLEAN;
}

void
fp_save(struct thread *t)
{
	struct hart *h;

	irq_push_off();
	h = this_hart();
	if (h->arch.fp_owner == t && t->fp_hart == h &&
	    (csr_read("sstatus") & SSTATUS_FS) == SSTATUS_FS_DIRTY) {
		fp_store(&t->fp);
		t->fp_hart = h;
		fp_mark_clean(t);
	}
	irq_pop_off();
}

void
fp_changed(struct thread *t)
{
	thread_trapframe(t)->status &= ~(uint64_t)SSTATUS_FS;
	t->fp_hart = NULL;
}

bool
fp_first_use(struct thread *t)
{
	struct hart *h;

	if ((thread_trapframe(t)->status & SSTATUS_FS) != 0)
		return false;
	irq_push_off();
	h = this_hart();
	csr_set("sstatus", SSTATUS_FS_DIRTY);
	fp_load(&t->fp);
	h->arch.fp_owner = t;
	t->fp_hart = h;
	fp_mark_clean(t);
	irq_pop_off();
	return true;
}

void
fp_switch(struct thread *prev, struct thread *next)
{
	struct hart *h = this_hart();

	assert(!irq_enabled());
	if (prev->process != NULL)
		fp_save(prev);
	if (next->process != NULL &&
	    (h->arch.fp_owner != next || next->fp_hart != h))
		thread_trapframe(next)->status &= ~(uint64_t)SSTATUS_FS;
}
