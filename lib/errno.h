/* SPDX-License-Identifier: MIT */
/*
 * lib/errno.h - error numbers, with the values of the Linux riscv64 ABI.
 *
 * Kernel functions return an error as a negative number, and 0 for success.
 * System calls return the same values to the program.
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#define EPERM	     1
#define ENOENT	     2
#define ESRCH	     3
#define EINTR	     4
#define EIO	     5
#define ENXIO	     6
#define E2BIG	     7
#define ENOEXEC	     8
#define EBADF	     9
#define ECHILD	     10
#define EAGAIN	     11
#define ENOMEM	     12
#define EACCES	     13
#define EFAULT	     14
#define ENOTBLK	     15
#define EBUSY	     16
#define EEXIST	     17
#define EXDEV	     18
#define ENODEV	     19
#define ENOTDIR	     20
#define EISDIR	     21
#define EINVAL	     22
#define ENFILE	     23
#define EMFILE	     24
#define ENOTTY	     25
#define ETXTBSY	     26
#define EFBIG	     27
#define ENOSPC	     28
#define ESPIPE	     29
#define EROFS	     30
#define EMLINK	     31
#define EPIPE	     32
#define EDOM	     33
#define ERANGE	     34
#define EDEADLK	     35
#define ENAMETOOLONG 36
#define ENOLCK	     37
#define ENOSYS	     38
#define ENOTEMPTY    39
#define ELOOP	     40
#define ENODATA	     61
#define EOVERFLOW    75
#define ENOTSUP	     95
#define EOPNOTSUPP   95
#define ETIMEDOUT    110
#define EUCLEAN	     117 /* on-disk structure is corrupt */

/*
 * Kernel-internal results, never returned to a program.  ERESTARTSYS: a signal
 * interrupted the call before it had an effect; the signal code turns this
 * result into a restart (SA_RESTART) or -EINTR.  ERESTARTNOHAND: as
 * ERESTARTSYS, but the call is restarted only if no handler runs.
 */
#define ERESTARTSYS 512
/* The call has changed nothing: restart it even after a handler has run. */
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
/* Restart the sleep until sleep_deadline, unless a handler has run. */
#define ERESTART_SLEEP 516

#endif
