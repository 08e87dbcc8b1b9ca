/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/builtin_var.c - set, shift, export, readonly, local, unset,
 * getopts.
 *
 * They check the names and words; the variables themselves are in var.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

static void
replace_params(int n, char **v)
{
	struct params fresh;

	params_set(&fresh, n, v);
	params_free(&sh.params);
	sh.params = fresh;
}

/* -o name, +o name; alone they list.  Returns how many words it took. */
static int
set_named(int left, char **v, bool on)
{
	if (left < 2) {
		option_print(!on);
		return 1;
	}
	if (option_set_name(v[1], on))
		return 2;
	error("set: %s: no such option (set -o lists them)", v[1]);
	return -1;
}

int
builtin_set(int argc, char **argv)
{
	int i = 1;

	if (argc == 1) {
		var_print(0, "");
		return 0;
	}
	while (i < argc && (argv[i][0] == '-' || argv[i][0] == '+') &&
	       argv[i][1] != '\0') {
		bool on = argv[i][0] == '-';

		if (strcmp(argv[i], "--") == 0) {
			replace_params(argc - i - 1, argv + i + 1);
			return 0;
		}
		if (strcmp(argv[i] + 1, "o") == 0) {
			int taken = set_named(argc - i, argv + i, on);

			if (taken < 0)
				return 2;
			i += taken;
			continue;
		}
		for (const char *p = argv[i] + 1; *p != '\0'; p++) {
			if (*p != 'i' && option_set_letter(*p, on))
				continue;
			error("set: %c%c: no such option (set -o lists them)",
			      argv[i][0], *p);
			return 2;
		}
		i++;
	}
	if (i < argc)
		replace_params(argc - i, argv + i);
	return 0;
}

int
builtin_shift(int argc, char **argv)
{
	intmax_t n = 1;

	if (argc > 1 && (!parse_number(argv[1], &n) || n < 0)) {
		error("shift: '%s' is not a number", argv[1]);
		return 2;
	}
	if (n > sh.params.n) {
		error("shift: cannot drop %jd of %d parameters", n,
		      sh.params.n);
		fatal_expansion();
		return 2;
	}
	for (int i = 0; i < n; i++)
		free(sh.params.v[i]);
	sh.params.n -= n;
	memmove(sh.params.v, sh.params.v + n,
		(sh.params.n + 1) * sizeof(*sh.params.v));
	return 0;
}

/* NAME or NAME=value for export, readonly and local. */
static int
declare(const char *who, char *arg, int flag, bool save)
{
	char *eq = strchr(arg, '=');
	size_t n = eq != NULL ? (size_t)(eq - arg) : strlen(arg);
	char *name;

	if (!name_ok(arg, n)) {
		error("%s: '%s' is not a variable name", who, arg);
		return 2;
	}
	name = arena_strndup(&sh_tmp, arg, n);
	if (save)
		var_save(name);
	if (eq != NULL && !var_set(name, eq + 1, 0)) {
		fatal_expansion();
		return 2;
	}
	if (flag != 0)
		var_flag(name, flag);
	return 0;
}

static int
declare_all(int argc, char **argv, int flag)
{
	char prefix[32];
	int status = 0, i = 1;

	snprintf(prefix, sizeof(prefix), "%s ", argv[0]);
	if (i < argc && strcmp(argv[i], "-p") == 0)
		i++;
	else if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (i >= argc)
		var_print(flag, prefix);
	for (; i < argc; i++)
		status |= declare(argv[0], argv[i], flag, false);
	return status;
}

int
builtin_export(int argc, char **argv)
{
	return declare_all(argc, argv, VAR_EXPORT);
}

int
builtin_readonly(int argc, char **argv)
{
	return declare_all(argc, argv, VAR_READONLY);
}

int
builtin_local(int argc, char **argv)
{
	int status = 0;

	if (sh.function_depth == 0) {
		error("local: not in a function");
		fatal_expansion();
		return 2;
	}
	for (int i = 1; i < argc; i++)
		status |= declare("local", argv[i], 0, true);
	return status;
}

int
builtin_unset(int argc, char **argv)
{
	bool functions = false, variables = false;
	int status = 0, i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		functions |= strcmp(argv[i], "-f") == 0;
		variables |= strcmp(argv[i], "-v") == 0;
	}
	for (; i < argc; i++) {
		if (functions) {
			function_unset(argv[i]);
		} else if (!variables && var_get(argv[i]) == NULL) {
			function_unset(argv[i]);
			var_unset(argv[i]);
		} else if (!var_unset(argv[i])) {
			status = 1;
		}
	}
	return status;
}

/* ---- getopts --------------------------------------------------------- */

/* The place in a group like -abc; it starts over when OPTIND changes. */
static size_t option_at = 1;
static int option_index = 1;

static int
set_result(const char *name, char c, int index)
{
	char text[32] = { c, '\0' };

	option_index = index;
	if (!var_set(name, text, 0))
		return 2;
	snprintf(text, sizeof(text), "%d", index);
	return var_set("OPTIND", text, 0) ? 0 : 2;
}

static int
getopts_end(const char *name, int index)
{
	option_at = 1;
	var_unset("OPTARG");
	set_result(name, '?', index);
	return 1;
}

static int
getopts_bad(const char *name, char c, int index, bool quiet, const char *why)
{
	char text[2] = { c, '\0' };

	if (quiet) {
		var_set("OPTARG", text, 0);
	} else {
		error("option -%c: %s", c, why);
		var_unset("OPTARG");
	}
	return set_result(
		name, quiet && strcmp(why, "unknown") != 0 ? ':' : '?', index);
}

static int
getopts_step(const char *spec, const char *name, int n, char **v, int index)
{
	const char *word = index <= n ? v[index - 1] : NULL, *hit;
	bool quiet = *spec == ':';
	char c;

	if (word == NULL || word[0] != '-' || word[1] == '\0')
		return getopts_end(name, index);
	if (strcmp(word, "--") == 0)
		return getopts_end(name, index + 1);
	if (option_at >= strlen(word))
		option_at = 1;
	c = word[option_at++];
	hit = c != ':' ? strchr(spec, c) : NULL;
	if (hit != NULL && hit[1] == ':') {
		const char *arg = word + option_at;

		option_at = 1;
		index++;
		if (*arg == '\0') {
			if (index > n)
				return getopts_bad(name, c, index, quiet,
						   "needs an argument");
			arg = v[index++ - 1];
		}
		var_set("OPTARG", arg, 0);
		return set_result(name, c, index);
	}
	if (word[option_at] == '\0') {
		option_at = 1;
		index++;
	}
	if (hit == NULL)
		return getopts_bad(name, c, index, quiet, "unknown");
	var_unset("OPTARG");
	return set_result(name, c, index);
}

int
builtin_getopts(int argc, char **argv)
{
	const char *optind = var_get("OPTIND");
	intmax_t index;

	if (argc < 3 || !name_ok(argv[2], strlen(argv[2]))) {
		error("getopts: usage: getopts OPTIONS NAME [ARG...]");
		return 2;
	}
	if (optind == NULL || !parse_number(optind, &index) || index < 1 ||
	    index > 1 << 20)
		index = 1;
	if (index != option_index)
		option_at = 1;
	if (argc > 3)
		return getopts_step(argv[1], argv[2], argc - 3, argv + 3,
				    index);
	return getopts_step(argv[1], argv[2], sh.params.n, sh.params.v, index);
}
