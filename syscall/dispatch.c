/*
 * syscall/dispatch.c - from a number to a function.
 *
 * The table is made from syscall/calls.def.  Every entry has six parameters
 * as far as the call is concerned: the RISC-V calling convention passes them
 * in a0-a5 and a function that takes fewer ignores the rest, so one indirect
 * call serves all.
 */
#include "arch/trap.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/thread.h"
#include "syscall/syscall.h"

typedef int64_t
	syscall_fn(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

static syscall_fn *const table[SYSCALL_MAX] = {
#define SYSCALL(nr, name, nargs) \
	[nr] = (syscall_fn *)(void (*)(void))sys_##name,
#include "syscall/calls.def"
#undef SYSCALL
};

static const char *const names[SYSCALL_MAX] = {
#define SYSCALL(nr, name, nargs) [nr] = #name,
#include "syscall/calls.def"
#undef SYSCALL
};

/* Say once for each number that somebody wants it. */
static int64_t
unknown(uint64_t nr)
{
	static uint64_t told[SYSCALL_MAX / 64];
	struct thread *t = thread_current();

	if (nr < SYSCALL_MAX) {
		uint64_t bit = UINT64_C(1) << (nr % 64);

		if (!(__atomic_fetch_or(&told[nr / 64], bit, __ATOMIC_RELAXED) &
		      bit))
			log_debug("%s[%d] asks for system call %lu, which does "
				  "not exist here",
				  t->name, t->tid, nr);
	}
	return -ENOSYS;
}

static void
trace(const struct trapframe *tf, uint64_t nr, int64_t result)
{
	struct thread *t = thread_current();

	log_info("%s[%d] %s(%#lx, %#lx, %#lx, %#lx) = %ld", t->name, t->tid,
		 nr < SYSCALL_MAX && names[nr] != NULL ? names[nr] : "?",
		 tf->orig_a0, tf->a[1], tf->a[2], tf->a[3], result);
}

void
syscall_dispatch(struct trapframe *tf)
{
	uint64_t nr = tf->a[7];
	int64_t result;

	tf->orig_a0 = tf->a[0];
	if (likely(nr < SYSCALL_MAX && table[nr] != NULL))
		result = table[nr](tf->a[0], tf->a[1], tf->a[2], tf->a[3],
				   tf->a[4], tf->a[5]);
	else
		result = unknown(nr);
	tf->a[0] = (uint64_t)result;
	lock_check_none();
	if (unlikely(thread_current()->flags & THREAD_TRACE))
		trace(tf, nr, result);
}
