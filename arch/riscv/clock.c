/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/clock.c - read the time counter and program this hart's timer.
 *
 * arch/riscv/timebase.h converts between ticks and nanoseconds.  With the Sstc
 * extension the timer is the CSR stimecmp; otherwise an SBI call sets it.  Sstc
 * is used only if a trial write succeeds, since firmware may leave it disabled.
 * arch/clock.h states the contexts; clock_init() runs first, on the boot hart.
 * No lock: each hart has its own timer, and the timebase is constant after
 * boot.
 */
#include "arch/clock.h"

#include "arch/riscv/clock.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/sbi.h"
#include "arch/riscv/timebase.h"

#define CSR_STIMECMP "0x14d"

static struct timebase timebase read_mostly; /* [i] */
static bool use_sstc;
static bool counts read_mostly; /* [i] instret counts instructions */

uint64_t
clock_ticks(void)
{
	uint64_t t;

	__asm__ volatile("rdtime %0" : "=r"(t));
	return t;
}

static uint64_t
read_instret(void)
{
	uint64_t n;

	__asm__ volatile("rdinstret %0" : "=r"(n));
	return n;
}

uint64_t
clock_instret(void)
{
	return counts ? read_instret() : 0;
}

bool
clock_counts(void)
{
	return counts;
}

/*
 * Return the increase of instret in a loop of 2 * turns instructions, plus a
 * constant.
 */
static noinline uint64_t
loop_cost(uint64_t turns)
{
	uint64_t begin = read_instret();

	__asm__ volatile("1:	addi	%0, %0, -1\n"
			 "	bnez	%0, 1b\n"
			 : "+r"(turns));
	return read_instret() - begin;
}

/*
 * True if instret counts instructions.  If instret shows host time, the
 * differences almost never match exactly.
 */
static bool
find_out_counts(void)
{
	uint64_t few = loop_cost(1000), more = loop_cost(1500),
		 most = loop_cost(2017);

	return more - few == 2 * 500 && most - more == 2 * 517;
}

uint64_t
clock_read(void)
{
	return timebase_ns(&timebase, clock_ticks());
}

/*
 * The longest time to a clock event.  Under -icount with sleep=off the clock of
 * an idle QEMU jumps to the next event.  Without this limit, the only event
 * during a wait for the disk would be the firmware's, at the largest time
 * value, and the clock would jump there.
 */
#define LONGEST_WAIT NSEC_PER_SEC

void
clock_set_event(uint64_t ns)
{
	uint64_t now = clock_ticks(), at;

	ns = MIN(ns, timebase_ns(&timebase, now) + LONGEST_WAIT);
	at = timebase_event(&timebase, now, ns);
	if (use_sstc)
		csr_write(CSR_STIMECMP, at);
	else
		sbi_set_timer(at);
}

/*
 * Write stimecmp while stvec points behind the write.  If the firmware has not
 * enabled the CSR, the write traps to that address and `ok` stays 0.  The value
 * 0 is in the past, so the write arms no later event.
 */
static bool
sstc_works(void)
{
	uint64_t ok = 0, vec;

	__asm__ volatile("	csrr	%1, stvec\n"
			 "	la	t0, 1f\n"
			 "	csrw	stvec, t0\n"
			 "	li	t0, 0\n"
			 "	csrw	" CSR_STIMECMP ", t0\n"
			 "	li	%0, 1\n"
			 "	.balign	4\n"
			 "1:	csrw	stvec, %1\n"
			 : "+&r"(ok), "=&r"(vec)
			 :
			 : "t0", "memory");
	/*
	 * A trap leaves interrupts off and SPP set; so did the trap in entry.S.
	 */
	return ok != 0;
}

void
clock_init(uint64_t hz, bool has_sstc)
{
	timebase = timebase_make(hz);
	use_sstc = has_sstc && sstc_works();
	counts = find_out_counts();
	clock_set_event(UINT64_MAX);
}
