/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/users.c - names of users and groups; see ulib.h.
 *
 * They are read from /etc/passwd and /etc/group themselves: a static program
 * cannot load other sources of names.  Each call reads the file again.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "lib/ulib.h"

static struct passwd *
find_user(const char *name, uid_t uid)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *p = NULL;

	if (f == NULL)
		return NULL;
	while ((p = fgetpwent(f)) != NULL) {
		if (name != NULL ? strcmp(p->pw_name, name) == 0
				 : p->pw_uid == uid)
			break;
	}
	fclose(f);
	return p;
}

struct passwd *
user_named(const char *name)
{
	return find_user(name, 0);
}

const char *
user_name(uid_t uid)
{
	struct passwd *p = find_user(NULL, uid);

	return p == NULL ? NULL : p->pw_name;
}

const char *
group_name(gid_t gid)
{
	FILE *f = fopen("/etc/group", "re");
	struct group *g = NULL;

	if (f == NULL)
		return NULL;
	while ((g = fgetgrent(f)) != NULL && g->gr_gid != gid)
		;
	fclose(f);
	return g == NULL ? NULL : g->gr_name;
}

static bool
has_member(const struct group *g, const char *name)
{
	for (char **member = g->gr_mem; *member != NULL; member++)
		if (strcmp(*member, name) == 0)
			return true;
	return false;
}

size_t
user_groups(const char *name, gid_t first, gid_t **list)
{
	FILE *f = fopen("/etc/group", "re");
	gid_t *all = must_alloc(sizeof(*all));
	struct group *g;
	size_t n = 1;

	all[0] = first;
	while (f != NULL && (g = fgetgrent(f)) != NULL) {
		if (g->gr_gid == first || !has_member(g, name))
			continue;
		all = must_realloc(all, (n + 1) * sizeof(*all));
		all[n++] = g->gr_gid;
	}
	if (f != NULL)
		fclose(f);
	*list = all;
	return n;
}
