/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/builtin_dir.c - cd, pwd, type, command, help.
 *
 * cd keeps PWD and OLDPWD.  It takes ".."  off the path in PWD, so a directory
 * that was reached by a symbolic link is left to where the link is; -P asks the
 * kernel.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

/* Is PWD a true name of the directory we are in? */
static bool
pwd_is_true(const char *pwd)
{
	struct stat a, b;

	return pwd != NULL && *pwd == '/' && stat(pwd, &a) == 0 &&
	       stat(".", &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

void
cwd_init(void)
{
	char cwd[PATH_MAX];

	if (!pwd_is_true(var_get("PWD")) && getcwd(cwd, sizeof(cwd)) != NULL)
		var_set("PWD", cwd, 0);
	if (var_get("PWD") != NULL)
		var_flag("PWD", VAR_EXPORT);
}

/* PWD and `dir` as one name without "." and "..", in sh_tmp. */
static char *
logical_path(const char *dir)
{
	const char *pwd = var_get("PWD");
	struct buf b = { NULL, 0, 0 };
	size_t len = 0;
	char *in, *path;

	if (*dir != '/') {
		buf_puts(&b, pwd != NULL ? pwd : "");
		buf_push(&b, '/');
	}
	buf_puts(&b, dir);
	in = arena_strdup(&sh_tmp, buf_str(&b));
	path = arena_alloc(&sh_tmp, b.len + 2);
	buf_free(&b);
	for (char *p = strtok(in, "/"); p != NULL; p = strtok(NULL, "/")) {
		if (strcmp(p, ".") == 0)
			continue;
		if (strcmp(p, "..") == 0) {
			while (len > 0 && path[--len] != '/')
				continue;
			continue;
		}
		path[len++] = '/';
		strcpy(path + len, p);
		len += strlen(p);
	}
	if (len == 0)
		path[len++] = '/';
	path[len] = '\0';
	return path;
}

static int
change_directory(const char *dir, bool physical)
{
	const char *old = var_get("PWD");
	char *path = logical_path(dir), cwd[PATH_MAX];

	old = old != NULL ? arena_strdup(&sh_tmp, old) : NULL;
	if (physical || chdir(path) < 0) {
		if (chdir(dir) < 0)
			return -1;
		path = getcwd(cwd, sizeof(cwd));
	}
	if (old != NULL)
		var_set("OLDPWD", old, 0);
	if (path != NULL)
		var_set("PWD", path, VAR_EXPORT);
	return 0;
}

int
builtin_cd(int argc, char **argv)
{
	bool physical = argc > 1 && strcmp(argv[1], "-P") == 0;
	bool say = false;
	const char *dir;
	int i = 1;

	if (i < argc && (physical || strcmp(argv[i], "-L") == 0))
		i++;
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (argc - i > 1) {
		error("cd: one directory, not %d (a name with blanks needs "
		      "quotes)",
		      argc - i);
		return 2;
	}
	dir = i < argc ? argv[i] : var_get("HOME");
	if (dir == NULL) {
		error("cd: HOME is not set");
		return 2;
	}
	if (strcmp(dir, "-") == 0) {
		dir = var_get("OLDPWD");
		say = true;
		if (dir == NULL) {
			error("cd: OLDPWD is not set");
			return 2;
		}
	}
	dir = arena_strdup(&sh_tmp, dir);
	if (change_directory(dir, physical) < 0) {
		error("cd: %s: %s", dir, strerror(errno));
		return 2;
	}
	if (say)
		out_printf("%s\n", var_get("PWD"));
	return 0;
}

int
builtin_pwd(int argc, char **argv)
{
	bool physical = argc > 1 && strcmp(argv[1], "-P") == 0;
	const char *pwd = var_get("PWD");
	char cwd[PATH_MAX];

	if (physical || !pwd_is_true(pwd))
		pwd = getcwd(cwd, sizeof(cwd));
	if (pwd == NULL) {
		error("pwd: %s", strerror(errno));
		return 1;
	}
	out_puts(pwd);
	out_puts("\n");
	return 0;
}

/* ---- what a name means ------------------------------------------------ */

static bool
is_keyword(const char *name)
{
	static const char *const words[] = {
		"if",	"then",	 "else",  "elif", "fi", "do", "done", "case",
		"esac", "while", "until", "for",  "{",	"}",  "!",    "in",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

static int
describe(const char *name, bool brief)
{
	const char *what = NULL;
	int code;

	if (is_keyword(name))
		what = "a shell keyword";
	else if (function_find(name) != NULL)
		what = "a shell function";
	else if (builtin_find(name) != NULL)
		what = "a shell builtin";
	else if ((what = find_program(name, &code)) == NULL) {
		if (!brief)
			say_not_found(name);
		return 127;
	} else {
		if (!brief)
			out_printf("%s is ", name);
		out_puts(what);
		out_puts("\n");
		return 0;
	}
	out_puts(name);
	if (!brief)
		out_printf(" is %s", what);
	out_puts("\n");
	return 0;
}

int
builtin_type(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= describe(argv[i], false);
	return status;
}

int
builtin_command(int argc, char **argv)
{
	int i = 1, status = 0;

	if (i < argc &&
	    (strcmp(argv[i], "-v") == 0 || strcmp(argv[i], "-V") == 0)) {
		bool brief = argv[i][1] == 'v';

		for (i++; i < argc; i++)
			status |= describe(argv[i], brief);
		return status;
	}
	if (i < argc && strcmp(argv[i], "-p") == 0)
		i++;
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	return i < argc ? run_argv(argc - i, argv + i, false) : 0;
}

/* ---- help ------------------------------------------------------------ */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Words, comma-free, in lines of at most 78 columns. */
static void
print_wrapped(char **v, int n)
{
	size_t column = 0;

	for (int i = 0; i < n; i++) {
		size_t len = strlen(v[i]);

		if (column > 0 && column + len + 1 > 77) {
			out_puts("\n");
			column = 0;
		}
		out_puts(column == 0 ? "  " : " ");
		out_puts(v[i]);
		column += len + (column == 0 ? 2 : 1);
	}
	out_puts("\n");
}

static void
print_programs(const char *dir)
{
	struct fields f = { NULL, 0, 0 };
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			fields_add(&f, arena_strdup(&sh_tmp, e->d_name));
	closedir(d);
	if (f.n == 0)
		return;
	qsort(f.v, f.n, sizeof(*f.v), by_name);
	out_printf("\nPrograms in %s:\n", dir);
	print_wrapped(f.v, f.n < 200 ? f.n : 200);
	if (f.n > 200)
		out_printf("  ... and %d more\n", f.n - 200);
}

int
builtin_help(int argc, char **argv)
{
	struct fields f = { NULL, 0, 0 };
	int status = 0;

	for (int i = 1; i < argc; i++) {
		const struct builtin *b = builtin_find(argv[i]);

		if (b != NULL)
			out_printf("%s: %s\n", b->name, b->help);
		else if (describe(argv[i], false) != 0)
			status = 1;
	}
	if (argc > 1)
		return status;
	out_puts("Builtins of the shell (help NAME describes one):\n");
	for (const struct builtin *b = builtins; b->name != NULL; b++)
		fields_add(&f, arena_strdup(&sh_tmp, b->name));
	print_wrapped(f.v, f.n);
	print_programs("/bin");
	out_puts("\nA | B    A > file    A && B    A &    $(A)    "
		 "for x in *; do A; done\n"
		 "Tab completes a name, Up brings back a line, Ctrl-R "
		 "searches them, !! is the\nlast one.  Ctrl-C stops a "
		 "command, Ctrl-Z suspends it (fg goes on with it).\n");
	return 0;
}
