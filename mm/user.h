/* SPDX-License-Identifier: MIT */
/*
 * mm/user.h - counts and limits the kernel resources of each user.
 *
 * A struct user exists for a user id while anything is counted for that id.
 * Each thread holds a reference to the user of its real id (thread->user).  A
 * counted object holds its own reference, because it may outlive the thread.
 * docs/limits.md lists what is counted, and where.
 *
 * NULL in place of a user means the kernel itself, which has no limits.
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
	USER_TABLES,  /* page tables of its spaces; user_most */
	USER_KINDS
};

/*
 * [a] The limit of each kind marked user_most, for users other than root.  By
 * default a sixteenth of RAM for each kind, and a quarter for page tables.
 * Root sets these limits in /proc/sys/kernel.
 */
extern _Atomic uint64_t user_most[USER_KINDS];

/* Boot, once, after frame_init(). */
void user_init(void);

/*
 * Find or create the user with this id.  Returns a reference, or NULL if memory
 * is short.  Process context, may sleep.
 */
struct user *user_find(uint32_t uid) must_check;
/* Take one more reference; the caller already holds one.  Any context. */
struct user *user_get(struct user *u);
/*
 * Drop one reference.  The last one frees the user; all its counts must then be
 * 0.  Any context.
 */
void user_put(struct user *u);

/*
 * Charge the user for n more objects of a kind.  Returns false, and changes
 * nothing, if the count would exceed `limit`.  Any context.
 */
bool user_charge(struct user *u, enum user_kind kind, uint64_t n,
		 uint64_t limit) must_check;
/* As user_charge(), with the limit in user_most[]; root has no limit. */
bool
user_charge_most(struct user *u, enum user_kind kind, uint64_t n) must_check;
/*
 * user_charge_most() in two steps: charge without a limit, then test the limit.
 */
void user_add(struct user *u, enum user_kind kind, uint64_t n);
bool user_within(const struct user *u, enum user_kind kind);
/* Undo a charge of n objects of this kind. */
void user_uncharge(struct user *u, enum user_kind kind, uint64_t n);

/* The user's id; 0 for the kernel itself. */
uint32_t user_uid(const struct user *u);

/*
 * Allocate and charge a page for text that the kernel keeps for a user;
 * contents undefined.  NULL: no memory, or the user is at the limit.  Process
 * context, may sleep.
 */
void *user_page(struct user *u) must_check;
/* Free a page from user_page(), and undo its charge.  Any context. */
void user_page_free(struct user *u, void *page);

/*
 * Find the user with the lowest id >= *uid.  Sets *uid to that id, and `holds`
 * to its counts.  False if there is none.  Any context.
 */
bool user_next(uint32_t *uid, uint64_t holds[USER_KINDS]) nonnull;

#endif
