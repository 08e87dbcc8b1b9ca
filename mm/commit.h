/*
 * mm/commit.h - setting up commit accounting; the rest is in mm/space.h.
 */
#ifndef MM_COMMIT_H
#define MM_COMMIT_H

#include "lib/base.h"

/* Boot, once, after frame_init().  always: promise without limit. */
void commit_init(bool always);

#endif
