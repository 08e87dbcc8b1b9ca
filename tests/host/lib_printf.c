/* tests/host/lib_printf.c - lib/printf.c for lib_test.c. */
#include "lib_rename.h"

#include "lib/printf.c"
