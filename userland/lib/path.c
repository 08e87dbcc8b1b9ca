/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/path.c - putting paths together and taking them apart; see
 * ulib.h.
 *
 * All results are allocated and the caller's to free.  path_list() complains
 * about a folder that cannot be read and returns the names that it got.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ulib.h"

char *
path_join(const char *folder, const char *name)
{
	size_t length = strlen(folder);
	bool slash = length > 0 && folder[length - 1] != '/';
	size_t size = length + strlen(name) + 2;
	char *path = must_alloc(size);

	snprintf(path, size, "%s%s%s", folder, slash ? "/" : "", name);
	return path;
}

char *
path_base(const char *path)
{
	size_t end = strlen(path), start;
	char *base;

	while (end > 1 && path[end - 1] == '/')
		end--;
	start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	if (start == end && end > 0)
		start--; /* the root is called "/" */
	base = must_copy(path + start);
	base[end - start] = '\0';
	return base;
}

char *
path_target(const char *from, const char *to)
{
	struct stat st;
	char *base, *path;

	if (stat(to, &st) != 0 || !S_ISDIR(st.st_mode))
		return must_copy(to);
	base = path_base(from);
	path = path_join(to, base);
	free(base);
	return path;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **
path_list(const char *folder)
{
	DIR *dir = opendir(folder);
	char **names = must_alloc(sizeof(*names));
	struct dirent *entry;
	size_t count = 0;

	while (dir != NULL && (errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		names = must_realloc(names, (count + 2) * sizeof(*names));
		names[count++] = must_copy(entry->d_name);
	}
	if (dir == NULL || errno != 0)
		complain(folder);
	if (dir != NULL)
		closedir(dir);
	names[count] = NULL;
	qsort(names, count, sizeof(*names), by_name);
	return names;
}

void
path_list_free(char **names)
{
	for (char **name = names; *name != NULL; name++)
		free(*name);
	free(names);
}
