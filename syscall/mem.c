/* SPDX-License-Identifier: MIT */
/*
 * syscall/mem.c - calls that map memory: mmap, munmap, mprotect, brk.
 *
 * The calls check arguments and translate flags; mm/ does the rest, on the
 * space of the current thread.
 */
#include "fs/fd.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/super.h"
#include "fs/tmpfs.h"
#include "kernel/hart.h"
#include "mm/map.h"
#include "mm/space.h"
#include "syscall/memcall.h"
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

_Static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE &&
		       PROT_EXEC == VM_EXEC,
	       "protections are passed on as they are");
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
