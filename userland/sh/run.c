/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/run.c - one simple command.
 *
 * Assignments, then redirections, then whichever comes first of: special
 * builtin, function, builtin, program found along PATH.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

#define MAX_CALL_DEPTH 10000

extern char **environ;

/* ---- finding and replacing ------------------------------------------- */

static int
check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	return access(path, X_OK) < 0 ? EACCES : 0;
}

/* The path of a program, in sh_tmp, or NULL and why in *error_code. */
char *
find_program(const char *name, int *error_code)
{
	const char *path = var_get("PATH");

	*error_code = ENOENT;
	if (*name == '\0')
		return NULL;
	if (strchr(name, '/') != NULL) {
		*error_code = check_program(name);
		return *error_code ? NULL : arena_strdup(&sh_tmp, name);
	}
	for (const char *p = path; p != NULL;) {
		size_t n = strcspn(p, ":");
		char *full = arena_alloc(&sh_tmp, n + strlen(name) + 3);
		int code;

		memcpy(full, n > 0 ? p : ".", n > 0 ? n : 1);
		strcat(full, "/");
		strcat(full, name);
		code = check_program(full);
		if (code == 0)
			return full;
		if (code == EACCES)
			*error_code = code;
		p = p[n] == ':' ? p + n + 1 : NULL;
	}
	return NULL;
}

static int
explain(const char *name, int code)
{
	if (code == ENOENT || code == ENOTDIR) {
		if (strchr(name, '/') != NULL)
			error("%s: no such file", name);
		else
			say_not_found(name);
		return 127;
	}
	if (code == EISDIR)
		error("%s: is a directory", name);
	else if (code == EACCES)
		error("%s: permission denied", name);
	else
		error("%s: cannot run it: %s", name, strerror(code));
	return 126;
}

