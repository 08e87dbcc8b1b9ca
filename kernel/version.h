/*
 * kernel/version.h - which Tine this is.
 */
#ifndef KERNEL_VERSION_H
#define KERNEL_VERSION_H

/* What git describe says of the tree, or the project's version: "0.1-a88f31c". */
extern const char tine_version[];

#endif
