/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio_blk.c - the driver of virtio disks.
 *
 * Each disk has one virtqueue.  A request becomes a descriptor chain: header,
 * segments, status byte.  Header and status are in a slot; if no slot or too
 * few descriptors are free, disk_submit() sleeps until other requests complete.
 * The interrupt handler collects completed requests under the lock, and calls
 * their done() without it.
 *
 * A device that returns an invalid used entry or needs a reset is broken.  The
 * driver resets such a device, so that it accesses no more memory, and fails
 * every request, in flight or later, with -EIO.  All memory is allocated at
 * boot.
 */
#include "drivers/virtio.h"

#include "arch/page.h"
#include "drivers/block.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "mm/slab.h"

#define QUEUE_SIZE   1024u /* descriptors wanted */
#define SLOTS	     64u   /* requests in flight */
#define MAX_SEGMENTS 64u
#define MAX_DISKS    26u

#define F_SEG_MAX   (UINT64_C(1) << 2)
#define F_READ_ONLY (UINT64_C(1) << 5)
#define F_FLUSH	    (UINT64_C(1) << 9)

#define CONFIG_CAPACITY 0
#define CONFIG_SEG_MAX	12

enum { TYPE_READ = 0, TYPE_WRITE = 1, TYPE_FLUSH = 4 };

#define STATUS_OK   0u
#define STATUS_NONE 0xffu /* the device wrote nothing */

/* The header and status byte of a request in flight, for the device. */
struct slot {
	struct {
		uint32_t type;
		uint32_t reserved;
		uint64_t sector;
	} header;
	uint8_t status;
	struct block_request *request; /* NULL: the slot is free */
};

struct disk {
	struct block_device block;    /* [i] */
	struct virtio_device *virtio; /* [i] */
	bool can_flush;		      /* [i] */
	struct spinlock lock;
	struct virtq queue; /* [lock] */
	struct slot *slots; /* [i] pointer; [lock] contents */
	bool broken;	    /* [lock] */
	struct waitq room;  /* a slot and descriptors became free */
	/* Scratch for building a chain.  [lock] */
	struct virtq_buffer chain[MAX_SEGMENTS + 2];
};

static unsigned disk_count;

/* Complete a request that is not in the virtqueue.  No lock held. */
static void
finish(struct block_request *r, int error)
{
	r->error = error;
	r->done(r);
}

/* ---- starting ---- */

/* Can the device execute this request? */
static bool
request_valid(const struct disk *d, const struct block_request *r)
{
	uint64_t sectors = 0;

	if (r->op == BLOCK_FLUSH)
		return r->segment_count == 0;
	if (r->segment_count == 0 || r->segment_count > d->block.max_segments ||
	    (r->op == BLOCK_WRITE && d->block.read_only))
		return false;
	for (unsigned i = 0; i < r->segment_count; i++) {
		const struct block_segment *s = &r->segments[i];

		if (s->len == 0 || !IS_ALIGNED(s->len, SECTOR_SIZE))
			return false;
		sectors += s->len / SECTOR_SIZE;
	}
	return r->sector <= d->block.sectors &&
	       sectors <= d->block.sectors - r->sector;
}

static struct slot *
slot_find(struct disk *d)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		if (d->slots[i].request == NULL)
			return &d->slots[i];
	}
	return NULL;
}

/*
 * Add a request to the virtqueue.  False if no slot or too few descriptors are
 * free.
 */
static bool
enqueue(struct disk *d, struct block_request *r)
{
	static const uint32_t types[] = {
		[BLOCK_READ] = TYPE_READ,
		[BLOCK_WRITE] = TYPE_WRITE,
		[BLOCK_FLUSH] = TYPE_FLUSH,
	};
	struct slot *s = slot_find(d);
	unsigned n = r->segment_count, out = 1;

	requires_lock(&d->lock);
	if (s == NULL)
		return false;
	s->header.type = types[r->op];
	s->header.sector = r->op == BLOCK_FLUSH ? 0 : r->sector;
	s->status = STATUS_NONE;
	d->chain[0].pa = virt_to_phys(&s->header);
	d->chain[0].len = sizeof(s->header);
	for (unsigned i = 0; i < n; i++) {
		d->chain[1 + i].pa = r->segments[i].pa;
		d->chain[1 + i].len = r->segments[i].len;
	}
	d->chain[1 + n].pa = virt_to_phys(&s->status);
	d->chain[1 + n].len = 1;
	if (r->op == BLOCK_WRITE)
		out += n;
	if (!virtq_add(&d->queue, d->chain, out, n + 2 - out, s))
		return false;
	s->request = r;
	return true;
}

/*
 * Try to submit a request.  True if it is queued, or if the device is broken
 * and *refused is set.
 */
static bool
try_submit(struct disk *d, struct block_request *r, bool *refused)
{
	bool queued = false;

	spin_lock(&d->lock);
	*refused = d->broken;
	if (!*refused)
		queued = enqueue(d, r);
	spin_unlock(&d->lock);
	if (queued)
		virtq_kick(&d->queue);
	return queued || *refused;
}

static void
disk_submit(struct block_device *b, struct block_request *r)
{
	struct disk *d = b->driver_data;
	bool refused = false;

	if (!request_valid(d, r)) {
		if (log_ratelimit())
			log_error("virtio-blk: %s: invalid request: %u "
				  "segments at sector %lu",
				  b->name, r->segment_count, r->sector);
		finish(r, -EIO);
		return;
	}
	if (r->op == BLOCK_FLUSH && !d->can_flush) {
		/* The device has no volatile cache to flush. */
		finish(r, 0);
		return;
	}
	wait_event(&d->room, try_submit(d, r, &refused));
	if (refused)
		finish(r, -EIO);
}

