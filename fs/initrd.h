/* SPDX-License-Identifier: MIT */
/*
 * fs/initrd.h - unpack an initial RAM disk into the root file system.
 *
 * The boot loader puts the archive into memory, and boot_initrd() finds it.
 * fs_init() calls initrd_unpack() once, as root, when the root file system is
 * an empty tmpfs.
 */
#ifndef FS_INITRD_H
#define FS_INITRD_H

#include "lib/base.h"

/* Boot, after the root was mounted; errors are logged.  Process context. */
void initrd_unpack(const void *bytes, uint64_t size) nonnull;

#endif
