#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots from an initrd: without a disk on QEMU's virt, and on boards for which Tine has no driver.

usage: initrd_test.py ROOT BUILD
"""
import os
import re
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host')]

import tapcase  # noqa: E402
from tine import qemu, testrun, tools  # noqa: E402

tools.extend_path()
KERNEL = os.path.join(BUILD, 'tine.elf')
INITRD = os.path.join(BUILD, 'initrd.cpio')
OFF = re.compile(r'init \(pid 1\) exited with status (\d+): powering off')


class Reached(Exception):
    """The line came at which the runner ends the machine."""


def boot(*program, init='/bin/init', until=None, initrd=INITRD, **machine):
    """The lines of a boot; a board that cannot power off is ended at the line `until`."""
    lines = []

    def take(line, _):
        lines.append(line)
        if until and until.search(line):
            raise Reached
    described = qemu.Machine(KERNEL, initrd=initrd, append=qemu.bootargs(init=init, init_args=program), **machine)
    try:
        outcome = testrun.run(described, 120, 30, take, expect_tap=False)
    except Reached:
        return 'reached', lines
    return outcome, lines


class Initrd(unittest.TestCase):
    def test_virt_without_a_disk_boots_to_the_shell(self):
        script = ('ls -l /bin/su /tmp /etc/passwd; ls -ld /bin /lib; cat /etc/passwd; echo new > /root/file; '
                  'cat /root/file; mount; exit 5')
        outcome, lines = boot('/bin/sh', '-c', script)
        text = '\n'.join(lines)
        self.assertIsNone(outcome.reader.panic, text)
        self.assertEqual(outcome.status, 5, text)
        self.assertRegex(text, r'-rwsr-xr-x +1 root +root +\d+ Jan +1 +2024 /bin/su')
        self.assertRegex(text, r'-rw-r--r-- +1 root +root +\d+ Jan +1 +2024 /etc/passwd')
        for folder in ('bin', 'lib'):
            self.assertRegex(text, rf'drwxr-xr-x .* Jan +1 +2024 /{folder}')
        self.assertIn('root:x:0:0:root:/root:/bin/sh', lines)
        self.assertIn('new', lines)
        self.assertNotIn('error', text)

    def test_a_damaged_initrd_is_said_and_keeps_what_came_before(self):
        with tempfile.TemporaryDirectory(prefix='tine-') as folder:
            cut = os.path.join(folder, 'cut.cpio')
            with open(INITRD, 'rb') as whole, open(cut, 'wb') as part:
                part.write(whole.read(1 << 20))
            outcome, lines = boot(init='/bin/cat', initrd=cut)
        text = '\n'.join(lines)
        self.assertRegex(text, r'initrd: the archive is damaged at byte \d+ of 1048576')
        self.assertRegex(text, r'initrd: [1-9]\d* files and directories')

    def test_what_is_no_initrd_is_said(self):
        _, lines = boot(initrd=KERNEL)
        self.assertIn('initrd: the archive is damaged at byte 0 of', '\n'.join(lines))

    def test_boards_without_disk_and_uart_driver_run_forkdemo(self):
        for board in ('sifive_u', 'spike'):
            with self.subTest(board=board):
                outcome, lines = boot(init='/bin/forkdemo', board=board, until=OFF, harts=2)
                self.assertEqual(outcome, 'reached', '\n'.join(lines))
                self.assertEqual(OFF.search(lines[-1]).group(1), '0')
                self.assertIn('Each side saw only its own bytes, in all 64 pages.', lines)


if __name__ == '__main__':
    sys.exit(tapcase.main())
