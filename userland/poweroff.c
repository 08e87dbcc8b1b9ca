/* SPDX-License-Identifier: MIT */
/*
 * poweroff, halt, reboot - write everything to the disks and stop the machine.
 *
 * One program: the name it is called by says what to do.
 */
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	int how = RB_POWER_OFF;

	prog_init(argv, "");
	prog_option(argc, argv, "");
	if (optind < argc)
		prog_usage();
	if (strcmp(prog_name, "reboot") == 0)
		how = RB_AUTOBOOT;
	sync();
	if (reboot(how) != 0)
		die("reboot");
	return prog_end();
}
