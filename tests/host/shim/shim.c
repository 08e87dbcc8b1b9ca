/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/shim.c - log, panic, memory and disks of host builds; see
 * shim.h.
 *
 * Disk requests are kept in a list until shim_disk_complete_one() takes a
 * random one.  kmalloc() is malloc(), so the address sanitizer sees each
 * object.
 */
#include "shim/shim.h"

#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "shim/host.h"

char *host_ram;
uint64_t host_ram_linear;
bool shim_guards = true;
unsigned shim_log_count;
bool shim_log_show;
long shim_kmalloc_live;

void
shim_init(unsigned pages, uint64_t seed)
{
	uint64_t table = PAGE_UP(pages * sizeof(struct frame));
	struct frame_range ram = { HOST_RAM_BASE,
				   HOST_RAM_BASE + pages * PAGE_SIZE };

	host_ram = host_alloc((2 * pages + 1) * PAGE_SIZE);
	host_ram = (char *)PAGE_UP((uintptr_t)host_ram);
	host_ram_linear = shim_guards ? table : pages * PAGE_SIZE;
	for (uint64_t i = table / PAGE_SIZE; i < pages && shim_guards; i++)
		host_forbid(
			(char *)phys_to_virt(HOST_RAM_BASE + i * PAGE_SIZE) +
				PAGE_SIZE,
			PAGE_SIZE);
	shim_sched_init(seed);
	frame_init(&ram, 1, NULL, 0);
}

/* ---- log and panic ---- */

void
log_print(enum log_level level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	shim_log_count++;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (shim_log_show) {
		host_print("# log: ");
		host_print(text);
		host_print("\n");
	}
}

bool
log_ratelimit(void)
{
	return true;
}

void
panic(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	host_print("# panic: ");
	host_print(text);
	host_print("\n");
	host_abort();
}

/* ---- memory ---- */

void *
kmalloc(size_t size)
{
	char *p;

	assert(may_sleep());
	if (thread_should_fail())
		return NULL;
	p = host_alloc(size);
	shim_kmalloc_live++;
	return memset(p, 0x5a, size);
}

void *
kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p == NULL ? NULL : memset(p, 0, size);
}

void *
kmalloc_atomic(size_t size)
{
	if (thread_should_fail())
		return NULL;
	shim_kmalloc_live++;
	return host_alloc(size);
}

void
kfree(void *p)
{
	if (p != NULL)
		shim_kmalloc_live--;
	host_free(p);
}

char *
kstrndup(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	char *p = kmalloc(n + 1);

	if (p != NULL) {
		memcpy(p, s, n);
		p[n] = '\0';
	}
	return p;
}

/* ---- disks ---- */

static struct list_node pending = LIST_INIT(pending);
static unsigned pending_count;

static struct shim_disk *
disk_of(struct block_device *d)
{
	return container_of(d, struct shim_disk, dev);
}

static void
disk_submit(struct block_device *dev, struct block_request *r)
{
	struct shim_disk *d = disk_of(dev);

	assert(may_sleep());
	assert(r->segment_count <= dev->max_segments);
	r->driver_data = d;
	list_push_back(&pending, &r->node);
	pending_count++;
	d->in_flight++;
	d->most_in_flight = MAX(d->most_in_flight, d->in_flight);
	if (shim_preempt > 0)
		sched_switch();
}

/* Does the test want this request to fail? */
static bool
fails(struct shim_disk *d, int *countdown)
{
	if (*countdown < 0)
		return false;
	if (*countdown > 0) {
		(*countdown)--;
		return false;
	}
	if (!d->sticky)
		*countdown = -1;
	d->failed = true;
	return true;
}

static void
move_sectors(struct shim_disk *d, struct block_request *r)
{
	uint64_t at = r->sector * SECTOR_SIZE;
	bool write = r->op == BLOCK_WRITE;

	for (unsigned i = 0; i < r->segment_count; i++) {
		uint32_t len = r->segments[i].len;
		void *memory = phys_to_virt(r->segments[i].pa);

		if (at + len > d->size)
			panic("request outside of the disk: sector %lu",
			      (unsigned long)r->sector);
		if (write && d->watch != NULL)
			d->watch(at, memory, len);
		if (write)
			memcpy(d->bytes + at, memory, len);
		else
			memcpy(memory, d->bytes + at, len);
		at += len;
	}
	*(write ? &d->pages_written : &d->pages_read) += r->segment_count;
}

static void
complete(struct block_request *r)
{
	struct shim_disk *d = r->driver_data;

	d->in_flight--;
	r->error = 0;
	if (r->op == BLOCK_FLUSH) {
		d->flushes++;
		if (fails(d, &d->fail_flush))
			r->error = -EIO;
		else if (d->watch != NULL)
			d->watch(0, NULL, 0);
	} else {
		bool write = r->op == BLOCK_WRITE;

		*(write ? &d->writes : &d->reads) += 1;
		if (fails(d, write ? &d->fail_write : &d->fail_read))
			r->error = -EIO;
		else
			move_sectors(d, r);
	}
	harts[0].irq_depth++;
	r->done(r);
	harts[0].irq_depth--;
}

bool
shim_disk_complete_one(void)
{
	struct list_node *n = pending.next;

	if (pending_count == 0)
		return false;
	for (uint64_t i = shim_random() % pending_count; i > 0; i--)
		n = n->next;
	list_del(n);
	pending_count--;
	complete(list_entry(n, struct block_request, node));
	return true;
}

struct shim_disk *
shim_disk_open(const char *path, const char *name)
{
	struct shim_disk *d = host_alloc(sizeof(*d));

	memset(d, 0, sizeof(*d));
	d->bytes = host_map_file(path, &d->size);
	str_copy(d->dev.name, name, sizeof(d->dev.name));
	d->dev.sectors = d->size / SECTOR_SIZE;
	d->dev.max_segments = 32;
	d->dev.submit = disk_submit;
	d->fail_read = d->fail_write = d->fail_flush = -1;
	return d;
}

void
shim_disk_close(struct shim_disk *d)
{
	shim_settle();
	assert(d->in_flight == 0);
	host_unmap(d->bytes, d->size);
	host_free(d);
}
