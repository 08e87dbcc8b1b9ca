/* SPDX-License-Identifier: MIT */
/*
 * tests/host/cpio_test.c - the reader of initrds.
 *
 * It reads an archive written here, each beginning of it, and 100,000 damaged
 * ones.  Each lies in memory of exactly its size, so that the address sanitizer
 * sees every read beyond.
 */
#include "check.h"

#include "lib/cpio.h"
#include "lib/errno.h"

#include <stdbool.h>
#include <string.h>

#define DAMAGED 100000
#define SIZE	4096

static char archive[SIZE];
static size_t length;

static void
put(const void *data, size_t n)
{
	memcpy(archive + length, data, n);
	length += n;
	length = (length + 3) & ~(size_t)3;
}

static void
add(const char *magic, const char *name, unsigned mode, const char *data)
{
	char header[128];
	size_t n = strlen(name) + 1, size = strlen(data);
	size_t at = length;

	snprintf(header, sizeof(header),
		 "%s%08X%08x%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 magic, 7u, mode, 1u, 2u, 1u, 1704067200u, (unsigned)size, 0u,
		 0u, 8u, 9u, (unsigned)n, 0u);
	CHECK(strlen(header) == 110);
	memcpy(archive + at, header, 110);
	memcpy(archive + at + 110, name, n);
	length = (at + 110 + n + 3) & ~(size_t)3;
	put(data, size);
}

static void
build(void)
{
	memset(archive, 0, sizeof(archive));
	length = 0;
	add("070701", "bin", 040755, "");
	add("070701", "/bin/a", 0100755, "12345");
	add("070702", "etc/passwd", 0100644, "root");
	add("070701", "lib", 0120777, "bin");
	add("070701", "TRAILER!!!", 0, "");
}

TEST(entries_in_order)
{
	static const char *const names[] = { "bin", "bin/a", "etc/passwd",
					     "lib" };
	struct cpio_entry e;
	uint64_t at = 0;
	unsigned n = 0;
	int more;

	while ((more = cpio_next(archive, length, &at, &e)) > 0) {
		CHECK(n < 4 && strcmp(e.name, names[n]) == 0);
		CHECK(e.uid == 1 && e.gid == 2 && e.mtime == 1704067200);
		CHECK(e.rdev_major == 8 && e.rdev_minor == 9 && e.ino == 7);
		if (n == 1)
			CHECK(e.mode == 0100755 && e.size == 5 &&
			      memcmp(e.data, "12345", 5) == 0);
		n++;
	}
	CHECK(more == 0 && n == 4);
}

/* Walk `size` bytes in memory of that size.  The number of entries, or -EINVAL. */
static int
walk(const char *bytes, size_t size)
{
	char *copy = malloc(size == 0 ? 1 : size);
	struct cpio_entry e;
	uint64_t at = 0;
	int more, n = 0;
	volatile unsigned sum = 0;

	memcpy(copy, bytes, size);
	while ((more = cpio_next(size == 0 ? copy + 1 : copy, size, &at, &e)) >
	       0) {
		sum += (unsigned)strlen(e.name);
		for (uint64_t i = 0; i < e.size; i++)
			sum += ((const unsigned char *)e.data)[i];
		n++;
		CHECK(n < 100 && at <= size + 3);
	}
	free(copy);
	return more < 0 ? more : n;
}

TEST(each_beginning_is_damaged)
{
	size_t trailer = length - 124;

	CHECK(walk(archive, length) == 4);
	for (size_t n = 0; n < trailer + 110 + 11; n++)
		CHECK(walk(archive, n) == -EINVAL);
}

TEST(damaged_archives_do_no_harm)
{
	static const char digits[] = "0123456789abcdefFgx/\0";
	unsigned whole = 0;

	for (unsigned i = 0; i < DAMAGED; i++) {
		unsigned changes = 1 + (unsigned)(check_random() % 4);

		build();
		while (changes-- > 0)
			archive[check_random() % length] =
				check_random() % 2 ? digits[check_random() % 21]
						   : (char)check_random();
		whole += walk(archive, check_random() % 4 == 0
					       ? check_random() % length
					       : length) == 4;
	}
	/* Some changes hit data or numbers that the reader only passes on. */
	CHECK(whole > DAMAGED / 100 && whole < DAMAGED);
}

int
main(int argc, char **argv)
{
	check_begin(argc, argv);
	build();
	RUN(entries_in_order);
	RUN(each_beginning_is_damaged);
	RUN(damaged_archives_do_no_harm);
	return check_end();
}
