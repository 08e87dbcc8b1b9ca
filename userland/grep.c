/* SPDX-License-Identifier: MIT */
/*
 * grep - print the lines that match a pattern.
 *
 * Exits 0 when a line matched, 1 when none did, 2 after an error.
 */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/ulib.h"

static regex_t regex;
static bool inverted, numbers, count_only, names_only, quiet, deep;
static bool with_names, any_match;

/* -F: the text as a pattern in which every special character is plain. */
static char *
plain_pattern(const char *text)
{
	char *pattern = must_alloc(2 * strlen(text) + 1), *to = pattern;

	for (; *text != '\0'; text++) {
		if (strchr("\\.[*^$", *text) != NULL)
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
	return pattern;
}

static void
compile(const char *text, int flags, bool plain)
{
	char *pattern = plain ? plain_pattern(text) : must_copy(text);
	char reason[128];
	int error = regcomp(&regex, pattern, flags);

	if (error != 0) {
		regerror(error, &regex, reason, sizeof(reason));
		die_as("%s: %s", text, reason);
	}
	free(pattern);
}

static bool
line_matches(const char *line, size_t length)
{
	/* With its length given, a line may hold NULs. */
	regmatch_t range = { .rm_so = 0, .rm_eo = (regoff_t)length };

	return (regexec(&regex, line, 1, &range, REG_STARTEND) == 0) !=
	       inverted;
}

static void
print_line(const char *name, unsigned long number, const char *line,
	   size_t length)
{
	if (with_names)
		printf("%s:", name);
	if (numbers)
		printf("%lu:", number);
	fwrite(line, 1, length, stdout);
	putchar('\n');
}

static void
search(struct input *in)
{
	unsigned long number = 0, matches = 0;
	FILE *file = fdopen(dup(in->fd), "r");
	const char *name =
		in->fd == STDIN_FILENO ? "(standard input)" : in->name;
	size_t size = 0;
	char *line = NULL;
	ssize_t got;

	if (file == NULL)
		die(name);
	while ((errno = 0, got = getline(&line, &size, file)) >= 0) {
		size_t length = (size_t)got;

		number++;
		if (length > 0 && line[length - 1] == '\n')
			length--;
		if (!line_matches(line, length))
			continue;
		matches++;
		if (quiet)
			exit(0); /* one match decides, whatever else fails */
		if (names_only)
			break;
		if (!count_only)
			print_line(name, number, line, length);
	}
	if (ferror(file))
		complain(name);
	else if (count_only && !names_only)
		printf("%s%s%lu\n", with_names ? name : "",
		       with_names ? ":" : "", matches);
	if (names_only && matches > 0)
		puts(name);
	any_match |= matches > 0;
	free(line);
	fclose(file);
}

static void
search_path(const char *path)
{
	struct input in;
	struct stat st;
	char **names;

	if (deep && (path[0] == '\0' ||
		     (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)))) {
		names = path_list(path[0] == '\0' ? "." : path);
		for (char **name = names; *name != NULL; name++) {
			char *inner = path_join(path, *name);

			/* Links may form rings, pipes and devices block. */
			if (lstat(inner, &st) != 0 || S_ISREG(st.st_mode) ||
			    S_ISDIR(st.st_mode))
				search_path(inner);
			free(inner);
		}
		path_list_free(names);
	} else if (input_open(&in, path)) {
		search(&in);
		input_close(&in);
	}
}

int
main(int argc, char **argv)
{
	int flags = 0, c;
	bool plain = false;

	prog_failure = 2;
	prog_init(argv, "[-EFicnlqrv] PATTERN [FILE...]\n"
			"  -E  extended pattern, -F plain text\n"
			"  -i  ignore case\n"
			"  -v  select lines that do not match\n"
			"  -n  print line numbers, -c only the number of "
			"lines\n"
			"  -l  print only file names, -q print nothing\n"
			"  -r  search directories recursively");
	while ((c = prog_option(argc, argv, "EFivnclqr")) != -1) {
		flags |= c == 'E' ? REG_EXTENDED : c == 'i' ? REG_ICASE : 0;
		plain |= c == 'F';
		inverted |= c == 'v';
		numbers |= c == 'n';
		count_only |= c == 'c';
		names_only |= c == 'l';
		quiet |= c == 'q';
		deep |= c == 'r';
	}
	if (optind == argc)
		prog_usage();
	compile(argv[optind], plain ? flags & ~REG_EXTENDED : flags, plain);
	optind++;
	with_names = argc - optind > 1 || deep;
	if (optind == argc)
		search_path(deep ? "" : "-");
	for (; optind < argc; optind++)
		search_path(argv[optind]);
	regfree(&regex);
	prog_end();
	return prog_status != 0 ? prog_status : !any_match;
}
