/* SPDX-License-Identifier: MIT */
/*
 * syscall/dispatch.c - from a number to a function.
 *
 * syscall_dispatch() is the entry, from the trap code.  The table is made from
 * syscall/calls.def.  Every entry has six parameters as far as the call is
 * concerned: the RISC-V calling convention passes them in a0-a5, and a function
 * that takes fewer ignores the rest, so one indirect call serves all.
 */
#include "arch/trap.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/thread.h"
#include "proc/process.h"
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
#define MISSING(nr, name) [nr] = #name,
#define PROBED(nr, name)  [nr] = #name,
#include "syscall/missing.def"
#undef MISSING
#undef PROBED
};

static const char *
name_of(uint64_t nr)
{
	return nr < SYSCALL_MAX && names[nr] != NULL ? names[nr] : "unknown";
}

/* Do Linux libraries and tools try this call, and go on without it? */
static bool
is_probed(uint64_t nr)
{
	switch (nr) {
#define MISSING(nr, name)
#define PROBED(nr, name) case nr:
#include "syscall/missing.def"
#undef MISSING
#undef PROBED
		return true;
	default:
		return false;
	}
}

_Static_assert(SYSCALL_MAX == 64 * CALLS_NAMED, "a bit for each call");

/*
 * The answer to a call that Tine lacks.  The log names the call once for each
 * program: fork() copies the bits in calls_named, execve() clears them.
 * Numbers from SYSCALL_MAX - 1 on share a bit.  Inlined, this function would
 * cost every other call registers.
 */
static noinline int64_t
missing(uint64_t nr)
{
	struct thread *t = thread_current();
	uint64_t n = MIN(nr, SYSCALL_MAX - 1u), bit = UINT64_C(1) << (n % 64);
	uint64_t *word = &process_current()->calls_named[n / 64];

	if (!is_probed(nr) &&
	    !(__atomic_load_n(word, __ATOMIC_RELAXED) & bit) &&
	    log_ratelimit() &&
	    !(__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit))
		log_info("%s[%d]: Tine has no system call %lu (%s)", t->name,
			 t->tid, nr, name_of(nr));
	return -ENOSYS;
}

static void
trace(const struct trapframe *tf, uint64_t nr, int64_t result)
{
	struct thread *t = thread_current();

	log_info("%s[%d] %s(%#lx, %#lx, %#lx, %#lx) = %ld", t->name, t->tid,
		 name_of(nr), tf->orig_a0, tf->a[1], tf->a[2], tf->a[3],
		 result);
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
		result = missing(nr);
	tf->a[0] = (uint64_t)result;
	lock_check_none();
	if (unlikely(thread_current()->flags & THREAD_TRACE))
		trace(tf, nr, result);
}
