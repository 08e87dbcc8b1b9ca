/* SPDX-License-Identifier: MIT */
/*
 * check/audit.h - checks all page tables against the frame database.
 *
 * The audit stops the other harts, walks the page tables of every space, counts
 * the tables that map each frame, and compares the counts with the frame
 * database.  The head of check/audit.c lists the invariants, I1 to I12.
 */
#ifndef MM_AUDIT_H
#define MM_AUDIT_H

#include "lib/base.h"

struct audit;

/*
 * Run the audit.  Writes "ok\n" into buf[size], or one line for each violation,
 * truncated to fit.  Returns the number of violations, or -ENOMEM if the
 * counters cannot be allocated.  Process context, no lock held; may sleep.
 */
int audit_run(char *buf, size_t size);

/* Record one violation, formatted as by printf(), in the report. */
void audit_report(struct audit *a, const char *fmt, ...) print_format(2, 3);

#endif
