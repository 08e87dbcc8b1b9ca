/* SPDX-License-Identifier: MIT */
/*
 * procfs/maps.c - the files about memory in every /proc/<pid>: the mappings
 * (maps, smaps) and each page (pagemap, pagewalk).
 *
 * procfs opens these files only for threads that may inspect the process, and
 * passes its space with a reference.  Process context, no lock held; the
 * functions may sleep.  -ENOMEM without memory for a name, -EINTR if the reader
 * is killed.
 */
#include "fs/abi.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/inspect.h"
#include "mm/iobuf.h"
#include "mm/look.h"
#include "mm/object.h"
#include "mm/pt.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "proc/foreign.h"
#include "procfs/show.h"
/* Linux, Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_SOLE	(UINT64_C(1) << 56)
#define PAGEMAP_FILE	(UINT64_C(1) << 61)
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)

/* ---- mappings ---- */

/* A name may hold any byte but NUL: print a newline as \012. */
static void
print_name(struct textbuf *out, const char *name)
{
	const char *end;

	while ((end = strchr(name, '\n')) != NULL) {
		tb_append(out, name, (size_t)(end - name));
		tb_printf(out, "\\012");
		name = end + 1;
	}
	tb_append(out, name, strlen(name));
}

/*
 * The name of the file printed last: consecutive mappings often belong to one
 * file, and finding its name is expensive.
 */
struct naming {
	struct memobj *obj; /* with a reference, or NULL */
	uint64_t ino;
	uint32_t dev;
	char path[PATH_MAX];
};

/* Store the name of v->obj in *n; takes over the reference on v->obj. */
static void
name_file(struct naming *n, const struct vma_info *v)
{
	if (v->obj == n->obj) {
		memobj_put(v->obj);
		return;
	}
	if (n->obj != NULL)
		memobj_put(n->obj);
	n->obj = v->obj;
	n->path[0] = '\0';
	n->ino = n->dev = 0;
	if (v->obj->ops->name != NULL)
		v->obj->ops->name(v->obj, n->path, PATH_MAX, &n->ino, &n->dev);
}

static void
print_vma(struct textbuf *out, const struct vma_info *v,
	  const struct naming *file)
{
	const char *name = v->flags & VM_HEAP	 ? "[heap]"
			   : v->flags & VM_STACK ? "[stack]"
						 : "";
	uint64_t ino = 0;
	uint32_t dev = 0;

	if (v->obj != NULL) {
		name = file->path;
		ino = file->ino;
		dev = file->dev;
	}
	tb_printf(out, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu%s", v->start,
		  v->end, v->flags & VM_READ ? 'r' : '-',
		  v->flags & VM_WRITE ? 'w' : '-',
		  v->flags & VM_EXEC ? 'x' : '-',
		  v->flags & VM_SHARED ? 's' : 'p', v->index << PAGE_SHIFT,
		  DEV_MAJOR(dev), DEV_MINOR(dev), ino,
		  name[0] != '\0' ? "\t" : "");
	print_name(out, name);
	tb_printf(out, "\n");
}

static void
print_counts(struct textbuf *out, struct space *s, const struct vma_info *v)
{
	const uint64_t kb = PAGE_SIZE / 1024;
	struct page_counts c;
	uint64_t dirty;

	space_count_pages(s, v->start, v->end, &c);
	dirty = c.dirty - c.sole_dirty;
	tb_printf(out, "Size:           %8lu kB\n", (v->end - v->start) / 1024);
	tb_printf(out, "Rss:            %8lu kB\n", c.resident * kb);
	tb_printf(out, "Pss:            %8lu kB\n", c.part / 1024);
	tb_printf(out, "Shared_Clean:   %8lu kB\n",
		  (c.resident - c.sole - dirty) * kb);
	tb_printf(out, "Shared_Dirty:   %8lu kB\n", dirty * kb);
	tb_printf(out, "Private_Clean:  %8lu kB\n",
		  (c.sole - c.sole_dirty) * kb);
	tb_printf(out, "Private_Dirty:  %8lu kB\n", c.sole_dirty * kb);
	tb_printf(out, "Anonymous:      %8lu kB\n", (c.resident - c.file) * kb);
	tb_printf(out, "Locked:         %8lu kB\n",
		  v->flags & VM_LOCKED ? c.part / 1024 : 0);
}

static int
show_mappings(struct textbuf *out, struct space *s, bool counts)
{
	struct naming *file = kzalloc(sizeof(*file));
	struct vma_info v;
	int err = 0;

	if (file == NULL)
		return -ENOMEM;
	for (uaddr_t at = 0; err == 0 && space_next_vma(s, at, &v);
	     at = v.end) {
		if (v.obj != NULL)
			name_file(file, &v);
		print_vma(out, &v, file);
		if (counts)
			print_counts(out, s, &v);
		sched_give_way();
		if (thread_interrupted(WAIT_KILLABLE))
			err = -EINTR;
	}
	if (file->obj != NULL)
		memobj_put(file->obj);
	kfree(file);
	return err;
}

int
show_maps(struct textbuf *out, const struct proc_node *node)
{
	return show_mappings(out, node->space, false);
}

int
show_smaps(struct textbuf *out, const struct proc_node *node)
{
	return show_mappings(out, node->space, true);
}

/* ---- pages ---- */

/*
 * Look up the PTEs of a page.  Only root sees physical addresses; other readers
 * see only the flags of each PTE.
 */
int
get_pagewalk(struct space *s, uint64_t index, void *record)
{
	struct page_look *look = record;

	if (index >= USER_END / PAGE_SIZE)
		return -ENXIO;
	space_look(s, index << PAGE_SHIFT, look);
	for (unsigned i = 0; i < 3 && thread_current()->cred.euid != 0; i++)
		look->entry[i] &= (UINT64_C(1) << 10) - 1;
	return 0;
}

int
get_pagemap(struct space *s, uint64_t index, void *record)
{
	uint64_t *entry = record;
	struct page_look look;
	int err = get_pagewalk(s, index, &look);

	if (err != 0)
		return err;
	*entry = 0;
	if (!pte_present(look.entry[2]))
		return 0;
	*entry = PAGEMAP_PRESENT | pte_pa(look.entry[2]) >> PAGE_SHIFT;
	if (look.frame & FRAME_CACHE)
		*entry |= PAGEMAP_FILE;
	if (look.table_share == 1 && frame_maps_in(look.frame) == 1 &&
	    !(look.frame & FRAME_ZERO))
		*entry |= PAGEMAP_SOLE;
	return 0;
}
