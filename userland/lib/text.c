/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/text.c - memory, small files, byte copies and readable sizes;
 * see ulib.h.
 *
 * The must_*() functions end the program when memory is short.  The others
 * return -1 with errno, or complain where they say so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ulib.h"

void *
must_realloc(void *old, size_t size)
{
	void *memory = realloc(old, size > 0 ? size : 1);

	if (memory == NULL)
		die("memory");
	return memory;
}

void *
must_alloc(size_t size)
{
	return must_realloc(NULL, size);
}

char *
must_copy(const char *text)
{
	return strcpy(must_alloc(strlen(text) + 1), text);
}

ssize_t
read_small_file(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = 0;
	int error;

	buffer[0] = '\0';
	if (fd < 0)
		return -1;
	while (length < size - 1) {
		got = read(fd, buffer + length, size - 1 - length);
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	error = errno;
	close(fd);
	errno = error;
	if (got < 0)
		length = 0;
	buffer[length] = '\0';
	return got < 0 ? -1 : (ssize_t)length;
}

int
write_small_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int result, error;

	if (fd < 0)
		return -1;
	result = write_all(fd, text, strlen(text));
	error = errno;
	close(fd);
	errno = error;
	return result;
}

int
write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t done = write(fd, at, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		at += done;
		size -= (size_t)done;
	}
	return 0;
}

int
copy_fd(int from, const char *from_name, int to, const char *to_name)
{
	static char buffer[64 * 1024];
	ssize_t got;

	while ((got = read(from, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			complain(from_name);
			return -1;
		}
		if (write_all(to, buffer, (size_t)got) != 0) {
			complain(to_name);
			return -1;
		}
	}
	return 0;
}

char *
human_size(char text[8], unsigned long long bytes)
{
	static const char units[] = "BKMGTPE";
	unsigned long long unit = 1;
	unsigned step = 0, tenths;

	while (bytes / unit >= 1024 && step < 6) {
		unit *= 1024;
		step++;
	}
	/* Tenths below ten, whole numbers above, both rounded up. */
	tenths = (unsigned)((bytes * 10.0L + unit - 1) / unit);
	if (step == 0)
		snprintf(text, 8, "%u", (unsigned)bytes % 1024);
	else if (tenths < 100)
		snprintf(text, 8, "%u.%u%c", tenths / 10, tenths % 10,
			 units[step]);
	else if ((tenths + 9) / 10 == 1024 && step < 6)
		snprintf(text, 8, "1.0%c", units[step + 1]);
	else
		snprintf(text, 8, "%u%c", (tenths + 9) / 10 % 100000,
			 units[step]);
	return text;
}

bool
input_open(struct input *in, const char *path)
{
	if (strcmp(path, "-") == 0) {
		in->name = "standard input";
		in->fd = STDIN_FILENO;
		return true;
	}
	in->name = path;
	in->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		complain(path);
	return in->fd >= 0;
}

void
input_close(struct input *in)
{
	if (in->fd != STDIN_FILENO)
		close(in->fd);
}
