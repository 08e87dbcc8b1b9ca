/* SPDX-License-Identifier: MIT */
/*
 * lib/base.h - fixed-width types, address types, common macros and function
 * attributes, for every other file.
 *
 * Nothing here has state, so any code in any context may use it.
 */
#ifndef LIB_BASE_H
#define LIB_BASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t; /* a physical address */
typedef uint64_t vaddr_t; /* any virtual address, as a number */
typedef uint64_t uaddr_t; /* a user address: never dereferenced */
typedef int64_t ssize_t;
typedef int64_t off_t;
typedef int32_t pid_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  (UINT64_C(1) << PAGE_SHIFT)
#define PAGE_MASK  (PAGE_SIZE - 1)

#define must_check		 __attribute__((warn_unused_result))
#define nonnull			 __attribute__((nonnull))
#define noreturn		 __attribute__((noreturn))
#define maybe_unused		 __attribute__((unused))
#define noinline		 __attribute__((noinline))
#define always_inline		 inline __attribute__((always_inline))
#define print_format(fmt, first) __attribute__((format(printf, fmt, first)))

/*
 * At a prototype: the lock that the caller must have; of an rwlock,
 * needs_write_lock() for writing and needs_lock() for either.  Text for the
 * reader: requires_lock() (check/hooks.h) in the definition checks it.
 */
#define needs_lock(l)
#define needs_write_lock(l)

/* Align to a cache line, for data that one hart writes often. */
#define CACHE_LINE    64
#define cache_aligned __attribute__((aligned(CACHE_LINE)))
/* Place among variables that all harts read and that rarely change. */
#define read_mostly __attribute__((section(".data.read_mostly")))

/*
 * Disable KASAN in a function: check/kasan.c checks the function's arguments,
 * or the function must read memory that is poisoned.
 */
#ifdef TINE_KASAN
#define unchecked __attribute__((no_sanitize_address))
#else
#define unchecked
#endif

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a)  (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)      ((a) < (b) ? (a) : (b))
#define MAX(a, b)      ((a) > (b) ? (a) : (b))
#define CLAMP(x, l, h) (MIN(MAX((x), (l)), (h)))

/* Round to a multiple of `to`, a power of two. */
#define ROUND_DOWN(x, to) ((x) & ~((to)-1))
#define ROUND_UP(x, to)	  (((x) + (to)-1) & ~((to)-1))
#define IS_ALIGNED(x, to) (((x) & ((to)-1)) == 0)
#define PAGE_DOWN(x)	  ROUND_DOWN((uint64_t)(x), PAGE_SIZE)
#define PAGE_UP(x)	  ROUND_UP((uint64_t)(x), PAGE_SIZE)

/* The structure that has its field `member` at address `ptr`. */
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

#endif
