/* SPDX-License-Identifier: MIT */
/*
 * tests/user/matrix/matrix_ids.c - setuid and its like, from every state of the
 * three ids; see matrix.h.
 *
 * matrix_ids() takes each triple of real, effective and saved id, makes each
 * call with each id in a child, and prints the ids afterwards.  Groups get half
 * of the states.
 */
#include "matrix.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define KEEP ((uint32_t)-1)

static const uint32_t ids[] = { 0, 1001, 1002 };
static const uint32_t wanted[] = { KEEP, 0, 1001, 1002, 1003 };

enum { SET_ONE, SET_TWO, SET_THREE, WAYS };
static const char *const way_names[2][WAYS] = {
	{ "setuid", "setreuid", "setresuid" },
	{ "setgid", "setregid", "setresgid" },
};
static const long way_numbers[2][WAYS] = {
	{ SYS_setuid, SYS_setreuid, SYS_setresuid },
	{ SYS_setgid, SYS_setregid, SYS_setresgid },
};
static const unsigned way_arguments[WAYS] = { 1, 2, 3 };

struct trial {
	bool group,
		root; /* which ids; whether the caller is root, for groups */
	int way;
	uint32_t from[3], to[3];
};

static const char *
id_name(uint32_t id)
{
	return id == KEEP   ? "-"
	       : id == 0    ? "0"
	       : id == 1001 ? "a"
	       : id == 1002 ? "b"
			    : "c";
}

/* In a child: one call, and the ids afterwards. */
static long
attempt(const struct trial *t, char *after)
{
	uint32_t id[3];
	long r;

	if (t->group) {
		must(syscall(SYS_setresgid, t->from[0], t->from[1],
			     t->from[2]) == 0,
		     "setresgid");
		if (!t->root)
			must(syscall(SYS_setresuid, 1001, 1001, 1001) == 0,
			     "setresuid");
	} else {
		must(syscall(SYS_setresuid, t->from[0], t->from[1],
			     t->from[2]) == 0,
		     "setresuid");
	}
	r = RESULT(syscall(way_numbers[t->group][t->way], t->to[0], t->to[1],
			   t->to[2]));
	syscall(t->group ? SYS_getresgid : SYS_getresuid, &id[0], &id[1],
		&id[2]);
	snprintf(after, ANSWER_MAX, ",%s%s%s", id_name(id[0]), id_name(id[1]),
		 id_name(id[2]));
	return r;
}

static void
trial_run(const struct trial *t)
{
	char text[ANSWER_MAX + 32];
	int status;
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (pid == 0) {
		job->result = attempt(t, job->more);
		_exit(0);
	}
	must(waitpid(pid, &status, 0) == pid && status == 0, "a trial");
	snprintf(text, sizeof(text), "%s%s", answer(job->result), job->more);
	line_add(text);
}

/* One state: every argument that may be asked for, a line for each call. */
static void
state_lines(struct trial *t)
{
	unsigned count = 1;

	for (t->way = 0; t->way < WAYS; t->way++) {
		count *= ARRAY_LEN(wanted);
		line_begin("ids %s%s %s%s%s", way_names[t->group][t->way],
			   t->group && t->root ? " as root" : "",
			   id_name(t->from[0]), id_name(t->from[1]),
			   id_name(t->from[2]));
		/* There are many triples: every seventh. */
		for (unsigned i = 0; i<count; i += count> 25 ? 7 : 1) {
			unsigned rest = i;

			for (unsigned k = 0; k < way_arguments[t->way]; k++) {
				t->to[k] = wanted[rest % ARRAY_LEN(wanted)];
				rest /= ARRAY_LEN(wanted);
			}
			trial_run(t);
		}
		line_end();
	}
}

void
matrix_ids(void)
{
	struct trial t = { .root = false };

	fflush(stdout);
	for (unsigned s = 0; s < 27; s++) {
		t.from[0] = ids[s % 3];
		t.from[1] = ids[s / 3 % 3];
		t.from[2] = ids[s / 9];
		t.group = false;
		state_lines(&t);
		/*
		 * Groups follow the same rules: half of the states are enough.
		 */
		t.group = true;
		t.root = s % 2 == 0;
		if (s % 4 < 2)
			state_lines(&t);
	}
}
