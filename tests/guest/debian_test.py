#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's riscv64 bash (static) and python3 (with its shared libraries), unmodified: the same
answers in Tine as on Linux.

usage: debian_test.py ROOT BUILD

The scripts are tests/user/debian/check.*; Linux's answers are those of qemu-riscv64.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host'), os.path.join(ROOT, 'tests', 'guest')]

import console  # noqa: E402
import tapcase  # noqa: E402
from tine import debian, disk, qemu, say, tools  # noqa: E402

tools.extend_path()
SCRIPTS = os.path.join(ROOT, 'tests', 'user', 'debian')
LIB = 'usr/lib/riscv64-linux-gnu'
# Package, what of it is needed, where that goes.
FILES = (
    ('bash-static', 'usr/bin/bash-static', 'usr/bin'),
    ('python3.13-minimal', 'usr/bin/python3.13', 'usr/bin'),
    ('libpython3.13-minimal', 'usr/lib/python3.13', 'usr/lib'),
    ('libc6', f'{LIB}/ld-linux-riscv64-lp64d.so.1', 'lib'),
    ('libc6', f'{LIB}/libc.so.6', 'lib'),
    ('libc6', f'{LIB}/libm.so.6', 'lib'),
    ('zlib1g', f'{LIB}/libz.so.1', 'lib'),
    ('libexpat1', f'{LIB}/libexpat.so.1', 'lib'),
)
PROGRAMS = {'bash': ('/usr/bin/bash-static', 'check.bash'), 'python': ('/usr/bin/python3.13', 'check.py')}
LEAST = 20          # lines a script prints: it must not end early on both sides


def fill(folder):
    """The files of the packages, as they lie below / of the guest."""
    for package, path, where in FILES:
        source = debian.fetch(package, path, os.path.join(BUILD, 'debian'))
        target = os.path.join(folder, where, os.path.basename(path))
        if os.path.isdir(source):
            shutil.copytree(source, target, symlinks=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(source, target)         # what a link points to


class Programs(unittest.TestCase):
    maxDiff = None
    scratch = None      # set by main()

    @classmethod
    def setUpClass(cls):
        cls.root = os.path.join(cls.scratch, 'root')
        cls.image = os.path.join(cls.scratch, 'disk.img')
        shutil.copyfile(os.path.join(BUILD, 'disk.img'), cls.image)
        for name in os.listdir(cls.root):
            disk.put(cls.image, os.path.join(cls.root, name), f'/{name}')
        disk.put(cls.image, SCRIPTS, '/root/debian')

    def on_linux(self, program, script):
        with tempfile.TemporaryDirectory(prefix='tine-') as place:
            done = subprocess.run(['qemu-riscv64', '-L', self.root, self.root + program,
                                   os.path.join(SCRIPTS, script), place], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, text=True,
                                  env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C', 'HOME': '/root'}, check=False)
        return [f'status {done.returncode}', *done.stdout.splitlines()]

    def in_tine(self, program, script):
        # Python tries epoll, which Tine lacks: the kernel's line about that is no part of the answer.
        machine = qemu.Machine(os.path.join(BUILD, 'tine.elf'), disk=self.image, snapshot=True, append='quiet')
        guest = console.Console(machine.command(), silence=60)
        self.addCleanup(guest.close)
        guest.wait()
        guest.plain_input()
        status = guest.run(f'mkdir /tmp/work; LC_ALL=C {program} /root/debian/{script} /tmp/work '
                           '> /tmp/out 2>&1 < /dev/null; echo status $?')
        lines = guest.run('cat /tmp/out')
        self.assertEqual(guest.run('cat /proc/mm/audit'), ['ok'])
        guest.type('poweroff\r')
        self.assertEqual(guest.end(), 0)
        return status + lines

    def same(self, name):
        linux, tine = self.on_linux(*PROGRAMS[name]), self.in_tine(*PROGRAMS[name])
        self.assertEqual(linux[0], 'status 0', linux)
        self.assertGreaterEqual(len(linux), LEAST, linux)
        self.assertEqual(tine, linux)

    def test_bash(self):
        self.same('bash')

    def test_python(self):
        self.same('python')


def main():
    if not shutil.which('qemu-riscv64'):
        print('1..0 # SKIP qemu-riscv64 is not installed: apt-get install qemu-user')
        return 0
    with tempfile.TemporaryDirectory(prefix='tine-') as scratch:
        try:
            fill(os.path.join(scratch, 'root'))
        except say.Failed as problem:
            print(f'1..0 # SKIP Debian\'s riscv64 packages cannot be had: {problem}')
            return 0
        Programs.scratch = scratch
        return tapcase.main()


if __name__ == '__main__':
    sys.exit(main())
