/* SPDX-License-Identifier: MIT */
/*
 * sync - write everything that is only in memory to the disks.
 *
 * The system call reports no errors, so the status says nothing about the
 * disks.
 */
#include <unistd.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	prog_init(argv, "");
	prog_option(argc, argv, "");
	sync();
	return prog_end();
}
