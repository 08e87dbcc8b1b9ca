/* SPDX-License-Identifier: MIT */
/*
 * kernel/boot.h - the boot functions and the kernel's command line.
 *
 * arch/riscv/entry.S calls kernel_boot() on the boot hart; on the other harts
 * arch/riscv/smp.c calls hart_main().  The command line comes from the device
 * tree and is constant after boot, so any context may read it.
 */
#ifndef KERNEL_BOOT_H
#define KERNEL_BOOT_H

#include "lib/base.h"

/* The first C function on the boot hart, on the boot stack, paging on. */
noreturn void kernel_boot(uint64_t hart_id, paddr_t dtb);

/*
 * Start scheduling on this hart.  The current stack becomes the idle thread's.
 */
noreturn void hart_main(void);

/* The instret of the boot hart at the first instruction of the kernel. */
extern uint64_t boot_instret;

/* Store a copy of the command line `args`; NULL: there is none.  Boot time. */
void boot_set_command_line(const char *args);

/*
 * Copy the value of `name=value` on the kernel's command line into buf[size].
 * `name` alone gives "".  False if the option is absent.
 */
bool boot_option(const char *name, char *buf, size_t size);

/* The address and size of the initial RAM disk; NULL if there is none. */
const void *boot_initrd(uint64_t *size) nonnull;

/* The whole command line. */
const char *boot_command_line(void);

/*
 * Log each of the first 64 options that no boot_option() call has found.  At
 * the end of boot.
 */
void boot_warn_unused_options(void);

/*
 * Store the words after -- in argv[1], argv[2] and so on, then NULL; quotes
 * group words.  argv has BOOT_ARGS_MAX + 2 entries.  Call it once, at boot: the
 * words are stored in a static buffer.  Panics if there are too many words or a
 * quote is not closed.
 */
#define BOOT_ARGS_MAX 64u
void boot_init_args(char **argv) nonnull;

#endif
