#!/usr/bin/env python3
"""Are the C sources laid out as .clang-format says?  With --fix, make them so."""
import os
import shutil
import subprocess
import sys

ROOT = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.getcwd()
ROOMS = ('lib', 'arch', 'kernel', 'mm', 'drivers', 'fs', 'proc', 'syscall', 'userland', 'tests', 'tools')
PROGRAM = 'clang-format-14'


def sources():
    for room in ROOMS:
        for folder, _, files in os.walk(os.path.join(ROOT, room)):
            for name in sorted(files):
                if name.endswith(('.c', '.h')):
                    yield os.path.join(folder, name)


def laid_out(path):
    done = subprocess.run([PROGRAM, '--style=file', path], stdout=subprocess.PIPE, check=True)
    with open(path, 'rb') as f:
        return f.read() == done.stdout, done.stdout


def main():
    if not shutil.which(PROGRAM):
        print(f'1..0 # SKIP {PROGRAM} is not installed')
        return 0
    wrong = []
    for path in sources():
        good, text = laid_out(path)
        if not good:
            wrong.append(path)
            if '--fix' in sys.argv:
                with open(path, 'wb') as f:
                    f.write(text)
    if '--fix' in sys.argv:
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
