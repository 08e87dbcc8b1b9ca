/* SPDX-License-Identifier: MIT */
/*
 * mm/user.h - what each user makes the kernel hold, counted and bounded.
 *
 * A struct user stands for one user id while anything of that user is counted.
 * Each thread of a process has a reference to the user of its real id
 * (thread->user); an object that is counted has another one, because it may
 * outlive the thread.  docs/limits.md lists what is counted, and where.
 *
 * NULL in place of a user is the kernel itself, which has no bounds.
 */
#ifndef MM_USER_H
#define MM_USER_H

#include "lib/base.h"

struct user;

enum user_kind {
	USER_TASKS,   /* threads, zombies too: RLIMIT_NPROC */
	USER_SIGNALS, /* queue entries: RLIMIT_SIGPENDING */
	USER_PIPES,   /* pages of capacity: fs/pipesize.c */
	USER_FILES,   /* open files; user_most */
	USER_VMAS,    /* VMAs; user_most */
	USER_TEXTS,   /* pages from user_page(); user_most */
	USER_TABLES,  /* page tables that its spaces name; user_most */
	USER_KINDS
};

/*
 * [a] How many of a kind a user other than root may hold, for the kinds that
 * say user_most.  From the size of RAM: a sixteenth of RAM for each kind, for
 * tables a quarter.  Root sets these limits in /proc/sys/kernel.
 */
extern _Atomic uint64_t user_most[USER_KINDS];

/* Boot, once, after frame_init(). */
void user_init(void);

/*
 * The user with this id, with a reference for the caller; NULL: no memory.
 * Process context, may sleep.
 */
struct user *user_find(uint32_t uid) must_check;
/* One more reference; the caller has one already.  Any context. */
struct user *user_get(struct user *u);
/*
 * One reference less; at 0 the user is freed, and must hold nothing.  Any
 * context.
 */
void user_put(struct user *u);

/*
 * Charge the user for n more of a kind.  False, and nothing has changed, if
 * that would be more than `limit`.  Any context.
 */
bool user_charge(struct user *u, enum user_kind kind, uint64_t n,
		 uint64_t limit) must_check;
/* As user_charge(), with the limit of user_most; root has none. */
bool
user_charge_most(struct user *u, enum user_kind kind, uint64_t n) must_check;
/*
 * user_charge_most() in two steps: charge without a limit, then test the limit.
 */
void user_add(struct user *u, enum user_kind kind, uint64_t n);
bool user_within(const struct user *u, enum user_kind kind);
/* The user holds n fewer of a kind. */
void user_uncharge(struct user *u, enum user_kind kind, uint64_t n);

/* The user's id; 0 for the kernel itself. */
uint32_t user_uid(const struct user *u);

/*
 * A page for text that the kernel keeps for a user, counted; contents
 * undefined.  NULL: no memory, or the user may have no more of them.  Process
 * context, may sleep.
 */
void *user_page(struct user *u) must_check;
/* Free such a page.  Any context. */
void user_page_free(struct user *u, void *page);

/*
 * What the user with the lowest id >= *uid holds, and *uid set to that id.
 * False: there is none.  Any context.
 */
bool user_next(uint32_t *uid, uint64_t holds[USER_KINDS]) nonnull;

#endif
