/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/pin_test.c - pages that a device uses while programs fork: rows
 * C16, C17, C18 and G10.
 *
 * The device is this test: it reaches the bytes of a pinned frame through the
 * direct map, whatever the page tables say meanwhile.
 */
#include "check/audit.h"
#include "check/ktest.h"
#include "kernel/hart.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/fork/strategy.h"
#include "mm/map.h"
#include "mm/pt.h"
#include "mm/space.h"
#include "tests/kernel/onebyte.h"

#define BASE   UINT64_C(0x10000000)
#define TABLES 3u
#define PAGES  4u /* used in each table's 2 MiB */
#define RW     (VM_READ | VM_WRITE | VM_MAYWRITE)

static char audit_text[256];

static uaddr_t
page(unsigned table, unsigned i)
{
	return BASE + table * PT_SPAN_1 + i * PAGE_SIZE;
}

/* A space with PAGES pages in each of TABLES tables, which begin with 'p'. */
static struct space *
parent_space(struct ktest *t)
{
	struct space *s = space_create(t->fork);

	if (s == NULL || space_map(s, BASE, TABLES * PT_SPAN_1, RW, MAP_REPLACE,
				   NULL, 0) < 0)
		return s;
	for (unsigned k = 0; k < TABLES; k++)
		for (unsigned i = 0; i < PAGES; i++)
			(void)poke(s, page(k, i), 'p');
	return s;
}

/* A child, as a process with several threads forks it, or one with one. */
static struct space *
fork_of(struct ktest *t, struct space *s, bool threaded)
{
	struct space *child = NULL;

	if (threaded)
		space_get(s);
	EXPECT(t, space_fork(s, page(0, 3), page(1, 3), &child) == 0);
	if (threaded)
		space_put(s);
	return child;
}

/* ---- C16 ---- */

/* The device and the parent write: in the parent, and nowhere else. */
static void
check_device_write(struct ktest *t, struct space *s, bool threaded)
{
	const uaddr_t at = page(0, 1);
	struct space *child;
	struct frame *f;
	char *bytes;

	REQUIRE(t, space_pin(s, at, VM_WRITE, &f) == 0);
	bytes = frame_ptr(f);
	memcpy(bytes, "pppp", 4);
	child = fork_of(t, s, threaded);
	EXPECT(t, poke(s, at, 's'));
	bytes[1] = 'd';
	EXPECT(t, peek(s, at) == 's' && peek(s, at + 1) == 'd');
	EXPECT(t, bytes[0] == 's');
	if (child != NULL) {
		EXPECT(t, peek(child, at) == 'p' && peek(child, at + 1) == 'p');
		EXPECT(t, poke(child, at + 2, 'c'));
		EXPECT(t, bytes[2] == 'p' && peek(s, at + 2) == 'p');
		bytes[3] = 'd';
		EXPECT(t, peek(child, at + 3) == 'p');
	}
	EXPECT(t, audit_run(audit_text, sizeof(audit_text)) == 0);
	space_unpin(s, f);
	EXPECT(t, peek(s, at + 3) == 'd');
	if (child != NULL)
		space_put(child);
}

KTEST_EACH_FORK(conform, C16_a_device_writes_a_page_across_fork)
{
	struct space *s = parent_space(t), *first;

	REQUIRE(t, s != NULL);
	check_device_write(t, s, false);
	check_device_write(t, s, true);
	/* The page is shared with a child when the device comes. */
	EXPECT(t, poke(s, page(0, 1), 'f'));
	first = fork_of(t, s, false);
	check_device_write(t, s, false);
	if (first != NULL) {
		EXPECT(t, peek(first, page(0, 1)) == 'f');
		EXPECT(t, peek(first, page(0, 1) + 1) == 'd');
		space_put(first);
	}
	space_put(s);
}

/* ---- C17 ---- */

/* `holder` pins a page to read it, and unmaps it; `other` writes it. */
static void
check_read_pin(struct ktest *t, struct space *holder, struct space *other,
	       uaddr_t at)
{
	char before = peek(holder, at);
	const volatile char *bytes;
	struct frame *f;

	REQUIRE(t, space_pin(holder, at, VM_READ, &f) == 0);
	bytes = frame_ptr(f);
	EXPECT(t, *bytes == before);
	EXPECT(t, space_unmap(holder, PAGE_DOWN(at), PAGE_SIZE) == 0);
	EXPECT(t, poke(other, at, 'n') && peek(other, at) == 'n');
	EXPECT(t, *bytes == before);
	EXPECT(t, audit_run(audit_text, sizeof(audit_text)) == 0);
	space_unpin(holder, f);
}

KTEST_EACH_FORK(conform, C17_a_read_pin_never_shows_the_other_sides_bytes)
{
	struct space *s = parent_space(t), *child;

	REQUIRE(t, s != NULL);
	/* One page that was only read: the zero page. */
	EXPECT(t, peek(s, page(2, PAGES)) == 0);
	child = fork_of(t, s, false);
	if (child != NULL) {
		check_read_pin(t, child, s, page(0, 0));
		check_read_pin(t, s, child, page(1, 1));
		check_read_pin(t, child, s, page(2, PAGES));
		space_put(child);
	}
	space_put(s);
}

/* ---- C18 ---- */

/* Tables of the parent that the child's slots name, too, or that it unplugged. */
static unsigned
tables_given(struct space *s, struct space *child)
{
	unsigned n = 0;

	for (unsigned k = 0; k < TABLES; k++) {
		pte_t *mine = pt_slot(s, page(k, 0), false);
		pte_t *its = pt_slot(child, page(k, 0), false);

		n += mine != NULL && its != NULL &&
		     (slot_table(*mine) == slot_table(*its) ||
		      (*mine & PTE_DETACHED));
	}
	return n;
}

