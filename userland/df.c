/* SPDX-License-Identifier: MIT */
/*
 * df - print how full the file systems are.
 *
 * All that are mounted, from /proc/mounts, or those that hold the given paths.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "lib/ulib.h"

struct mount {
	char from[256], on[256];
};

static bool human;

static void
print_size(unsigned long long blocks, unsigned long long block, int width)
{
	char text[8];

	if (human)
		printf(" %*s", width, human_size(text, blocks * block));
	else
		printf(" %*llu", width, blocks * block / 1024);
}

/* Mounts without any blocks, such as /proc, are shown only when asked for. */
static void
print_mount(const struct mount *mount, bool even_empty)
{
	unsigned long long used, total;
	struct statvfs s;
	char percent[16] = "-";

	if (statvfs(mount->on, &s) != 0) {
		complain(mount->on);
		return;
	}
	if (s.f_blocks == 0 && !even_empty)
		return;
	/* Blocks kept for root count neither as used nor as available. */
	used = s.f_blocks - s.f_bfree;
	total = used + s.f_bavail;
	if (total > 0)
		snprintf(percent, sizeof(percent), "%llu%%",
			 (used * 100 + total - 1) / total);
	printf("%-14s", mount->from);
	print_size(s.f_blocks, s.f_frsize, human ? 5 : 9);
	print_size(used, s.f_frsize, human ? 5 : 9);
	print_size(s.f_bavail, s.f_frsize, human ? 5 : 9);
	printf(" %4s %s\n", percent, mount->on);
}

static bool
next_mount(FILE *file, struct mount *mount)
{
	return fscanf(file, "%255s %255s %*[^\n]", mount->from, mount->on) == 2;
}

/* The mount a path lies on: the last one with its device number. */
static void
print_path(const char *path)
{
	FILE *file = fopen("/proc/mounts", "r");
	struct mount mount, found = { "-", "" };
	struct stat wanted, st;

	if (file == NULL)
		die("/proc/mounts");
	if (stat(path, &wanted) != 0) {
		complain(path);
	} else {
		snprintf(found.on, sizeof(found.on), "%s", path);
		while (next_mount(file, &mount)) {
			if (stat(mount.on, &st) == 0 &&
			    st.st_dev == wanted.st_dev)
				found = mount;
		}
		print_mount(&found, true);
	}
	fclose(file);
}

static void
print_all(void)
{
	FILE *file = fopen("/proc/mounts", "r");
	struct mount mount;

	if (file == NULL)
		die("/proc/mounts");
	while (next_mount(file, &mount))
		print_mount(&mount, false);
	fclose(file);
}

int
main(int argc, char **argv)
{
	prog_init(argv, "[-h] [PATH...]\n"
			"  -h  human-readable sizes: 1.5K, 20M");
	while (prog_option(argc, argv, "h") != -1)
		human = true;
	if (human)
		puts("Filesystem      Size  Used Avail Use% Mounted on");
	else
		puts("Filesystem     1K-blocks      Used Available Use% "
		     "Mounted on");
	if (optind == argc)
		print_all();
	for (; optind < argc; optind++)
		print_path(argv[optind]);
	return prog_end();
}
