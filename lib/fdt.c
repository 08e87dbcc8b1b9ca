/* SPDX-License-Identifier: MIT */
/*
 * lib/fdt.c - check a device-tree blob, walk its nodes and read properties.
 *
 * step() reads the structure block both for fdt_open(), which checks the block,
 * and for the later walks, so checking and reading cannot disagree.  fdt_bus.c
 * (addresses, interrupts) and fdt_machine.c (RAM, harts, /chosen) interpret the
 * nodes.  lib/fdt.h has the rules.
 */
#include "lib/fdt.h"

#include "lib/string.h"

#define FDT_MAGIC   0xd00dfeedu
#define FDT_VERSION 17u /* the version of all current blobs */
#define HEADER_SIZE 40u

enum token {
	TOKEN_BEGIN = 1,
	TOKEN_END = 2,
	TOKEN_PROP = 3,
	TOKEN_NOP = 4,
	TOKEN_LAST = 9,
};

static uint32_t
read_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* Read the cell at offset `at`, which must be inside the blob. */
static uint32_t
cell_at(const struct fdt *f, uint32_t at)
{
	return read_be32(f->blob + at);
}

/*
 * Read the token at *at and advance *at past the token and its data.  Returns
 * the token, or 0 if the blob is damaged there.
 */
static uint32_t
step(const struct fdt *f, uint32_t *at)
{
	uint32_t left = f->nodes_end - *at, token, used, len;
	const uint8_t *nul;

	if (*at > f->nodes_end || left < 4)
		return 0;
	token = cell_at(f, *at);
	used = 4;
	switch (token) {
	case TOKEN_BEGIN:
		nul = memchr(f->blob + *at + 4, '\0', left - 4);
		if (nul == NULL)
			return 0;
		used = (uint32_t)(nul + 1 - (f->blob + *at));
		break;
	case TOKEN_PROP:
		if (left < 12)
			return 0;
		len = cell_at(f, *at + 4);
		if (len > left - 12 ||
		    cell_at(f, *at + 8) >= f->strings_end - f->strings)
			return 0;
		used = 12 + len;
		break;
	case TOKEN_END:
	case TOKEN_NOP:
	case TOKEN_LAST:
		break;
	default:
		return 0;
	}
	if (ROUND_UP(used, 4u) > left)
		return 0;
	*at += ROUND_UP(used, 4u);
	return token;
}

/* Check in one pass that nodes are well nested, with one root and an end. */
static bool
check_nodes(const struct fdt *f)
{
	uint32_t at = f->nodes;
	unsigned depth = 0, roots = 0;

	for (;;) {
		switch (step(f, &at)) {
		case TOKEN_BEGIN:
			if (depth == 0 && roots++ > 0)
				return false;
			if (depth++ == FDT_MAX_DEPTH)
				return false;
			break;
		case TOKEN_END:
			if (depth-- == 0)
				return false;
			break;
		case TOKEN_PROP:
			if (depth == 0)
				return false;
			break;
		case TOKEN_NOP:
			break;
		case TOKEN_LAST:
			return depth == 0 && roots == 1;
		default:
			return false;
		}
	}
}

/*
 * Check the reservation block: pairs of 64-bit numbers, terminated by the pair
 * 0, 0.
 */
static bool
check_reserved(const struct fdt *f)
{
	for (uint32_t at = f->reserved; f->size - at >= 16; at += 16) {
		if (cell_at(f, at + 8) == 0 && cell_at(f, at + 12) == 0 &&
		    cell_at(f, at) == 0 && cell_at(f, at + 4) == 0)
			return true;
	}
	return false;
}

bool
fdt_open_max(struct fdt *fdt, const void *blob, size_t max)
{
	struct fdt f = { .blob = blob };
	uint32_t nodes_size, strings_size;

	if (!IS_ALIGNED((uintptr_t)blob, 4) || max < HEADER_SIZE ||
	    cell_at(&f, 0) != FDT_MAGIC)
		return false;
	f.size = cell_at(&f, 4);
	f.nodes = cell_at(&f, 8);
	f.strings = cell_at(&f, 12);
	f.reserved = cell_at(&f, 16);
	strings_size = cell_at(&f, 32);
	nodes_size = cell_at(&f, 36);
	if (f.size < HEADER_SIZE || f.size > max || f.size > FDT_MAX_SIZE ||
	    cell_at(&f, 20) < FDT_VERSION || cell_at(&f, 24) > FDT_VERSION)
		return false;
	if (!IS_ALIGNED(f.nodes, 4) || f.nodes > f.size ||
	    nodes_size > f.size - f.nodes || f.strings > f.size ||
	    strings_size > f.size - f.strings || f.reserved > f.size ||
	    !IS_ALIGNED(f.reserved, 4))
		return false;
	f.nodes_end = f.nodes + nodes_size;
	f.strings_end = f.strings + strings_size;
	/* A final NUL ensures that every name in the block is terminated. */
	if (strings_size > 0 && f.blob[f.strings_end - 1] != '\0')
		return false;
	if (!check_reserved(&f) || !check_nodes(&f))
		return false;
	*fdt = f;
	return true;
}

