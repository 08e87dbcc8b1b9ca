/* SPDX-License-Identifier: MIT */
/*
 * tests/host/fdt_build.h - writing small device trees, as input for tests.
 *
 * Properties take a list of 32-bit cells or raw bytes.  The finished blob is
 * in `b->blob`, owned by the builder; nothing checks that it makes sense.
 */
#ifndef TESTS_HOST_FDT_BUILD_H
#define TESTS_HOST_FDT_BUILD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUILD_MAX 8192

struct build {
	uint8_t nodes[BUILD_MAX], strings[BUILD_MAX];
	uint64_t reserved[16];
	size_t node_len, string_len, reserved_count;
	bool nodes_last; /* the nodes end the blob, not the strings */
	uint8_t *blob;
	size_t len;
};

static inline void
put32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static inline uint32_t
get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static inline void
build_cell(struct build *b, uint32_t v)
{
	put32(b->nodes + b->node_len, v);
	b->node_len += 4;
}

static inline void
build_bytes(struct build *b, const void *p, size_t n)
{
	memcpy(b->nodes + b->node_len, p, n);
	memset(b->nodes + b->node_len + n, 0, -n & 3);
	b->node_len += (n + 3) & ~(size_t)3;
}

static inline void
begin_node(struct build *b, const char *name)
{
	build_cell(b, 1);
	build_bytes(b, name, strlen(name) + 1);
}

static inline void
end_node(struct build *b)
{
	build_cell(b, 2);
}

static inline void
prop(struct build *b, const char *name, const void *data, size_t n)
{
	build_cell(b, 3);
	build_cell(b, (uint32_t)n);
	build_cell(b, (uint32_t)b->string_len);
	build_bytes(b, data, n);
	memcpy(b->strings + b->string_len, name, strlen(name) + 1);
	b->string_len += strlen(name) + 1;
}

#define prop_string(b, name, s) prop((b), (name), (s), sizeof(s))

static inline void
prop_cell_list(struct build *b, const char *name, const uint32_t *cells,
	       size_t n)
{
	uint8_t bytes[256];

	for (size_t i = 0; i < n; i++)
		put32(bytes + 4 * i, cells[i]);
	prop(b, name, bytes, 4 * n);
}

#define prop_cells(b, name, ...)                                       \
	prop_cell_list((b), (name), (const uint32_t[]){ __VA_ARGS__ }, \
		       sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static inline void
reserve(struct build *b, uint64_t start, uint64_t size)
{
	b->reserved[b->reserved_count++] = start;
	b->reserved[b->reserved_count++] = size;
}

static inline void
build_end(struct build *b)
{
	size_t map = 40, nodes = map + 8 * b->reserved_count + 16, strings;

	build_cell(b, 9);
	strings = nodes;
	if (b->nodes_last)
		nodes += (b->string_len + 3) & ~(size_t)3;
	else
		strings += b->node_len;
	b->len = b->nodes_last ? nodes + b->node_len : strings + b->string_len;
	free(b->blob);
	b->blob = calloc(1, b->len);
	put32(b->blob, 0xd00dfeed);
	put32(b->blob + 4, (uint32_t)b->len);
	put32(b->blob + 8, (uint32_t)nodes);
	put32(b->blob + 12, (uint32_t)strings);
	put32(b->blob + 16, (uint32_t)map);
	put32(b->blob + 20, 17);
	put32(b->blob + 24, 16);
	put32(b->blob + 32, (uint32_t)b->string_len);
	put32(b->blob + 36, (uint32_t)b->node_len);
	for (size_t i = 0; i < b->reserved_count; i++) {
		put32(b->blob + map + 8 * i, (uint32_t)(b->reserved[i] >> 32));
		put32(b->blob + map + 8 * i + 4, (uint32_t)b->reserved[i]);
	}
	memcpy(b->blob + nodes, b->nodes, b->node_len);
	memcpy(b->blob + strings, b->strings, b->string_len);
}

#endif
