/* SPDX-License-Identifier: MIT */
/*
 * check/kasan.c - check each load and store in KASAN builds.
 *
 * check/hooks.h describes the shadow.  This file is compiled without checks.
 * The checks take no lock: the shadow of memory changes only when the memory is
 * allocated or freed, and at that moment no other thread uses the memory.
 * Compiled code calls the functions that begin with __asan; the linker (--wrap)
 * redirects all calls of memcpy() and similar functions to the __wrap functions
 * here.  An invalid access panics.
 */
#ifdef TINE_KASAN
#include "arch/riscv/kmap.h"
#include "check/hooks.h"

#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/frame.h"

/*
 * No C file calls the __asan and __wrap functions by name, so they have no
 * prototypes: the compiler inserts calls of __asan functions, and the linker
 * redirects calls to __wrap functions.
 */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#define GRAIN UINT64_C(8)

/* gcc's values for local variables. */
#define LOCAL_LEFT   0xf1
#define LOCAL_MIDDLE 0xf2
#define LOCAL_RIGHT  0xf3
#define LOCAL_ENDED  0xf8

extern char __image_start[], __image_end[];
extern void (*const __init_array_start[])(void),
	(*const __init_array_end[])(void);

char kasan_image_shadow[KASAN_IMAGE_SHADOW] __attribute__((aligned(PAGE_SIZE)));

/* The ranges with a shadow; a size is 0 until the shadow is mapped. */
static vaddr_t ram_start;
static uint64_t ram_size, image_size, stack_size;

static always_inline uint8_t *
shadow(vaddr_t va)
{
	return (uint8_t *)(uintptr_t)kasan_shadow(va);
}

static always_inline bool
has_shadow(vaddr_t va)
{
	return va - ram_start < ram_size || va - KSTACK_BASE < stack_size ||
	       va - (vaddr_t)(uintptr_t)__image_start < image_size;
}

/* ---- reports ---- */

static const struct {
	uint8_t value;
	const char *what;
} kinds[] = {
	{ KASAN_FREE_PAGE, "use after free of a page" },
	{ KASAN_FREE_OBJECT, "use after free of a slab object" },
	{ KASAN_SLAB, "out-of-bounds access to a slab object" },
	{ KASAN_FREE_STACK, "use after free of a thread's kernel stack" },
	{ KASAN_GLOBAL, "out-of-bounds access to a global variable" },
	{ LOCAL_LEFT, "out-of-bounds access to a local variable" },
	{ LOCAL_MIDDLE, "out-of-bounds access to a local variable" },
	{ LOCAL_RIGHT, "out-of-bounds access to a local variable" },
	{ LOCAL_ENDED, "use after scope of a local variable" },
};

static const char *
kind_of(vaddr_t bad)
{
	uint8_t value = *shadow(bad);

	if (value < GRAIN)
		value = *(shadow(bad) + 1); /* the next byte has the kind */
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].value == value)
			return kinds[i].what;
	}
	return "out of bounds";
}

static noinline void
report(vaddr_t at, size_t n, bool write, vaddr_t bad)
{
	const char *access = write ? "write" : "read";

	if (panic_in_progress())
		return;
	if (bad == at)
		panic("KASAN: %s: %s of %lu byte%s at %#lx", kind_of(bad),
		      access, n, n == 1 ? "" : "s", at);
	panic("KASAN: %s: %s of %lu bytes at %#lx, first bad byte at offset %lu",
	      kind_of(bad), access, n, at, bad - at);
}

/* ---- checks ---- */

/* The first poisoned byte of [at, end), or `end` if there is none. */
static vaddr_t
first_bad(vaddr_t at, vaddr_t end)
{
	while (at < end) {
		vaddr_t grain = ROUND_DOWN(at, GRAIN);
		uint8_t value = *shadow(at);

		if (IS_ALIGNED(at, GRAIN * 8) && end - at >= GRAIN * 8 &&
		    *(const uint64_t *)shadow(at) == 0) {
			at += GRAIN * 8;
			continue;
		}
		if (value >= GRAIN)
			return at;
		if (value != 0 && MIN(end, grain + GRAIN) > grain + value)
			return MAX(at, grain + value);
		at = grain + GRAIN;
	}
	return end;
}

static noinline void
check_range(vaddr_t at, size_t n, bool write)
{
	vaddr_t end = at + n, bad;

	if (n == 0 || !has_shadow(at))
		return;
	bad = end < at || !has_shadow(end - 1) ? at : first_bad(at, end);
	if (unlikely(bad != end))
		report(at, n, write, bad);
}

/* The fast path for n up to 8: the memory is nearly always valid. */
static always_inline void
check(vaddr_t at, size_t n, bool write)
{
	const uint8_t *s = shadow(at);

	if (likely(has_shadow(at)) &&
	    unlikely(s[0] != 0 ||
		     ((at & (GRAIN - 1)) + n > GRAIN && s[1] != 0)))
		check_range(at, n, write);
}

/* The functions that gcc calls. */
#define ACCESS(n)                                  \
	void __asan_load##n##_noabort(vaddr_t at)  \
	{                                          \
		check(at, n, false);               \
	}                                          \
	void __asan_store##n##_noabort(vaddr_t at) \
	{                                          \
		check(at, n, true);                \
	}

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)

void
__asan_loadN_noabort(vaddr_t at, size_t n)
{
	check_range(at, n, false);
}

void
__asan_storeN_noabort(vaddr_t at, size_t n)
{
	check_range(at, n, true);
}

/* ---- poison ---- */

