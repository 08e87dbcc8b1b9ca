/* tests/host/lib_string.c - lib/string.c for lib_test.c. */
#include "lib_rename.h"

#include "lib/string.c"
