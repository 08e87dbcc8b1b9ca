/* SPDX-License-Identifier: MIT */
/*
 * su - run a shell as another user.
 *
 * It is set-user-ID root.  There is no file of passwords: root becomes every
 * user; other users become only a user with an empty password field in
 * /etc/passwd.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

/* Change all three ids of each kind, and the groups, for good. */
static void
become(const struct passwd *p)
{
	gid_t *groups;
	size_t n = user_groups(p->pw_name, p->pw_gid, &groups);

	if (setgroups(n, groups) != 0 || setgid(p->pw_gid) != 0 ||
	    setuid(p->pw_uid) != 0)
		die(p->pw_name);
	free(groups);
}

static void
set_environment(const struct passwd *p, const char *shell)
{
	if (setenv("HOME", p->pw_dir, 1) != 0 ||
	    setenv("SHELL", shell, 1) != 0 ||
	    setenv("USER", p->pw_name, 1) != 0 ||
	    setenv("LOGNAME", p->pw_name, 1) != 0)
		die("environment");
}

int
main(int argc, char **argv)
{
	const char *name = "root", *command = NULL, *shell;
	struct passwd *p;
	char **args;
	int c, n = 0;

	prog_init(argv, "[-c COMMAND] [USER [ARG...]]\n"
			"  -c  run COMMAND in the shell\n"
			"The default USER is root; ARGs are passed to the "
			"shell.");
	while ((c = prog_option(argc, argv, "+c:")) != -1)
		command = optarg;
	if (optind < argc)
		name = argv[optind++];
	/* Also behind the user's name, as is common. */
	while ((c = prog_option(argc, argv, "+c:")) != -1)
		command = optarg;
	p = user_named(name);
	if (p == NULL)
		die_as("%s: no such user", name);
	if (getuid() != 0 && p->pw_passwd[0] != '\0')
		die_as("%s: only root may change to a user with a password",
		       name);
	shell = p->pw_shell[0] != '\0' ? p->pw_shell : "/bin/sh";
	args = must_alloc((size_t)(argc + 4) * sizeof(*args));
	args[n++] = path_base(shell);
	if (command != NULL) {
		args[n++] = must_copy("-c");
		args[n++] = must_copy(command);
	}
	while (optind < argc)
		args[n++] = argv[optind++];
	args[n] = NULL;
	set_environment(p, shell);
	become(p);
	execv(shell, args);
	prog_failure = errno == ENOENT ? 127 : 126;
	die(shell);
}
