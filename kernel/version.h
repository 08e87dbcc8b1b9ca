/* SPDX-License-Identifier: MIT */
/*
 * kernel/version.h - the version of this kernel.
 *
 * tools/version.py writes the string at each build; the boot messages and
 * /proc/version show it.
 */
#ifndef KERNEL_VERSION_H
#define KERNEL_VERSION_H

/* The output of git describe, or the project's version: "0.1-a88f31c". */
extern const char tine_version[];

#endif
