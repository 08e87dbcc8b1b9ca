/* SPDX-License-Identifier: MIT */
/*
 * proc/init.h - start pid 1, from which all processes descend.
 *
 * The boot calls process_start_init() once, in a kernel thread, after all rooms
 * are initialised.
 */
#ifndef PROC_INIT_H
#define PROC_INIT_H

#include "lib/base.h"

/*
 * Boot, after fs_init(): initialise what all processes need, and start pid 1 in
 * the program `path` (NULL: the first of the usual programs that starts).
 * argv[1] and so on are its arguments, up to a NULL; argv[0] is ignored.  path
 * and the arguments must stay valid.  Panics if no program can be started, and
 * names those that were tried.
 */
void process_start_init(const char *path, char *const argv[]);

#endif
