/* SPDX-License-Identifier: MIT */
/*
 * proc/elf.c - parsing and checking ELF headers, and mapping the segments.
 *
 * No field of a header is trusted.  elf_parse() checks all sums for overflow,
 * and that every segment lies inside the file and inside user space.  Only a
 * file that passes every check reaches elf_map().  Process context, may sleep;
 * an invalid file is -ENOEXEC.
 */
#include "proc/elf.h"

#include "fs/file.h"
#include "fs/inode.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/map.h"
#include "mm/space.h"
#include "proc/sigpage.h"

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
_Static_assert(sizeof(struct elf_header) == 64, "ELF header");

struct program_header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct program_header) == 56, "program header");

#define ET_EXEC	  2
#define ET_DYN	  3
#define EM_RISCV  243
#define PT_LOAD	  1
#define PT_INTERP 3
#define PF_X	  1u
#define PF_W	  2u
#define PF_R	  4u

#define INTERP_MAX 256

static bool
header_ok(const struct elf_header *h, size_t n)
{
	static const uint8_t ident[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	return n >= sizeof(*h) && memcmp(h->ident, ident, 7) == 0 &&
	       (h->type == ET_EXEC || h->type == ET_DYN) &&
	       h->machine == EM_RISCV && h->version == 1 &&
	       h->phentsize == sizeof(struct program_header) && h->phnum > 0 &&
	       h->phnum <= ELF_HEADERS;
}

static unsigned
segment_flags(uint32_t pf)
{
	return (pf & PF_R ? VM_READ : 0) | (pf & PF_W ? VM_WRITE : 0) |
	       (pf & PF_X ? VM_EXEC : 0) | VM_MAYWRITE;
}

/* The address of the first byte after a segment's pages. */
static uaddr_t
segment_end(const struct elf_segment *g)
{
	return PAGE_UP(g->start + g->memsz);
}

static bool
load_ok(const struct elf_image *img, const struct program_header *p,
	uint64_t size)
{
	if (p->filesz > p->memsz || p->offset > size ||
	    p->filesz > size - p->offset)
		return false;
	if (!user_range_ok(p->vaddr, p->memsz) ||
	    p->vaddr + p->memsz > PROGRAM_STACK_TOP)
		return false;
	if (p->align > 1 && ((p->align & (p->align - 1)) != 0 ||
			     (p->vaddr - p->offset) % p->align != 0))
		return false;
	if (((p->vaddr - p->offset) & PAGE_MASK) != 0)
		return false;
	if ((p->flags & (PF_W | PF_X)) == (PF_W | PF_X))
		return false; /* W^X: no page is writable and executable */
	if (!img->movable && PAGE_DOWN(p->vaddr) < USER_MIN)
		return false;
	/* Segments ascend, and no page belongs to two of them. */
	return img->count == 0 ||
	       PAGE_DOWN(p->vaddr) >=
		       segment_end(&img->segment[img->count - 1]);
}

static int
add_load(struct elf_image *img, const struct program_header *p, uint64_t size)
{
	struct elf_segment *g;

	if (p->memsz == 0)
		return 0;
	if (img->count == ELF_SEGMENTS || !load_ok(img, p, size))
		return -ENOEXEC;
	if (img->count == 0)
		img->low = PAGE_DOWN(p->vaddr);
	g = &img->segment[img->count++];
	g->start = p->vaddr;
	g->memsz = p->memsz;
	g->filesz = p->filesz;
	g->offset = p->offset;
	g->flags = segment_flags(p->flags);
	img->high = segment_end(g);
	return 0;
}

static int
add_interp(struct elf_image *img, const struct program_header *p, uint64_t size)
{
	if (img->interp_size != 0 || p->filesz < 2 || p->filesz > INTERP_MAX ||
	    p->offset > size || p->filesz > size - p->offset)
		return -ENOEXEC;
	img->interp_offset = p->offset;
	img->interp_size = p->filesz;
	return 0;
}

static bool
entry_ok(const struct elf_image *img)
{
	for (unsigned i = 0; i < img->count; i++) {
		const struct elf_segment *g = &img->segment[i];

		if ((g->flags & VM_EXEC) && img->entry - g->start < g->memsz)
			return (img->entry & 1) == 0;
	}
	return false;
}

/* The user address of the program headers; 0 if no segment contains them. */
static uaddr_t
headers_address(const struct elf_image *img, const struct elf_header *h)
{
	for (unsigned i = 0; i < img->count; i++) {
		const struct elf_segment *g = &img->segment[i];

		if (h->phoff >= g->offset && h->phoff - g->offset < g->filesz)
			return g->start + (h->phoff - g->offset);
	}
	return 0;
}

/* Parse n entries of the program header table. */
static int
parse_headers(struct elf_image *img, const struct program_header *p, unsigned n)
{
	uint64_t size = inode_size(img->file->inode);
	int err = 0;

	for (; n > 0 && err == 0; p++, n--) {
		if (p->type == PT_LOAD)
			err = add_load(img, p, size);
		else if (p->type == PT_INTERP)
			err = add_interp(img, p, size);
	}
	return err;
}

/*
 * Read and parse, a few headers at a time, a table that lies outside the bytes
 * that exec has already read.
 */
static int
read_headers(struct elf_image *img, const struct elf_header *h)
{
	struct program_header some[8];
	uint64_t at = h->phoff;
	int err = 0;

	for (unsigned left = h->phnum, n; left > 0 && err == 0; left -= n) {
		size_t bytes;
		ssize_t got;

		n = MIN(left, (unsigned)ARRAY_SIZE(some));
		bytes = n * sizeof(*some);
		got = file_read_at(img->file, some, bytes, at);
		if (got != (ssize_t)bytes)
			return got < 0 ? (int)got : -ENOEXEC;
		err = parse_headers(img, some, n);
		at += bytes;
	}
	return err;
}

/* After all headers are parsed, check the image as a whole. */
static int
finish(struct elf_image *img, const struct elf_header *h)
{
	if (img->count == 0 || !entry_ok(img))
		return -ENOEXEC;
	img->headers = headers_address(img, h);
	return 0;
}

int
elf_parse(struct elf_image *img, const void *head, size_t n)
{
	const struct elf_header *h = head;
	uint64_t size = inode_size(img->file->inode), bytes;
	int err;

	if (!header_ok(h, n))
		return -ENOEXEC;
	img->movable = h->type == ET_DYN;
	img->entry = h->entry;
	img->header_count = h->phnum;
	img->count = 0;
	img->interp_size = 0;
	bytes = h->phnum * sizeof(struct program_header);
	if (h->phoff % 8 != 0 || h->phoff > size || bytes > size - h->phoff)
		return -ENOEXEC;
	if (h->phoff + bytes <= n)
		err = parse_headers(
			img, (const void *)((const char *)head + h->phoff),
			h->phnum);
	else
		err = read_headers(img, h);
	return err != 0 ? err : finish(img, h);
}

/* ---- mapping ---- */

static int
map_part(struct space *s, uaddr_t from, uaddr_t to, unsigned flags,
	 struct memobj *obj, uint64_t index)
{
	int64_t at;

	if (from >= to)
		return 0;
	at = space_map(s, from, to - from, flags, MAP_NOREPLACE, obj, index);
	if (at >= 0)
		return 0;
	return at == -ENOMEM ? -ENOMEM : -ENOEXEC;
}

static int
map_segment(const struct elf_segment *g, struct space *s, struct memobj *obj,
	    uint64_t bias)
{
	uaddr_t start = g->start + bias, file_end = start + g->filesz;
	uaddr_t bss = g->filesz > 0 ? PAGE_UP(file_end) : PAGE_DOWN(start);
	uaddr_t end = PAGE_UP(start + g->memsz);
	int err = 0;

	if (g->filesz > 0)
		err = map_part(s, PAGE_DOWN(start), bss, g->flags, obj,
			       g->offset >> PAGE_SHIFT);
	if (err == 0)
		err = map_part(s, bss, end, g->flags, NULL, 0);
	if (err != 0)
		return err;
	/* Zero the part of the last file page that belongs to bss. */
	if (g->memsz > g->filesz && file_end < bss && (g->flags & VM_WRITE) &&
	    space_zero(s, file_end, bss - file_end) != bss - file_end)
		return -ENOMEM;
	return 0;
}

int
elf_map(const struct elf_image *img, struct space *s, uint64_t bias)
{
	struct memobj *obj = file_memobj(img->file);

	/*
	 * If the image is linked above the place for it, the sum img->low +
	 * bias wraps around to that place.
	 */
	if (obj == NULL ||
	    !user_range_ok(img->low + bias, img->high - img->low) ||
	    img->high + bias > PROGRAM_STACK_TOP)
		return -ENOEXEC;
	for (unsigned i = 0; i < img->count; i++) {
		int err = map_segment(&img->segment[i], s, obj, bias);

		if (err != 0)
			return err;
	}
	return 0;
}
