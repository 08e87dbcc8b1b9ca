/* SPDX-License-Identifier: MIT */
/*
 * syscall/syscall.h - the Linux riscv64 system-call interface.
 *
 * Functions here only check and marshal arguments; the work is done in fs/,
 * proc/ and mm/.  They run in process context with no lock held, and return a
 * value or a negated errno.
 */
#ifndef SYSCALL_SYSCALL_H
#define SYSCALL_SYSCALL_H

#include "lib/base.h"
#include "lib/errno.h"

#define SYSCALL_MAX 512

#define SYS_ARGS_0 void
#define SYS_ARGS_1 uint64_t
#define SYS_ARGS_2 uint64_t, uint64_t
#define SYS_ARGS_3 uint64_t, uint64_t, uint64_t
#define SYS_ARGS_4 uint64_t, uint64_t, uint64_t, uint64_t
#define SYS_ARGS_5 uint64_t, uint64_t, uint64_t, uint64_t, uint64_t
#define SYS_ARGS_6 uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t

#define SYSCALL(nr, name, nargs)              \
	int64_t sys_##name(SYS_ARGS_##nargs); \
	_Static_assert((nr) < SYSCALL_MAX, #name " is out of range");
#include "syscall/calls.def"
#undef SYSCALL

#endif
