/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/poison_test.c - rows E6, E7 and E10: what the records of frames
 * notice.
 *
 * The boot argument mistake=WORD makes one mistake, after which the kernel must
 * panic: tests/guest/panic_test.py boots once for each.
 */
#include "check/audit.h"
#include "check/ktest.h"
#include "kernel/hart.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/advise.h"
#include "mm/frame.h"
#include "mm/map.h"
#include "mm/pt.h"
#include "mm/space.h"
#include "mm/space_list.h"

/* ---- E10 ---- */

/* A register of the UART of QEMU's `virt`: a page, but not of RAM. */
#define DEVICE UINT64_C(0x10000000)

KTEST(conform, E10_only_ram_has_records)
{
	const paddr_t end = frame_base + (frame_count << PAGE_SHIFT);

	EXPECT(t, frame_of_pa(frame_base) == frame_table);
	EXPECT(t, frame_of_pa(end - 1) == frame_table + frame_count - 1);
	EXPECT(t, frame_pa(frame_of_pa(end - 1)) == end - PAGE_SIZE);
	EXPECT(t, !frame_valid_pa(DEVICE) && !frame_valid_pa(0));
	EXPECT(t, !frame_valid_pa(frame_base - 1) && !frame_valid_pa(end));
	EXPECT(t, !frame_valid_pa(UINT64_MAX));
	if (ktest_mistake("device"))
		EXPECT(t, frame_of_pa(DEVICE) == NULL);
	if (ktest_mistake("below"))
		EXPECT(t, frame_of_pa(frame_base - 1) == NULL);
	if (ktest_mistake("past"))
		EXPECT(t, frame_of_pa(end) == NULL);
}

/* ---- E6 ---- */

#define POISON 0x6b

#ifdef TINE_DEBUG
static const bool poisons = true;
#else
static const bool poisons = false;
#endif

enum way { PUT, UNPIN, BATCH, BLOCK, WAYS };

/* Give the page back in one of the four ways. */
static void
give_back(struct frame *f, enum way way)
{
	struct frame_batch batch;

	switch (way) {
	case PUT:
		frame_put(f);
		break;
	case UNPIN:
		if (!frame_pin(f))
			break;
		atomic_fetch_sub(&f->word, FRAME_REF); /* a leaf's */
		frame_unpin(f);
		break;
	case BATCH:
		frame_batch_begin(&batch);
		frame_batch_put(&batch, f);
		frame_batch_end(&batch);
		break;
	default:
		frame_free_order(f, 0);
		break;
	}
}

/*
 * A page that was written and given back; the other harts are stopped, so that
 * none takes it meanwhile.
 */
static const unsigned char *
freed_page(struct ktest *t, enum way way)
{
	struct frame *f = frame_alloc(FRAME_ATOMIC);
	unsigned char *bytes;
	size_t i = 0;

	if (f == NULL) {
		EXPECT(t, !"memory for a page");
		return NULL;
	}
	bytes = frame_ptr(f);
	memset(bytes, 0x11, PAGE_SIZE);
	give_back(f, way);
	while (i < PAGE_SIZE && bytes[i] == POISON)
		i++;
	EXPECT(t, i == PAGE_SIZE || !poisons);
	if (ktest_mistake("first"))
		bytes[0] = 0x11;
	if (ktest_mistake("last"))
		bytes[PAGE_SIZE - 1] ^= 1;
	return bytes;
}

KTEST(conform, E6_no_page_is_written_after_it_was_freed)
{
	for (enum way way = PUT; way < WAYS; way++) {
		const unsigned char *bytes;
		struct frame *f = NULL;

		/*
		 * Another hart could take a page from the buddy's lists next.
		 */
		hart_stop_others();
		bytes = freed_page(t, way);
		f = frame_alloc(FRAME_ATOMIC);
		hart_resume_others();
		/*
		 * The page freed last is taken first, and the check is silent.
		 */
		EXPECT(t, f != NULL && (way == BLOCK || frame_ptr(f) == bytes));
		if (f != NULL)
			frame_put(f);
	}
	EXPECT(t, !ktest_mistake("first") && !ktest_mistake("last"));
}

/* ---- E7 ---- */

#define BASE  UINT64_C(0x10000000)
#define PAGES 8u

static char audit_text[256];

static uaddr_t
page(unsigned i)
{
	return BASE + i * PAGE_SIZE;
}

/*
 * Counts leaves of the space with a frame that is free or filled with poison.
 */
static void
count_poisoned(struct space *s, void *arg)
{
	unsigned *n = arg;
	uaddr_t at = 0;
	pte_t *slot;

	while ((slot = pt_next_slot(s, &at, USER_END)) != NULL) {
		const pte_t *leaf = table_leaves(slot_table(*slot));

		for (unsigned i = 0; i < PT_ENTRIES; i++) {
			const struct frame *f;

			if (!pte_present(leaf[i]))
				continue;
			f = pte_frame(leaf[i]);
			*n += f->poisoned || frame_refs_in(frame_word(f)) == 0;
		}
		at = ROUND_DOWN(at, PT_SPAN_1) + PT_SPAN_1;
	}
}

static unsigned
poisoned_leaves(void)
{
	unsigned n = 0;

	hart_stop_others();
	space_for_each(count_poisoned, &n);
	hart_resume_others();
	return n;
}

/* Children come, write some pages, unmap others, and go. */
static void
have_children(struct ktest *t, struct space *s, char c)
{
	struct space *child = NULL;

	EXPECT(t, space_fork(s, 0, 0, &child) == 0);
	if (child == NULL)
		return;
	EXPECT(t, space_write(child, page(0), &c, 1) == 1);
	EXPECT(t, space_write(s, page(1), &c, 1) == 1);
	EXPECT(t, space_unmap(child, page(2), 2 * PAGE_SIZE) == 0);
	EXPECT(t, space_discard(s, page(4), PAGE_SIZE, 0) == 0);
	EXPECT(t, poisoned_leaves() == 0);
	space_put(child);
	EXPECT(t, poisoned_leaves() == 0);
}

/* What the count finds: as if the page had been filled too early. */
static void
poison_a_mapped_page(struct ktest *t, struct space *s)
{
	struct frame *table = NULL, *f;
	const pte_t *leaf = pt_leaf(s->root, page(0), &table);

	REQUIRE(t, leaf != NULL && pte_present(*leaf));
	f = pte_frame(*leaf);
	frame_poison(f);
	EXPECT(t, poisoned_leaves() == 1);
	EXPECT(t, audit_run(audit_text, sizeof(audit_text)) == 1);
	EXPECT(t, strncmp(audit_text, "I6 ", 3) == 0);
	f->poisoned = false;
}

KTEST_EACH_FORK(conform, E7_no_mapped_page_is_poisoned)
{
	struct space *s = space_create(t->fork);

	REQUIRE(t, s != NULL);
	EXPECT(t, space_map(s, BASE, PAGES * PAGE_SIZE,
			    VM_READ | VM_WRITE | VM_MAYWRITE, MAP_REPLACE, NULL,
			    0) == (int64_t)BASE);
	EXPECT(t, space_zero(s, BASE, PAGES * PAGE_SIZE) == PAGES * PAGE_SIZE);
	for (unsigned i = 0; i < 4; i++)
		have_children(t, s, (char)('a' + i));
	EXPECT(t, audit_run(audit_text, sizeof(audit_text)) == 0);
	EXPECT(t, space_write(s, page(0), "", 1) == 1);
	if (poisons)
		poison_a_mapped_page(t, s);
	space_put(s);
}
