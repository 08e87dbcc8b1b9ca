/* SPDX-License-Identifier: MIT */
/*
 * kernel/hostname.c - the host name.
 *
 * Writers acquire hostname_lock; readers need no lock.  Nothing here sleeps or
 * allocates.
 */
#include "kernel/hostname.h"

#include "kernel/spinlock.h"
#include "lib/string.h"

static struct spinlock hostname_lock = SPINLOCK_INIT(LOCK_HOSTNAME);
static char hostname[HOSTNAME_MAX + 1] = "tine";

void
system_set_hostname(const char *name, size_t n)
{
	n = MIN(n, (size_t)HOSTNAME_MAX);
	spin_lock(&hostname_lock);
	/* The last byte stays NUL, so the string is always terminated. */
	memset(hostname, 0, HOSTNAME_MAX);
	memcpy(hostname, name, n);
	spin_unlock(&hostname_lock);
}

const char *
system_hostname(void)
{
	return hostname;
}
