/* SPDX-License-Identifier: MIT */
/*
 * echo - print the arguments with spaces between and a newline after.
 *
 * Only words of the letters n, e and E are options; all others are printed as
 * they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

/* \0NNN, up to three octal digits; `at` is at the 0. */
static const char *
print_octal(const char *at)
{
	int value = 0;

	for (int i = 0; i < 3 && at[1] >= '0' && at[1] <= '7'; i++)
		value = value * 8 + *++at - '0';
	putchar(value & 0xff);
	return at;
}

static void
print_escaped(const char *text)
{
	static const char letters[] = "abefnrtv\\";
	static const char meaning[] = "\a\b\033\f\n\r\t\v\\";

	for (const char *at = text; *at != '\0'; at++) {
		const char *letter;

		if (*at != '\\' || at[1] == '\0') {
			putchar(*at);
			continue;
		}
		at++;
		letter = strchr(letters, *at);
		if (*at == 'c')
			exit(prog_end()); /* \c: no more output at all */
		else if (*at == '0')
			at = print_octal(at);
		else if (letter != NULL)
			putchar(meaning[letter - letters]);
		else
			printf("\\%c", *at);
	}
}

/* Not getopt: "echo -x" and "echo --" print what they were given. */
static bool
is_option(const char *word)
{
	return word != NULL && word[0] == '-' && word[1] != '\0' &&
	       strspn(word + 1, "neE") == strlen(word + 1);
}

int
main(int argc, char **argv)
{
	bool newline = true, escapes = false;

	prog_init(argv,
		  "[-n] [-e] [WORD...]\n"
		  "  -n  print no newline at the end\n"
		  "  -e  understand \\n, \\t, \\\\, \\0NNN, \\c and so on");
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		prog_option(argc, argv, "");
	for (argv++; is_option(*argv); argv++) {
		for (const char *c = *argv + 1; *c != '\0'; c++) {
			newline = newline && *c != 'n';
			escapes = *c == 'e' || (escapes && *c != 'E');
		}
	}
	for (; *argv != NULL; argv++) {
		if (escapes)
			print_escaped(*argv);
		else
			fputs(*argv, stdout);
		if (argv[1] != NULL)
			putchar(' ');
	}
	if (newline)
		putchar('\n');
	return prog_end();
}
