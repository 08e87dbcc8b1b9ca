/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtq.c - split virtqueues, which carry requests to a virtio device.
 *
 * One physically contiguous block holds the three parts that the specification
 * names: the driver writes the descriptors and the available ring, the device
 * writes the used ring.  Free descriptors are linked through `next`.  Each
 * index that the device writes is checked before use.
 *
 * The owner's lock guards a queue.  Only virtq_create() allocates.
 */
#include "drivers/virtio.h"

#include "arch/mmio.h"
#include "drivers/virtio_regs.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define MAX_SIZE 1024u

#define DESC_NEXT  1u /* the chain continues */
#define DESC_WRITE 2u /* the device writes this buffer */

#define USED_NO_NOTIFY 1u /* the device polls: do not kick */

struct virtq_desc {
	uint64_t pa;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

struct virtq_avail {
	uint16_t flags;
	uint16_t index;
	uint16_t ring[];
};

struct virtq_used {
	uint16_t flags;
	uint16_t index;
	struct {
		uint32_t id;
		uint32_t len;
	} ring[];
};

/* Access memory shared with the device, by exactly one load or store. */
#define shared_read(x)	   (*(const volatile __typeof__(x) *)&(x))
#define shared_write(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

/* Offsets of the parts in the block; `used` must be aligned to 4. */
static size_t
avail_offset(unsigned size)
{
	return size * sizeof(struct virtq_desc);
}

static size_t
used_offset(unsigned size)
{
	return avail_offset(size) +
	       ROUND_UP(sizeof(struct virtq_avail) + size * 2 + 2, (size_t)4);
}

static size_t
block_size(unsigned size)
{
	return used_offset(size) + sizeof(struct virtq_used) + size * 8 + 2;
}

/*
 * Allocate the memory of a queue of q->size descriptors.  Returns 0 or -ENOMEM.
 */
static int
allocate(struct virtq *q)
{
	struct frame *f;
	char *block;

	q->order = 0;
	while ((PAGE_SIZE << q->order) < block_size(q->size))
		q->order++;
	q->cookies = kzalloc(q->size * sizeof(q->cookies[0]));
	if (q->cookies == NULL)
		return -ENOMEM;
	f = frame_alloc_order(q->order, FRAME_ATOMIC);
	if (f == NULL) {
		kfree(q->cookies);
		return -ENOMEM;
	}
	block = frame_ptr(f);
	memset(block, 0, PAGE_SIZE << q->order);
	q->desc = (struct virtq_desc *)block;
	q->avail = (struct virtq_avail *)(block + avail_offset(q->size));
	q->used = (struct virtq_used *)(block + used_offset(q->size));
	return 0;
}

static void
tell_address(struct virtio_device *d, unsigned reg, const void *at)
{
	paddr_t pa = virt_to_phys(at);

	mmio_write32(d->regs + reg, (uint32_t)pa);
	mmio_write32(d->regs + reg + 4, (uint32_t)(pa >> 32));
}

int
virtq_create(struct virtio_device *d, unsigned index, unsigned want,
	     struct virtq *q)
{
	uint32_t most;
	int err;

	assert(want <= MAX_SIZE);
	mmio_write32(d->regs + REG_QUEUE_SEL, index);
	most = mmio_read32(d->regs + REG_QUEUE_NUM_MAX);
	if (most == 0 || mmio_read32(d->regs + REG_QUEUE_READY) != 0)
		return -ENXIO;
	/*
	 * Halve `want`, so that it stays a power of two; the device's limit may
	 * be any number.
	 */
	while (want > most)
		want /= 2;
	*q = (struct virtq){ .dev = d, .index = index };
	q->size = (uint16_t)want;
	err = allocate(q);
	if (err != 0)
		return err;
	q->free_count = q->size;
	for (unsigned i = 0; i < q->size; i++)
		q->desc[i].next = (uint16_t)(i + 1);
	mmio_write32(d->regs + REG_QUEUE_NUM, q->size);
	tell_address(d, REG_QUEUE_DESC, q->desc);
	tell_address(d, REG_QUEUE_DRIVER, q->avail);
	tell_address(d, REG_QUEUE_DEVICE, q->used);
	mmio_write32(d->regs + REG_QUEUE_READY, 1);
	return 0;
}

void
virtq_destroy(struct virtq *q)
{
	frame_free_order(frame_of_ptr(q->desc), q->order);
	kfree(q->cookies);
}

bool
virtq_add(struct virtq *q, const struct virtq_buffer *buffers, unsigned out,
	  unsigned in, void *cookie)
{
	unsigned count = out + in;
	uint16_t head = q->free_head, at = head, slot;

	assert(count > 0);
	if (count > q->free_count)
		return false;
	for (unsigned i = 0; i < count; i++) {
		struct virtq_desc *desc = &q->desc[at];

		desc->pa = buffers[i].pa;
		desc->len = buffers[i].len;
		desc->flags = (uint16_t)((i + 1 < count ? DESC_NEXT : 0) |
					 (i >= out ? DESC_WRITE : 0));
		at = desc->next;
	}
	q->free_head = at;
	q->free_count = (uint16_t)(q->free_count - count);
	q->cookies[head] = cookie;
	slot = q->avail->index & (uint16_t)(q->size - 1);
	shared_write(q->avail->ring[slot], head);
	/* Write barrier: the entry must be visible before the new index. */
	device_wmb();
	shared_write(q->avail->index, (uint16_t)(q->avail->index + 1));
	return true;
}

void
virtq_kick(struct virtq *q)
{
	/*
	 * Full barrier: the new index must be visible before the flags are
	 * read.
	 */
	device_mb();
	if ((shared_read(q->used->flags) & USED_NO_NOTIFY) == 0)
		mmio_write32(q->dev->regs + REG_QUEUE_NOTIFY, q->index);
}

/* Return a completed chain to the free list. */
static void
release_chain(struct virtq *q, uint16_t head)
{
	uint16_t last = head, count = 1;

	while ((q->desc[last].flags & DESC_NEXT) != 0) {
		last = q->desc[last].next;
		count++;
	}
	q->desc[last].next = q->free_head;
	q->free_head = head;
	q->free_count = (uint16_t)(q->free_count + count);
}

int
virtq_take(struct virtq *q, void **cookie, uint32_t *len)
{
	uint16_t slot = q->last_used & (uint16_t)(q->size - 1);
	uint32_t id;

	if (shared_read(q->used->index) == q->last_used)
		return 0;
	/*
	 * Read barrier: read the entry and the device's data after the index.
	 */
	device_rmb();
	id = shared_read(q->used->ring[slot].id);
	if (id >= q->size || q->cookies[id] == NULL)
		return -EIO;
	*len = shared_read(q->used->ring[slot].len);
	*cookie = q->cookies[id];
	q->cookies[id] = NULL;
	release_chain(q, (uint16_t)id);
	q->last_used++;
	return 1;
}
