/* SPDX-License-Identifier: MIT */
/*
 * ls - list files and directories.
 *
 * What is to be shown is first collected in a struct list, then printed in one
 * of three forms: one name a line, in columns (on a terminal), or long.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "lib/ulib.h"

struct entry {
	char *name; /* as printed */
	char *path; /* as opened */
	struct stat st;
};

struct list {
	struct entry *entries;
	size_t count;
};

struct owner {
	char *text;
	unsigned id;
};

static bool show_all, one_a_line, human, deep, as_files, inodes, in_long,
	numbers;
static bool need_blank; /* an empty line belongs before the next heading */

static void
list_add(struct list *list, const char *name, char *path)
{
	struct entry *entry;
	struct stat st;

	if (lstat(path, &st) != 0) {
		complain(path);
		free(path);
		return;
	}
	list->entries =
		must_realloc(list->entries, (list->count + 1) * sizeof(*entry));
	entry = &list->entries[list->count++];
	entry->name = must_copy(name);
	entry->path = path;
	entry->st = st;
}

static void
list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->entries[i].name);
		free(list->entries[i].path);
	}
	free(list->entries);
}

/* The size as printed; a device has two numbers instead. */
static char *
size_text(const struct stat *st, char text[32])
{
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		snprintf(text, 32, "%u, %u", major(st->st_rdev),
			 minor(st->st_rdev));
	else if (human)
		human_size(text, (unsigned long long)st->st_size);
	else
		snprintf(text, 32, "%lld", (long long)st->st_size);
	return text;
}

/* "drwxr-xr-x" */
static char *
mode_text(mode_t mode, char text[11])
{
	static const struct {
		mode_t kind;
		char letter;
	} kinds[] = { { S_IFDIR, 'd' }, { S_IFLNK, 'l' }, { S_IFCHR, 'c' },
		      { S_IFBLK, 'b' }, { S_IFIFO, 'p' }, { S_IFSOCK, 's' } };

	strcpy(text, "-rwxrwxrwx");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((mode & S_IFMT) == kinds[i].kind)
			text[0] = kinds[i].letter;
	}
	for (int bit = 0; bit < 9; bit++) {
		if ((mode & (0400u >> bit)) == 0)
			text[bit + 1] = '-';
	}
	if (mode & S_ISUID)
		text[3] = mode & S_IXUSR ? 's' : 'S';
	if (mode & S_ISGID)
		text[6] = mode & S_IXGRP ? 's' : 'S';
	if (mode & S_ISVTX)
		text[9] = mode & S_IXOTH ? 't' : 'T';
	return text;
}

/* The hour for the last half year, the year for everything else. */
static char *
time_text(time_t when, char text[32])
{
	const time_t half_year = 31556952 / 2;
	time_t now = time(NULL);
	struct tm *tm = localtime(&when);
	bool recent = when <= now && when > now - half_year;

	if (tm == NULL ||
	    strftime(text, 32, recent ? "%b %e %H:%M" : "%b %e  %Y", tm) == 0)
		strcpy(text, "?");
	return text;
}

static void
print_inode(const struct entry *entry, int width)
{
	if (inodes)
		printf("%*llu ", width, (unsigned long long)entry->st.st_ino);
}

static void
widen(int *width, int length)
{
	if (length > *width)
		*width = length;
}

static int
digits(unsigned long long value)
{
	return snprintf(NULL, 0, "%llu", value);
}

/*
 * The name of an owner; the number if there is no name, or with -n.  The last
 * answer is kept: most files of a folder have the same owner.
 */
static const char *
owner_text(struct owner *last, unsigned id, const char *(*name_of)(unsigned))
{
	const char *name;
	char number[16];

	if (last->text == NULL || last->id != id) {
		snprintf(number, sizeof(number), "%u", id);
		name = numbers ? NULL : name_of(id);
		free(last->text);
		last->text = must_copy(name != NULL ? name : number);
		last->id = id;
	}
	return last->text;
}

static const char *
user_text(const struct stat *st)
{
	static struct owner last;

	return owner_text(&last, st->st_uid, user_name);
}

static const char *
group_text(const struct stat *st)
{
	static struct owner last;

	return owner_text(&last, st->st_gid, group_name);
}

static void
print_long(const struct list *list)
{
	int inode = 0, links = 0, user = 0, group = 0, size = 0;
	char text[PATH_MAX];

	for (size_t i = 0; i < list->count; i++) {
		const struct stat *st = &list->entries[i].st;

		widen(&inode, digits(st->st_ino));
		widen(&links, digits(st->st_nlink));
		widen(&user, (int)strlen(user_text(st)));
		widen(&group, (int)strlen(group_text(st)));
		widen(&size, (int)strlen(size_text(st, text)));
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		const struct stat *st = &entry->st;
		ssize_t length;

		print_inode(entry, inode);
		printf("%s ", mode_text(st->st_mode, text));
		printf("%*lu %-*s %-*s ", links, (unsigned long)st->st_nlink,
		       user, user_text(st), group, group_text(st));
		printf("%*s ", size, size_text(st, text));
		printf("%s %s", time_text(st->st_mtime, text), entry->name);
		if (S_ISLNK(st->st_mode)) {
			length = readlink(entry->path, text, sizeof(text));
			if (length >= 0)
				printf(" -> %.*s", (int)length, text);
			else
				complain(entry->path);
		}
		putchar('\n');
	}
}

