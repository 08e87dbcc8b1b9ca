#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compile every C file of the kernel with clang 14 too, warnings as errors.

usage: clang_check.py BUILD

Reads the commands of the real build, so the flags cannot drift apart; prints TAP.
Nothing is linked: the second compiler is here for its second opinion.
"""
import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess
import sys

PROGRAM = 'clang-14'
# gcc's spelling of what clang 14 has built in or does not know
ARCH = '-march=rv64imac'
EXTRA = ['--target=riscv64-unknown-elf', '-fsyntax-only', '-Werror']


def translated(command):
    """The clang command for a gcc one."""
    words = [PROGRAM, *EXTRA]
    skip = False
    for word in shlex.split(command)[1:]:
        if skip:
            skip = False
        elif word in ('-o', '-MF', '-MQ', '-MT'):
            skip = True
        elif word in ('-c', '-MD', '-MMD') or word.startswith('-fdiagnostics'):
            pass
        else:
            words.append(ARCH if word.startswith('-march=') else word)
    return words


def kernel_files(build):
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as f:
        for entry in json.load(f):
            if 'libkernel.a.p' in entry['output'] and entry['file'].endswith('.c'):
                yield entry


def check(entry):
    done = subprocess.run(translated(entry['command']), cwd=entry['directory'], text=True, errors='replace',
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return entry['file'], done.returncode == 0, done.stdout


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not shutil.which(PROGRAM):
        print(f'1..0 # SKIP {PROGRAM} is not installed')
        return 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(check, kernel_files(sys.argv[1])))
    print(f'1..{len(results)}')
    for number, (name, good, text) in enumerate(results, 1):
        for line in ([] if good else text.splitlines()):
            print(f'# {line}')
        print(f'{"ok" if good else "not ok"} {number} - {os.path.normpath(name).replace("../", "")}')
    return 0 if results and all(good for _, good, _ in results) else 1


if __name__ == '__main__':
    sys.exit(main())
