/*
 * arch/riscv/kstack.c - kernel stacks with guard pages.
 *
 * Slot i owns 32 KiB of address space from KSTACK_BASE; its upper half is the
 * stack (trap.S relies on bit 14).  Each slot is free and unmapped, cached
 * (mapped, on the list), or in use.
 */
#include "arch/kstack.h"

#include "arch/mmu.h"
#include "arch/riscv/kmap.h"
#include "arch/riscv/tlb.h"
#include "kernel/page.h"
#include "kernel/spinlock.h"
#include "kernel/thread.h"
#include "lib/string.h"

#define SLOT_SIZE  (2 * KSTACK_SIZE)
#define SLOT_COUNT 8192u
#define CACHE_MAX  16u

_Static_assert(KSTACK_SIZE == 1u << 14, "trap.S tests bit 14 of sp");

static struct spinlock kstack_lock = SPINLOCK_INIT;
static uint64_t slot_used[SLOT_COUNT / 64]; /* [kstack_lock] mapped slots */
static vaddr_t cache[CACHE_MAX];	    /* [kstack_lock] */
static unsigned cached, in_use;		    /* [kstack_lock] */

/* A slot number, marked used; SLOT_COUNT when there is none. */
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

/* Unmap `count` pages of the stack and free them; flushes every hart. */
static void
stack_unmap(vaddr_t base, unsigned count, void *const *pages)
{
	spin_lock(&kstack_lock);
	for (unsigned i = 0; i < count; i++)
		kmap_unpage(base + i * PAGE_SIZE);
	spin_unlock(&kstack_lock);
	tlb_flush_kernel_all();
	for (unsigned i = 0; i < count; i++)
		page_free(pages[i]);
}

static vaddr_t
stack_map(unsigned slot)
{
	vaddr_t base = KSTACK_BASE + (uint64_t)slot * SLOT_SIZE + KSTACK_SIZE;
	void *pages[KSTACK_PAGES];
	unsigned n;

	for (n = 0; n < KSTACK_PAGES; n++) {
		int err;

		pages[n] = page_alloc(true);
		if (pages[n] == NULL)
			goto undo;
		spin_lock(&kstack_lock);
		err = kmap_page(base + n * PAGE_SIZE, virt_to_phys(pages[n]));
		spin_unlock(&kstack_lock);
		if (err != 0) {
			page_free(pages[n]);
			goto undo;
		}
	}
	return base;

undo:
	if (n > 0)
		stack_unmap(base, n, pages);
	return 0;
}

vaddr_t
kstack_alloc(void)
{
	vaddr_t base = 0;
	unsigned slot;

	spin_lock(&kstack_lock);
	if (cached > 0)
		base = cache[--cached];
	in_use++;
	spin_unlock(&kstack_lock);
	if (base != 0)
		return base;

	slot = slot_take();
	if (slot < SLOT_COUNT) {
		base = stack_map(slot);
		if (base == 0)
			slot_give(slot);
	}
	if (base == 0) {
		spin_lock(&kstack_lock);
		in_use--;
		spin_unlock(&kstack_lock);
	}
	return base;
}

static void
stack_release(vaddr_t base)
{
	void *pages[KSTACK_PAGES];

	for (unsigned i = 0; i < KSTACK_PAGES; i++)
		pages[i] = phys_to_virt(kmap_lookup(base + i * PAGE_SIZE));
	stack_unmap(base, KSTACK_PAGES, pages);
	slot_give((unsigned)((base - KSTACK_BASE) / SLOT_SIZE));
}

void
kstack_free(vaddr_t base)
{
	spin_lock(&kstack_lock);
	in_use--;
	if (cached < CACHE_MAX) {
		cache[cached++] = base;
		base = 0;
	}
	spin_unlock(&kstack_lock);
	if (base != 0)
		stack_release(base);
}

void
kstack_drain(void)
{
	for (;;) {
		vaddr_t base = 0;

		spin_lock(&kstack_lock);
		if (cached > 0)
			base = cache[--cached];
		spin_unlock(&kstack_lock);
		if (base == 0)
			return;
		stack_release(base);
	}
}

unsigned
kstack_in_use(void)
{
	return in_use;
}
