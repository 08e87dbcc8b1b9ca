/* SPDX-License-Identifier: MIT */
/*
 * proc/strings.h - the strings of an execve(), in kernel memory between the old
 * address space and the new one.
 *
 * The text consists of NUL-terminated strings, in chunks of a page: arguments,
 * environment, and the path of the program at the end.
 */
#ifndef PROC_STRINGS_H
#define PROC_STRINGS_H

#include "lib/base.h"

struct space;
struct strings_chunk;
struct user;

struct strings {
	struct strings_chunk *first, *last;
	struct user *user; /* charged for the chunks; a reference */
	size_t bytes;	   /* of all strings, with their NULs */
	unsigned count;
};

void strings_init(struct strings *s) nonnull;
void strings_free(struct strings *s) nonnull;

/* Append one string: 0, -EFAULT, -E2BIG, -ENOMEM. */
int strings_add_user(struct strings *s, uaddr_t at) must_check nonnull;
int strings_add(struct strings *s, const char *text) must_check nonnull;
/* Append the strings of a NULL-terminated array; none if `at` is 0. */
int strings_add_user_array(struct strings *s, uaddr_t at) must_check nonnull;
int strings_add_array(struct strings *s, char *const *array) must_check;

/* An iterator over the strings' addresses once they lie at `base`. */
struct strings_walk {
	const struct strings_chunk *chunk;
	size_t in_chunk; /* offset of the next string */
	uaddr_t at;	 /* its address */
};
void strings_walk_init(struct strings_walk *w, const struct strings *s,
		       uaddr_t base) nonnull;
/* The address of the next string. */
uaddr_t strings_walk_next(struct strings_walk *w) nonnull;

/* Copy the text from byte `skip` on to address `to`.  0 or -ENOMEM. */
int strings_store(const struct strings *s, size_t skip, struct space *space,
		  uaddr_t to) must_check nonnull;

#endif
