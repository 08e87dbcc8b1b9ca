/* SPDX-License-Identifier: MIT */
/*
 * kernel/kasan.h - detect invalid accesses with a shadow of kernel memory.
 *
 * In the kasan build the compiler adds a call of kernel/kasan.c before each
 * load and store, and the allocators poison memory that is not allocated.  The
 * shadow of address a is the byte at (a >> 3) + KASAN_OFFSET.  0: all eight
 * bytes are valid; 1 to 7: only that many bytes, from the first on; other
 * values: none is valid, and the value is the reason.  There is shadow for the
 * image (an array in it), for RAM through the direct map (an eighth of RAM,
 * reserved at boot) and for kernel stacks (a page each).  Device registers and
 * user addresses have no shadow and are not checked.
 *
 * In other builds the functions below do nothing.
 */
#ifndef KERNEL_KASAN_H
#define KERNEL_KASAN_H

#include "arch/page.h"

/* Reasons to poison memory; gcc has its own values for local variables. */
enum kasan_kind {
	KASAN_FREE_PAGE = 0xff,
	KASAN_FREE_OBJECT = 0xfe, /* of a slab */
	KASAN_SLAB = 0xfc,	  /* around an object of a slab */
	KASAN_FREE_STACK = 0xfb,  /* the thread has exited */
	KASAN_GLOBAL = 0xf9,	  /* around a global variable */
};

#ifdef TINE_KASAN
#define kasan_on()	   true
#define KASAN_REDZONE	   16u /* bytes behind each object of a slab */
#define KASAN_STACK_PAGES  1u  /* pages of shadow for a slot of 32 KiB */
#define KASAN_IMAGE_SHADOW (UINT64_C(4) << 20 >> 3)

/* The bytes of memory that one page of shadow covers. */
#define KASAN_SPAN (PAGE_SIZE << 3)

/* The address of the shadow of va, mapped or not. */
static inline vaddr_t
kasan_shadow(vaddr_t va)
{
	return (va >> 3) + KASAN_OFFSET;
}

/* True if va lies in the shadow of a kernel address. */
static inline bool
kasan_is_shadow(vaddr_t va)
{
	return va >= kasan_shadow(DIRECT_BASE) &&
	       va <= kasan_shadow(UINT64_MAX);
}

/* The image's shadow.  It is mapped before any checked C function runs. */
extern char kasan_image_shadow[KASAN_IMAGE_SHADOW];

/*
 * Start to check accesses to the image: its shadow is mapped.  Boot hart, once.
 */
void kasan_start(void);

/*
 * Start to check accesses to the RAM range [start, end), the shadow of which is
 * mapped, and to kernel stacks; the shadow of a stack is mapped with the stack.
 * Boot hart, for each range.
 */
void kasan_init(paddr_t start, paddr_t end);

/*
 * kasan_poison() makes each access to the n bytes at `at` panic with a reason;
 * kasan_unpoison() makes the bytes valid again.  `at` is a multiple of 8, and
 * so is n for kasan_poison().  kasan_unpoison() leaves the bytes from at + n to
 * the next multiple of 8 invalid.  Any context.
 */
void kasan_poison(const void *at, size_t n, enum kasan_kind why) nonnull;
void kasan_unpoison(const void *at, size_t n) nonnull;

/*
 * Unpoison a slab object of n bytes at p, and poison the rest of `room` bytes.
 */
void kasan_object(void *p, size_t n, size_t room) nonnull;

/* Panic if p, which is to be freed, is poisoned (double free).  Any context. */
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
