#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turn structure offsets into assembler constants.

usage: offsets.py OUTPUT DEPFILE SOURCE -- COMPILER FLAGS...

SOURCE is C code that says, for each constant,

    asm volatile("\\n->NAME %0" : : "i"(VALUE));

It is compiled to assembly and never assembled; the lines that start with "->"
become #defines in OUTPUT.  The numbers are the compiler's own, so assembly can
never disagree with C about a structure.
"""
import os
import re
import subprocess
import sys
import tempfile

LINE = re.compile(r'^\s*->\s*(\w+)\s+[$#]?(-?\d+)')


def extract(assembly):
    """Give the (name, value) pairs of the marked lines, in order."""
    pairs = []
    for line in assembly.splitlines():
        found = LINE.match(line)
        if found:
            pairs.append((found.group(1), int(found.group(2))))
        elif line.lstrip().startswith('->'):
            raise ValueError(f'not a constant: {line.strip()}')
    return pairs


def main():
    if '--' not in sys.argv or sys.argv.index('--') != 4:
        sys.exit(__doc__)
    output, depfile, source = sys.argv[1:4]
    compiler = sys.argv[5:]
    with tempfile.TemporaryDirectory() as scratch:
        listing = os.path.join(scratch, 'offsets.s')
        done = subprocess.run(compiler + ['-S', '-MD', '-MF', depfile, '-MT',
                                          output, '-o', listing, source])
        if done.returncode != 0:
            return done.returncode
        with open(listing, encoding='utf-8') as f:
            pairs = extract(f.read())
    if not pairs:
        sys.exit(f'offsets.py: {source} defines no constant')
    with open(output, 'w', encoding='utf-8') as f:
        f.write('/* Made by tools/offsets.py from '
                f'{os.path.basename(source)}: do not edit. */\n')
        f.write('#ifndef ASM_OFFSETS_H\n#define ASM_OFFSETS_H\n')
        for name, value in pairs:
            f.write(f'#define {name} {value}\n')
        f.write('#endif\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
