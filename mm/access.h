/* SPDX-License-Identifier: MIT */
/*
 * mm/access.h - user copies: the kernel's only access to user memory.
 *
 * Process context, no spin lock held, since a page may be faulted in.  The
 * functions without a space use the current thread's, and return -EFAULT if the
 * program itself could not make the access.
 */
#ifndef MM_ACCESS_H
#define MM_ACCESS_H

#include "arch/mmu.h"
#include "lib/base.h"

struct frame;
struct space;

/*
 * Copy n bytes from or to user memory, or zero them, in any space.  Pages are
 * faulted in as for an access of the program.  Process context, no spin lock
 * held.  Returns the number of bytes copied: fewer than n if an access fails,
 * with the rest unchanged.
 */
size_t space_read(struct space *s, void *to, uaddr_t from, size_t n);
size_t space_write(struct space *s, uaddr_t to, const void *from, size_t n);
size_t space_zero(struct space *s, uaddr_t to, size_t n);

/*
 * Pin the page at va for a device, which will read it (VM_READ) or write it
 * (VM_WRITE) at its physical address.  Until space_unpin() the page keeps its
 * frame, no fork shares it, and no leaf table of the space is shared.  The page
 * is un-shared first, also for reading: otherwise a forked process could share
 * the frame, and would keep it when this process unmaps the page.
 * Private mappings only; the object of a shared mapping pins its own pages.
 * Process context, no spin lock held; the caller keeps a reference to the
 * space.
 * Returns 0 and the frame; -EINVAL for a shared mapping; -EFAULT or -EACCES if
 * the access is not allowed; -ENOMEM; or another error of space_fault().
 */
int space_pin(struct space *s, uaddr_t va, unsigned access,
	      struct frame **out) must_check nonnull;
/*
 * Undo one space_pin() of this space.  The page may have been unmapped
 * meanwhile.  Any context.
 */
void space_unpin(struct space *s, struct frame *f) nonnull;

/* Copy all n bytes, or return -EFAULT; in the current thread's space. */
int copy_from_user(void *to, uaddr_t from, size_t n) must_check;
int copy_to_user(uaddr_t to, const void *from, size_t n) must_check;

/*
 * Copy a NUL-terminated string into to[size].  Returns its length without the
 * NUL; -EFAULT; or -ENAMETOOLONG if the first `size` bytes have no NUL.
 */
ssize_t copy_string_from_user(char *to, uaddr_t from, size_t size) must_check;

/*
 * Read a 32-bit word with one atomic load.  Returns 0, -EFAULT, or -EINVAL if
 * `at` is not a multiple of 4.
 */
int user_load32(uaddr_t at, uint32_t *value) must_check;

/*
 * Write a 32-bit word, with one atomic store if `at` is a multiple of 4.
 * Returns 0 or -EFAULT.
 */
int user_store32(uaddr_t at, uint32_t value) must_check;

/*
 * Compare and swap: store `new` if the word equals *old, and set *old to the
 * word's previous value.  Atomic with respect to programs and other harts.
 * Returns 0, -EFAULT, or -EINVAL as user_load32() does.
 */
int user_cas32(uaddr_t at, uint32_t *old, uint32_t new) must_check;

/* Is [at, at + n) wholly user space? */
static inline bool
user_range_ok(uaddr_t at, uint64_t n)
{
	return n <= USER_END && at <= USER_END - n;
}

#endif
