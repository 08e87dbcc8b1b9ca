/* SPDX-License-Identifier: MIT */
/*
 * kernel/cmdline.c - parse the kernel's command line: options and, after --,
 * the arguments of the first program.
 *
 * The boot hart sets the command line once, before the first read; it is
 * constant afterwards, so any context may read it.  During boot, boot_option()
 * records which words it has found, so that boot_warn_unused_options() can log
 * the others: a misspelled option would silently change an experiment.
 */
#include "kernel/boot.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "lib/string.h"

static char command_line[2048];
static size_t command_line_len; /* length before truncation */
static uint64_t words_used;	/* bit n: boot_option() found the n-th word */

void
boot_set_command_line(const char *args)
{
	if (args != NULL)
		command_line_len =
			str_copy(command_line, args, sizeof(command_line));
}

const char *
boot_command_line(void)
{
	return command_line;
}

/* Find the option at or after `p` and its length; NULL if there is none. */
static const char *
next_word(const char *p, size_t *len)
{
	while (*p == ' ')
		p++;
	for (*len = 0; p[*len] != ' ' && p[*len] != '\0'; ++*len)
		;
	if (*len == 0 || (*len == 2 && p[0] == '-' && p[1] == '-'))
		return NULL;
	return p;
}

bool
boot_option(const char *name, char *buf, size_t size)
{
	size_t n = strlen(name), len;
	unsigned number = 0;

	for (const char *p = command_line; (p = next_word(p, &len)) != NULL;
	     p += len, number++) {
		if (len >= n && strncmp(p, name, n) == 0 &&
		    (len == n || p[n] == '=')) {
			size_t skip = len == n ? n : n + 1;

			len = MIN(len - skip, size - 1);
			memcpy(buf, p + skip, len);
			buf[len] = '\0';
			if (number < 64)
				words_used |= UINT64_C(1) << number;
			return true;
		}
	}
	return false;
}

void
boot_warn_unused_options(void)
{
	unsigned number = 0;
	char word[64];
	size_t len;

	for (const char *p = command_line;
	     (p = next_word(p, &len)) != NULL && number < 64;
	     p += len, number++) {
		if ((words_used & (UINT64_C(1) << number)) != 0)
			continue;
		memcpy(word, p, MIN(len, sizeof(word) - 1));
		word[MIN(len, sizeof(word) - 1)] = '\0';
		log_warn("boot: argument \"%s\" ignored: unknown or repeated",
			 word);
	}
}

void
boot_init_args(char **argv)
{
	static char text[sizeof(command_line)];
	const char *p = command_line, *word;
	char *rest = text;
	size_t len;
	unsigned n = 0;

	if (command_line_len >= sizeof(command_line))
		panic("cannot start the first program: %lu bytes of boot "
		      "arguments; the maximum is %lu",
		      command_line_len, sizeof(command_line) - 1);
	while ((word = next_word(p, &len)) != NULL)
		p = word + len;
	while (*p == ' ')
		p++;
	str_copy(text, *p != '\0' ? p + strlen("--") : "", sizeof(text));
	do {
		if (n++ == BOOT_ARGS_MAX + 1)
			panic("cannot start the first program: more than %u "
			      "arguments after --",
			      BOOT_ARGS_MAX);
		if (!str_word(&rest, &argv[n]))
			panic("cannot start the first program: unterminated "
			      "quote after --");
	} while (argv[n] != NULL);
}
