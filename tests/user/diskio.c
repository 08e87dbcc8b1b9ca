/* SPDX-License-Identifier: MIT */
/*
 * tests/user/diskio.c - writes that want to be on the disk, for disk_test.py.
 *
 *	diskio FILE WHAT...	do each, and print what came of it
 *	  write=C	8192 bytes of C, from the start
 *	  fsync, fdatasync
 *	  both		fsync by two processes at once
 *	  read		the first byte
 *	diskio -l DIRECTORY	file after file, until the power goes
 *
 * With -l, "done K" is printed when fsync() has promised file fK; the file of
 * KEEP rounds before is removed then.  Every 8 bytes of fK hold K and their own
 * offset, so that each block on the disk says which file it belongs to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK UINT64_C(0x544e)
#define MOST 60000u /* bytes: with an indirect block */
#define KEEP 16u

static char bytes[8192];

static void
say(const char *what, long result)
{
	if (result >= 0)
		printf("%s %ld\n", what, result);
	else
		printf("%s: %s\n", what, strerror(errno));
	fflush(stdout);
}

/* Both are forked before either begins, and say what they got by status. */
static void
sync_in_two(int fd)
{
	int gate[2], status;
	char c;

	if (pipe(gate) != 0)
		return say("pipe", -1);
	for (int i = 0; i < 2; i++) {
		if (fork() == 0) {
			close(gate[1]);
			(void)!read(gate[0], &c, 1);
			_exit(fsync(fd) == 0 ? 0 : errno);
		}
	}
	close(gate[0]);
	close(gate[1]);
	while (wait(&status) > 0) {
		errno = WEXITSTATUS(status);
		say("fsync", errno == 0 ? 0 : -1);
	}
}

static void
do_one(int fd, const char *what)
{
	if (strncmp(what, "write=", 6) == 0) {
		memset(bytes, what[6], sizeof(bytes));
		say("write", pwrite(fd, bytes, sizeof(bytes), 0));
	} else if (strcmp(what, "fsync") == 0) {
		say(what, fsync(fd));
	} else if (strcmp(what, "fdatasync") == 0) {
		say(what, fdatasync(fd));
	} else if (strcmp(what, "both") == 0) {
		sync_in_two(fd);
	} else {
		say("read", pread(fd, bytes, 1, 0) == 1 ? bytes[0] : -1);
	}
}

static void
need(const char *what, long result)
{
	if (result < 0) {
		say(what, result);
		exit(1);
	}
}

/* One file, promised. */
static void
write_file(int dir, const char *name, uint64_t k)
{
	static uint64_t words[MOST / 8];
	size_t size = (1 + k * 7919 % (MOST / 8)) * 8;
	int fd = openat(dir, name, O_CREAT | O_EXCL | O_WRONLY, 0644);

	for (uint64_t i = 0; i < size / 8; i++)
		words[i] = MARK << 48 | k << 32 | i;
	need("open", fd);
	need("write", write(fd, words, size) == (ssize_t)size ? 0 : -1);
	need("fsync", fsync(fd));
	close(fd);
	need("fsync of the directory", fsync(dir));
}

static void
write_until_the_end(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY);
	char name[32];

	need("open", dir);
	for (uint64_t k = 0; k < 65536; k++) {
		snprintf(name, sizeof(name), "f%lu", (unsigned long)k);
		write_file(dir, name, k);
		say("done", (long)k);
		snprintf(name, sizeof(name), "f%lu", (unsigned long)(k - KEEP));
		if (k >= KEEP)
			need("unlink", unlinkat(dir, name, 0));
	}
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc == 3 && strcmp(argv[1], "-l") == 0) {
		write_until_the_end(argv[2]);
		return 0;
	}
	if (argc < 2)
		return 2;
	fd = open(argv[1], O_RDWR | O_CREAT, 0644);
	need("open", fd);
	for (int i = 2; i < argc; i++)
		do_one(fd, argv[i]);
	return 0;
}
