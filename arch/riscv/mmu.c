/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/mmu.c - page-table roots, ASIDs and TLB flushing.
 *
 * ASIDs.  A space is assigned an ASID when it first runs in a generation.  When
 * the ASIDs run out, the generation is incremented; every hart flushes its
 * whole TLB before it runs a space of the new generation.  ASID 0 is the
 * kernel's.  A hart may still run a space under an ASID of an old generation
 * after another hart has assigned the space a new ASID; each flush on such a
 * hart is a flush of its whole TLB.
 *
 * Lazy flushing.  A shootdown interrupts only the harts that run the space at
 * that moment.  The other harts keep stale entries under the space's ASID.  For
 * each hart, seen[] records the last shootdown for which the hart has flushed;
 * a hart that has missed one flushes at its next switch-in.  A hart that
 * switches in sets its bit in `harts`, executes a fence and reads tlb_gen.  A
 * shootdown increments tlb_gen, executes a fence and reads `harts`.  So at
 * least one side sees the store of the other (tests/models/tlbgen.pml).
 *
 * Instruction fetch uses the same order.  A thread that has written code
 * increments code_gen and interrupts the harts that run the space.  The other
 * harts, also idle ones, run fence.i at their next switch-in.
 */
#include "arch/mmu.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/kmap.h"
#include "arch/riscv/sbi.h"
#include "arch/riscv/tlb.h"
#include "check/hooks.h"
#include "kernel/hart.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/string.h"

#define ASID_SHIFT 44 /* in satp */
#define GEN_SHIFT  16 /* in mmu_space.asid */
#define ASID_MASK  UINT64_C(0xffff)

static struct spinlock asid_lock = SPINLOCK_INIT(LOCK_ASID);
static uint64_t asid_count read_mostly; /* [i] ASIDs 0 .. asid_count - 1 */
static uint64_t asid_next = 1;		/* [asid_lock] */
/* [asid_lock] to change */
static _Atomic uint64_t asid_generation read_mostly = 1;
static _Atomic uint64_t code_gen read_mostly; /* incremented for new code */

static struct {
	_Atomic uint64_t generation; /* [h] to change: ASID generation */
	_Atomic uint64_t code_seen;  /* code_gen at the last fence.i */
} cache_aligned of_hart[MAX_HARTS];

static uint16_t kernel_entries[PT_ENTRIES / 2]; /* [i] indices in the root */
static unsigned kernel_entry_count;		/* [i] */

static inline void
sfence_all(void)
{
	__asm__ volatile("sfence.vma" : : : "memory");
	tlbcheck_flushed(0, 0, ASID_ANY);
}

static inline void
sfence_asid(uint64_t asid)
{
	__asm__ volatile("sfence.vma zero, %0" : : "r"(asid) : "memory");
	tlbcheck_flushed(0, 0, asid);
}

static inline void
sfence_page(uaddr_t va, uint64_t asid)
{
	__asm__ volatile("sfence.vma %0, %1" : : "r"(va), "r"(asid) : "memory");
	tlbcheck_flushed(va, PAGE_SIZE, asid);
}

/* Record that the hart has run fence.i since code_gen reached gen. */
static void
set_seen(unsigned hart, uint64_t gen)
{
	uint64_t seen = of_hart[hart].code_seen;

	while (seen < gen && !atomic_compare_exchange_weak(
				     &of_hart[hart].code_seen, &seen, gen))
		;
}

static void
fence_i(uint64_t gen)
{
	__asm__ volatile("fence rw, rw\n\tfence.i" : : : "memory");
	set_seen(this_hart()->index, gen);
}

/* Find the valid root entries of the kernel half, final after kmap_init(). */
static void
find_kernel_entries(void)
{
	for (unsigned i = PT_ENTRIES / 2; i < PT_ENTRIES; i++) {
		if (pte_valid(kernel_root[i]))
			kernel_entries[kernel_entry_count++] = (uint16_t)i;
	}
}

