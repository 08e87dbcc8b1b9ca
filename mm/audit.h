/* SPDX-License-Identifier: MIT */
/*
 * mm/audit.h - recounting everything from the page tables.
 *
 * The audit stops the other harts, walks every space, counts the tables that
 * map each frame, and compares with the frame database.  Each promise it checks
 * has a number, I1 to I12; the head of audit.c says what each one means.
 */
#ifndef MM_AUDIT_H
#define MM_AUDIT_H

#include "lib/base.h"

struct audit;

/*
 * Run the audit and write "ok\n", or one line for each violation (as many as
 * fit), into buf[size].  Returns the number of violations; -ENOMEM if there is
 * no memory for counting.  Process context, no lock held.
 */
int audit_run(char *buf, size_t size);

/* For a strategy's own audit(): record a violation. */
void audit_report(struct audit *a, const char *fmt, ...) print_format(2, 3);

#endif
