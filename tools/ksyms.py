#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernel's own symbol table, for the backtraces it prints.

usage: ksyms.py empty OUTPUT.S
       ksyms.py link NM OUTPUT FIRST LIBRARY... -- CC ARGS...

The kernel is linked twice: first with an empty table, by the build, then with
the table made from that FIRST link, by `link`.  The table sits in section
.ksyms behind all code, so no function may move between the two; the second
link becomes OUTPUT only when that is proven.  It is one command, and so one
step of a build.

What the kernel sees (kernel code declares them itself):

    extern const uint32_t ksym_count;
    extern const uint32_t ksym_offsets[];   address minus __image_start, rising
    extern const uint32_t ksym_name_at[];   where each name starts in ksym_names
    extern const char ksym_names[];         the names, each ended by a zero byte
"""
import os
import subprocess
import sys
import tempfile

BASE = '__image_start'


def read_symbols(nm, image):
    """Give {name: address} for code, and the address of the image's start."""
    listing = subprocess.run([nm, '-n', image], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    return parse_symbols(listing)


def parse_symbols(listing):
    code, base = [], None
    for line in listing.splitlines():
        words = line.split()
        if len(words) != 3:
            continue
        address, kind, name = int(words[0], 16), words[1], words[2]
        if name == BASE:
            base = address
        elif kind in 'tTwW' and not name.startswith(('.', '$', '__image_')):
            code.append((address, name))
    if base is None:
        sys.exit(f'ksyms.py: the kernel has no symbol {BASE}')
    return sorted(code), base


def write_table(output, symbols, base):
    offsets, name_at, names, at = [], [], [], 0
    last = None
    for address, name in symbols:
        if address < base or address == last:
            continue        # two names for one address: the first will do
        last = address
        offsets.append(address - base)
        name_at.append(at)
        names.append(name)
        at += len(name) + 1
    with open(output, 'w', encoding='utf-8') as f:
        f.write('/* Made by tools/ksyms.py: do not edit. */\n'
                '\t.section .ksyms, "a", @progbits\n\t.balign 8\n')
        label(f, 'ksym_count', [f'\t.word {len(offsets)}'])
        label(f, 'ksym_offsets', [f'\t.word {n}' for n in offsets])
        label(f, 'ksym_name_at', [f'\t.word {n}' for n in name_at])
        label(f, 'ksym_names', [f'\t.asciz "{n}"' for n in names])
        f.write('\t.section .note.GNU-stack, "", @progbits\n')


def label(f, name, lines):
    f.write(f'\t.globl {name}\n\t.type {name}, @object\n{name}:\n')
    f.write(''.join(line + '\n' for line in lines))
    f.write(f'\t.size {name}, . - {name}\n')


def link(nm, output, first, libraries, compiler):
    before = read_symbols(nm, first)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(output))) as scratch:
        table, second = os.path.join(scratch, 'ksyms.S'), os.path.join(scratch, 'second.elf')
        write_table(table, *before)
        linked = subprocess.run([*compiler, '-o', second, table, '-Wl,--whole-archive', *libraries,
                                 '-Wl,--no-whole-archive'])
        if linked.returncode != 0:
            return linked.returncode
        after = read_symbols(nm, second)
        if before == after:
            os.replace(second, output)
            return 0
    moved = sorted(set(after[0]) ^ set(before[0]))[:5]
    print('ksyms.py: adding the symbol table moved code, so backtraces '
          'would name wrong functions.\nThe linker script must place .ksyms '
          'after all code.  First differences:', file=sys.stderr)
    for address, name in moved:
        print(f'  {address:#x} {name}', file=sys.stderr)
    return 1


def main():
    args = sys.argv[1:]
    if len(args) == 2 and args[0] == 'empty':
        write_table(args[1], [], 0)
        return 0
    if args[:1] == ['link'] and '--' in args[5:]:
        nm, output, first = args[1:4]
        end = args.index('--')
        return link(nm, output, first, args[4:end], args[end + 1:])
    sys.exit(__doc__)


if __name__ == '__main__':
    sys.exit(main())