/* Down the first column, then down the next, as many as the screen holds. */
static void
print_columns(const struct list *list, size_t screen)
{
	size_t columns, rows, cell = 0;
	int inode = 0;

	for (size_t i = 0; i < list->count; i++) {
		widen(&inode, digits(list->entries[i].st.st_ino));
		if (strlen(list->entries[i].name) > cell)
			cell = strlen(list->entries[i].name);
	}
	cell += 2 + (inodes ? (size_t)inode + 1 : 0);
	columns = screen / cell > 0 ? screen / cell : 1;
	rows = (list->count + columns - 1) / columns;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < list->count; i += rows) {
			bool last = i + rows >= list->count;

			print_inode(&list->entries[i], inode);
			printf("%-*s",
			       last ? 0
				    : (int)cell - 2 - (inodes ? inode + 1 : 0),
			       list->entries[i].name);
			fputs(last ? "\n" : "  ", stdout);
		}
	}
}

static void
print_list(const struct list *list)
{
	struct winsize window = { .ws_col = 80 };

	if (in_long) {
		print_long(list);
		return;
	}
	if (one_a_line || !isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0)
		window.ws_col = 1;
	else if (window.ws_col == 0)
		window.ws_col = 80;
	print_columns(list, window.ws_col);
}

static void
print_total(const struct list *list)
{
	unsigned long long kilobytes = 0;
	char text[8];

	for (size_t i = 0; i < list->count; i++)
		kilobytes += (unsigned long long)list->entries[i].st.st_blocks;
	kilobytes = (kilobytes + 1) / 2;
	if (human)
		printf("total %s\n", human_size(text, kilobytes * 1024));
	else
		printf("total %llu\n", kilobytes);
}

static int
by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
list_folder(const char *folder, bool heading)
{
	char **names = path_list(folder);
	struct list list = { NULL, 0 };

	if (heading)
		printf("%s%s:\n", need_blank ? "\n" : "", folder);
	need_blank = true;
	if (show_all) {
		list_add(&list, ".", path_join(folder, "."));
		list_add(&list, "..", path_join(folder, ".."));
	}
	for (char **name = names; *name != NULL; name++) {
		if (show_all || (*name)[0] != '.')
			list_add(&list, *name, path_join(folder, *name));
	}
	if (list.count > 0)
		qsort(list.entries, list.count, sizeof(*list.entries), by_name);
	if (in_long)
		print_total(&list);
	print_list(&list);
	for (size_t i = 0; deep && i < list.count; i++) {
		const struct entry *entry = &list.entries[i];

		if (S_ISDIR(entry->st.st_mode) &&
		    strcmp(entry->name, ".") != 0 &&
		    strcmp(entry->name, "..") != 0)
			list_folder(entry->path, true);
	}
	list_free(&list);
	path_list_free(names);
}

/* A name on the command line that is to be listed from the inside? */
static bool
is_folder(const char *path)
{
	struct stat st;

	/* A link to a folder counts, unless -l is to show the link itself. */
	if (as_files || (in_long ? lstat(path, &st) : stat(path, &st)) != 0)
		return false;
	return S_ISDIR(st.st_mode);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Files first, then the folders, each with its heading. */
static void
list_arguments(char **paths, int count)
{
	struct list files = { NULL, 0 };
	bool heading = deep || count > 1;

	qsort(paths, (size_t)count, sizeof(*paths), by_text);
	for (int i = 0; i < count; i++) {
		if (!is_folder(paths[i]))
			list_add(&files, paths[i], must_copy(paths[i]));
	}
	if (files.count > 0) {
		print_list(&files);
		need_blank = true;
	}
	list_free(&files);
	for (int i = 0; i < count; i++) {
		if (is_folder(paths[i]))
			list_folder(paths[i], heading);
	}
}

int
main(int argc, char **argv)
{
	static char here[] = ".";
	char *only_here[] = { here };
	int c;

	prog_init(argv, "[-lna1hRdi] [FILE...]\n"
			"  -l  long: mode, links, owner, group, size, time\n"
			"  -n  long, with numbers of owner and group\n"
			"  -a  also names that start with a dot\n"
			"  -1  one name a line\n"
			"  -h  human-readable sizes: 1.5K, 20M\n"
			"  -R  list subdirectories recursively\n"
			"  -d  list a directory itself, not its entries\n"
			"  -i  inode numbers");
	while ((c = prog_option(argc, argv, "la1hRdin")) != -1) {
		show_all |= c == 'a';
		one_a_line |= c == '1';
		human |= c == 'h';
		deep |= c == 'R';
		as_files |= c == 'd';
		inodes |= c == 'i';
		in_long |= c == 'l' || c == 'n';
		numbers |= c == 'n';
	}
	if (optind < argc)
		list_arguments(argv + optind, argc - optind);
	else
		list_arguments(only_here, 1);
	return prog_end();
}
