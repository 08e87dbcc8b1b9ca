#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write tine_version.c: the output of git describe, or the project's version.

usage: version.py ROOT FALLBACK OUTPUT

The file is written only when its content changes, so a build that has nothing
to do stays that way; it is a file of its own, so a build that has something to
do compiles no other one for its sake.  Without git, or outside a clone, FALLBACK is the version.
"""
import os
import subprocess
import sys


def describe(root, fallback):
    if not os.path.exists(os.path.join(root, '.git')):
        return fallback
    try:
        done = subprocess.run(['git', '-C', root, 'describe', '--tags', '--always', '--dirty'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return fallback
    text = done.stdout.strip()
    if done.returncode != 0 or not text:
        return fallback
    return text if text[0] == 'v' else f'{fallback}-{text}'


def main():
    root, fallback, output = sys.argv[1:4]
    text = ('/* Made by tools/version.py: do not edit. */\n'
            f'#include "kernel/version.h"\n\nconst char tine_version[] = "{describe(root, fallback)}";\n')
    try:
        with open(output, encoding='utf-8') as f:
            if f.read() == text:
                return
    except OSError:
        pass
    with open(output, 'w', encoding='utf-8') as f:
        f.write(text)


if __name__ == '__main__':
    main()
