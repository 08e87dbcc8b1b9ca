/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/kstack.c - allocate kernel stacks with guard pages.
 *
 * Slot i is 32 KiB of address space from KSTACK_BASE on; its upper half is the
 * stack (trap.S relies on bit 14).  A slot is free and unmapped, cached
 * (mapped, in a hart's magazine), or in use.  In KASAN builds one more page is
 * mapped with a stack: the shadow of its slot.  kstack_alloc() returns 0 if
 * memory or slots are short.  Unmapping requires a TLB flush on every hart, so
 * kstack_free() caches stacks and releases several with one flush.
 */
#include "arch/kstack.h"

#include "arch/mmu.h"
#include "arch/riscv/kmap.h"
#include "arch/riscv/tlb.h"
#include "check/hooks.h"
#include "kernel/magazine.h"
#include "kernel/page.h"
#include "kernel/spinlock.h"
#include "kernel/thread.h"
#include "lib/string.h"

#define SLOT_SIZE  (2 * KSTACK_SIZE)
#define SLOT_COUNT (unsigned)(KSTACK_AREA / SLOT_SIZE)
#define CACHE_MAX  16u /* stacks cached per hart */
#define WORD_GONE  UINT64_MAX
#define PAGES	   (KSTACK_PAGES + KASAN_STACK_PAGES) /* of a mapped slot */

_Static_assert(KSTACK_SIZE == 1u << 14, "trap.S tests bit 14 of sp");
_Static_assert(!kasan_on() || SLOT_SIZE == KASAN_SPAN, "a page of shadow each");

extern char boot_stack_top[]; /* entry.S; as large and aligned as a slot */

static struct spinlock kstack_lock = SPINLOCK_INIT(LOCK_KSTACK);
static uint64_t slot_used[SLOT_COUNT / 64]; /* [kstack_lock] mapped slots */
/* [kstack_lock] slots being released; WORD_GONE: with their leaf table */
static uint64_t slot_leaving[SLOT_COUNT / 64];
static struct magazine caches[MAX_HARTS] = {
	[0 ... MAX_HARTS - 1] = { .lock = SPINLOCK_INIT(LOCK_MAGAZINE) },
};

/* The number of stacks ever mapped; see kstack_sync(). */
static _Atomic uint64_t stacks_mapped;

static struct magazine *
cache(void)
{
	return &caches[this_hart()->index];
}

/* Allocate a slot: its number, or SLOT_COUNT if none is free. */
static unsigned
slot_take(void)
{
	unsigned slot = SLOT_COUNT;

	spin_lock(&kstack_lock);
	for (unsigned i = 0; i < ARRAY_SIZE(slot_used); i++) {
		if (slot_used[i] != UINT64_MAX) {
			unsigned bit = (unsigned)__builtin_ctzll(~slot_used[i]);

			slot_used[i] |= UINT64_C(1) << bit;
			slot = i * 64 + bit;
			break;
		}
	}
	spin_unlock(&kstack_lock);
	return slot;
}

static void
slot_give(unsigned slot)
{
	spin_lock(&kstack_lock);
	slot_used[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
	spin_unlock(&kstack_lock);
}

/* The address of the i-th page of a stack. */
static vaddr_t
page_va(vaddr_t base, unsigned i)
{
	return i < KSTACK_PAGES ? base + i * PAGE_SIZE
				: PAGE_DOWN(kasan_shadow(base));
}

/*
 * Unmap the first `count` pages of a stack and store them in pages[].  Pages
 * and addresses may be reused after the next TLB flush on every hart.
 */
static void
stack_unmap(vaddr_t base, unsigned count, void **pages)
{
	spin_lock(&kstack_lock);
	for (unsigned i = 0; i < count; i++) {
		pages[i] = phys_to_virt(kmap_lookup(page_va(base, i)));
		kmap_unpage(page_va(base, i));
	}
	spin_unlock(&kstack_lock);
}

static void
pages_free(void *const *pages, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		page_free(pages[i]);
}

static vaddr_t
stack_map(unsigned slot)
{
	vaddr_t base = KSTACK_BASE + (uint64_t)slot * SLOT_SIZE + KSTACK_SIZE;
	void *pages[PAGES];
	unsigned n;

	for (n = 0; n < PAGES; n++) {
		int err;

		pages[n] = page_alloc(true);
		if (pages[n] == NULL)
			goto undo;
		spin_lock(&kstack_lock);
		err = kmap_page(page_va(base, n), virt_to_phys(pages[n]));
		spin_unlock(&kstack_lock);
		if (err != 0) {
			page_free(pages[n]);
			goto undo;
		}
	}
	atomic_fetch_add(&stacks_mapped, 1);
	irq_push_off();
	(void)kstack_sync();
	irq_pop_off();
	kasan_unpoison((void *)(uintptr_t)base, KSTACK_SIZE);
	return base;

undo:
	stack_unmap(base, n, pages);
	tlb_flush_kernel_all();
	pages_free(pages, n);
	return 0;
}

vaddr_t
kstack_alloc(void)
{
	vaddr_t base;
	unsigned slot;

	lock_check_alloc();
	base = (vaddr_t)(uintptr_t)magazine_get(cache());
	if (base != 0) {
		kasan_unpoison((void *)(uintptr_t)base, KSTACK_SIZE);
		return base;
	}
	slot = slot_take();
	if (slot < SLOT_COUNT) {
		base = stack_map(slot);
		if (base == 0)
			slot_give(slot);
	}
	return base;
}

/*
 * Stacks being released.  The 64 slots of one word of slot_used share a leaf
 * table.  The release of the last mapped stacks of a word also unlinks the
 * table.  All slots of the word then stay allocated until the flush, so that no
 * new table is linked before the flush.  If several harts release stacks of one
 * word at the same time, the last hart unlinks the table.
 */
struct release {
	unsigned count;
	unsigned word[CACHE_MAX];
	uint64_t bits[CACHE_MAX]; /* slots; 0: listed in an earlier entry */
	void *table[CACHE_MAX];	  /* the table of the word, or NULL */
	void *pages[CACHE_MAX][PAGES];
};

/* Unmap the stacks, and unlink the leaf tables that become empty. */
static void
release_begin(struct release *r, void *const *stacks, unsigned count)
{
	r->count = count;
	for (unsigned i = 0; i < count; i++) {
		vaddr_t base = (vaddr_t)(uintptr_t)stacks[i];
		unsigned slot = (unsigned)((base - KSTACK_BASE) / SLOT_SIZE);
		unsigned first = 0;

		stack_unmap(base, PAGES, r->pages[i]);
		r->word[i] = slot / 64;
		r->bits[i] = 0;
		r->table[i] = NULL;
		while (r->word[first] != slot / 64)
			first++;
		r->bits[first] |= UINT64_C(1) << slot % 64;
	}
	spin_lock(&kstack_lock);
	for (unsigned i = 0; i < count; i++) {
		unsigned w = r->word[i];

		slot_leaving[w] |= r->bits[i];
		if (r->bits[i] == 0 || slot_used[w] != slot_leaving[w])
			continue;
		slot_used[w] = slot_leaving[w] = WORD_GONE;
		r->table[i] = kmap_take_table(KSTACK_BASE +
					      (uint64_t)w * 64 * SLOT_SIZE);
	}
	spin_unlock(&kstack_lock);
}

/* After the TLB flush, free the slots, the pages and the unlinked tables. */
static void
release_end(struct release *r)
{
	spin_lock(&kstack_lock);
	for (unsigned i = 0; i < r->count; i++) {
		unsigned w = r->word[i];
		uint64_t bits = r->table[i] != NULL ? WORD_GONE : r->bits[i];

		if (slot_leaving[w] == WORD_GONE && r->table[i] == NULL)
			continue; /* left to the hart that unlinked the table */
		slot_used[w] &= ~bits;
		slot_leaving[w] &= ~bits;
	}
	spin_unlock(&kstack_lock);
	for (unsigned i = 0; i < r->count; i++) {
		pages_free(r->pages[i], PAGES);
		if (r->table[i] != NULL)
			page_free(r->table[i]);
	}
}

/* Release stacks with one TLB flush: its IPIs to every hart cost most. */
static void
stacks_release(void *const *stacks, unsigned count)
{
	struct release r;

	release_begin(&r, stacks, count);
	tlb_flush_kernel_all();
	release_end(&r);
}

/* Release all but `keep` stacks of a hart's magazine. */
static void
cache_spill(struct magazine *m, unsigned keep)
{
	void *stacks[MAGAZINE_MAX];
	unsigned n = magazine_take(m, keep, stacks);

	if (n > 0)
		stacks_release(stacks, n);
}

void
kstack_free(vaddr_t base)
{
	void *stack = (void *)(uintptr_t)base;

	kasan_poison(stack, KSTACK_SIZE, KASAN_FREE_STACK);
	while (!magazine_put(cache(), stack, CACHE_MAX))
		cache_spill(cache(), CACHE_MAX / 2);
}

void
kstack_drain(void)
{
	for (unsigned i = 0; i < hart_count; i++)
		cache_spill(&caches[i], 0);
}

unsigned
kstack_in_use(void)
{
	unsigned n = 0;

	spin_lock(&kstack_lock);
	for (unsigned i = 0; i < ARRAY_SIZE(slot_used); i++)
		n += (unsigned)__builtin_popcountll(slot_used[i] &
						    ~slot_leaving[i]);
	spin_unlock(&kstack_lock);
	for (unsigned i = 0; i < hart_count; i++)
		n -= caches[i].count;
	return n;
}

/*
 * This hart's TLB may still hold the invalid entry of a page that another hart
 * has mapped since.  No IPI is needed, because a thread that switches to a new
 * stack, or follows a pointer into it, sees stacks_mapped increased.  The
 * switch calls kstack_sync() first.  The access through a pointer may fault;
 * the trap handler, which runs on the old stack, then calls kstack_sync().
 */
bool
kstack_sync(void)
{
	uint64_t mapped = atomic_load(&stacks_mapped);
	struct hart *h = this_hart();

	if (likely(h->arch.stacks_seen == mapped))
		return false;
	h->arch.stacks_seen = mapped;
	__asm__ volatile("sfence.vma" : : : "memory");
	return true;
}

vaddr_t
kstack_find(vaddr_t sp)
{
	/*
	 * The sp of an empty stack is the first address behind it: use sp - 1.
	 */
	vaddr_t base = ROUND_DOWN(sp - 1, SLOT_SIZE) + KSTACK_SIZE;
	uint64_t slot = (base - KSTACK_BASE) / SLOT_SIZE;

	if (base + KSTACK_SIZE == (vaddr_t)(uintptr_t)boot_stack_top)
		return base;
	if (base < KSTACK_BASE || slot >= SLOT_COUNT ||
	    (slot_used[slot / 64] >> slot % 64 & 1) == 0)
		return 0;
	return base;
}
