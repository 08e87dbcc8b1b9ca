"""Changes of ./tine mutate --checks that no program can see, each with the reason.

The key is that of sites.Change: file, function, error and condition, or the function and what it
always says.  A key that no place has any more fails the test of the tool.
"""

EQUIVALENT = {
}

# Beside the boots that every mutant gets: words of ./tine test for the checks of a file.
MORE_TESTS = {
    'fs/ext2/super.c': 'ext2',
    'fs/generic.c': 'ext2',
    'fs/mount.c': 'disk',
    'fs/special.c': 'boot',
}
