/* SPDX-License-Identifier: MIT */
/*
 * tests/user/tlb_h.c - row H1: fork takes the write bit from the parent's
 * pages, and the parent's very next store must fault.
 *
 * A stale TLB entry would let that store through to the frame that the child
 * shares.  fork_and_store() leaves no instruction between the system call and
 * the store.
 */
#include "utest.h"
#include "arch.h"

#include <sys/syscall.h>

/*
 * Forks and, in the parent, stores v at p in the first instruction that can
 * know it is the parent.  No other store, no call and no switch lies between
 * the return of the system call and that store.
 */
static long
fork_and_store(uint64_t *p, uint64_t v)
{
#if defined(__riscv)
	register long a0 __asm__("a0") = SIGCHLD;
	register long a1 __asm__("a1") = 0;
	register long a2 __asm__("a2") = 0;
	register long a3 __asm__("a3") = 0;
	register long a4 __asm__("a4") = 0;
	register long a7 __asm__("a7") = SYS_clone;

	/* The first store loads a TLB entry with write permission. */
	__asm__ volatile("sd zero, 8(%[p])\n"
			 "ecall\n"
			 "beqz a0, 1f\n"
			 "sd %[v], 0(%[p])\n"
			 "1:\n"
			 : "+r"(a0)
			 : [p] "r"(p), [v] "r"(v), "r"(a1), "r"(a2), "r"(a3),
			   "r"(a4), "r"(a7)
			 : "memory");
	return a0;
#elif defined(__x86_64__)
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;
	long rax = SYS_clone;

	__asm__ volatile("movq $0, 8(%[p])\n"
			 "syscall\n"
			 "test %%rax, %%rax\n"
			 "jz 1f\n"
			 "movq %[v], (%[p])\n"
			 "1:\n"
			 : "+a"(rax)
			 : [p] "r"(p), [v] "r"(v), "D"((long)SIGCHLD), "S"(0l),
			   "d"(0l), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return rax;
#endif
}

UTEST(h1, "H1 a store right after fork does not reach the child")
{
	uint64_t *p = (uint64_t *)pages_new(1);

	for (unsigned i = 0; i < utest_rounds(2000); i++) {
		long pid;
		int status;

		p[0] = i;
		pid = fork_and_store(p, i + 1);
		if (pid == 0)
			_exit(__atomic_load_n(p, __ATOMIC_SEQ_CST) != i);
		REQUIRE(pid > 0);
		EXPECT_EQ(p[0], i + 1);
		status = utest_wait((pid_t)pid);
		if (!EXPECT_EQ(status, 0))
			break;
		if (i % 500 == 499)
			utest_note("%u forks", i + 1);
	}
}

/*
 * The same with TLB entries for a whole range, and a child that reads it all.
 */
UTEST(h1_many, "H1 the same with 64 warm pages")
{
	enum { N = 64 };
	uint64_t *p = (uint64_t *)pages_new(N);
	long pid;

	for (unsigned i = 0; i < utest_rounds(200); i++) {
		for (unsigned k = 0; k < N; k++)
			p[k * PG / 8] = 1000 * i + k;
		pid = fork_and_store(p + i % N * PG / 8, 7);
		if (pid != 0)
			for (unsigned k = 0; k < N; k++)
				p[k * PG / 8] = 7;
		if (pid == 0) {
			for (unsigned k = 0; k < N; k++)
				if (p[k * PG / 8] != 1000 * i + k)
					_exit(1);
			_exit(0);
		}
		REQUIRE(pid > 0);
		if (!EXPECT_EXIT((pid_t)pid, 0))
			break;
	}
}
