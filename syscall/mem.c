/* SPDX-License-Identifier: MIT */
/*
 * syscall/mem.c - calls that map memory: mmap, munmap, mremap, mprotect, brk,
 * riscv_hwprobe, riscv_flush_icache.
 *
 * The calls check arguments and translate flags; mm/ does the rest, on the
 * space of the current thread.  This file also has the functions of
 * syscall/populate.h, with which the calls here and in syscall/advise.c
 * populate pages.
 */
#include "fs/fd.h"
#include "fs/tmpfs.h"
#include "kernel/hart.h"
#include "mm/space.h"
#include "syscall/populate.h"
#include "syscall/syscall.h"

#define PROT_READ  1u
#define PROT_WRITE 2u
#define PROT_EXEC  4u
#define PROT_ALL   (PROT_READ | PROT_WRITE | PROT_EXEC)
/*
 * For mprotect.  PROT_SEM has no effect: all memory allows atomic operations.
 * PROT_GROWSDOWN extends the range down to the start of a stack.
 */
#define PROT_SEM       8u
#define PROT_GROWSDOWN 0x01000000u
#define PROT_GROWSUP   0x02000000u
#define PROT_GROWS     (PROT_GROWSDOWN | PROT_GROWSUP)

#define MAP_SHARED	    0x01u
#define MAP_PRIVATE	    0x02u
#define MAP_SHARED_VALIDATE 0x03u
#define MAP_TYPE	    0x0fu
#define MAP_FIXED	    0x10u
#define MAP_ANONYMOUS	    0x20u
#define MAP_GROWSDOWN	    0x0100u
#define MAP_LOCKED	    0x2000u
#define MAP_NORESERVE	    0x4000u
#define MAP_POPULATE	    0x8000u
#define MAP_HUGETLB	    0x40000u
#define MAP_FIXED_NOREPLACE 0x100000u
/*
 * The flags that MAP_SHARED_VALIDATE accepts.  Tine ignores some of them:
 * hints, and the size of huge pages.
 */
#define MAP_KNOWN 0x7c07f93fu

#define MREMAP_MAYMOVE	 1u
#define MREMAP_FIXED	 2u
#define MREMAP_DONTUNMAP 4u
#define MREMAP_ALL	 (MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)

_Static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE &&
		       PROT_EXEC == VM_EXEC,
	       "protections are passed on as they are");
_Static_assert(MREMAP_MAYMOVE == REMAP_MAY_MOVE &&
		       MREMAP_FIXED == REMAP_FIXED &&
		       MREMAP_DONTUNMAP == REMAP_KEEP,
	       "so are the flags of mremap");

/*
 * Find the memory object of a file mapping and check the requested access.
 * Clears VM_MAYWRITE for a shared mapping of a file that is not open for
 * writing, and sets VM_NOEXEC on a noexec mount.
 */
static int
file_object(struct file *f, unsigned *flags, struct memobj **out)
{
	bool shared = (*flags & VM_SHARED) != 0;

	if ((f->mode & FILE_READ) == 0)
		return -EACCES;
	if (shared && (*flags & VM_WRITE) && (f->mode & FILE_WRITE) == 0)
		return -EACCES;
	if (shared && (f->mode & FILE_WRITE) == 0)
		*flags &= ~VM_MAYWRITE;
	if (f->inode->sb->flags & SB_NOEXEC) {
		if (*flags & VM_EXEC)
			return -EPERM;
		*flags |= VM_NOEXEC;
	}
	*out = file_memobj(f);
	return *out != NULL || f->ops->maps_zeroes ? 0 : -ENODEV;
}

/*
 * The access that populates a VMA: a write if the VMA is private and writable,
 * so that its pages are un-shared.
 */
static unsigned
populate_access(unsigned flags)
{
	if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		return VM_WRITE;
	return flags & VM_READ ? VM_READ : VM_EXEC;
}

int
fault_in(uaddr_t at, uaddr_t end, unsigned access)
{
	int err = 0;

	for (; at < end && err == 0; at += PAGE_SIZE) {
		err = space_fault(current_space(), at, access);
		if (thread_interrupted(WAIT_KILLABLE))
			err = -EINTR;
	}
	return err;
}

int
populate(uaddr_t at, uaddr_t end, bool locked)
{
	struct vma_info v;
	int err = 0;

	for (; at < end && err == 0; at = v.end) {
		if (!next_vma(at, &v) || v.start > at)
			return -EFAULT;
		if (locked && (v.flags & VM_LOCKS) != VM_LOCKED)
			continue;
		err = fault_in(at, MIN(end, v.end), populate_access(v.flags));
	}
	return err;
}

void
populate_locked(uaddr_t at, uaddr_t end)
{
	if (end > at)
		(void)populate(at, end, true);
}

bool
may_lock(void)
{
	return current_memory_limit(LIMIT_MEMLOCK) > 0;
}

static int64_t
map_anonymous(uint64_t at, uint64_t len, unsigned flags, enum map_where where)
{
	struct memobj *obj = NULL;
	int64_t r;

	if (flags & VM_SHARED) {
		int err = tmpfs_anon_object(PAGE_UP(len) >> PAGE_SHIFT, &obj);

		if (err != 0)
			return err;
		flags |= VM_NAMELESS;
	}
	r = space_map(current_space(), at, len, flags, where, obj, 0);
	if (obj != NULL)
		memobj_put(obj);
	return r;
}

static int64_t
map_file(uint64_t at, uint64_t len, unsigned flags, enum map_where where,
	 struct file *f, uint64_t offset)
{
	struct memobj *obj = NULL;
	int err = file_object(f, &flags, &obj);

