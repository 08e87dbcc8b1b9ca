"""Changes of ./tine mutate --checks that no program can see, each with the reason.

The key is that of sites.Change: file, function, error and condition, or the function and what it
always says.  A key that no place has any more fails the test of the tool.
"""

EQUIVALENT = {
}

# Beside the boots that every mutant gets, for the checks of a file: words of ./tine test, and what
# must be built for them.
MORE_TESTS = {
    'fs/ext2/super.c': ('[e]xt2', 'tests/host/host-ext2'),
    'fs/generic.c': ('[e]xt2-damage', 'tests/host/host-ext2-damage'),
    'fs/mount.c': ('[d]isk', 'tine.elf disk.img'),
    'fs/special.c': ('[b]oot', 'tine.elf disk.img'),
}
