/*
 * fs/pipesize.h - how many pages a pipe may hold, counted a user.
 *
 * Counted is a pipe's capacity, not what is inside.
 */
#ifndef FS_PIPESIZE_H
#define FS_PIPESIZE_H

#include "lib/base.h"

struct user;

#define PIPE_PAGES	16u   /* the usual capacity, a power of two */
#define PIPE_PAGES_FEW	2u    /* that of a user who holds many */
#define PIPE_PAGES_MOST 4096u /* that the ring of one pipe can have */

/*
 * The capacity of a new pipe in pages, already counted for `u`; 0: none, u is
 * at the hard limit.
 */
uint32_t pipe_charge_new(struct user *u) must_check;

/*
 * Count `more` pages for `u`, whose pipe is to have `pages` then.  0, or -EPERM
 * when the current thread may not do that; never if more is 0.
 */
int pipe_charge_more(struct user *u, uint32_t more, uint32_t pages) must_check;

/* So many pages fewer. */
void pipe_uncharge(struct user *u, uint32_t pages);

/* Boot, once: limits from the size of RAM, and their files in /proc. */
void pipesize_init(void);

#endif
