/* SPDX-License-Identifier: MIT */
/*
 * syscall/syscall.h - prototypes of the system-call functions, one sys_NAME for
 * each SYSCALL() of syscall/calls.def.
 *
 * A system-call function only checks and converts arguments; fs/, proc/ and mm/
 * do the work.  It runs in process context with no lock held, and returns a
 * value or a negated errno.
 */
#ifndef SYSCALL_SYSCALL_H
#define SYSCALL_SYSCALL_H

#include "lib/base.h"
#include "lib/errno.h"

#define SYSCALL_MAX 512

/* Expand the arguments of calls.def (type ti, name ni) to parameters. */
#define ARGS_0()		       void
#define ARGS_1(t1, n1)		       t1 n1
#define ARGS_2(t1, n1, t2, n2)	       ARGS_1(t1, n1), t2 n2
#define ARGS_3(t1, n1, t2, n2, t3, n3) ARGS_2(t1, n1, t2, n2), t3 n3
#define ARGS_4(t1, n1, t2, n2, t3, n3, t4, n4) \
	ARGS_3(t1, n1, t2, n2, t3, n3), t4 n4
#define ARGS_5(t1, n1, t2, n2, t3, n3, t4, n4, t5, n5) \
	ARGS_4(t1, n1, t2, n2, t3, n3, t4, n4), t5 n5
#define ARGS_6(t1, n1, t2, n2, t3, n3, t4, n4, t5, n5, t6, n6) \
	ARGS_5(t1, n1, t2, n2, t3, n3, t4, n4, t5, n5), t6 n6

#define SYSCALL(nr, name, args)		     int64_t sys_##name(args);
#define SYSCALL_TO(nr, name, function, args) /* declared elsewhere */
#include "syscall/calls.def"

#endif
