/* SPDX-License-Identifier: MIT */
/*
 * mm/frame_boot.c - builds the frame database at boot, and frees all usable
 * RAM.
 *
 * frame_init() is the entry.  In the ranges of RAM that the firmware reports,
 * it finds room for the records of all frames, initializes them with
 * frame_begin(), and frees every page outside the reserved ranges with
 * frame_give().  The boot hart calls it once, before any other hart runs.  It
 * panics if there is no room for the records.
 */
#include "kernel/panic.h"
#include "mm/frame.h"

static bool
overlaps(paddr_t start, paddr_t end, const struct frame_range *r, unsigned n,
	 paddr_t *past)
{
	for (unsigned i = 0; i < n; i++) {
		if (start < r[i].end && r[i].start < end) {
			*past = PAGE_UP(r[i].end);
			return true;
		}
	}
	return false;
}

paddr_t
frame_find_room(uint64_t size, uint64_t align, const struct frame_range *ram,
		unsigned ram_count, const struct frame_range *reserved,
		unsigned reserved_count)
{
	for (unsigned i = 0; i < ram_count; i++) {
		paddr_t at = ROUND_UP(ram[i].start, align);

		while (at + size <= ram[i].end) {
			if (!overlaps(at, at + size, reserved, reserved_count,
				      &at))
				return at;
			at = ROUND_UP(at, align);
		}
	}
	return 0;
}

/*
 * Free the pages of [start, end) outside the reserved ranges and outside the
 * frame table itself.
 */
static void
free_unreserved(paddr_t start, paddr_t end, const struct frame_range *reserved,
		unsigned count, paddr_t table, paddr_t table_end)
{
	const struct frame_range own = { table, table_end };

	while (start < end) {
		paddr_t stop = end, past;

		if (overlaps(start, start + PAGE_SIZE, reserved, count,
			     &past) ||
		    overlaps(start, start + PAGE_SIZE, &own, 1, &past)) {
			start = past;
			continue;
		}
		for (unsigned i = 0; i < count; i++) {
			if (reserved[i].start > start)
				stop = MIN(stop, PAGE_DOWN(reserved[i].start));
		}
		if (own.start > start)
			stop = MIN(stop, own.start);
		frame_give(start, stop);
		start = stop;
	}
}

void
frame_init(const struct frame_range *ram, unsigned ram_count,
	   const struct frame_range *reserved, unsigned reserved_count)
{
	paddr_t lo = UINT64_MAX, hi = 0, table;
	uint64_t count, size;

	for (unsigned i = 0; i < ram_count; i++) {
		lo = MIN(lo, PAGE_UP(ram[i].start));
		hi = MAX(hi, PAGE_DOWN(ram[i].end));
	}
	count = (hi - lo) >> PAGE_SHIFT;
	size = PAGE_UP(count * sizeof(struct frame));
	table = frame_find_room(size, PAGE_SIZE, ram, ram_count, reserved,
				reserved_count);
	if (table == 0)
		panic("boot: no free range of RAM for the page-frame database "
		      "(%lu KiB)",
		      size / 1024);
	frame_begin(phys_to_virt(table), lo, count);
	for (unsigned i = 0; i < ram_count; i++)
		free_unreserved(PAGE_UP(ram[i].start), PAGE_DOWN(ram[i].end),
				reserved, reserved_count, table, table + size);
	frame_ready();
}