bool
fdt_open(struct fdt *fdt, const void *blob)
{
	return fdt_open_max(fdt, blob, FDT_MAX_SIZE);
}

/* ---- walking ---- */

void
fdt_root(const struct fdt *fdt, struct fdt_node *n)
{
	uint32_t at = fdt->nodes;

	/* NOPs may stand before the root. */
	while (cell_at(fdt, at) == TOKEN_NOP)
		at += 4;
	n->fdt = fdt;
	n->depth = 0;
	n->path[0] = at;
}

/*
 * Move `n` to the next node of depth <= `deepest`, in the order of the blob.
 * False if the node of depth `floor`, which is `n` or an ancestor, ends first.
 */
static bool
walk(struct fdt_node *n, unsigned deepest, unsigned floor)
{
	uint32_t at = n->path[n->depth], before;
	unsigned depth = n->depth;

	(void)step(n->fdt, &at);
	for (;;) {
		before = at;
		switch (step(n->fdt, &at)) {
		case TOKEN_BEGIN:
			depth++;
			if (depth >= FDT_MAX_DEPTH)
				return false;
			if (depth > deepest)
				break;
			n->depth = depth;
			n->path[depth] = before;
			return true;
		case TOKEN_END:
			if (depth-- <= floor)
				return false;
			break;
		case TOKEN_PROP:
		case TOKEN_NOP:
			break;
		default:
			return false;
		}
	}
}

bool
fdt_next(struct fdt_node *n)
{
	return walk(n, FDT_MAX_DEPTH, 0);
}

bool
fdt_child(const struct fdt_node *n, struct fdt_node *child)
{
	struct fdt_node at = *n;

	if (!walk(&at, n->depth + 1, n->depth))
		return false;
	*child = at;
	return true;
}

bool
fdt_sibling(struct fdt_node *n)
{
	return n->depth > 0 && walk(n, n->depth, n->depth - 1);
}

bool
fdt_parent(const struct fdt_node *n, struct fdt_node *parent)
{
	if (n->depth == 0)
		return false;
	*parent = *n;
	parent->depth--;
	return true;
}

const char *
fdt_name(const struct fdt_node *n)
{
	return (const char *)n->fdt->blob + n->path[n->depth] + 4;
}

/* ---- properties ---- */

/*
 * Read the first property at or after offset `at`.  False if a node begins or
 * ends before any property.
 */
static bool
prop_at(const struct fdt *f, uint32_t at, struct fdt_prop *p)
{
	uint32_t before, token;

	do {
		before = at;
		token = step(f, &at);
	} while (token == TOKEN_NOP);
	if (token != TOKEN_PROP)
		return false;
	p->len = cell_at(f, before + 4);
	p->name = (const char *)f->blob + f->strings + cell_at(f, before + 8);
	p->data = f->blob + before + 12;
	p->next = at;
	return true;
}

bool
fdt_prop_first(const struct fdt_node *n, struct fdt_prop *p)
{
	uint32_t at = n->path[n->depth];

	(void)step(n->fdt, &at);
	return prop_at(n->fdt, at, p);
}

bool
fdt_prop_next(const struct fdt_node *n, struct fdt_prop *p)
{
	return prop_at(n->fdt, p->next, p);
}

bool
fdt_prop(const struct fdt_node *n, const char *name, struct fdt_prop *p)
{
	struct fdt_prop it;
	bool more;

	for (more = fdt_prop_first(n, &it); more;
	     more = fdt_prop_next(n, &it)) {
		if (strcmp(it.name, name) == 0) {
			*p = it;
			return true;
		}
	}
	return false;
}

bool
fdt_cell(const struct fdt_prop *p, unsigned i, uint32_t *value)
{
	if (i >= p->len / 4)
		return false;
	*value = read_be32(p->data + (size_t)i * 4);
	return true;
}

bool
fdt_u32(const struct fdt_node *n, const char *name, uint32_t *value)
{
	struct fdt_prop p;

	return fdt_prop(n, name, &p) && p.len == 4 && fdt_cell(&p, 0, value);
}

bool
fdt_u64(const struct fdt_node *n, const char *name, uint64_t *value)
{
	struct fdt_prop p;
	uint32_t high = 0, low;

	if (!fdt_prop(n, name, &p) || (p.len != 4 && p.len != 8))
		return false;
	if (p.len == 8)
		(void)fdt_cell(&p, 0, &high);
	if (!fdt_cell(&p, p.len / 4 - 1, &low))
		return false;
	*value = (uint64_t)high << 32 | low;
	return true;
}

