/* SPDX-License-Identifier: MIT */
/*
 * tests/host/lib_printf.c - lib/printf.c for lib_test.c.
 *
 * A file of its own, since lib_rename.h renames its functions first.
 */
#include "lib_rename.h"

#include "lib/printf.c"
