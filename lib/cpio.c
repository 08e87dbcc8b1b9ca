/* SPDX-License-Identifier: MIT */
/*
 * lib/cpio.c - reads an archive in the cpio "newc" format, in memory.
 *
 * lib/cpio.h has the rules.  Each number of a header is checked before it is
 * used: no archive, however damaged, makes cpio_next() read outside of it.
 */
#include "lib/cpio.h"

#include "lib/errno.h"
#include "lib/string.h"

#define HEADER_SIZE 110u
#define FIELDS	    13u /* of 8 hexadecimal digits, after the magic number */

enum field {
	INO,
	MODE,
	UID,
	GID,
	NLINK,
	MTIME,
	FILE_SIZE,
	DEV_MAJOR_OF_FILE,
	DEV_MINOR_OF_FILE,
	RDEV_MAJOR,
	RDEV_MINOR,
	NAME_SIZE, /* with the NUL */
};

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
read_fields(const char *header, uint32_t *field)
{
	if (memcmp(header, "070701", 6) != 0 &&
	    memcmp(header, "070702", 6) != 0) /* with checksums: not verified */
		return false;
	header += 6;
	for (unsigned i = 0; i < FIELDS; i++) {
		field[i] = 0;
		for (unsigned k = 0; k < 8; k++) {
			int digit = hex_digit(*header++);

			if (digit < 0)
				return false;
			field[i] = field[i] << 4 | (uint32_t)digit;
		}
	}
	return true;
}

int
cpio_next(const void *archive, uint64_t size, uint64_t *at,
	  struct cpio_entry *e)
{
	const char *bytes = archive;
	uint32_t field[FIELDS];
	uint64_t name = *at + HEADER_SIZE, data;

	if (*at > size || size - *at < HEADER_SIZE ||
	    !read_fields(bytes + *at, field))
		return -EINVAL;
	if (field[NAME_SIZE] == 0 || size - name < field[NAME_SIZE] ||
	    bytes[name + field[NAME_SIZE] - 1] != '\0')
		return -EINVAL;
	if (strcmp(bytes + name, "TRAILER!!!") == 0)
		return 0;
	data = ROUND_UP(name + field[NAME_SIZE], UINT64_C(4));
	if (data > size || size - data < field[FILE_SIZE])
		return -EINVAL;
	while (bytes[name] == '/')
		name++;
	*at = ROUND_UP(data + field[FILE_SIZE], UINT64_C(4));
	*e = (struct cpio_entry){
		.name = bytes + name,
		.data = bytes + data,
		.size = field[FILE_SIZE],
		.ino = field[INO],
		.mode = field[MODE],
		.uid = field[UID],
		.gid = field[GID],
		.nlink = field[NLINK],
		.mtime = field[MTIME],
		.rdev_major = field[RDEV_MAJOR],
		.rdev_minor = field[RDEV_MINOR],
	};
	return 1;
}
