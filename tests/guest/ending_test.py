#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""However the machine ends while deleted files are in use, e2fsck finds nothing on its disk.

usage: ending_test.py ROOT BUILD

tests/user/endings.c holds them: open, mapped, as working directory, FIFO and program, by
writers that go on, by a process that sleeps in a pipe or is stopped, and by itself.
"""
import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host'), os.path.join(ROOT, 'tests', 'guest')]

import console  # noqa: E402
import tapcase  # noqa: E402
from tine import qemu, tools  # noqa: E402

import ext2image as ext2  # noqa: E402

tools.extend_path()
KERNEL = os.path.join(BUILD, 'tine.elf')
PRISTINE = os.path.join(BUILD, 'disk.img')


class Endings(unittest.TestCase):
    def boot(self, harts, init=None, args=()):
        scratch = tempfile.TemporaryDirectory(prefix='tine-')
        self.addCleanup(scratch.cleanup)
        self.image = os.path.join(scratch.name, 'disk.img')
        shutil.copyfile(PRISTINE, self.image)
        machine = qemu.Machine(KERNEL, disk=self.image, harts=harts,
                               append=qemu.bootargs(init=init, init_args=args))
        guest = console.Console(machine.command(), silence=20)
        self.addCleanup(guest.close)
        return guest

    def ended(self, guest, status, *says):
        self.assertEqual(guest.end(), status, console.plain(guest.all)[-2000:])
        text = console.plain(guest.all)
        for piece in ('panic', 'ext2 (', 'stays marked'):
            self.assertNotIn(piece, text)
        for piece in says:
            self.assertIn(piece, text)
        with ext2.Image(self.image) as i:
            self.assertEqual(i.u16(ext2.SUPER + 58), 1, 'not marked clean')
        found, said = ext2.fsck(self.image, '-fn')
        self.assertEqual(found, 0, said)

    def init_ends(self, way, status, *says, harts=2):
        guest = self.boot(harts, '/test/endings', ('/root', way))
        guest.wait(r'held\s')
        self.ended(guest, status, *says)

    def test_init_exits(self):
        for harts in 1, 2:
            self.init_ends('exit', 3, 'init (pid 1) exited with status 3: powering off', harts=harts)

    def test_init_is_killed(self):
        self.init_ends('abort', 128 + 11, 'init (pid 1) was killed by signal 11: powering off')

    def test_halt(self):
        self.init_ends('halt', 0)

    def test_restart(self):
        self.init_ends('restart', 0)

    def test_power_off(self):
        """As a user does it; the program itself has lost its name as well, and so has the shell's directory."""
        for harts in 1, 2:
            guest = self.boot(harts)
            guest.wait()
            guest.plain_input()
            guest.run('mkdir /root/here; cd /root/here; cp /test/endings /bin/poweroff /root')
            guest.type('/root/endings /root wait &\r')
            guest.wait(r'held\s')
            guest.run('')
            guest.run('rm -r /root/here /root/endings')
            guest.type('yes > /root/log &\r')
            guest.wait()
            guest.run('sleep 0.3; rm /root/log')
            guest.type('/root/poweroff\r')
            self.ended(guest, 0)


if __name__ == '__main__':
    sys.exit(tapcase.main())