	if (err != 0)
		return err;
	if (obj == NULL) /* /dev/zero */
		return map_anonymous(at, len, flags, where);
	return space_map(current_space(), at, len, flags, where, obj,
			 offset >> PAGE_SHIFT);
}

/* May the current thread map memory at exactly [at, at + len)? */
static int
check_place(uint64_t at, uint64_t len)
{
	if (!user_range_ok(at, len))
		return -ENOMEM;
	if (!IS_ALIGNED(at, PAGE_SIZE))
		return -EINVAL;
	return at < USER_MIN && thread_current()->cred.euid != 0 ? -EPERM : 0;
}

/* Is [offset, offset + len) within the largest size of f? */
static bool
offset_ok(const struct file *f, uint64_t offset, uint64_t len)
{
	uint64_t most =
		S_ISREG(f->inode->mode) ? f->inode->sb->max_size : INT64_MAX;

	return len <= most && offset <= most - len;
}

static int
check_type(uint64_t how, const struct file *f)
{
	unsigned type = (unsigned)how & MAP_TYPE;

	if (type == MAP_SHARED_VALIDATE && f != NULL)
		return how & ~(uint64_t)MAP_KNOWN ? -EOPNOTSUPP : 0;
	return type == MAP_PRIVATE || type == MAP_SHARED ? 0 : -EINVAL;
}

/*
 * Can f, or anonymous memory (f NULL), be mapped with these arguments?  0 or an
 * error.  The checks are made in the order of Linux.
 */
static int
check_map(uint64_t at, uint64_t len, uint64_t how, const struct file *f,
	  uint64_t offset)
{
	int err = 0;

	if (len == 0 || (f != NULL && (how & MAP_HUGETLB)))
		return -EINVAL;
	if (len > USER_END)
		return -ENOMEM;
	if (how & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		err = check_place(at, len);
	if (err != 0)
		return err;
	if ((how & MAP_LOCKED) && !may_lock())
		return -EPERM;
	if (f != NULL && !offset_ok(f, offset, PAGE_UP(len)))
		return -EOVERFLOW;
	err = check_type(how, f);
	/* There are no huge pages. */
	return err == 0 && (how & MAP_HUGETLB) ? -ENOMEM : err;
}

static unsigned
vma_flags(uint64_t prot, uint64_t how)
{
	unsigned flags = ((unsigned)prot & PROT_ALL) | VM_MAYWRITE;

	if ((how & MAP_TYPE) != MAP_PRIVATE)
		flags |= VM_SHARED;
	if (how & MAP_NORESERVE)
		flags |= VM_NORESERVE;
	if (how & MAP_LOCKED)
		flags |= VM_LOCKED;
	if (how & MAP_GROWSDOWN)
		flags |= VM_GROWSDOWN;
	return flags;
}

/* Map f or, if f is NULL, anonymous memory. */
static int64_t
map(uint64_t at, uint64_t len, uint64_t prot, uint64_t how, struct file *f,
    uint64_t offset)
{
	unsigned flags = vma_flags(prot, how);
	enum map_where where = MAP_HINT;
	int64_t r = check_map(at, len, how, f, offset);

	if (r != 0)
		return r;
	if (how & MAP_FIXED)
		where = MAP_REPLACE;
	if (how & MAP_FIXED_NOREPLACE)
		where = MAP_NOREPLACE;
	if (where == MAP_HINT)
		at = PAGE_DOWN(at);
	r = f == NULL ? map_anonymous(at, len, flags, where)
		      : map_file(at, len, flags, where, f, offset);
	/* As on Linux, ignore errors: the pages fault in at their first use. */
	if (r >= 0 && (how & MAP_POPULATE))
		(void)populate((uaddr_t)r, (uaddr_t)r + PAGE_UP(len), false);
	else if (r >= 0 && ((flags | current_space()->map_flags) & VM_LOCKED))
		populate_locked((uaddr_t)r, (uaddr_t)r + PAGE_UP(len));
	return r;
}

int64_t
sys_mmap(uaddr_t at, size_t len, uint64_t prot, uint64_t flags, int fd,
	 uint64_t offset)
{
	struct file *f = NULL;
	int64_t r;

	if (!IS_ALIGNED(offset, PAGE_SIZE))
		return -EINVAL;
	if ((flags & MAP_ANONYMOUS) == 0) {
		f = fd_get(fd);
		if (f == NULL)
			return -EBADF;
	}
	r = map(at, len, prot, flags, f, offset);
	if (f != NULL)
		file_put(f);
	return r;
}

int64_t
sys_brk(uaddr_t to)
{
	struct space *s = current_space();
	uaddr_t old = PAGE_UP(s->brk), now = space_brk(s, to);

	if (s->map_flags & VM_LOCKED)
		populate_locked(old, PAGE_UP(now));
	return (int64_t)now;
}

int64_t
sys_munmap(uaddr_t at, size_t len)
{
	return space_unmap(current_space(), at, len);
}

int64_t
sys_mprotect(uaddr_t at, size_t len, uint64_t prot)
{
	unsigned flags = (unsigned)prot & PROT_ALL;

	if ((prot & PROT_GROWS) == PROT_GROWS || !IS_ALIGNED(at, PAGE_SIZE))
		return -EINVAL;
	if (len == 0)
		return 0;
	if (prot & ~(uint64_t)(PROT_ALL | PROT_SEM | PROT_GROWSDOWN))
		return -EINVAL; /* also PROT_GROWSUP: nothing grows up */
	if (prot & PROT_GROWSDOWN)
		flags |= VM_GROWSDOWN;
	return space_protect(current_space(), at, len, flags);
}

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
