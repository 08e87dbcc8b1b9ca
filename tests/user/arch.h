/* SPDX-License-Identifier: MIT */
/*
 * tests/user/arch.h - the few things the tests must say in machine language.
 *
 * Code to write into a page and jump to, one store or load of 8 bytes, an
 * illegal instruction, a breakpoint, and floating-point state: for RISC-V, and
 * for x86-64, where the same programs ask Linux.
 */
#ifndef TESTS_USER_ARCH_H
#define TESTS_USER_ARCH_H

#include <stdint.h>
#include <string.h>

#if defined(__riscv)

/* li a0, 42; ret */
#define CODE_42 "\x13\x05\xa0\x02\x67\x80\x00\x00"
/* li a0, 43; ret */
#define CODE_43	 "\x13\x05\xb0\x02\x67\x80\x00\x00"
#define CODE_LEN 8

static inline void
store_u64(void *p, uint64_t v)
{
	__asm__ volatile("sd %0, 0(%1)" : : "r"(v), "r"(p) : "memory");
}

static inline uint64_t
load_u64(const void *p)
{
	uint64_t v;

	__asm__ volatile("ld %0, 0(%1)" : "=r"(v) : "r"(p) : "memory");
	return v;
}

/* An instruction that no extension will ever define, and a breakpoint. */
#define ASM_ILLEGAL "unimp"
#define ASM_BREAK   "ebreak"

#define ROUND_NEAREST  0u
#define ROUND_DOWNWARD 2u
#define ROUND_UPWARD   3u

static inline unsigned
rounding_get(void)
{
	unsigned mode;

	__asm__ volatile("frrm %0" : "=r"(mode));
	return mode;
}

static inline void
rounding_set(unsigned mode)
{
	__asm__ volatile("fsrm %0" : : "r"(mode));
}

/*
 * Fills the floating-point registers that a call preserves; fp_wrong() counts
 * those that hold something else.  The compiler does not know of this use, so
 * no floating-point arithmetic may come between the two.
 */
static inline void
fp_fill(uint64_t v)
{
	__asm__ volatile("fmv.d.x fs0, %0\n fmv.d.x fs1, %0\n"
			 "fmv.d.x fs5, %0\n fmv.d.x fs11, %0"
			 :
			 : "r"(v));
}

static inline unsigned
fp_wrong(uint64_t v)
{
	uint64_t a, b, c, d;

	__asm__ volatile("fmv.x.d %0, fs0\n fmv.x.d %1, fs1\n"
			 "fmv.x.d %2, fs5\n fmv.x.d %3, fs11"
			 : "=r"(a), "=r"(b), "=r"(c), "=r"(d));
	return (a != v) + (b != v) + (c != v) + (d != v);
}

#elif defined(__x86_64__)

/* mov $42, %eax; ret */
#define CODE_42	 "\xb8\x2a\x00\x00\x00\xc3\x90\x90"
#define CODE_43	 "\xb8\x2b\x00\x00\x00\xc3\x90\x90"
#define CODE_LEN 8

static inline void
store_u64(void *p, uint64_t v)
{
	__asm__ volatile("movq %0, (%1)" : : "r"(v), "r"(p) : "memory");
}

static inline uint64_t
load_u64(const void *p)
{
	uint64_t v;

	__asm__ volatile("movq (%1), %0" : "=r"(v) : "r"(p) : "memory");
	return v;
}

#define ASM_ILLEGAL "ud2"
#define ASM_BREAK   "int3"

#define ROUND_NEAREST  0u
#define ROUND_DOWNWARD 1u
#define ROUND_UPWARD   2u

static inline unsigned
rounding_get(void)
{
	uint32_t mxcsr;

	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	return mxcsr >> 13 & 3;
}

static inline void
rounding_set(unsigned mode)
{
	uint32_t mxcsr = 0x1f80 | mode << 13;

	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

/* x86-64 has no floating-point register that survives a call. */
static inline void
fp_fill(uint64_t v)
{
	(void)v;
}

static inline unsigned
fp_wrong(uint64_t v)
{
	(void)v;
	return 0;
}

#else
#error "say here how this machine stores, returns and breaks"
#endif

typedef int (*code_fn)(void);

static inline void
code_write(void *p, const char *code)
{
	memcpy(p, code, CODE_LEN);
	__builtin___clear_cache((char *)p, (char *)p + CODE_LEN);
}

/* Jumps to p as to a function without arguments. */
static inline int
code_call(const void *p)
{
	code_fn fn;

	memcpy(&fn, &p, sizeof(fn));
	return fn();
}

#endif
