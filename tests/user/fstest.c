/* SPDX-License-Identifier: MIT */
/*
 * tests/user/fstest.c - tests of files on every file system; fstest.h says how.
 *
 * A body runs in the directory ut.PID below / and below /tmp, or below the -d
 * directory alone.  nftw() removes what the body left.
 */
#include "fstest.h"

#include <dirent.h>
#include <ftw.h>

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st;
	(void)kind;
	(void)f;
	if (remove(path) != 0)
		utest_fail(__FILE__, __LINE__, "cannot remove %s: %s", path,
			   strerror(errno));
	return 0;
}

static void
in_dir(const char *base, void (*body)(void))
{
	int failed = utest_failures;
	char path[200];

	snprintf(path, sizeof(path), "%s/ut.%d", base, (int)getpid());
	if (mkdir(path, 0755) != 0 || chdir(path) != 0) {
		utest_fail(__FILE__, __LINE__, "cannot use %s: %s", path,
			   strerror(errno));
		utest_done();
	}
	body();
	REQUIRE(chdir("/") == 0);
	REQUIRE(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
	if (utest_failures != failed)
		utest_note("that was in %s", base);
}

void
on_each_fs(void (*body)(void))
{
	if (on_tine() && !utest_dir_given)
		in_dir("", body);
	in_dir(utest_dir, body);
}

void
on_the_disk(void (*body)(void))
{
	in_dir(utest_dir_given ? utest_dir : "", body);
}

void
put(const char *path, int c, size_t n)
{
	char *buf = malloc(n + 1);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	REQUIRE(buf != NULL && fd >= 0);
	memset(buf, c, n);
	REQUIRE(write(fd, buf, n) == (ssize_t)n);
	REQUIRE(close(fd) == 0);
	free(buf);
}

void
expect_file(const char *path, int c, size_t n, int line)
{
	char *buf = malloc(n + 2);
	int fd = open(path, O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, buf, n + 1);

	if (got != (ssize_t)n || bytes_wrong(buf, n, c) != 0)
		utest_fail(__FILE__, line,
			   "%s: expected %zu bytes %#x, got "
			   "%zd with %zu wrong",
			   path, n, c, got,
			   got > 0 ? bytes_wrong(buf, (size_t)got, c) : 0);
	close(fd);
	free(buf);
}

int
names_in(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	if (d == NULL)
		return -1;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 &&
		     strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}
