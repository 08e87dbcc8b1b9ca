/* SPDX-License-Identifier: MIT */
/*
 * proc/foreign.c - access to another process's memory: /proc/<pid>/mem,
 * process_vm_readv(2) and process_vm_writev(2).
 *
 * foreign_copy() is the entry for the calls.  The bytes pass through a page of
 * kernel memory, so no two spaces are ever locked at once.  A write to a page
 * that is shared since a fork un-shares the page first, as the process's own
 * store would: a child sees nothing that is written after its fork returned
 * (rows C10 to C12).  /proc/<pid>/mem ignores the access rights of mappings, as
 * a debugger needs.  Process context, no lock held.
 */
#include "proc/foreign.h"

#include "fs/procfs.h"
#include "fs/procnode.h"
#include "fs/vfs.h"
#include "kernel/thread.h"
#include "mm/iobuf.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "proc/process.h"

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

/* ---- /proc/<pid>/mem ---- */

#define MEM_MAX 65536u /* bytes per call: the copy is not preempted */

/* Read or write /proc/<pid>/mem; -EIO where nothing is mapped, as on Linux. */
static ssize_t
mem_transfer(struct file *f, struct iobuf *b, uint64_t *pos, bool write)
{
	struct iobuf its;
	struct space *s = procfs_space(f);
	ssize_t n;

	if (s == NULL)
		return 0;
	iobuf_init(&its, s, *pos, MIN(b->left, MEM_MAX));
	n = write ? pass_on(b, iobuf_take, &its, iobuf_poke)
		  : pass_on(&its, iobuf_peek, b, iobuf_put);
	space_put(s);
	*pos += (uint64_t)MAX(n, 0);
	return n == -EFAULT ? -EIO : n;
}

static ssize_t
mem_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	return mem_transfer(f, b, pos, false);
}

static ssize_t
mem_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	return mem_transfer(f, b, pos, true);
}

static const struct file_ops mem_ops = {
	.open = procfs_open_space,
	.read = mem_read,
	.write = mem_write,
	.seek = proc_seek,
};

void
foreign_init(void)
{
	procfs_register_pid_data("mem", 0600, &mem_ops);
}
