/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/ulib.h - what the small programs have in common.
 *
 * Every program starts with prog_init(), reads its options with prog_option()
 * and ends with `return prog_end();`.  In between, complain() reports what went
 * wrong with one object and lets the program go on with the next one.
 */
#ifndef ULIB_H
#define ULIB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

struct passwd;

/* The name by which the program was called, without its folder. */
extern const char *prog_name;

/* The exit status so far; complain() makes a 0 into prog_failure. */
extern int prog_status;

/* The status complain() and die() give: 1, unless the program says other. */
extern int prog_failure;

/*
 * Remember the program's name and its usage text, which starts with the
 * arguments ("[-r] FILE...") and may go on with lines of explanation.
 */
void prog_init(char **argv, const char *usage);

/*
 * The next option letter of `letters` (as in getopt; "+" first: stop at the
 * first operand), or -1 after the last.  optarg and optind are getopt's.
 * --help prints the usage and exits 0; an unknown option exits 2.
 */
int prog_option(int argc, char **argv, const char *letters);

/* Make the old "-5" as first argument into "-n5" (head and tail). */
void prog_old_count(char **argv);

/* Print the usage on standard error and exit 2. */
_Noreturn void prog_usage(void);

/* The exit status, after writing out standard output and checking that. */
int prog_end(void);

/* Print "name: object: reason of errno", and remember the failure. */
void complain(const char *object);

/* Print "name: " and this, and remember the failure. */
void complain_as(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same two, and exit with prog_failure. */
_Noreturn void die(const char *object);
_Noreturn void
die_as(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The whole of `text` as a number from `least` up, or exit 2. */
long long number_or_die(const char *text, long long least);

/* --- Paths (path.c).  What is returned is the caller's to free. --- */

/* "folder/name", with one slash between; just `name` when folder is "". */
char *path_join(const char *folder, const char *name);

/* The last part of `path` with slashes at the end taken off. */
char *path_base(const char *path);

/*
 * Where `from` goes when it is copied, moved or linked to `to`: into `to`
 * when that is a folder, else `to` itself.
 */
char *path_target(const char *from, const char *to);

/* Names of a folder, sorted, without "." and ".."; ends with NULL. */
char **path_list(const char *folder);
void path_list_free(char **names);

/* --- Files and text (text.c). --- */

/* malloc() and friends that cannot fail: they exit when memory is short. */
void *must_alloc(size_t size);
void *must_realloc(void *old, size_t size);
char *must_copy(const char *text);

/*
 * Read a file of less than `size` bytes and end it with a NUL.
 * Returns its length; -1 with errno, and `buffer` is then "".
 */
ssize_t read_small_file(const char *path, char *buffer, size_t size);

/* Write a whole string to an existing file.  Returns 0; -1 with errno. */
int write_small_file(const char *path, const char *text);

/* Write all of it, however often that takes.  Returns 0; -1 with errno. */
int write_all(int fd, const void *data, size_t size);

/*
 * Copy the rest of `from` to `to` and complain, naming the side that failed.
 * Returns 0; -1 after complaining.
 */
int copy_fd(int from, const char *from_name, int to, const char *to_name);

/* A readable size, rounded up: 999, 1.5K, 20M.  `text` holds 8 bytes. */
char *human_size(char text[8], unsigned long long bytes);

/*
 * A file to read: `path`, or standard input for "-".  Complains and returns
 * NULL when it cannot be opened.  A folder opens, and fails at the first read.
 */
struct input {
	const char *name; /* for messages */
	int fd;
};
bool input_open(struct input *in, const char *path);
void input_close(struct input *in);

/* --- Users and groups (users.c).  Results last until the next call. --- */

/* The entry of /etc/passwd, or NULL. */
struct passwd *user_named(const char *name);
/* The name, or NULL. */
const char *user_name(uid_t uid);
const char *group_name(gid_t gid);

/*
 * The groups of a user: `first`, which is in /etc/passwd, and those of
 * /etc/group.  *list is the caller's to free.
 */
size_t user_groups(const char *name, gid_t first, gid_t **list);

/* --- Trees of files (tree.c). --- */

enum {
	TREE_DEEP = 1, /* folders too, and links stay links */
	TREE_KEEP = 2, /* keep mode, owner and times */
};

/* Copy `from` to the exact path `to`.  Returns 0; -1 after complaining. */
int tree_copy(const char *from, const char *to, int flags);

/* Remove it and all below.  Returns 0; -1 after complaining. */
int tree_remove(const char *path);

#endif