/* A file that execve does not know: is it text? */
static bool
looks_binary(const char *path)
{
	char head[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return true;
	n = read(fd, head, sizeof(head));
	close(fd);
	for (ssize_t i = 0; i < n && head[i] != '\n'; i++)
		if (head[i] == '\0')
			return true;
	return n < 0 || (n >= 4 && memcmp(head, "\177ELF", 4) == 0);
}

/* Become the program.  Does not return; explains and ends on failure. */
void
exec_program(char **argv)
{
	int code;
	char *path = find_program(argv[0], &code);

	if (path == NULL)
		shell_exit(explain(argv[0], code));
	execve(path, argv, var_environ());
	code = errno;
	if (code == ENOEXEC && looks_binary(path)) {
		error("%s: neither a script nor a program for this machine",
		      argv[0]);
		shell_exit(126);
	}
	if (code == ENOEXEC)
		run_script_instead(path, argv);
	if (code == ENOENT) {
		error("%s: its interpreter (first line, or ELF loader) does "
		      "not exist",
		      argv[0]);
		shell_exit(127);
	}
	if (code == E2BIG)
		error("%s: the argument list is too long", argv[0]);
	else
		explain(argv[0], code);
	shell_exit(126);
}

/* ---- tracing --------------------------------------------------------- */

static void
trace(struct node *n, char **argv)
{
	const char *ps4 = var_get("PS4");
	struct buf b = { NULL, 0, 0 };
	int status = sh.status;
	char *prompt;

	if (!sh.opt[OPT_XTRACE])
		return;
	prompt = ps4 != NULL ? expand_prompt(ps4) : NULL;
	buf_puts(&b, prompt != NULL ? prompt : "+ ");
	for (struct assign *a = n->assigns; a != NULL && !*argv; a = a->next) {
		const char *value = var_get(a->name);

		buf_puts(&b, a->name);
		buf_puts(&b, "=");
		buf_puts(&b, quote(value != NULL ? value : ""));
		if (a->next != NULL)
			buf_puts(&b, " ");
	}
	for (int i = 0; argv[i] != NULL; i++) {
		buf_puts(&b, i > 0 ? " " : "");
		buf_puts(&b, quote(argv[i]));
	}
	buf_puts(&b, "\n");
	sh.status = status;
	if (write(2, b.p, b.len) < 0)
		sh.opt[OPT_XTRACE] = false;
	buf_free(&b);
}

/* ---- assignments ----------------------------------------------------- */

static bool
assign_all(struct node *n, int flags, bool save)
{
	for (struct assign *a = n->assigns; a != NULL; a = a->next) {
		char *value = expand_assign(a->value);

		if (value == NULL)
			return false;
		if (save)
			var_save(a->name);
		if (!var_set(a->name, value, flags)) {
			fatal_expansion();
			return false;
		}
	}
	return true;
}

/* ---- builtins and functions ------------------------------------------ */

static int
call_function(struct function *f, int argc, char **argv)
{
	struct params outer = sh.params;
	int loop_depth = sh.loop_depth, status;
	struct unit *u = f->unit;
	struct node *body = f->body;

	if (sh.function_depth >= MAX_CALL_DEPTH) {
		error("%s: functions call each other too deeply", argv[0]);
		fatal_expansion();
		return sh.status;
	}
	unit_hold(u);
	params_set(&sh.params, argc - 1, argv + 1);
	sh.loop_depth = 0;
	sh.function_depth++;
	var_frame_push();
	status = exec_node(body, false);
	var_frame_pop();
	sh.function_depth--;
	sh.loop_depth = loop_depth;
	params_free(&sh.params);
	sh.params = outer;
	unit_drop(u);
	if (sh.unwind == UNWIND_RETURN) {
		sh.unwind = UNWIND_NONE;
		status = sh.status;
	}
	return status;
}

static int
call_builtin(const struct builtin *b, int argc, char **argv)
{
	int status = b->run(argc, argv);
	int code = out_flush();

	if (code != 0) {
		error("%s: cannot write: %s", argv[0], strerror(code));
		if (status == 0)
			status = 1;
	}
	return status;
}

static int
run_program(struct node *n, char **argv)
{
	struct job *j = job_new(n);
	pid_t pid = job_fork(j, true);

	if (pid < 0) {
		error("cannot start a new process for '%s': %s", argv[0],
		      strerror(errno));
		job_free(j);
		return 254;
	}
	if (pid > 0)
		return job_wait_foreground(j);
	if (n != NULL && redir_apply(n->redirs, NULL) < 0)
		shell_exit(1);
	if (n != NULL && !assign_all(n, VAR_EXPORT, false))
		shell_exit(sh.status);
	exec_program(argv);
}

/* Run what `command`, or anything but the tree, names. */
int
run_argv(int argc, char **argv, bool functions)
{
	struct function *f = functions ? function_find(argv[0]) : NULL;
	const struct builtin *b = builtin_find(argv[0]);

	if (f != NULL)
		return call_function(f, argc, argv);
	if (b != NULL)
		return call_builtin(b, argc, argv);
	return run_program(NULL, argv);
}

/* `exec program`: a shell that talks to a person survives a mistake. */
int
builtin_exec(int argc, char **argv)
{
	int code;

	if (argc < 2)
		return 0;
	if (find_program(argv[1], &code) == NULL) {
		code = explain(argv[1], code);
		if (!sh.interactive)
			sh.unwind = UNWIND_EXIT;
		return sh.status = code;
	}
	jobs_end();
	signals_exec();
	exec_program(argv + 1);
}

/* ---- the simple command ---------------------------------------------- */

static int
run_assignments(struct node *n)
{
	struct saved_fd *saved = NULL;
	char *none[] = { NULL };
	int status = 0;

	if (redir_apply(n->redirs, &saved) < 0)
		status = 1;
	redir_restore(saved);
	if (status == 0 && !assign_all(n, 0, false))
		return sh.status;
	if (n->assigns != NULL)
		trace(n, none);
	if (status == 0 && sh.substitution_status > 0)
		status = sh.substitution_status;
	return status;
}

/*
 * Builtins and functions run in this process.  Redirections come off again,
 * but for `exec`; assignments stay only for special builtins.
 */
static int
run_here(struct node *n, int argc, char **argv, const struct builtin *b,
	 struct function *f)
{
	bool special = f == NULL && (b->flags & BUILTIN_SPECIAL);
	bool keep = f == NULL && strcmp(b->name, "exec") == 0;
	struct saved_fd *saved = NULL;
	bool frame = n->assigns != NULL && !special;
	int status;

	if (redir_apply(n->redirs, keep ? NULL : &saved) < 0) {
		redir_restore(saved);
		if (special && sh.unwind == UNWIND_NONE)
			fatal_expansion();
		return 1;
	}
	if (frame)
		var_frame_push();
	if (!assign_all(n, frame ? VAR_EXPORT : 0, frame))
		status = sh.status;
	else if (f != NULL)
		status = call_function(f, argc, argv);
	else
		status = call_builtin(b, argc, argv);
	if (frame)
		var_frame_pop();
	redir_restore(saved);
	return status;
}

int
exec_simple(struct node *n, bool tail)
{
	struct mark m = arena_mark(&sh_tmp);
	const struct builtin *b;
	struct function *f = NULL;
	int argc = 0, status;
	char **argv;

	sh.substitution_status = -1;
	argv = expand_words(n->words, &argc);
	if (argv == NULL) {
		status = sh.status;
	} else if (argc == 0) {
		status = run_assignments(n);
	} else {
		trace(n, argv);
		b = builtin_find(argv[0]);
		if (b == NULL || !(b->flags & BUILTIN_SPECIAL))
			f = function_find(argv[0]);
		if (b != NULL || f != NULL) {
			status = run_here(n, argc, argv, b, f);
		} else if (tail && !traps_set()) {
			if (redir_apply(n->redirs, NULL) < 0)
				shell_exit(1);
			if (!assign_all(n, VAR_EXPORT, false))
				shell_exit(sh.status);
			exec_program(argv);
		} else {
			status = run_program(n, argv);
		}
	}
	arena_release(&sh_tmp, m);
	return status;
}
