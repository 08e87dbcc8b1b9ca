#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Are the C sources laid out as .clang-format says?

usage: format_test.py [ROOT] [--fix]

With --fix they are made so.  Without clang-format 14 the test is skipped.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

import tree  # noqa: E402

ROOT = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.getcwd()
ROOMS = ('lib', 'arch', 'kernel', 'mm', 'drivers', 'fs', 'proc', 'procfs', 'syscall', 'check', 'core', 'userland', 'tests', 'tools')
PROGRAM = 'clang-format-14'


def badly_laid_out(paths):
    """The files that clang-format would change; it gets many at a time, since starting it takes longest."""
    done = subprocess.run([PROGRAM, '--style=file', '--dry-run', *paths], stderr=subprocess.PIPE, text=True, check=True)
    return set(re.findall(r'^(.+?):\d+:\d+: warning:', done.stderr, re.M))


def main():
    if not shutil.which(PROGRAM) and '--fix' in sys.argv:
        sys.exit(f'tine: {PROGRAM} is not installed; ./tine doctor shows how to install it')
    if not shutil.which(PROGRAM):
        print(f'1..0 # SKIP {PROGRAM} is not installed')
        return 0
    paths, jobs = [os.path.join(ROOT, path) for path in tree.sources(ROOMS, ('.c', '.h'), ROOT)], os.cpu_count()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        wrong = sorted(set().union(*pool.map(badly_laid_out, (paths[n::jobs] for n in range(jobs)))))
    if '--fix' in sys.argv:
        if wrong and subprocess.call([PROGRAM, '--style=file', '-i', *wrong]) != 0:
            return 1            # it has said why
        print(f'{len(wrong)} files changed')
        return 0
    print('1..1')
    for path in wrong:
        print(f'# {os.path.relpath(path, ROOT)}')
    if wrong:
        print('# ./tine format lays them out')
    print(f'{"not ok" if wrong else "ok"} 1 - {PROGRAM} changes no file')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
