/* SPDX-License-Identifier: MIT */
/*
 * tests/user/fork_a_cpu.c - the rows of fork_a.c about instructions and
 * registers: A14, A16, A17.
 *
 * A14 loads and stores every RISC-V register and is skipped on other machines.
 * A16 stores across two shared pages, A17 adds by atomic instructions.
 */
#include "utest.h"
#include "arch.h"

#include <sys/syscall.h>

#if defined(__riscv)
#define FREGS(op)                                                              \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10)     \
		op(11) op(12) op(13) op(14) op(15) op(16) op(17) op(18) op(19) \
			op(20) op(21) op(22) op(23) op(24) op(25) op(26)       \
				op(27) op(28) op(29) op(30) op(31)
#define FLD(n) "fld f" #n ", 8*" #n "(%1)\n"
#define FSD(n) "fsd f" #n ", 8*" #n "(%2)\n"
#define FCLOBBER                                                               \
	"ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1",  \
		"fa0", "fa1", "fa2", "fa3", "fa4", "fa5", "fa6", "fa7", "fs2", \
		"fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10",       \
		"fs11", "ft8", "ft9", "ft10", "ft11"

/* Loads all floating-point registers, forks, and stores them again. */
static long
fork_with_fp(const uint64_t *in, uint64_t *out, long fcsr_in, long *fcsr_out)
{
	register long a0 __asm__("a0") = SIGCHLD;
	register long a1 __asm__("a1") = 0;
	register long a2 __asm__("a2") = 0;
	register long a3 __asm__("a3") = 0;
	register long a4 __asm__("a4") = 0;
	register long a7 __asm__("a7") = SYS_clone;

	__asm__ volatile("fscsr %[fin]\n" FREGS(FLD) "ecall\n" FREGS(
				 FSD) "frcsr t5\n sd t5, 0(%[fout])\n"
			 : "+r"(a0)
			 : "r"(in),
			   "r"(out), [fin] "r"(fcsr_in), [fout] "r"(fcsr_out),
			   "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7)
			 : "t5", "memory", FCLOBBER);
	return a0;
}

UTEST(a14, "A14 floating-point registers and fcsr are equal in the child")
{
	static uint64_t in[32], out[32];
	static long fcsr;
	const long want = (3 << 5) | 0x15; /* round up; some flags */
	pid_t pid;

	for (unsigned i = 0; i < 32; i++)
		in[i] = 0x4000123456780000ull + i * 0x10101;
	pid = (pid_t)fork_with_fp(in, out, want, &fcsr);
	REQUIRE(pid >= 0);
	for (unsigned i = 0; i < 32; i++)
		EXPECT_EQ(out[i], in[i]);
	EXPECT_EQ(fcsr, want);
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
}
#else
UTEST(a14, "A14 floating-point registers and fcsr are equal in the child")
{
	SKIP("wants RISC-V's registers");
}
#endif

UTEST(a16, "A16 a misaligned store across two shared pages")
{
	char *p = pages_new(2);
	char *where = p + PG - 3;
	struct peer c;

	memset(p, 'p', 2 * PG);
	if (fork_peer(&c) == 0) {
		store_u64(where, 0x1122334455667788);
		EXPECT_EQ(load_u64(where), 0x1122334455667788);
		EXPECT_EQ(bytes_wrong(p, PG - 3, 'p'), 0);
		EXPECT_EQ(bytes_wrong(where + 8, PG - 5, 'p'), 0);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(load_u64(where), 0x1122334455667788);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(bytes_wrong(p, 2 * PG, 'p'), 0);
	store_u64(where, 0x99aabbccddeeff00);
	EXPECT_EQ(load_u64(where), (long long)0x99aabbccddeeff00);
	EXPECT_EQ(bytes_wrong(p, PG - 3, 'p'), 0);
	EXPECT_EQ(bytes_wrong(where + 8, PG - 5, 'p'), 0);
	peer_post(&c);
	PEER_END(&c);
}

/* Adds in one instruction, then by load-reserved and store-conditional. */
static void
count_up(uint64_t *at, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t old = 0;

		__atomic_fetch_add(at, 1, __ATOMIC_SEQ_CST);
		while (!__atomic_compare_exchange_n(at + 512, &old, old + 1,
						    false, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST))
			;
	}
}

UTEST(a17, "A17 the first atomic on a shared page happens exactly once")
{
	for (unsigned round = 0; round < 20; round++) {
		uint64_t *at = (uint64_t *)pages_new(2);
		pid_t pid;

		at[0] = 1000;
		at[512] = 5000;
		pid = utest_fork();
		count_up(at, pid == 0 ? 3 : 7);
		EXPECT_EQ(at[0], pid == 0 ? 1003 : 1007);
		EXPECT_EQ(at[512], pid == 0 ? 5003 : 5007);
		if (pid == 0)
			utest_done();
		EXPECT_CLEAN(pid);
		REQUIRE(munmap(at, 2 * PG) == 0);
	}
}
