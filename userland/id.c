/* SPDX-License-Identifier: MIT */
/*
 * id - print the ids of this process, or of a user, with their names.
 *
 * Of a process all ids that it has, of a user those that a login would give it:
 * /etc/passwd and /etc/group say which.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/ulib.h"

static bool by_name;

static struct {
	uid_t uid, euid;
	gid_t gid, egid;
	gid_t *groups; /* those beside egid */
	size_t count;
} who;

static void
print_id(unsigned id, const char *name)
{
	if (by_name && name != NULL)
		printf("%s", name);
	else
		printf("%u", id);
}

/* "LABEL=7(name)" */
static void
print_both(const char *label, unsigned id, const char *name)
{
	printf("%s%u", label, id);
	if (name != NULL)
		printf("(%s)", name);
}

/* Leave out the group that is printed first anyway. */
static void
keep_other_groups(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < who.count; i++)
		if (who.groups[i] != who.egid)
			who.groups[kept++] = who.groups[i];
	who.count = kept;
}

static void
look_at_process(void)
{
	int most = getgroups(0, NULL), n;

	if (most < 0)
		die("getgroups");
	who.groups = must_alloc((size_t)most * sizeof(*who.groups));
	n = getgroups(most, who.groups);
	if (n < 0)
		die("getgroups");
	who.count = (size_t)n;
	who.uid = getuid();
	who.euid = geteuid();
	who.gid = getgid();
	who.egid = getegid();
}

static void
look_at_user(const char *name)
{
	struct passwd *p = user_named(name);

	if (p == NULL)
		die_as("%s: no such user", name);
	who.uid = who.euid = p->pw_uid;
	who.gid = who.egid = p->pw_gid;
	who.count = user_groups(name, p->pw_gid, &who.groups);
}

static void
print_groups(void)
{
	print_id(who.gid, group_name(who.gid));
	if (who.egid != who.gid) {
		putchar(' ');
		print_id(who.egid, group_name(who.egid));
	}
	for (size_t i = 0; i < who.count; i++) {
		if (who.groups[i] == who.gid)
			continue;
		putchar(' ');
		print_id(who.groups[i], group_name(who.groups[i]));
	}
}

static void
print_all(void)
{
	print_both("uid=", who.uid, user_name(who.uid));
	print_both(" gid=", who.gid, group_name(who.gid));
	if (who.euid != who.uid)
		print_both(" euid=", who.euid, user_name(who.euid));
	if (who.egid != who.gid)
		print_both(" egid=", who.egid, group_name(who.egid));
	print_both(" groups=", who.egid, group_name(who.egid));
	for (size_t i = 0; i < who.count; i++)
		print_both(",", who.groups[i], group_name(who.groups[i]));
}

int
main(int argc, char **argv)
{
	bool real = false;
	char what = 0;
	int c;

	prog_init(argv, "[-u | -g | -G] [-n] [-r] [USER]\n"
			"  -u  only the effective user id\n"
			"  -g  only the effective group id\n"
			"  -G  only the ids of all groups\n"
			"  -n  names in place of numbers\n"
			"  -r  the real id in place of the effective one");
	while ((c = prog_option(argc, argv, "ugGnr")) != -1) {
		if (c == 'n')
			by_name = true;
		else if (c == 'r')
			real = true;
		else
			what = (char)c;
	}
	if (optind + 1 < argc || (what == 0 && (by_name || real)))
		prog_usage();
	if (optind < argc)
		look_at_user(argv[optind]);
	else
		look_at_process();
	keep_other_groups();
	if (what == 'u') {
		uid_t uid = real ? who.uid : who.euid;

		print_id(uid, user_name(uid));
	} else if (what == 'g') {
		gid_t gid = real ? who.gid : who.egid;

		print_id(gid, group_name(gid));
	} else if (what == 'G') {
		print_groups();
	} else {
		print_all();
	}
	putchar('\n');
	free(who.groups);
	return prog_end();
}
