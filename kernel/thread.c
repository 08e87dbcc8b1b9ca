/* SPDX-License-Identifier: MIT */
/*
 * kernel/thread.c - tests whether a signal ends the current thread's wait, and
 * counts down to an injected fault: an allocation or a copy that must fail.
 *
 * Any context; no locks.  The contracts are in kernel/thread.h.
 */
#include "kernel/thread.h"

#include "kernel/hart.h"

bool
thread_interrupted(enum wait_mode mode)
{
	unsigned flags = atomic_load_explicit(&thread_current()->flags,
					      memory_order_relaxed);

	if (mode == WAIT_FIRM)
		return false;
	if (mode == WAIT_KILLABLE)
		return (flags & THREAD_KILL) != 0;
	return (flags & (THREAD_KILL | THREAD_SIGNAL)) != 0;
}

bool
thread_fail_step(struct thread *t, bool copy)
{
	const int n = t->fail_nth;

	if (this_hart()->irq_depth > 0 || copy != t->fail_copies)
		return false;
	if (n != -1)
		t->fail_nth = n > 0 ? n - 1 : n + 1;
	if (n != 1 && n != -1)
		return false;
	t->fail_fired = true;
	return true;
}
