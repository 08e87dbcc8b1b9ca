/*
 * tests/user/arch.h - the few things the tests must say in machine language.
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
