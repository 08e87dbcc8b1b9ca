/* SPDX-License-Identifier: MIT */
/*
 * syscall/remap.c - calls on mapped memory that most programs never make:
 * mremap, riscv_hwprobe, riscv_flush_icache.
 *
 * The calls check arguments; mm/ does the rest, on the space of the current
 * thread.
 */
#include "lib/errno.h"
#include "mm/remap.h"
#include "syscall/memcall.h"
#include "syscall/syscall.h"

#define MREMAP_MAYMOVE	 1u
#define MREMAP_FIXED	 2u
#define MREMAP_DONTUNMAP 4u
#define MREMAP_ALL	 (MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)

_Static_assert(MREMAP_MAYMOVE == REMAP_MAY_MOVE &&
		       MREMAP_FIXED == REMAP_FIXED &&
		       MREMAP_DONTUNMAP == REMAP_KEEP,
	       "so are the flags of mremap");

int64_t
sys_mremap(uaddr_t old, size_t old_len, size_t new_len, uint64_t flags,
	   uaddr_t to)
{
	const uint64_t elsewhere = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
	int64_t r;

	if ((flags & ~(uint64_t)MREMAP_ALL) ||
	    (elsewhere && !(flags & MREMAP_MAYMOVE)) ||
	    ((flags & MREMAP_DONTUNMAP) && old_len != new_len))
		return -EINVAL;
	if ((flags & MREMAP_FIXED) && check_place(to, new_len) == -EPERM)
		return -EPERM;
	r = space_remap(current_space(), old, old_len, new_len, (unsigned)flags,
			elsewhere ? to : 0);
	if (r >= 0)
		populate_locked((uaddr_t)r + PAGE_UP(old_len),
				(uaddr_t)r + PAGE_UP(new_len));
	return r;
}

int64_t
sys_riscv_hwprobe(uaddr_t pairs, size_t count, size_t cpu_count, uaddr_t cpus,
		  unsigned flags)
{
	return -ENOSYS; /* programs then assume RV64GC */
}

int64_t
sys_riscv_flush_icache(uaddr_t start, uaddr_t end, uint64_t flags)
{
	if (flags & ~UINT64_C(1))
		return -EINVAL;
	mmu_sync_icache(&current_space()->mmu);
	return 0;
}