void
mmu_init(unsigned asid_bits)
{
	uint64_t probe = kernel_satp | ASID_MASK << ASID_SHIFT;
	unsigned bits;

	find_kernel_entries();
	csr_write("satp", probe);
	bits = (unsigned)__builtin_popcountll(csr_read("satp") >> ASID_SHIFT &
					      ASID_MASK);
	csr_write("satp", kernel_satp);
	sfence_all();
	asid_count = UINT64_C(1) << MIN(bits, asid_bits);
}

void
mmu_space_init(struct mmu_space *m, paddr_t root)
{
	memset(m, 0, sizeof(*m));
	m->root = root;
	atomic_store_explicit(&m->tlb_gen, 1, memory_order_relaxed);
	/* The space has no ASID and no TLB entries: no flush was missed. */
	for (unsigned i = 0; i < MAX_HARTS; i++)
		m->seen[i] = 1;
}

/* Assign the space an ASID of the current generation.  Returns m->asid. */
static uint64_t
asid_renew(struct mmu_space *m)
{
	uint64_t asid;

	spin_lock(&asid_lock);
	if (m->asid >> GEN_SHIFT != asid_generation) {
		if (asid_next >= asid_count) {
			asid_generation++;
			asid_next = 1;
		}
		m->asid = asid_generation << GEN_SHIFT |
			  (asid_count > 1 ? asid_next : 0);
		asid_next++;
	}
	asid = m->asid;
	spin_unlock(&asid_lock);
	return asid;
}

/* Load m's page table on this hart h. */
static void
mmu_load(struct hart *h, struct mmu_space *m)
{
	uint64_t asid, gen, code;

	asid = atomic_load_explicit(&m->asid, memory_order_relaxed);
	if (unlikely(asid >> GEN_SHIFT !=
		     atomic_load_explicit(&asid_generation,
					  memory_order_acquire)))
		asid = asid_renew(m);

	tlbcheck_enter(m, asid & ASID_MASK);
	atomic_fetch_or(&m->harts, 1u << h->index);
	atomic_thread_fence(memory_order_seq_cst);
	gen = atomic_load_explicit(&m->tlb_gen, memory_order_relaxed);
	code = atomic_load_explicit(&code_gen, memory_order_relaxed);

	csr_write("satp", (uint64_t)SATP_SV39 << 60 |
				  (asid & ASID_MASK) << ASID_SHIFT |
				  m->root >> PAGE_SHIFT);
	if (unlikely(of_hart[h->index].generation != asid >> GEN_SHIFT ||
		     asid_count == 1)) {
		sfence_all();
		of_hart[h->index].generation = asid >> GEN_SHIFT;
	} else if (m->seen[h->index] != gen) {
		sfence_asid(asid & ASID_MASK);
	}
	m->seen[h->index] = gen;
	if (of_hart[h->index].code_seen != code)
		fence_i(code);
	tlbcheck_entered(m);
}

void
mmu_switch(struct mmu_space *m)
{
	struct hart *h = this_hart();

	if (h->mmu == m)
		return;
	if (m != NULL) {
		mmu_load(h, m);
	} else {
		tlbcheck_enter(NULL, 0);
		csr_write("satp", kernel_satp);
	}
	if (h->mmu != NULL)
		atomic_fetch_and(&h->mmu->harts, ~(1u << h->index));
	h->mmu = m;
}

pte_t *
mmu_root_alloc(void)
{
	pte_t *root = page_alloc(true);

	if (root == NULL)
		return NULL;
	page_zero(root);
	for (unsigned i = 0; i < kernel_entry_count; i++)
		root[kernel_entries[i]] = kernel_root[kernel_entries[i]];
	return root;
}

void
mmu_root_free(pte_t *root)
{
	page_free(root);
}

/* True if the hart runs its space under the generation of this ASID. */
static inline bool
runs_under(unsigned hart, uint64_t asid)
{
	return atomic_load_explicit(&of_hart[hart].generation,
				    memory_order_relaxed) == asid >> GEN_SHIFT;
}

static bool
all_run_under(hart_mask_t set, uint64_t asid)
{
	for (; set != 0; set &= set - 1) {
		if (!runs_under((unsigned)__builtin_ctz(set), asid))
			return false;
	}
	return true;
}