/* Forks, and sees whether as many tables as should be were shared. */
static struct space *
fork_sharing(struct ktest *t, struct space *s, unsigned tables)
{
	_Atomic uint64_t *shared = &s->counters.value[FS_tables_shared];
	uint64_t before = *shared;
	struct space *child = fork_of(t, s, false);

	EXPECT(t, *shared - before == tables);
	EXPECT(t, child == NULL || tables_given(s, child) == tables);
	EXPECT(t, audit_run(audit_text, sizeof(audit_text)) == 0);
	return child;
}

KTEST_EACH_FORK(conform, C18_no_table_is_shared_while_a_pin_lasts)
{
	const bool shares = (t->fork->traits & FORK_SHARES_TABLES) != 0;
	struct space *s = parent_space(t), *child[4];
	struct frame *f, *again;

	REQUIRE(t, s != NULL);
	child[0] = fork_sharing(t, s, shares ? TABLES : 0);
	EXPECT(t, space_pin(s, page(1, 2), VM_WRITE, &f) == 0);
	EXPECT(t, space_pin(s, page(1, 2), VM_READ, &again) == 0);
	EXPECT(t, f == again && s->npins == 2);
	child[1] = fork_sharing(t, s, 0);
	space_unpin(s, again);
	child[2] = fork_sharing(t, s, 0);
	space_unpin(s, f);
	child[3] = fork_sharing(t, s, shares ? TABLES : 0);
	for (unsigned i = 0; i < ARRAY_SIZE(child); i++) {
		if (child[i] == NULL)
			continue;
		EXPECT(t, peek(child[i], page(1, 2)) == 'p');
		space_put(child[i]);
	}
	space_put(s);
}

/* A present page is not pinned for an access that its VMA forbids. */
KTEST_EACH_FORK(conform, C18_a_pin_needs_the_right)
{
	struct space *s = parent_space(t);
	struct frame *f;

	REQUIRE(t, s != NULL);
	EXPECT(t, space_protect(s, page(0, 1), PAGE_SIZE, VM_READ) == 0);
	EXPECT(t, space_pin(s, page(0, 1), VM_WRITE, &f) == -EACCES);
	EXPECT(t, space_pin(s, page(0, 1), VM_READ, &f) == 0);
	space_unpin(s, f);
	EXPECT(t, space_protect(s, page(0, 1), PAGE_SIZE, 0) == 0);
	EXPECT(t, space_pin(s, page(0, 1), VM_READ, &f) == -EACCES);
	EXPECT(t, s->npins == 0);
	space_put(s);
}

/* ---- G10 ---- */

#define FORKS 400u

static struct space *pinned_space;
static _Atomic bool stop;
static _Atomic uint64_t pins_done, pins_wrong;

static uint64_t
word_at(struct space *s, uaddr_t at)
{
	uint64_t value = UINT64_MAX;

	(void)space_read(s, &value, at, sizeof(value));
	return value;
}

/* One transfer: the device's word and the program's each reach the other. */
static bool
transfer(struct space *s, uaddr_t at, uint64_t n)
{
	volatile uint64_t *words;
	struct frame *f;
	bool good;

	if (space_pin(s, at, VM_WRITE, &f) != 0)
		return false;
	words = frame_ptr(f);
	words[1] = n;
	good = space_write(s, at + 16, &n, sizeof(n)) == sizeof(n) &&
	       words[2] == n && word_at(s, at + 8) == n;
	sched_switch();
	good = good && word_at(s, at + 8) == n;
	words[1] = n + 1;
	good = good && word_at(s, at + 8) == n + 1;
	space_unpin(s, f);
	return good;
}

static void
device(void *arg)
{
	for (uint64_t n = 2; !stop; n += 2) {
		unsigned i = (unsigned)(n / 2) % (TABLES * PAGES);

		pins_wrong +=
			!transfer(pinned_space, page(i / PAGES, i % PAGES), n);
		pins_done++;
		sched_switch();
	}
	space_put(pinned_space);
}

/* The child's pages are its own: nothing comes in, nothing goes out. */
static void
check_child(struct ktest *t, struct space *s, struct space *child)
{
	uint64_t had[TABLES * PAGES];

	for (unsigned i = 0; i < TABLES * PAGES; i++)
		had[i] = word_at(child, page(i / PAGES, i % PAGES) + 8);
	for (unsigned i = 0; i < TABLES * PAGES; i++) {
		const uaddr_t at = page(i / PAGES, i % PAGES);

		EXPECT(t, poke(child, at, 'c'));
		EXPECT(t, peek(s, at) == 'p');
		sched_switch();
		EXPECT(t, word_at(child, at + 8) == had[i]);
	}
}

KTEST_EACH_FORK(conform, G10_pins_and_forks_race)
{
	struct space *s = parent_space(t), *child;

	REQUIRE(t, s != NULL);
	pinned_space = s;
	stop = false;
	pins_done = pins_wrong = 0;
	space_get(s); /* the device's */
	if (thread_spawn_kernel("device", device, NULL) != 0) {
		EXPECT(t, !"memory for a thread");
		space_put(s);
		stop = true;
	}
	for (unsigned n = 0; n < FORKS && t->failures == 0; n++) {
		child = fork_of(t, s, false);
		if (child != NULL) {
			check_child(t, s, child);
			space_put(child);
		}
		if (n % 40 == 0)
			EXPECT(t,
			       audit_run(audit_text, sizeof(audit_text)) == 0);
	}
	stop = true;
	while (s->users > 1)
		sched_switch();
	EXPECT(t, pins_done > 0 && pins_wrong == 0);
	EXPECT(t, s->npins == 0);
	space_put(s);
}
