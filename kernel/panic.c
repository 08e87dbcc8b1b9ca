/* SPDX-License-Identifier: MIT */
/*
 * kernel/panic.c - report a fatal error and power off.
 *
 * panic() and panic_trap() may be called in any context.  The first hart that
 * panics sends IPI_STOP to the other harts, prints without taking any lock, and
 * powers off.  If that hart panics again during the report, it prints one more
 * line and powers off.
 */
#include "kernel/panic.h"

#include "arch/context.h"
#include "arch/irq.h"
#include "arch/kstack.h"
#include "arch/machine.h"
#include "kernel/hart.h"
#include "kernel/log_panic.h"
#include "kernel/symbol.h"
#include "kernel/thread.h"
#include "lib/printf.h"

#include <stdarg.h>

#define MAX_DEPTH   1000 /* frames: about the most that a stack can hold */
#define LOG_TAIL    1200
#define EXIT_STATUS 1

static uint32_t panic_owner; /* hart number + 1 */
static const char *(*note)(const struct thread *t);

void
panic_set_note(const char *(*fn)(const struct thread *t))
{
	note = fn;
}

bool
panic_in_progress(void)
{
	return __atomic_load_n(&panic_owner, __ATOMIC_RELAXED) != 0;
}

static void
print_address(const char *lead, vaddr_t va)
{
	uint64_t offset = 0;
	const char *name = symbol_find(va, &offset);

	if (name != NULL)
		panic_print("%s%#lx  %s+%#lx\n", lead, va, name, offset);
	else
		panic_print("%s%#lx\n", lead, va);
}

/*
 * Frame pointers: [fp - 8] return address, [fp - 16] caller's frame.  A frame
 * pointer may be corrupt, so both words must lie on the mapped stack with the
 * lowest address `stack` (0: there is none).
 */
static bool
frame_plausible(vaddr_t stack, vaddr_t fp)
{
	return stack != 0 && IS_ALIGNED(fp, 8) && fp >= stack + 16 &&
	       fp <= stack + KSTACK_SIZE;
}

/* Do two addresses lie in the same function? */
static bool
same_function(vaddr_t a, vaddr_t b)
{
	uint64_t offset;
	const char *name = symbol_find(a, &offset);

	return name != NULL && name == symbol_find(b, &offset);
}

/* Print one step of the backtrace; equal steps in a row take one line. */
static void
print_step(vaddr_t ra, vaddr_t *last, unsigned *again)
{
	if (ra != 0 && ra == *last) {
		++*again;
		return;
	}
	if (*again > 0)
		panic_print("    repeated %u more time%s\n", *again,
			    *again == 1 ? "" : "s");
	*again = 0;
	*last = ra;
	if (ra != 0)
		print_address("  ", ra - 1);
}

/*
 * sp selects the stack to read; ra is the register ra at a trap, else 0.  If ra
 * points outside the function that trapped, that function has made no call yet,
 * and ra points into its caller.  The frame may then contain the caller's frame
 * pointer at [fp - 8], the place of the return address.
 */
static void
print_backtrace(vaddr_t pc, vaddr_t sp, vaddr_t fp, vaddr_t ra)
{
	vaddr_t stack = kstack_find(sp), last = 0;
	unsigned again = 0;
	uint64_t offset;

	panic_print("backtrace:\n");
	print_address("  ", pc);
	if (symbol_find(ra, &offset) != NULL && !same_function(pc, ra - 1)) {
		vaddr_t first = 0;

		if (frame_plausible(stack, fp))
			first = ((const uint64_t *)(uintptr_t)fp)[-1];
		if (first != ra)
			print_step(ra, &last, &again);
		if (frame_plausible(stack, first) && first > fp)
			fp = first;
	}
	for (int i = 0; i < MAX_DEPTH && frame_plausible(stack, fp); i++) {
		const uint64_t *frame = (const uint64_t *)(uintptr_t)fp;
		vaddr_t up = frame[-2];

		if (frame[-1] == 0)
			break;
		print_step(frame[-1], &last, &again);
		if (up <= fp)
			break;
		fp = up;
	}
	print_step(0, &last, &again);
}

static void
print_registers(const struct trapframe *tf)
{
	static const char *const names[31] = {
		"ra", "sp",  "gp",  "tp", "t0", "t1", "t2", "s0",
		"s1", "a0",  "a1",  "a2", "a3", "a4", "a5", "a6",
		"a7", "s2",  "s3",  "s4", "s5", "s6", "s7", "s8",
		"s9", "s10", "s11", "t3", "t4", "t5", "t6",
	};

	panic_print("pc  %016lx  status %016lx  cause %ld  tval %016lx\n",
		    tf->pc, tf->status, (int64_t)tf->cause, tf->tval);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		panic_print("%-3s %016lx%s", names[i], tf->x[i],
			    i % 4 == 3 || i == 30 ? "\n" : "  ");
}

static void
print_who(void)
{
	struct hart *h = this_hart();
	struct thread *t = h->thread;

	panic_print("hart %u of %u", h->index, hart_count);
	if (t != NULL) {
		panic_print(", thread %d (%s)", t->tid, t->name);
		if (note != NULL && t->space != NULL)
			panic_print(", %s", note(t));
	}
	panic_print(", up %lu ms\n", time_now() / 1000000);
}

/* Returns on the only hart that may print; other harts stop here. */
static void
panic_begin(void)
{
	uint32_t nobody = 0, me;

	(void)irq_disable();
	me = this_hart()->index + 1;
	if (!__atomic_compare_exchange_n(&panic_owner, &nobody, me, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		if (nobody == me) {
			panic_print("panic: nested panic while reporting a "
				    "panic\n");
			machine_power_off(EXIT_STATUS);
		}
		for (;;)
			cpu_relax();
	}
	(void)hart_interrupt_others(IPI_STOP);
	panic_take_log();
}

static noreturn void
panic_end(void)
{
	panic_print("last messages:\n");
	panic_print_log(LOG_TAIL);
	panic_print(
		"The machine stops here. docs/panic.md explains each line.\n");
	machine_power_off(EXIT_STATUS);
}

static void
print_headline(const char *fmt, va_list ap)
{
	char text[200];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	panic_print("\npanic: %s\n", text);
}

void
panic(const char *fmt, ...)
{
	const uint64_t *frame = __builtin_frame_address(0);
	va_list ap;

	panic_begin();
	va_start(ap, fmt);
	print_headline(fmt, ap);
	va_end(ap);
	print_who();
	print_backtrace((vaddr_t)(uintptr_t)__builtin_return_address(0) - 1,
			(vaddr_t)(uintptr_t)frame, frame[-2], 0);
	panic_end();
}

void
panic_trap(struct trapframe *tf, const char *fmt, ...)
{
	uint64_t offset;
	va_list ap;

	panic_begin();
	va_start(ap, fmt);
	print_headline(fmt, ap);
	va_end(ap);
	print_who();
	print_registers(tf);
	/* After a call of an invalid address, ra points behind the call. */
	if (symbol_find(tf->pc, &offset) == NULL)
		print_address("jumped from ", tf->ra);
	print_backtrace(tf->pc, tf->sp, tf->s0, tf->ra);
	panic_end();
}
