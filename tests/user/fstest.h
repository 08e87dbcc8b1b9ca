/* SPDX-License-Identifier: MIT */
/*
 * tests/user/fstest.h - tests of files, each run on every file system.
 *
 * A body finds itself in a fresh directory and need not clean up: what it
 * leaves is removed, and a thing that cannot be removed is a failure.
 */
#ifndef TESTS_USER_FSTEST_H
#define TESTS_USER_FSTEST_H

#include "utest.h"

#define FSTEST(id, title)              \
	static void body_##id(void);   \
	UTEST(id, title)               \
	{                              \
		on_each_fs(body_##id); \
	}                              \
	static void body_##id(void)

/* In Tine: on the disk and in /tmp; elsewhere, or with -d, in one place. */
void on_each_fs(void (*body)(void));
/* In Tine: on the disk only. */
void on_the_disk(void (*body)(void));

/* Makes a file of n bytes c, or leaves the test. */
void put(const char *path, int c, size_t n);
/* Expects a file of exactly n bytes c. */
void expect_file(const char *path, int c, size_t n, int line);
#define EXPECT_FILE(path, c, n) expect_file((path), (c), (n), __LINE__)
/*
 * the number of names in a directory beside "."  and ".."; -1 if path is none
 */
int names_in(const char *path);

#endif
