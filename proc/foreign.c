/* SPDX-License-Identifier: MIT */
/*
 * proc/foreign.c - access to another process's memory: process_vm_readv(2),
 * process_vm_writev(2) and /proc/<pid>/mem.
 *
 * foreign_copy() is the entry for the calls, foreign_peek() for the file.  The
 * bytes pass through a page of kernel memory, so no two spaces are ever locked
 * at once.  A write to a page that is shared since a fork un-shares the page
 * first, as the process's own store would: a child sees no later write (rows
 * C10 to C12 of docs/checklist.md).  Process context, no lock held.
 */
#include "proc/foreign.h"

#include "kernel/thread.h"
#include "mm/iobuf.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "proc/reach.h"

#define PEEK_MAX 65536u /* bytes per call: the copy is not preempted */

typedef ssize_t take_fn(struct iobuf *b, void *data, size_t n);
typedef ssize_t put_fn(struct iobuf *b, const void *data, size_t n);

/*
 * Copy until one of the two iobufs is at its end.  Returns the number of bytes;
 * if none were copied, 0 or an error.
 */
static ssize_t
pass_on(struct iobuf *from, take_fn *take, struct iobuf *to, put_fn *put)
{
	void *page = kmalloc(PAGE_SIZE);
	ssize_t n = page != NULL ? 0 : -ENOMEM, done = 0;

	while (n >= 0 && from->left > 0 && to->left > 0 &&
	       !thread_interrupted(WAIT_KILLABLE)) {
		size_t part = MIN(MIN(from->left, to->left), PAGE_SIZE);

		n = take(from, page, part);
		if (n > 0)
			n = put(to, page, (size_t)n);
		done += MAX(n, 0);
		if (n < (ssize_t)part)
			break;
	}
	kfree(page);
	return done > 0 ? done : n;
}

ssize_t
foreign_copy(pid_t pid, struct iobuf *mine, struct iobuf *its, bool write)
{
	ssize_t n = process_reach(pid, &its->space);

	if (n != 0)
		return n;
	if (its->space == NULL)
		return -ESRCH;
	n = write ? pass_on(mine, iobuf_take, its, iobuf_put)
		  : pass_on(its, iobuf_take, mine, iobuf_put);
	space_put(its->space);
	return n;
}

ssize_t
foreign_peek(struct space *s, uaddr_t at, struct iobuf *b, bool write)
{
	struct iobuf its;

	iobuf_init(&its, s, at, MIN(b->left, PEEK_MAX));
	return write ? pass_on(b, iobuf_take, &its, iobuf_poke)
		     : pass_on(&its, iobuf_peek, b, iobuf_put);
}
