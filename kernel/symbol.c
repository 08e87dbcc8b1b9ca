/* SPDX-License-Identifier: MIT */
/*
 * kernel/symbol.c - find the function that contains a kernel address.
 *
 * The build links the kernel twice: tools/ksyms.py makes a table of functions
 * from the first kernel, and the second kernel contains the table.
 * symbol_find() searches the table, which is sorted by address.  Any context,
 * no lock.
 */
#include "kernel/symbol.h"

extern char __image_start[], __text_end[];
extern const uint32_t ksym_count, ksym_offsets[], ksym_name_at[];
extern const char ksym_names[];

const char *
symbol_find(vaddr_t va, uint64_t *offset)
{
	uint64_t at = va - (uint64_t)(uintptr_t)__image_start;
	uint32_t lo = 0, hi = ksym_count;

	if (va < (uint64_t)(uintptr_t)__image_start ||
	    va >= (uint64_t)(uintptr_t)__text_end)
		return NULL;
	/*
	 * Invariant: symbols below index lo start at or before va; symbols from
	 * index hi on start after va.
	 */
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ksym_offsets[mid] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return NULL;
	*offset = at - ksym_offsets[lo - 1];
	return ksym_names + ksym_name_at[lo - 1];
}
