# SPDX-License-Identifier: MIT
"""Changes of ./tine mutate --checks that no program can see, each with the reason.

The key is that of sites.Change: file, function, error and condition, or the function and what it
always returns.  A key without a place in the sources fails the test of the tool.
"""

EQUIVALENT = {
}

# Beside the boots that every mutant gets, tests for the checks of a file: scripts of tests/guest,
# programs of tests/host, or of tests/user those that checks.GUEST_PROGRAMS has.
MORE_TESTS = {
    'fs/ext2/super.c': ('host-ext2',),
    'fs/generic.c': ('host-ext2',),
    'fs/mount.c': ('host-ext2', 'disk_test.py'),
    'fs/special.c': ('disk_test.py',),
    'proc/shortage.c': ('shortage_m',),
    'proc/signal.c': ('boot_test.py',),
}
