/*
 * kernel/panic.h - assertions, and the end of the line.
 *
 * assert() is for our own mistakes, never for input or shortage.  It exists
 * only in debug builds and its expression must have no side effect.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include "lib/base.h"

struct thread;
struct trapframe;

/*
 * Print the message, registers, backtrace, thread, strategy and the last log
 * lines, stop all harts and end QEMU with a failing status.  Any context.
 */
noreturn void panic(const char *fmt, ...) print_format(1, 2);

/* The same for a trap the kernel cannot have caused on purpose. */
noreturn void
panic_trap(struct trapframe *tf, const char *fmt, ...) print_format(2, 3);

/*
 * Have panic() say what fn() tells about the thread, such as its fork strategy.
 * fn() takes no lock.  Boot time.
 */
void panic_set_note(const char *(*fn)(const struct thread *t));

/* Has a hart begun to panic? */
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