/* ---- finishing ---- */

/*
 * Move completed requests to the list `finished`.  False if the device is
 * broken.
 */
static bool
collect(struct disk *d, struct list_node *finished)
{
	void *cookie;
	uint32_t len;
	int got;

	requires_lock(&d->lock);
	while ((got = virtq_take(&d->queue, &cookie, &len)) == 1) {
		struct slot *s = cookie;
		struct block_request *r = s->request;

		r->error = s->status == STATUS_OK ? 0 : -EIO;
		s->request = NULL;
		list_push_back(finished, &r->node);
	}
	return got == 0;
}

/*
 * Mark the device as broken, reset it, and move its unfinished requests to the
 * list `finished`, with -EIO.
 */
static void
break_down(struct disk *d, struct list_node *finished)
{
	requires_lock(&d->lock);
	log_error("virtio-blk: %s: device error; all further requests fail "
		  "with EIO",
		  d->block.name);
	d->broken = true;
	virtio_reset(d->virtio);
	for (unsigned i = 0; i < SLOTS; i++) {
		struct block_request *r = d->slots[i].request;

		if (r == NULL)
			continue;
		r->error = -EIO;
		d->slots[i].request = NULL;
		list_push_back(finished, &r->node);
	}
}

static void
complete(struct disk *d, struct list_node *finished)
{
	struct list_node *n;

	while ((n = list_pop_front(finished)) != NULL) {
		struct block_request *r =
			list_entry(n, struct block_request, node);

		if (r->error != 0 && log_ratelimit()) {
			if (r->op == BLOCK_FLUSH)
				log_error("virtio-blk: %s: flush error",
					  d->block.name);
			else
				log_error("virtio-blk: %s: %s error at sector "
					  "%lu",
					  d->block.name,
					  r->op == BLOCK_READ ? "read"
							      : "write",
					  r->sector);
		}
		r->done(r);
	}
}

static void
disk_progress(struct disk *d, bool broken)
{
	struct list_node finished = LIST_INIT(finished);

	spin_lock(&d->lock);
	if (!d->broken && (!collect(d, &finished) || broken))
		break_down(d, &finished);
	spin_unlock(&d->lock);
	if (!list_empty(&finished))
		waitq_wake_all(&d->room);
	complete(d, &finished);
}

static void
disk_used(struct virtio_device *v)
{
	disk_progress(v->driver_data, false);
}

static void
disk_broken(struct virtio_device *v)
{
	disk_progress(v->driver_data, true);
}

/* ---- finding ---- */

static void
read_config(struct disk *d)
{
	struct virtio_device *v = d->virtio;
	uint32_t seg_max = MAX_SEGMENTS;

	d->can_flush = (v->features & F_FLUSH) != 0;
	d->block.read_only = (v->features & F_READ_ONLY) != 0;
	d->block.sectors = virtio_config64(v, CONFIG_CAPACITY);
	if ((v->features & F_SEG_MAX) != 0)
		seg_max = virtio_config32(v, CONFIG_SEG_MAX);
	seg_max = MIN(seg_max, d->queue.size - 2u);
	d->block.max_segments = CLAMP(seg_max, 1u, MAX_SEGMENTS);
}

static void
announce(struct disk *d)
{
	uint64_t kib = d->block.sectors / 2;
	bool small = kib < 10240;

	log_info("virtio-blk: %s %lu %s%s%s at %#lx, interrupt %u",
		 d->block.name, small ? kib : kib / 1024, small ? "KiB" : "MiB",
		 d->block.read_only ? ", read only" : "",
		 d->can_flush ? "" : ", write-through", d->virtio->pa,
		 d->virtio->irq);
}

static int
disk_setup(struct disk *d, struct virtio_device *v)
{
	int err;

	d->slots = kzalloc(SLOTS * sizeof(d->slots[0]));
	if (d->slots == NULL)
		return -ENOMEM;
	err = virtq_create(v, 0, QUEUE_SIZE, &d->queue);
	if (err != 0)
		goto free_slots;
	err = -EIO;
	if (d->queue.size < 4)
		goto free_queue;
	d->virtio = v;
	read_config(d);
	snprintf(d->block.name, sizeof(d->block.name), "vd%c",
		 'a' + (char)disk_count);
	d->block.submit = disk_submit;
	d->block.driver_data = d;
	v->driver_data = d;
	v->used = disk_used;
	v->broken = disk_broken;
	err = virtio_start(v);
	if (err != 0)
		goto free_queue;
	return 0;

free_queue:
	virtio_reset(v);
	virtq_destroy(&d->queue);
free_slots:
	kfree(d->slots);
	return err;
}

static int
disk_probe(struct virtio_device *v)
{
	struct disk *d;
	int err;

	if (disk_count == MAX_DISKS)
		return -ENXIO;
	d = kzalloc(sizeof(*d));
	if (d == NULL)
		return -ENOMEM;
	spin_init(&d->lock, LOCK_DISK);
	waitq_init(&d->room);
	err = disk_setup(d, v);
	if (err != 0) {
		kfree(d);
		return err;
	}
	disk_count++;
	announce(d);
	block_register(&d->block);
	return 0;
}

const struct virtio_driver virtio_blk_driver = {
	.id = 2,
	.name = "virtio-blk",
	.features = F_SEG_MAX | F_READ_ONLY | F_FLUSH,
	.probe = disk_probe,
};
