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
 * [a] How many of a kind a user may hold who is not root, for the kinds that
 * say so.  From the size of RAM: a sixteenth of it for each kind, for tables a
 * quarter.  Root sets them in /proc/sys/kernel.
 */
extern _Atomic uint64_t user_most[USER_KINDS];

/* Boot, once, after frame_init(). */
void user_init(void);

/*
 * The user with this id, with a reference for the caller; NULL: no memory.
 * Process context, may sleep.
 */
struct user *user_find(uint32_t uid) must_check;
/* One more reference on a user that the caller has one on.  Any context. */
struct user *user_get(struct user *u);
/* One less; at 0 the user is freed and must hold nothing.  Any context. */
void user_put(struct user *u);

/*
 * The user holds n more of a kind, unless that would be more than `limit`.
 * False: it would, and nothing has changed.  Any context.
 */
bool user_charge(struct user *u, enum user_kind kind, uint64_t n,
		 uint64_t limit) must_check;
/* The same with the limit of user_most. */
bool
user_charge_most(struct user *u, enum user_kind kind, uint64_t n) must_check;
/* The same in two steps: more without a limit, and whether it is within it. */
void user_add(struct user *u, enum user_kind kind, uint64_t n);
bool user_within(const struct user *u, enum user_kind kind);
/* It holds n fewer. */
void user_uncharge(struct user *u, enum user_kind kind, uint64_t n);

/* Its id; 0 of the kernel itself. */
uint32_t user_uid(const struct user *u);

/*
 * A page for text that the kernel keeps for a user, counted; contents
 * undefined.  NULL: no memory, or the user has as many as may be.  Process
 * context, may sleep.
 */
void *user_page(struct user *u) must_check;
/* Back; any context. */
void user_page_free(struct user *u, void *page);

/*
 * What the user with the lowest id >= *uid holds, and *uid set to that id.
 * False: there is none.  Any context.
 */
bool user_next(uint32_t *uid, uint64_t holds[USER_KINDS]) nonnull;

#endif
