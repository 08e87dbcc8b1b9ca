#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Print the fork strategies of this tree: the files of mm/fork, one name a line.

A file there is a strategy when it calls the registry's FORK_STRATEGY macro or
defines a struct fork_strategy; other files (the registry itself) are helpers.
"""
import os
import re
import sys

MARK = re.compile(r'^\s*(?:static\s+)?const\s+struct\s+fork_strategy\s+\w+\s*=|'
                  r'^FORK_STRATEGY\w*\(', re.M)


def strategies(root):
    folder = os.path.join(root, 'mm', 'fork')
    names = []
    for entry in sorted(os.listdir(folder)):
        if entry.endswith('.c'):
            with open(os.path.join(folder, entry), encoding='utf-8') as f:
                if MARK.search(f.read()):
                    names.append(entry[:-2])
    return names


if __name__ == '__main__':
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    print('\n'.join(strategies(sys.argv[1] if len(sys.argv) > 1 else here)))