/* Flush one page or all of the space on this hart, which runs the space. */
static inline void
flush_here(struct mmu_space *m, uaddr_t va, bool one)
{
	uint64_t asid = atomic_load_explicit(&m->asid, memory_order_relaxed);

	if (unlikely(!runs_under(this_hart()->index, asid)))
		sfence_all();
	else if (one)
		sfence_page(va, asid & ASID_MASK);
	else
		sfence_asid(asid & ASID_MASK);
}

void
mmu_flush_local(struct mmu_space *m, uaddr_t va)
{
	flush_here(m, va, true);
}

void
mmu_flush_local_all(struct mmu_space *m)
{
	flush_here(m, 0, false);
}

/* Convert a set of harts to a mask of hart ids for SBI, bit 0 for id 0. */
static uint64_t
hart_ids(hart_mask_t set)
{
	uint64_t ids = 0;

	for (; set != 0; set &= set - 1)
		ids |= UINT64_C(1) << harts[__builtin_ctz(set)].id;
	return ids;
}

unsigned
mmu_flush(struct mmu_space *m, uaddr_t start, uaddr_t end)
{
	bool one = end - start <= PAGE_SIZE;
	hart_mask_t self, others;
	uint64_t asid, gen;

	atomic_thread_fence(memory_order_seq_cst);
	gen = atomic_fetch_add(&m->tlb_gen, 1) + 1;
	atomic_thread_fence(memory_order_seq_cst);

	irq_push_off();
	self = 1u << this_hart()->index;
	others = m->harts & ~self;
	if (m->harts & self) {
		flush_here(m, start, one);
		/*
		 * If this hart has missed another shootdown, do not change
		 * seen[]: the hart flushes again at its next switch-in.
		 */
		if (m->seen[this_hart()->index] == gen - 1)
			m->seen[this_hart()->index] = gen;
	}
	irq_pop_off();
	if (others == 0)
		return 0;
	/*
	 * Read m->asid after m->harts: a hart may renew the ASID before it sets
	 * its bit in m->harts.
	 */
	asid = m->asid;
	if (likely(all_run_under(others, asid)))
		sbi_remote_sfence_asid(hart_ids(others), 0, start,
				       one ? PAGE_SIZE : 0, asid & ASID_MASK);
	else
		sbi_remote_sfence(hart_ids(others), 0, 0, 0);
	return (unsigned)__builtin_popcount(others);
}

void
tlb_flush_kernel_all(void)
{
	hart_mask_t others;

	irq_push_off();
	others = harts_online() & ~(1u << this_hart()->index);
	sfence_all();
	irq_pop_off();
	if (others != 0)
		sbi_remote_sfence(hart_ids(others), 0, 0, 0);
}

/* Run fence.i on those harts of the set that have code_seen < gen. */
static void
sync_harts(hart_mask_t set, uint64_t gen)
{
	hart_mask_t others = 0;

	irq_push_off();
	for (; set != 0; set &= set - 1) {
		unsigned i = (unsigned)__builtin_ctz(set);

		if (of_hart[i].code_seen >= gen)
			continue;
		if (i == this_hart()->index)
			fence_i(gen);
		else
			others |= 1u << i;
	}
	irq_pop_off();
	if (others == 0)
		return;
	sbi_remote_fence_i(hart_ids(others), 0);
	for (; others != 0; others &= others - 1)
		set_seen((unsigned)__builtin_ctz(others), gen);
}

void
mmu_sync_icache(struct mmu_space *m)
{
	uint64_t gen;

	atomic_thread_fence(memory_order_seq_cst);
	gen = atomic_fetch_add(&code_gen, 1) + 1;
	atomic_thread_fence(memory_order_seq_cst);
	sync_harts(m->harts, gen);
}

void
mmu_catch_up_icache(struct mmu_space *m)
{
	uint64_t gen = code_gen;

	atomic_thread_fence(memory_order_seq_cst);
	sync_harts(m->harts, gen);
}
