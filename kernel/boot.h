/* SPDX-License-Identifier: MIT */
/*
 * kernel/boot.h - from the firmware's jump to the first program.
 *
 * arch/riscv/entry.S calls kernel_boot() on the boot hart; the other harts come
 * to hart_main() through arch/riscv/smp.c.  The command line comes from the
 * device tree and is constant after boot, so any context may read it.
 */
#ifndef KERNEL_BOOT_H
#define KERNEL_BOOT_H

#include "lib/base.h"

/* First C function of the boot hart, on the boot stack, paging on. */
noreturn void kernel_boot(uint64_t hart_id, paddr_t dtb);

/* Each hart comes here, on a stack of its own, and becomes its idle thread. */
noreturn void hart_main(void);

/* The boot hart's instruction counter at the kernel's first instruction. */
extern uint64_t boot_instret;

/* Boot: the command line, or NULL for none; copied. */
void boot_set_command_line(const char *args);

/*
 * The value of `name=value` on the kernel's command line, copied into
 * buf[size].  `name` alone gives "".  False when it is absent.
 */
bool boot_option(const char *name, char *buf, size_t size);

/* The whole command line. */
const char *boot_command_line(void);

/* Log each option that no boot_option() has found.  At the end of boot. */
void boot_warn_unused_options(void);

/*
 * Store the words behind -- in argv[1], argv[2] and so on, then NULL; quotes
 * are honored.  argv has BOOT_ARGS_MAX + 2 entries.  Boot, once: the words stay
 * in memory of this file.  Panics if they do not fit or a quote is not closed.
 */
#define BOOT_ARGS_MAX 64u
void boot_init_args(char **argv) nonnull;

#endif
