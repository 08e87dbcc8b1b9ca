# SPDX-License-Identifier: MIT
"""A guest that panics because its shell was told to make a mistake, and the page it prints."""
import os
import unittest

import console
from tine import qemu


class Panics(unittest.TestCase):
    """KERNEL, BUILD, FORK and PLACE, the file of /proc to write to, are the subclass's."""

    def boot(self, **more):
        machine = qemu.Machine(self.KERNEL, disk=os.path.join(self.BUILD, 'disk.img'), snapshot=True,
                               append=qemu.bootargs(self.FORK), **more)
        guest = console.Console(machine.command())
        self.addCleanup(guest.close)
        guest.wait()
        return guest

    def panic(self, word, headline, functions):
        """The page, and the names in its backtrace, which holds these functions in this order."""
        guest = self.boot()
        guest.type(f'echo {word} > {self.PLACE}\r')
        status = guest.end()
        page = console.plain(guest.all).split(f'{self.PLACE}\n', 1)[1]
        self.assertEqual(status, 1, page)
        self.assertRegex(page, rf'(?m)^panic: {headline}$')
        self.assertRegex(page, rf'(?m)^hart \d of 2, thread 2 \(sh\), fork strategy {self.FORK}, up \d+ ms$')
        steps = page.split('backtrace:\n', 1)[1].split('last messages:', 1)[0].splitlines()
        names = [line.split()[1].split('+')[0] if '+' in line else line.strip() for line in steps]
        self.assertEqual([name for name in names if name in functions], list(functions), page)
        return page, names
