/* SPDX-License-Identifier: MIT */
/*
 * proc/stack.h - the initial stack of a program: argc, argv, the environment,
 * the auxiliary vector, and the strings they point to.
 *
 * For execve(2): stack_layout() first, then stack_store() once the stack is
 * mapped.  Process context.
 */
#ifndef PROC_STACK_H
#define PROC_STACK_H

#include "lib/base.h"

struct exec_rights;
struct script;
struct space;
struct strings;

struct stack_plan {
	/* Input: argc arguments, then envc variables, then the path. */
	const struct strings *strings;
	unsigned argc, envc;
	const struct script *script;
	const struct exec_rights *rights;
	uaddr_t headers, entry, interp_base;
	unsigned header_count;

	/* Output of stack_layout(). */
	unsigned final_argc;
	size_t skip; /* bytes of argv[0], if a script replaces it */
	size_t script_bytes;
	uaddr_t script_at, strings_at, sp;
	unsigned words; /* of 8 bytes, from sp up */
};

/* Compute the layout; `limit` is RLIMIT_STACK.  0 or -E2BIG. */
int stack_layout(struct stack_plan *p, uint64_t limit) must_check nonnull;

/*
 * Write the stack into the space, where it is mapped down to p->sp, and set
 * arg_start, arg_end, env_start and env_end of the space.  0 or -ENOMEM.
 */
int stack_store(struct stack_plan *p, struct space *s) must_check nonnull;

#endif
