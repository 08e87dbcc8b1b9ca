/* SPDX-License-Identifier: MIT */
/*
 * chmod - change the permission bits of files.
 *
 * The mode is an octal number, or clauses such as u+rw,o-x, which are applied
 * to the present bits of each file.  With -R it walks whole trees.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/ulib.h"

/* The bits of one letter for user, group and others together. */
static mode_t
bits_of(char letter)
{
	switch (letter) {
	case 'r':
		return 0444;
	case 'w':
		return 0222;
	case 'x':
		return 0111;
	case 's':
		return S_ISUID | S_ISGID;
	case 't':
		return S_ISVTX;
	default:
		return 0;
	}
}

/* The bits that u, g, o and a may change. */
static mode_t
mask_of(char letter)
{
	switch (letter) {
	case 'u':
		return S_ISUID | S_IRWXU;
	case 'g':
		return S_ISGID | S_IRWXG;
	case 'o':
		return S_ISVTX | S_IRWXO;
	case 'a':
		return 07777;
	default:
		return 0;
	}
}

/* One clause, "u+rw"; *text moves behind it.  False: not understood. */
static bool
apply_clause(const char **text, mode_t *mode, bool folder, mode_t umasked)
{
	const char *at = *text;
	mode_t mask = 0, bits;
	char sign;

	while (mask_of(*at) != 0)
		mask |= mask_of(*at++);
	/* No letter before the sign means all, but the umask is heeded. */
	if (mask == 0)
		mask = 07777 & ~umasked;
	if (*at == '\0' || strchr("+-=", *at) == NULL)
		return false;
	do {
		sign = *at++;
		bits = 0;
		for (; *at != '\0' && strchr("rwxXst", *at) != NULL; at++) {
			if (*at != 'X')
				bits |= bits_of(*at);
			else if (folder || (*mode & 0111) != 0)
				bits |= 0111;
		}
		if (sign == '=')
			*mode &= ~(mask &
				   (folder ? ~(mode_t)06000 : ~(mode_t)0));
		if (sign == '-')
			*mode &= ~(bits & mask);
		else
			*mode |= bits & mask;
	} while (*at != '\0' && strchr("+-=", *at) != NULL);
	*text = at;
	return true;
}

/* The new mode in place of `mode`.  False: the text is not understood. */
static bool
apply(const char *text, mode_t *mode, mode_t umasked)
{
	bool folder = S_ISDIR(*mode);
	char *end;
	unsigned long octal = strtoul(text, &end, 8);

	*mode &= 07777;
	if (text[0] >= '0' && text[0] <= '7') {
		*mode = (mode_t)octal;
		return *end == '\0' && octal <= 07777;
	}
	while (apply_clause(&text, mode, folder, umasked)) {
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
	return false;
}

static void
change(const char *path, const char *text, mode_t umasked, bool deep)
{
	struct stat st;
	mode_t mode;

	if (stat(path, &st) != 0) {
		complain(path);
		return;
	}
	mode = st.st_mode;
	apply(text, &mode, umasked); /* main() has tried it */
	if (chmod(path, mode) != 0)
		complain(path);
	if (!deep || !S_ISDIR(st.st_mode))
		return;

	char **names = path_list(path);

	for (char **name = names; *name != NULL; name++) {
		char *inner = path_join(path, *name);

		if (lstat(inner, &st) != 0 || !S_ISLNK(st.st_mode))
			change(inner, text, umasked, true);
		free(inner);
	}
	path_list_free(names);
}

/* "-w" and "-x" look like options but are modes. */
static bool
is_mode(const char *word)
{
	return word != NULL && word[0] == '-' && word[1] != '\0' &&
	       strchr("rwxXst", word[1]) != NULL;
}

int
main(int argc, char **argv)
{
	mode_t umasked = umask(0), tried = 0;
	bool deep = false;
	const char *text;

	umask(umasked);
	prog_init(argv, "[-R] MODE FILE...\n"
			"  -R  change directories recursively\n"
			"MODE is octal (644) or like u+x, go-w, a=r.");
	while (!is_mode(argv[optind]) && prog_option(argc, argv, "+R") != -1)
		deep = true;
	if (argc - optind < 2)
		prog_usage();
	text = argv[optind++];
	if (!apply(text, &tried, umasked)) {
		complain_as("%s: not a mode", text);
		return 2;
	}
	for (; optind < argc; optind++)
		change(argv[optind], text, umasked, deep);
	return prog_end();
}
