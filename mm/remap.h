/* SPDX-License-Identifier: MIT */
/*
 * mm/remap.h - mremap: resize and move a mapping.
 *
 * Process context; takes s->lock for writing and may sleep.  Pages that move
 * keep their frames, so nothing is copied or faulted in again.
 */
#ifndef MM_REMAP_H
#define MM_REMAP_H

#include "lib/base.h"

struct space;

/*
 * mremap(2): resize the mapping of [old, old + old_len) to new_len bytes, and
 * move it if it does not fit and `how` allows that.  old_len 0: duplicate a
 * shared mapping.  `to` is used only with REMAP_FIXED and REMAP_KEEP, and is 0
 * otherwise.
 * Returns the new address; -EFAULT (not one whole mapping), -EAGAIN
 * (LIMIT_MEMLOCK), -ENOMEM, -EINVAL (old_len 0 of a private mapping; `to` is
 * outside user space or overlaps the old mapping; a bad length or alignment).
 * An error leaves everything unchanged, except that a call that shrinks may
 * have unmapped the excess.
 */
#define REMAP_MAY_MOVE (1u << 0)
#define REMAP_FIXED    (1u << 1) /* at `to`, replacing other mappings */
#define REMAP_KEEP     (1u << 2) /* the old mapping stays, without its pages */
int64_t space_remap(struct space *s, uaddr_t old, uint64_t old_len,
		    uint64_t new_len, unsigned how, uaddr_t to) must_check;

#endif
