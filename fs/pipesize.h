/* SPDX-License-Identifier: MIT */
/*
 * fs/pipesize.h - limits on the capacity of pipes, per pipe and per user.
 *
 * A user is charged for the capacity of a pipe, not for the bytes in it.
 * fs/pipe.c charges before it allocates or enlarges a ring, and undoes the
 * charge when the ring is shrunk or freed.  Root is exempt from the limits.
 * Process context.
 */
#ifndef FS_PIPESIZE_H
#define FS_PIPESIZE_H

#include "lib/base.h"

struct user;

#define PIPE_PAGES	16u   /* the usual capacity, a power of two */
#define PIPE_PAGES_FEW	2u    /* of a new pipe over the soft limit */
#define PIPE_PAGES_MOST 4096u /* the largest ring */

/* [a] Set at boot, and by root in /proc/sys/fs. */
extern _Atomic uint64_t pipe_max_size; /* bytes, a power of two pages */
extern _Atomic uint64_t pipe_soft_pages, pipe_hard_pages; /* 0: no limit */

/*
 * Charge a new pipe to `u`.  Returns the pipe's capacity in pages; 0: over the
 * hard limit.
 */
uint32_t pipe_charge_new(struct user *u) must_check;

/*
 * Charge `more` pages to `u` for a pipe with the new capacity `pages`.  0, or
 * -EPERM if a limit forbids it; always 0 if `more` is 0.
 */
int pipe_charge_more(struct user *u, uint32_t more, uint32_t pages) must_check;

/* Undo the charge of `pages` pages. */
void pipe_uncharge(struct user *u, uint32_t pages);

/* Boot, once: set the limits from the size of RAM. */
void pipesize_init(void);

#endif
