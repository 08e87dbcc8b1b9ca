/* SPDX-License-Identifier: MIT */
/*
 * tests/user/calls.h - tables of system calls, and pointers that no call may
 * accept.
 *
 * out_calls() lists the calls that write a result into the caller's memory,
 * call_args() every system call with the meaning of its arguments, and
 * bad_pointers() the addresses that must give EFAULT.
 */
#ifndef TESTS_USER_CALLS_H
#define TESTS_USER_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#define OUT_NULL_OK  1	/* NULL means that the result is not wanted */
#define OUT_PARTIAL  2	/* may stop at the end of the good memory */
#define OUT_NOT_QEMU 4	/* qemu-user does not check the pointer well */
#define OUT_ALIGNED  8	/* EINVAL when it does not divide by 4 */
#define OUT_IGNORED  16 /* there is nothing to read or write there */
#define OUT_TINE     32 /* Linux asks for rights first, or differs otherwise */

struct out_call {
	const char *name;
	int tier;		    /* up to 4: the call must exist */
	size_t size;		    /* bytes in which the result shows */
	long (*call)(void *out);    /* -1 and errno, or success */
	void (*prepare)(void *out); /* fills in what the call also reads */
	unsigned flags;
};

#define BAD_NULL     1
#define BAD_SHORT    2 /* its first byte is good */
#define BAD_READABLE 4 /* a page of zeroes that can be read */

struct bad_pointer {
	const char *name;
	char *p;
	unsigned flags;
};

const struct out_call *out_calls(size_t *n);
const struct bad_pointer *bad_pointers(size_t *n);
/* The result says that this kernel lacks the call, and the call is optional. */
bool out_call_absent(const struct out_call *call, long got);
/* Expects EFAULT, no descriptor lost, and a process that lives on. */
void bad_call(const struct out_call *call, const struct bad_pointer *bad);

/*
 * kinds has a letter for each argument.  Pointers: s a path, p what the call
 * reads, w what it writes (or both).  Others: f a descriptor, d the one that a
 * path starts from, a and l a range of memory, z a size, o an offset, c a
 * choice, g flags, m a mode, n a process, k a signal, i another number.
 */
struct call_args {
	const char *name;
	unsigned nr, nargs;
	const char *kinds; /* NULL: callargs.c does not know the call */
};

const struct call_args *call_args(size_t *n);

#endif
