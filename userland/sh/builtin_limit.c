/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/builtin_limit.c - ulimit: show or set a limit of this shell,
 * which the programs it starts inherit.
 *
 * Letters and units are those of POSIX shells; only limits that Tine keeps are
 * in the table.  Nothing is allocated.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "sh.h"

static const struct limit {
	char letter;
	int which;
	rlim_t unit; /* bytes, or pieces, in one unit */
	const char *name;
} limits[] = {
	{ 'c', RLIMIT_CORE, 512, "core file (512 bytes)" },
	{ 'f', RLIMIT_FSIZE, 512, "file size (512 bytes)" },
	{ 'n', RLIMIT_NOFILE, 1, "open files" },
	{ 's', RLIMIT_STACK, 1024, "stack (KiB)" },
	{ 't', RLIMIT_CPU, 1, "processor time (s)" },
	{ 'u', RLIMIT_NPROC, 1, "processes of the user" },
	{ 'v', RLIMIT_AS, 1024, "mapped memory (KiB)" },
};

enum { SOFT = 1, HARD = 2 };

static const struct limit *
find_limit(char letter)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].letter == letter)
			return &limits[i];
	return NULL;
}

static void
show_limit(const struct limit *l, unsigned kind, bool name)
{
	struct rlimit r;
	rlim_t value;

	getrlimit(l->which, &r);
	value = kind == HARD ? r.rlim_max : r.rlim_cur;
	if (name)
		out_printf("-%c %-24s", l->letter, l->name);
	if (value == RLIM_INFINITY)
		out_puts("unlimited\n");
	else
		out_printf("%llu\n", (unsigned long long)(value / l->unit));
}

/* The value of a word in units; false: it is none. */
static bool
parse_value(const char *word, const struct limit *l, rlim_t *value)
{
	unsigned long long n;
	char *end;

	*value = RLIM_INFINITY;
	if (strcmp(word, "unlimited") == 0)
		return true;
	errno = 0;
	n = strtoull(word, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 ||
	    n > RLIM_INFINITY / l->unit)
		return false;
	*value = n * l->unit;
	return true;
}

static int
set_limit(const struct limit *l, unsigned kind, const char *word)
{
	struct rlimit r;
	rlim_t value;

	if (!parse_value(word, l, &value)) {
		error("ulimit: '%s' is neither a number nor unlimited", word);
		return 2;
	}
	getrlimit(l->which, &r);
	if (kind & SOFT)
		r.rlim_cur = value;
	if (kind & HARD)
		r.rlim_max = value;
	if (setrlimit(l->which, &r) == 0)
		return 0;
	error("ulimit: -%c %s: %s", l->letter, word,
	      errno == EINVAL ? "above the hard limit" : strerror(errno));
	return 1;
}

/* ulimit [-HS] [-a | -cfnstuv] [value] */
int
builtin_ulimit(int argc, char **argv)
{
	const struct limit *l = find_limit('f');
	unsigned kind = 0;
	bool all = false;
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		for (const char *c = argv[i] + 1; *c != '\0'; c++) {
			if (*c == 'H')
				kind |= HARD;
			else if (*c == 'S')
				kind |= SOFT;
			else if (*c == 'a')
				all = true;
			else if ((l = find_limit(*c)) == NULL) {
				error("ulimit: no limit is called -%c; "
				      "ulimit -a lists them",
				      *c);
				return 2;
			}
		}
	}
	if (i + 1 < argc || (all && i < argc)) {
		error("ulimit: only one value is allowed");
		return 2;
	}
	if (i < argc)
		return set_limit(l, kind == 0 ? SOFT | HARD : kind, argv[i]);
	if (!all)
		show_limit(l, kind, false);
	for (size_t k = 0; all && k < sizeof(limits) / sizeof(limits[0]); k++)
		show_limit(&limits[k], kind, true);
	return 0;
}