const char *
fdt_string_at(const struct fdt_prop *p, unsigned i)
{
	const char *s = (const char *)p->data;
	uint32_t left = p->len;

	for (;;) {
		const char *nul = left > 0 ? memchr(s, '\0', left) : NULL;

		if (nul == NULL)
			return NULL;
		if (i-- == 0)
			return s;
		left -= (uint32_t)(nul + 1 - s);
		s = nul + 1;
	}
}

const char *
fdt_string(const struct fdt_node *n, const char *name)
{
	struct fdt_prop p;

	return fdt_prop(n, name, &p) ? fdt_string_at(&p, 0) : NULL;
}

bool
fdt_compatible(const struct fdt_node *n, const char *with)
{
	struct fdt_prop p;
	const char *s;

	if (!fdt_prop(n, "compatible", &p))
		return false;
	for (unsigned i = 0; (s = fdt_string_at(&p, i)) != NULL; i++) {
		if (strcmp(s, with) == 0)
			return true;
	}
	return false;
}

bool
fdt_available(const struct fdt_node *n)
{
	struct fdt_prop p;
	const char *s;

	if (!fdt_prop(n, "status", &p))
		return true;
	s = fdt_string_at(&p, 0);
	return s != NULL && (strcmp(s, "okay") == 0 || strcmp(s, "ok") == 0);
}

/* ---- finding ---- */

/* Is name[0 .. n) the name of the node, with or without unit address? */
static bool
name_matches(const struct fdt_node *node, const char *name, size_t n)
{
	const char *own = fdt_name(node);

	return strncmp(own, name, n) == 0 && (own[n] == '\0' || own[n] == '@');
}

/* Move `n` down along path[0 .. len).  False if there is no such node. */
static bool
descend(struct fdt_node *n, const char *path, size_t len)
{
	size_t at = 0;

	for (;;) {
		size_t end;
		bool more;

		while (at < len && path[at] == '/')
			at++;
		if (at == len)
			return true;
		for (end = at; end < len && path[end] != '/'; end++)
			;
		more = fdt_child(n, n);
		while (more && !name_matches(n, path + at, end - at))
			more = fdt_sibling(n);
		if (!more)
			return false;
		at = end;
	}
}

/* The path of the alias name[0 .. n), or NULL. */
static const char *
alias(const struct fdt *fdt, const char *name, size_t n)
{
	struct fdt_node aliases;
	struct fdt_prop p;
	bool more;

	fdt_root(fdt, &aliases);
	if (!descend(&aliases, "/aliases", 8))
		return NULL;
	for (more = fdt_prop_first(&aliases, &p); more;
	     more = fdt_prop_next(&aliases, &p)) {
		const char *path = fdt_string_at(&p, 0);

		if (strncmp(p.name, name, n) == 0 && p.name[n] == '\0')
			return path != NULL && path[0] == '/' ? path : NULL;
	}
	return NULL;
}

bool
fdt_find_path_n(const struct fdt *fdt, const char *path, size_t len,
		struct fdt_node *n)
{
	struct fdt_node at;
	const char *start;
	size_t used = 0;

	fdt_root(fdt, &at);
	if (len == 0)
		return false;
	if (path[0] != '/') {
		while (used < len && path[used] != '/')
			used++;
		start = alias(fdt, path, used);
		if (start == NULL || !descend(&at, start, strlen(start)))
			return false;
	}
	if (!descend(&at, path + used, len - used))
		return false;
	*n = at;
	return true;
}

bool
fdt_find_path(const struct fdt *fdt, const char *path, struct fdt_node *n)
{
	return fdt_find_path_n(fdt, path, strlen(path), n);
}

/*
 * Is `phandle` the phandle of the node?  Comparing values first saves most
 * comparisons of names.
 */
static bool
has_phandle(const struct fdt_node *n, uint32_t phandle)
{
	struct fdt_prop p;
	uint32_t own;
	bool more;

	for (more = fdt_prop_first(n, &p); more; more = fdt_prop_next(n, &p)) {
		if (p.len == 4 && fdt_cell(&p, 0, &own) && own == phandle &&
		    (strcmp(p.name, "phandle") == 0 ||
		     strcmp(p.name, "linux,phandle") == 0))
			return true;
	}
	return false;
}

bool
fdt_find_phandle(const struct fdt *fdt, uint32_t phandle, struct fdt_node *n)
{
	struct fdt_node at;

	fdt_root(fdt, &at);
	do {
		if (has_phandle(&at, phandle)) {
			*n = at;
			return true;
		}
	} while (fdt_next(&at));
	return false;
}
