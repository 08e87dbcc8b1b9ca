/* SPDX-License-Identifier: MIT */
/*
 * kernel/hostname.h - the name of the machine in a network.
 *
 * uname(2) and /proc/sys/kernel/hostname show it; root may set it.
 * Any context; the two functions never fail.
 */
#ifndef KERNEL_HOSTNAME_H
#define KERNEL_HOSTNAME_H

#include "lib/base.h"

#define HOSTNAME_MAX 64u

/* Bytes beyond HOSTNAME_MAX are ignored. */
void system_set_hostname(const char *name, size_t n);
/* Read without a lock: a reader may see a mix of two names. */
const char *system_hostname(void);

#endif
