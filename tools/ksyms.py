#!/usr/bin/env python3
"""The kernel's own symbol table, for the backtraces it prints.

usage: ksyms.py empty OUTPUT.S
       ksyms.py table NM KERNEL OUTPUT.S
       ksyms.py check NM FIRST SECOND OUTPUT

The kernel is linked twice: first with an empty table, then with the table made
from the first link.  The table sits in section .ksyms behind all code, so no
function may move between the two; `check` proves it and only then copies the
second link to OUTPUT.

What the kernel sees (kernel code declares them itself):

    extern const uint32_t ksym_count;
    extern const uint32_t ksym_offsets[];   address minus __image_start, rising
    extern const uint32_t ksym_name_at[];   where each name starts in ksym_names
    extern const char ksym_names[];         the names, each ended by a zero byte
"""
import shutil
import subprocess
import sys

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


def check(nm, first, second, output):
    before, base_before = read_symbols(nm, first)
    after, base_after = read_symbols(nm, second)
    if (before, base_before) != (after, base_after):
        moved = sorted(set(after) ^ set(before))[:5]
        print('ksyms.py: code moved when the symbol table was filled in, so '
              'backtraces would lie.\nThe linker script must place .ksyms '
              'after all code.  First differences:', file=sys.stderr)
        for address, name in moved:
            print(f'  {address:#x} {name}', file=sys.stderr)
        return 1
    shutil.copyfile(second, output)
    shutil.copymode(second, output)
    return 0


def main():
    args = sys.argv[1:]
    if len(args) == 2 and args[0] == 'empty':
        write_table(args[1], [], 0)
        return 0
    if len(args) == 4 and args[0] == 'table':
        symbols, base = read_symbols(args[1], args[2])
        write_table(args[3], symbols, base)
        return 0
    if len(args) == 5 and args[0] == 'check':
        return check(*args[1:])
    sys.exit(__doc__)


if __name__ == '__main__':
    sys.exit(main())
