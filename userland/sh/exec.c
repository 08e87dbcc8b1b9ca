/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/exec.c - walking the tree.
 *
 * exec_node() returns the exit status and leaves it in sh.status.  `tail`
 * says that nothing is left to do in this process afterwards, so that a
 * program may replace the shell instead of being forked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/* Set -e: a failure outside a condition ends the shell. */
static void
check_errexit(int status)
{
	if (status != 0 && sh.opt[OPT_ERREXIT] && sh.no_errexit == 0 &&
	    sh.unwind == UNWIND_NONE) {
		sh.status = status;
		sh.unwind = UNWIND_EXIT;
	}
}

/* The child of a fork: run and end. */
void
run_child(struct node *n)
{
	int status = exec_node(n, true);

	shell_exit(status);
}

static int
fork_failed(void)
{
	error("cannot start a new process: %s", strerror(errno));
	return sh.status = 254;
}

/* ---- pipelines ------------------------------------------------------- */

static void
pipe_child(struct node *kid, int in, int out[2])
{
	if (in >= 0) {
		dup2(in, 0);
		close(in);
	}
	if (out != NULL) {
		close(out[0]);
		dup2(out[1], 1);
		close(out[1]);
	}
	run_child(kid);
}

/* Start every command of a pipeline; the last one ends the job. */
static bool
start_pipeline(struct node *n, struct job *j)
{
	int in = -1;

	for (struct node *kid = n->kids; kid != NULL; kid = kid->next) {
		int fds[2] = { -1, -1 };
		pid_t pid;

		/* Above the standard ones, even when those are closed. */
		if (kid->next != NULL && pipe(fds) == 0) {
			fds[0] = fd_move_high(fds[0]);
			fds[1] = fd_move_high(fds[1]);
		}
		if (kid->next != NULL && fds[1] < 0) {
			error("cannot create a pipe: %s", strerror(errno));
			if (in >= 0)
				close(in);
			return false;
		}
		pid = job_fork(j, true);
		if (pid == 0)
			pipe_child(kid, in, kid->next != NULL ? fds : NULL);
		if (pid < 0)
			fork_failed();
		if (in >= 0)
			close(in);
		if (fds[1] >= 0)
			close(fds[1]);
		in = fds[0];
		if (pid < 0) {
			if (in >= 0)
				close(in);
			return false;
		}
	}
	return true;
}

static int
exec_pipeline(struct node *n, bool tail)
{
	int status;

	if (n->kids->next == NULL) {
		if (!n->negate)
			return exec_node(n->kids, tail);
		sh.no_errexit++;
		status = exec_node(n->kids, false);
		sh.no_errexit--;
	} else {
		struct job *j = job_new(n);
		bool started = start_pipeline(n, j);

		status = job_wait_foreground(j);
		if (!started)
			status = 254;
	}
	if (n->negate && sh.unwind == UNWIND_NONE)
		status = !status;
	sh.status = status;
	if (!n->negate)
		check_errexit(status);
	return status;
}

static int
exec_and_or(struct node *n, bool tail)
{
	int status = 0;

	for (struct node *kid = n->kids; kid != NULL; kid = kid->next) {
		bool last = kid->next == NULL;

		if ((kid->joint == JOINT_AND && status != 0) ||
		    (kid->joint == JOINT_OR && status == 0))
			continue;
		sh.no_errexit += !last;
		status = exec_node(kid, tail && last);
		sh.no_errexit -= !last;
		if (sh.unwind != UNWIND_NONE)
			break;
	}
	return status;
}

/* `list &`: without job control it must not read the terminal or die by ^C. */
static int
exec_async(struct node *n)
{
	struct job *j = job_new(n);
	pid_t pid = job_fork(j, false);

	if (pid < 0) {
		job_free(j);
		return fork_failed();
	}
	if (pid == 0)
		run_child(n);
	sh.last_background = pid;
	job_background(j, sh.interactive);
	return sh.status = 0;
}

static int
exec_list(struct node *n, bool tail)
{
	int status = 0;

	for (struct node *kid = n->kids; kid != NULL; kid = kid->next) {
		if (kid->async)
			status = exec_async(kid);
		else
			status = exec_node(kid, tail && kid->next == NULL);
		if (sh.unwind != UNWIND_NONE)
			break;
	}
	return status;
}

/* ---- compound commands ----------------------------------------------- */

static int
exec_condition(struct node *n)
{
	int status;

	sh.no_errexit++;
	status = exec_node(n, false);
	sh.no_errexit--;
	return status;
}

static int
exec_if(struct node *n, bool tail)
{
	for (struct clause *c = n->clauses; c != NULL; c = c->next) {
		int status = exec_condition(c->cond);

		if (sh.unwind != UNWIND_NONE)
			return status;
		if (status == 0)
			return exec_node(c->body, tail);
	}
	return n->body != NULL ? exec_node(n->body, tail) : 0;
}