void
kasan_poison(const void *at, size_t n, enum kasan_kind why)
{
	if (has_shadow((vaddr_t)(uintptr_t)at))
		memset(shadow((vaddr_t)(uintptr_t)at), why, n / GRAIN);
}

void
kasan_unpoison(const void *at, size_t n)
{
	vaddr_t va = (vaddr_t)(uintptr_t)at;

	if (!has_shadow(va))
		return;
	memset(shadow(va), 0, n / GRAIN);
	if (n % GRAIN != 0)
		*shadow(va + n) = n % GRAIN;
}

void
kasan_object(void *p, size_t n, size_t room)
{
	size_t used = ROUND_UP(n, GRAIN);

	kasan_unpoison(p, n);
	kasan_poison((char *)p + used, room - used, KASAN_SLAB);
}

void
kasan_check_free(const void *p)
{
	vaddr_t va = (vaddr_t)(uintptr_t)p;

	if (has_shadow(va) && *shadow(va) >= GRAIN)
		panic("KASAN: %s: kfree(%#lx)", kind_of(va), va);
}

/*
 * The compiler calls this function before a call of a function that does not
 * return.  The frames of the callers are abandoned with poisoned red zones, so
 * unpoison the stack from here to its end.  One page of shadow covers the slot
 * of a stack, and the stack ends where the slot ends.
 */
void
__asan_handle_no_return(void)
{
	vaddr_t sp = (vaddr_t)(uintptr_t)__builtin_frame_address(0);

	sp = ROUND_DOWN(sp, GRAIN);
	kasan_unpoison((void *)(uintptr_t)sp,
		       ROUND_UP(sp + 1, KASAN_SPAN) - sp);
}

/*
 * The compiler calls these two functions where the scope of a large local
 * variable begins or ends.
 */
void
__asan_unpoison_stack_memory(const void *at, size_t n)
{
	kasan_unpoison(at, n);
}

void
__asan_poison_stack_memory(const void *at, size_t n)
{
	memset(shadow((vaddr_t)(uintptr_t)at), LOCAL_ENDED,
	       ROUND_UP(n, GRAIN) / GRAIN);
}

/* ---- global variables ---- */

/* The layout that gcc uses. */
struct asan_global {
	const void *at;
	size_t size, room; /* room: with the red zone behind it */
	const void *unused[5];
};

void
__asan_register_globals(const struct asan_global *globals, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t used = ROUND_UP(globals[i].size, GRAIN);

		kasan_unpoison(globals[i].at, globals[i].size);
		kasan_poison((const char *)globals[i].at + used,
			     globals[i].room - used, KASAN_GLOBAL);
	}
}

void
__asan_unregister_globals(const struct asan_global *globals, size_t n)
{
}

/* ---- copies: the whole range at once ---- */

/* The original functions, under the names that --wrap gives them. */
void *__real_memcpy(void *restrict to, const void *restrict from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__real_memset(void *at, int byte, size_t n);
void __real_page_copy(void *restrict to, const void *restrict from);
void __real_page_zero(void *page);

static void
check_copy(const void *to, const void *from, size_t n)
{
	check_range((vaddr_t)(uintptr_t)from, n, false);
	check_range((vaddr_t)(uintptr_t)to, n, true);
}

void *
__wrap_memcpy(void *restrict to, const void *restrict from, size_t n)
{
	check_copy(to, from, n);
	return __real_memcpy(to, from, n);
}

void *
__wrap_memmove(void *to, const void *from, size_t n)
{
	check_copy(to, from, n);
	return __real_memmove(to, from, n);
}

void *
__wrap_memset(void *at, int byte, size_t n)
{
	check_range((vaddr_t)(uintptr_t)at, n, true);
	return __real_memset(at, byte, n);
}

void
__wrap_page_copy(void *restrict to, const void *restrict from)
{
	check_copy(to, from, PAGE_SIZE);
	__real_page_copy(to, from);
}

void
__wrap_page_zero(void *page)
{
	check_range((vaddr_t)(uintptr_t)page, PAGE_SIZE, true);
	__real_page_zero(page);
}

/* ---- boot ---- */

void
kasan_start(void)
{
	image_size = (uint64_t)(__image_end - __image_start);
	for (unsigned i = 0; __init_array_start + i < __init_array_end; i++)
		__init_array_start[i]();
}

unsigned
kasan_take_shadow(const struct frame_range *ram, unsigned nram,
		  struct frame_range *reserved, unsigned nres, unsigned most)
{
	for (unsigned i = 0; i < nram; i++) {
		struct phys_range r = { ROUND_DOWN(ram[i].start, KASAN_SPAN),
					ROUND_UP(ram[i].end, KASAN_SPAN) };
		uint64_t size = (r.end - r.start) / 8;
		paddr_t at = frame_find_room(size, UINT64_C(2) << 20, ram, nram,
					     reserved, nres);

		if (at == 0 || nres == most)
			panic("boot: no room for %lu KiB of shadow",
			      size / 1024);
		reserved[nres++] = (struct frame_range){ at, at + size };
		kmap_shadow_ram(&r, at);
	}
	return nres;
}

void
kasan_init(paddr_t start, paddr_t end)
{
	vaddr_t first = DIRECT_BASE + start, last = DIRECT_BASE + end;

	memset(shadow(first), 0, (end - start) / GRAIN);
	if (ram_size > 0) {
		first = MIN(first, ram_start);
		last = MAX(last, ram_start + ram_size);
	}
	ram_start = first;
	ram_size = last - first;
	stack_size = KSTACK_AREA;
}
#endif
