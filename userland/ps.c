/* SPDX-License-Identifier: MIT */
/*
 * ps - list the processes, each with the fork strategy it runs under.
 *
 * Everything comes from /proc, a process at a time; one that ends meanwhile is
 * left out.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

/* /proc/PID/FILE; -1 when the process is gone or has no such file. */
static ssize_t
read_proc(const char *pid, const char *file, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	return read_small_file(path, text, size);
}

/* The arguments with spaces for the NULs between; [name] when there are none.
 */
static void
print_command(const char *pid, const char *name, size_t name_length)
{
	char text[1024];
	ssize_t length = read_proc(pid, "cmdline", text, sizeof(text));

	if (length <= 0) {
		printf("[%.*s]\n", (int)name_length, name);
		return;
	}
	for (ssize_t i = 0; i < length - 1; i++)
		putchar(text[i] == '\0' || text[i] == '\n' ? ' ' : text[i]);
	if (text[length - 1] != '\0')
		putchar(text[length - 1]);
	putchar('\n');
}

static void
print_process(const char *pid)
{
	char stat[1024], strategy[64], state;
	char *name, *end;
	long ppid, rss;

	/* It may have ended since its name was read: then it is left out. */
	if (read_proc(pid, "stat", stat, sizeof(stat)) < 0)
		return;
	/* The name is in brackets and may hold brackets itself. */
	name = strchr(stat, '(');
	end = strrchr(stat, ')');
	if (name == NULL || end == NULL || end < name ||
	    sscanf(end + 1,
		   " %c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d "
		   "%*d %*d %*d %*d %*d %*u %*u %ld",
		   &state, &ppid, &rss) != 3) {
		complain_as("/proc/%s/stat: unexpected format", pid);
		return;
	}
	if (read_proc(pid, "fork_strategy", strategy, sizeof(strategy)) <= 0)
		strcpy(strategy, "-");
	strategy[strcspn(strategy, "\n")] = '\0';
	printf("%5s %5ld %-4c %-8s %7ld ", pid, ppid, state, strategy,
	       rss * (sysconf(_SC_PAGESIZE) / 1024));
	print_command(pid, name + 1, (size_t)(end - name - 1));
}

static int
by_number(const void *a, const void *b)
{
	long x = atol(*(char *const *)a), y = atol(*(char *const *)b);

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	char **names;
	size_t count = 0;

	prog_init(argv, "");
	prog_option(argc, argv, "");
	if (optind < argc)
		prog_usage();
	names = path_list("/proc");
	while (names[count] != NULL)
		count++;
	qsort(names, count, sizeof(*names), by_number);
	puts("  PID  PPID STAT STRATEGY RSS(kB) COMMAND");
	for (size_t i = 0; i < count; i++) {
		if (isdigit((unsigned char)names[i][0]))
			print_process(names[i]);
	}
	path_list_free(names);
	return prog_end();
}
