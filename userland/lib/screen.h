/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/screen.h - how many columns text takes on a screen.
 *
 * For less and for the shell's editor, which must know where a row ends.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stddef.h>

/*
 * The columns that the first character of `text` takes: 2 if it is wide, 0 if
 * it combines with the one before, else 1.  `text` holds length > 0 bytes of
 * UTF-8; *bytes is how many of them are that character, 1 for no valid one.
 */
unsigned char_columns(const char *text, size_t length, size_t *bytes);

#endif
