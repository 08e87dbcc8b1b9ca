/* SPDX-License-Identifier: MIT */
/*
 * kernel/panic.h - assertions and panic().
 *
 * assert() detects bugs of the kernel, never invalid input or a shortage.  It
 * exists only in debug builds, and its expression must have no side effect.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include "lib/base.h"

struct thread;
struct trapframe;

/*
 * Stop all harts, print the message, the thread, its fork strategy, a backtrace
 * and the last log lines, and power off with a failing status.  Any context.
 */
noreturn void panic(const char *fmt, ...) print_format(1, 2);

/* As panic(), for a trap in the kernel; prints the registers in `tf`, too. */
noreturn void
panic_trap(struct trapframe *tf, const char *fmt, ...) print_format(2, 3);

/*
 * Set the function that describes a thread with user memory for panic(), such
 * as its fork strategy.  fn() takes no lock.  Boot time.
 */
void panic_set_note(const char *(*fn)(const struct thread *t));

/* True after a hart has called panic(). */
bool panic_in_progress(void);

#ifdef TINE_DEBUG
#define assert(cond)                                                          \
	do {                                                                  \
		if (unlikely(!(cond)))                                        \
			panic("assertion failed: %s, %s:%d", #cond, __FILE__, \
			      __LINE__);                                      \
	} while (0)
#else
#define assert(cond) ((void)sizeof(!(cond)))
#endif

#endif
