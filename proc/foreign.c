/*
 * proc/foreign.c - reaching another process's memory: /proc/<pid>/mem, and the
 * logic of process_vm_readv(2) and process_vm_writev(2).
 *
 * The bytes go through a page of kernel memory, so no two spaces are ever
 * locked at once.  Where a page is shared since a fork, writing breaks it as
 * the process's own store would: a child sees nothing that is written after its
 * fork returned (rows C10 to C12).  /proc/<pid>/mem writes like a debugger, also
 * where the process may not.
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
#include "proc/procfiles.h"

/* May the current thread look into p?  Linux's ptrace_may_access().  proc_lock. */
static bool
may_reach(const struct process *p)
{
	const struct cred *me = &thread_current()->cred;
	const struct cred *it = &p->main->thread.cred;

	return me->euid == 0 || (me->uid == it->uid && me->uid == it->euid &&
				 me->uid == it->suid);
}

/* The space of a process, with a reference; NULL of a zombie. */
static int
reach(pid_t pid, struct space **out)
{
	struct process *p;
	int err = 0;

	*out = NULL;
	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p == NULL)
		err = -ESRCH;
	else if (p != process_current() && !may_reach(p))
		err = -EPERM;
	else if ((*out = p->space) != NULL)
		space_get(*out);
	spin_unlock(&proc_lock);
	return err;
}

ssize_t
foreign_copy(pid_t pid, struct iobuf *mine, struct iobuf *its, bool write)
{
	struct iobuf *from = write ? mine : its, *to = write ? its : mine;
	ssize_t n = 0, done = 0;
	void *page;
	int err = reach(pid, &its->space);

	if (err != 0)
		return err;
	if (its->space == NULL)
		return -ESRCH;
	page = kmalloc(PAGE_SIZE);
	n = page != NULL ? 0 : -ENOMEM;
	while (n >= 0 && from->left > 0 && to->left > 0 &&
	       !thread_interrupted(WAIT_KILLABLE)) {
		size_t part = MIN(MIN(from->left, to->left), PAGE_SIZE);

		n = iobuf_take(from, page, part);
		if (n > 0)
			n = iobuf_put(to, page, (size_t)n);
		done += MAX(n, 0);
		if (n < (ssize_t)part)
			break;
	}
	kfree(page);
	space_put(its->space);
	return done > 0 ? done : n;
}

/* ---- /proc/<pid>/mem ---- */

#define MEM_MAX 65536u /* bytes a call; others want the hart, too */

static size_t
mem_part(struct space *s, struct iobuf *b, void *page, uint64_t at, bool write)
{
	size_t n = MIN(b->left, PAGE_SIZE);
	ssize_t took;

	if (write) {
		took = iobuf_take(b, page, n);
		return took > 0 ? space_poke(s, at, page, (size_t)took) : 0;
	}
	n = space_read(s, page, at, n);
	took = iobuf_put(b, page, n);
	return (size_t)MAX(took, 0);
}

/* -EIO where nothing is mapped, as on Linux. */
static ssize_t
mem_transfer(struct file *f, struct iobuf *b, uint64_t *pos, bool write)
{
	size_t want = MIN(b->left, MEM_MAX), done = 0, part = 1;
	struct space *s;
	void *page;
	int err = reach(procfs_pid(f), &s);

	if (err != 0 || s == NULL)
		return err;
	page = kmalloc(PAGE_SIZE);
	while (page != NULL && part > 0 && done < want) {
		part = mem_part(s, b, page, *pos, write);
		*pos += part;
		done += part;
	}
	kfree(page);
	space_put(s);
	if (page == NULL)
		return -ENOMEM;
	return done > 0 || want == 0 ? (ssize_t)done : -EIO;
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
	.read = mem_read,
	.write = mem_write,
	.seek = proc_seek,
};

void
foreign_init(void)
{
	procfs_register_pid_data("mem", 0600, &mem_ops);
}
