/* SPDX-License-Identifier: MIT */
/*
 * syscall/dispatch.c - find the function for a system-call number and call it.
 *
 * The trap code calls syscall_dispatch() in process context.  The dispatch
 * table is generated from syscall/calls.def.  For each call it has a function
 * call_NAME, which converts registers to the types of the arguments: an
 * argument of 32 bits is the lower half of its register, as on Linux.
 */
#include "arch/trap.h"
#include "fs/fd.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/thread.h"
#include "proc/exec.h"
#include "proc/group.h"
#include "proc/process.h"
#include "syscall/syscall.h"

/* The arguments are tf->a[0] to tf->a[5]. */
typedef int64_t syscall_fn(const struct trapframe *tf);

#define ARGS_0()
#define ARGS_1(t1, n1)		       (t1) tf->a[0]
#define ARGS_2(t1, n1, t2, n2)	       ARGS_1(t1, n1), (t2)tf->a[1]
#define ARGS_3(t1, n1, t2, n2, t3, n3) ARGS_2(t1, n1, t2, n2), (t3)tf->a[2]
#define ARGS_4(t1, n1, t2, n2, t3, n3, t4, n4) \
	ARGS_3(t1, n1, t2, n2, t3, n3), (t4)tf->a[3]
#define ARGS_5(t1, n1, t2, n2, t3, n3, t4, n4, t5, n5) \
	ARGS_4(t1, n1, t2, n2, t3, n3, t4, n4), (t5)tf->a[4]
#define ARGS_6(t1, n1, t2, n2, t3, n3, t4, n4, t5, n5, t6, n6) \
	ARGS_5(t1, n1, t2, n2, t3, n3, t4, n4, t5, n5), (t6)tf->a[5]

/* Unused, and so not linked, if table.def does not name the call. */
#define CONVERT(name, function, args)                                       \
	static maybe_unused int64_t call_##name(const struct trapframe *tf) \
	{                                                                   \
		return function args;                                       \
	}
#define SYSCALL(nr, name, args)		     CONVERT(name, sys_##name, (args))
#define SYSCALL_TO(nr, name, function, args) CONVERT(name, function, (args))
#include "syscall/calls.def"

enum {
#define SYSCALL(nr, name, args) NR_##name = nr,
#include "syscall/calls.def"
};

static syscall_fn *const table[SYSCALL_MAX] = {
#define CALL(name) [NR_##name] = call_##name,
#include "syscall/table.def"
#undef CALL
};

static const char *const names[SYSCALL_MAX] = {
#define SYSCALL(nr, name, args) [nr] = #name,
#include "syscall/calls.def"
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

/*
 * Do Linux libraries and tools have a fallback for this call, or is it missing
 * only in this profile?
 */
static bool
is_probed(uint64_t nr)
{
	switch (nr) {
#define MISSING(nr, name)
#define PROBED(nr, name) case nr:
#include "syscall/missing.def"
#undef MISSING
#undef PROBED
#define SYSCALL(nr, name, args) case nr:
#include "syscall/calls.def"
		return true;
	default:
		return false;
	}
}

_Static_assert(SYSCALL_MAX == 64 * CALLS_NAMED, "a bit for each call");

/*
 * Return -ENOSYS for a call that Tine lacks, and log the call once for each
 * program: a bit in calls_named marks a logged call, fork() copies the bits,
 * and execve() clears them.  Numbers from SYSCALL_MAX - 1 on share a bit.  If
 * this function were inlined, all other calls would save more registers.
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
		log_info("%s[%d]: system call %lu (%s) is not implemented",
			 t->name, t->tid, nr, name_of(nr));
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
		result = table[nr](tf);
	else
		result = missing(nr);
	tf->a[0] = (uint64_t)result;
	lock_check_none();
	if (unlikely(thread_current()->flags & THREAD_TRACE))
		trace(tf, nr, result);
}
