/* SPDX-License-Identifier: MIT */
/*
 * kernel/load.h - load averages: the mean number of threads that run or are
 * ready.
 *
 * A timer takes a sample every few seconds.  load_average() needs no lock and
 * runs in any context.
 */
#ifndef KERNEL_LOAD_H
#define KERNEL_LOAD_H

#include "lib/base.h"

#define LOAD_AVERAGES 3	 /* over 1, 5 and 15 minutes */
#define LOAD_SHIFT    16 /* in units of 1/65536 */
uint64_t load_average(unsigned i);
void load_init(void); /* boot */

#endif
