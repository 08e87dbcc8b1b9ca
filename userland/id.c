/*
 * id - print the ids of this process, with their names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/ulib.h"

static bool by_name;

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

/* The groups without those that come first anyway; *list is to be freed. */
static size_t
other_groups(gid_t **list)
{
	int most = getgroups(0, NULL), n;
	size_t kept = 0;

	if (most < 0)
		die("getgroups");
	*list = must_alloc((size_t)most * sizeof(**list) + 1);
	n = getgroups(most, *list);
	if (n < 0)
		die("getgroups");
	for (int i = 0; i < n; i++)
		if ((*list)[i] != getegid())
			(*list)[kept++] = (*list)[i];
	return kept;
}

static void
print_groups(void)
{
	gid_t *list;
	size_t n = other_groups(&list);

	print_id(getgid(), group_name(getgid()));
	if (getegid() != getgid()) {
		putchar(' ');
		print_id(getegid(), group_name(getegid()));
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i] == getgid())
			continue;
		putchar(' ');
		print_id(list[i], group_name(list[i]));
	}
	free(list);
}

static void
print_all(void)
{
	gid_t *list;
	size_t n = other_groups(&list);

	print_both("uid=", getuid(), user_name(getuid()));
	print_both(" gid=", getgid(), group_name(getgid()));
	if (geteuid() != getuid())
		print_both(" euid=", geteuid(), user_name(geteuid()));
	if (getegid() != getgid())
		print_both(" egid=", getegid(), group_name(getegid()));
	print_both(" groups=", getegid(), group_name(getegid()));
	for (size_t i = 0; i < n; i++)
		print_both(",", list[i], group_name(list[i]));
	free(list);
}

int
main(int argc, char **argv)
{
	bool real = false;
	char what = 0;
	int c;

	prog_init(argv, "[-u | -g | -G] [-n] [-r]\n"
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
	if (optind < argc || (what == 0 && (by_name || real)))
		prog_usage();
	if (what == 'u') {
		uid_t uid = real ? getuid() : geteuid();

		print_id(uid, user_name(uid));
	} else if (what == 'g') {
		gid_t gid = real ? getgid() : getegid();

		print_id(gid, group_name(gid));
	} else if (what == 'G') {
		print_groups();
	} else {
		print_all();
	}
	putchar('\n');
	return prog_end();
}
