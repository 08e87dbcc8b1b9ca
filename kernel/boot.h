/*
 * kernel/boot.h - from the firmware's jump to the first program.
 */
#ifndef KERNEL_BOOT_H
#define KERNEL_BOOT_H

#include "lib/base.h"

/* First C function of the boot hart, on the boot stack, paging on. */
noreturn void kernel_boot(uint64_t hart_id, paddr_t dtb);

/* Every hart ends up here, on a stack of its own, to become an idle thread. */
noreturn void hart_main(void);

/* What this hart's instruction counter showed at the kernel's first one. */
extern uint64_t boot_instret;

/*
 * The value of `name=value` on the kernel's command line, copied into
 * buf[size].  `name` alone gives "".  False when it is absent.
 */
bool boot_option(const char *name, char *buf, size_t size);

/* The whole command line. */
const char *boot_command_line(void);

#endif
