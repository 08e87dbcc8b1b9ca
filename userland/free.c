/* SPDX-License-Identifier: MIT */
/*
 * free - print how memory is used, from /proc/meminfo.
 *
 * The first line is for all of RAM.  The second shows what programs and the
 * kernel use it for, and how much the kernel has promised.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

static char meminfo[8192];

/* The value of a line like "MemFree:   1234 kB"; 0 when there is none. */
static unsigned long long
field(const char *name)
{
	size_t length = strlen(name);

	for (char *at = meminfo; *at != '\0';) {
		if (strncmp(at, name, length) == 0 && at[length] == ':')
			return strtoull(at + length + 1, NULL, 10);
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return 0;
}

static void
print(unsigned long long kilobytes, bool human)
{
	char text[8];

	if (human)
		printf(" %10s", human_size(text, kilobytes * 1024));
	else
		printf(" %10llu", kilobytes);
}

int
main(int argc, char **argv)
{
	unsigned long long total, unused, cached;
	bool human = false;

	prog_init(argv, "[-h]\n"
			"  -h  human-readable sizes: 1.5K, 20M\n"
			"In kilobytes.  `available` is what programs could\n"
			"still get: free memory and what the cache can give "
			"back.");
	while (prog_option(argc, argv, "h") != -1)
		human = true;
	if (optind < argc)
		prog_usage();
	if (read_small_file("/proc/meminfo", meminfo, sizeof(meminfo)) < 0)
		die("/proc/meminfo");
	total = field("MemTotal");
	unused = field("MemFree");
	cached = field("Cached");
	puts("           total       used     cached       free  available");
	printf("Mem: ");
	print(total, human);
	print(total - unused - cached, human);
	print(cached, human);
	print(unused, human);
	print(field("MemAvailable"), human);
	puts("\n\n        programs     tables     stacks       slab  "
	     "committed");
	printf("     ");
	print(field("AnonPages"), human);
	print(field("PageTables"), human);
	print(field("KernelStack"), human);
	print(field("Slab"), human);
	print(field("Committed_AS"), human);
	putchar('\n');
	return prog_end();
}