/* After the body of a loop: does the loop go on? */
static bool
loop_goes_on(void)
{
	if (sh.unwind == UNWIND_BREAK || sh.unwind == UNWIND_CONTINUE) {
		bool ours = --sh.unwind_count == 0;
		bool again = ours && sh.unwind == UNWIND_CONTINUE;

		if (ours)
			sh.unwind = UNWIND_NONE;
		return again;
	}
	return sh.unwind == UNWIND_NONE;
}

static int
exec_while(struct node *n)
{
	int status = 0;

	sh.loop_depth++;
	for (;;) {
		int cond = exec_condition(n->cond);

		if (sh.unwind == UNWIND_NONE) {
			if ((cond == 0) != (n->kind == NODE_WHILE))
				break;
			status = exec_node(n->body, false);
		}
		if (!loop_goes_on())
			break;
	}
	sh.loop_depth--;
	return sh.unwind == UNWIND_NONE ? status : sh.status;
}

static int
exec_for(struct node *n)
{
	struct mark m = arena_mark(&sh_tmp);
	int status = 0, count = sh.params.n;
	char **list;

	if (n->has_in) {
		list = expand_words(n->words, &count);
	} else {
		list = arena_alloc(&sh_tmp, (count + 1) * sizeof(*list));
		for (int i = 0; i < count; i++)
			list[i] = arena_strdup(&sh_tmp, sh.params.v[i]);
	}
	sh.loop_depth++;
	for (int i = 0; list != NULL && i < count; i++) {
		if (!var_set(n->name, list[i], 0)) {
			fatal_expansion();
			break;
		}
		status = exec_node(n->body, false);
		if (!loop_goes_on())
			break;
	}
	sh.loop_depth--;
	arena_release(&sh_tmp, m);
	return sh.unwind == UNWIND_NONE ? status : sh.status;
}

static bool
clause_matches(struct clause *c, const char *subject)
{
	size_t n = strlen(subject);

	for (struct word *w = c->patterns; w != NULL; w = w->next) {
		char *p = expand_pattern(w);

		if (p == NULL)
			return false;
		if (pattern_match(p, subject, n))
			return true;
	}
	return false;
}

static int
exec_case(struct node *n, bool tail)
{
	struct mark m = arena_mark(&sh_tmp);
	char *subject = expand_string(n->words);
	struct clause *c = n->clauses;
	int status = 0;

	while (c != NULL && subject != NULL && sh.unwind == UNWIND_NONE &&
	       !clause_matches(c, subject))
		c = c->next;
	arena_release(&sh_tmp, m);
	if (sh.unwind != UNWIND_NONE)
		return sh.status;
	if (c != NULL && c->body != NULL)
		status = exec_node(c->body, tail);
	return status;
}

static int
exec_subshell(struct node *n, bool tail)
{
	struct job *j;
	pid_t pid;
	int status;

	/* A subshell at the very end of one needs no other process. */
	if (tail && sh.subshell && !sh.opt[OPT_ERREXIT] && !traps_set())
		return exec_node(n->body, true);
	j = job_new(n);
	pid = job_fork(j, true);
	if (pid < 0) {
		job_free(j);
		return fork_failed();
	}
	if (pid == 0)
		run_child(n->body);
	status = sh.status = job_wait_foreground(j);
	check_errexit(status);
	return status;
}

static int
exec_compound(struct node *n, bool tail)
{
	switch (n->kind) {
	case NODE_SUBSHELL:
		return exec_subshell(n, tail);
	case NODE_GROUP:
		return exec_node(n->body, tail);
	case NODE_IF:
		return exec_if(n, tail);
	case NODE_WHILE:
	case NODE_UNTIL:
		return exec_while(n);
	case NODE_FOR:
		return exec_for(n);
	case NODE_CASE:
		return exec_case(n, tail);
	default:
		function_define(n->name, n->body, n->unit);
		return 0;
	}
}

static int
exec_redirected(struct node *n, bool tail)
{
	struct saved_fd *saved = NULL;
	int status = 1;

	if (n->redirs == NULL)
		return exec_compound(n, tail);
	if (redir_apply(n->redirs, &saved) == 0) {
		status = exec_compound(n, false);
	} else {
		sh.status = status;
		check_errexit(status);
	}
	redir_restore(saved);
	return status;
}

int
exec_node(struct node *n, bool tail)
{
	int status = sh.status;

	if (n == NULL || sh.unwind != UNWIND_NONE || sh.opt[OPT_NOEXEC])
		return status;
	if (stack_low()) {
		error("nested too deeply (a function that calls itself?)");
		fatal_expansion();
		return sh.status;
	}
	switch (n->kind) {
	case NODE_SIMPLE:
		sh.lineno = n->line;
		status = exec_simple(n, tail);
		check_errexit(status);
		break;
	case NODE_PIPE:
		status = exec_pipeline(n, tail);
		break;
	case NODE_ANDOR:
		status = exec_and_or(n, tail);
		break;
	case NODE_LIST:
		status = exec_list(n, tail);
		break;
	default:
		status = exec_redirected(n, tail);
		break;
	}
	if (sh.unwind == UNWIND_NONE)
		sh.status = status;
	trap_poll();
	return sh.status;
}
