/* SPDX-License-Identifier: MIT */
/*
 * kernel/kasan.h - a byte of shadow for every eight bytes of kernel memory.
 *
 * In the kasan build the compiler adds a call of kernel/kasan.c before each
 * load and store, and the allocators mark the memory that may be used.  The
 * shadow of address a is the byte at (a >> 3) + KASAN_OFFSET.  0: all eight
 * bytes may be used; 1 to 7: only the first so many; else none, and the value
 * says why.  There is shadow for the image (an array in it), for RAM through
 * the direct map (an eighth of RAM, taken at boot) and for kernel stacks (a
 * page each).  Device registers and user addresses have no shadow and are not
 * checked.
 *
 * In other builds the functions below do nothing.
 */
#ifndef KERNEL_KASAN_H
#define KERNEL_KASAN_H

#include "arch/page.h"

/* Why memory may not be used; gcc has its own values for local variables. */
enum kasan_kind {
	KASAN_FREE_PAGE = 0xff,
	KASAN_FREE_OBJECT = 0xfe, /* of a slab */
	KASAN_SLAB = 0xfc,	  /* around an object of a slab */
	KASAN_FREE_STACK = 0xfb,  /* the thread is gone */
	KASAN_GLOBAL = 0xf9,	  /* around a global variable */
};

#ifdef TINE_KASAN
#define kasan_on()	   true
#define KASAN_REDZONE	   16u /* bytes behind each object of a slab */
#define KASAN_STACK_PAGES  1u  /* of shadow for the 32 KiB of a stack's slot */
#define KASAN_IMAGE_SHADOW (UINT64_C(4) << 20 >> 3)

/* Memory that one page of shadow stands for. */
#define KASAN_SPAN (PAGE_SIZE << 3)

/* Where the shadow of an address is, or would be. */
static inline vaddr_t
kasan_shadow(vaddr_t va)
{
	return (va >> 3) + KASAN_OFFSET;
}

/* Is this address in the shadow of some kernel address? */
static inline bool
kasan_is_shadow(vaddr_t va)
{
	return va >= kasan_shadow(DIRECT_BASE) &&
	       va <= kasan_shadow(UINT64_MAX);
}

/* The image's shadow, to be mapped before any C function that is checked. */
extern char kasan_image_shadow[KASAN_IMAGE_SHADOW];

/* That shadow is mapped: check accesses to the image now.  Boot hart, once. */
void kasan_start(void);

/*
 * The shadow of [start, end), a range of RAM, is mapped; the shadow of a stack
 * is mapped with the stack.  From now on check accesses to both.  Boot hart,
 * for each range.
 */
void kasan_init(paddr_t start, paddr_t end);

/*
 * Forbid all use of the n bytes at `at`, for this reason; allow it again.  `at`
 * is a multiple of 8.  If n is not, the bytes between at + n and the next
 * multiple of 8 must not be used.  Any context.
 */
void kasan_poison(const void *at, size_t n, enum kasan_kind why) nonnull;
void kasan_unpoison(const void *at, size_t n) nonnull;

/* Of the `room` bytes at p, n are an object of a slab, the rest a red zone. */
void kasan_object(void *p, size_t n, size_t room) nonnull;

/* Panics if p, about to be freed, may not be used.  Any context. */
void kasan_check_free(const void *p) nonnull;
#else
#define kasan_on()		 false
#define KASAN_REDZONE		 0u
#define KASAN_STACK_PAGES	 0u
#define KASAN_SPAN		 PAGE_SIZE
#define kasan_shadow(va)	 (va)
#define kasan_is_shadow(va)	 false
#define kasan_init(start, end)	 ((void)0)
#define kasan_poison(at, n, why) ((void)0)
#define kasan_unpoison(at, n)	 ((void)0)
#define kasan_object(p, n, room) ((void)0)
#define kasan_check_free(p)	 ((void)0)
#endif

#endif
