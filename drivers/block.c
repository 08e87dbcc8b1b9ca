/* SPDX-License-Identifier: MIT */
/*
 * drivers/block.c - the list of disks, and synchronous requests.
 *
 * Disks are registered during the boot and never removed, so the list is read
 * without a lock afterwards.  block_transfer() and block_flush() sleep: process
 * context.  A transfer beyond the end of the disk, or a write to a read-only
 * disk, fails with -EIO.
 */
#include "drivers/block.h"

#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/wait.h"
#include "lib/errno.h"
#include "lib/string.h"

static struct list_node devices = LIST_INIT(devices);

void
block_register(struct block_device *d)
{
	assert(d->max_segments > 0);
	assert(block_find(d->name) == NULL);
	list_push_back(&devices, &d->node);
}

struct block_device *
block_find(const char *name)
{
	struct block_device *d;

	list_for_each_entry(d, &devices, node) {
		if (strcmp(d->name, name) == 0)
			return d;
	}
	return NULL;
}

struct block_device *
block_at(unsigned i)
{
	struct block_device *d;

	list_for_each_entry(d, &devices, node) {
		if (i-- == 0)
			return d;
	}
	return NULL;
}

/*
 * All sleepers share one static wait queue.  A queue in the request would be
 * unsafe: the request is on the stack of its sleeper, which may reuse that
 * memory as soon as `done` is set.
 */
static struct waitq sleepers = WAITQ_INIT(sleepers);

static void
request_done(struct block_request *r)
{
	_Atomic bool *done = r->arg;

	atomic_store_explicit(done, true, memory_order_release);
	waitq_wake_all(&sleepers);
}

static int
submit_and_wait(struct block_device *d, struct block_request *r)
{
	_Atomic bool done = false;

	r->done = request_done;
	r->arg = &done;
	d->submit(d, r);
	wait_event(&sleepers,
		   atomic_load_explicit(&done, memory_order_acquire));
	return r->error;
}

int
block_transfer(struct block_device *d, enum block_op op, uint64_t sector,
	       paddr_t pa, uint32_t len)
{
	struct block_segment segment = { .pa = pa, .len = len };
	struct block_request r = { .op = op,
				   .sector = sector,
				   .segments = &segment,
				   .segment_count = 1 };

	assert(len > 0 && IS_ALIGNED(len, SECTOR_SIZE));
	if (sector > d->sectors || len / SECTOR_SIZE > d->sectors - sector)
		return -EIO;
	if (op == BLOCK_WRITE && d->read_only)
		return -EIO;
	return submit_and_wait(d, &r);
}

int
block_flush(struct block_device *d)
{
	struct block_request r = { .op = BLOCK_FLUSH };

	return d->read_only ? 0 : submit_and_wait(d, &r);
}
