#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has each call of syscall/calls.def a contract, and does docs/syscalls.md say the same?

usage: syscalls_test.py ROOT
"""
import os
import sys

sys.dont_write_bytecode = True

import tree  # noqa: E402

ROOT = sys.argv[1] if len(sys.argv) > 1 else tree.ROOT
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import syscalls  # noqa: E402

PAGE = 'docs/syscalls.md'
LINES_OF_A_CONTRACT = 3


def unlike(page, wanted):
    """What is wrong with the page, and how to make it again."""
    if page == wanted:
        return []
    have = page.splitlines()
    line = next((line for line in wanted.splitlines() if line not in have), 'a line too many, or another order')
    return [f'{PAGE} lacks: {line}', f'to make the page again: python3 tools/syscalls.py > {PAGE}']


def main():
    calls = [call for _, group in syscalls.calls(ROOT) for call in group]
    entries = sum(line.startswith('SYSCALL') for line in syscalls.text_of(ROOT, 'syscall/calls.def').splitlines())
    unread = [] if len(calls) == entries > 0 else [f'calls.def has {entries} entries, {len(calls)} were read']
    bare = [f'{call.name} has no contract' for call in calls if not call.contract]
    long = [f'the contract of {call.name} has {call.lines} lines' for call in calls if call.lines > LINES_OF_A_CONTRACT]
    return tree.report((
        ('each entry of calls.def can be read', unread), ('each call has a contract', bare),
        (f'no contract is longer than {LINES_OF_A_CONTRACT} lines', long),
        (f'{PAGE} is what tools/syscalls.py prints', unlike(syscalls.text_of(ROOT, PAGE), syscalls.page(ROOT)))))


if __name__ == '__main__':
    sys.exit(main())
