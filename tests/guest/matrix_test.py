#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The matrix of rights: every call that decides by identity answers as on Linux.

usage: matrix_test.py ROOT BUILD

/test/matrix prints a line for each call, target and mode, with an answer for each
identity (tests/user/matrix/matrix.h).  The same program, built for this computer or else
under qemu-riscv64, asks Linux; that needs root, for the identities.
"""
import functools
import itertools
import os
import sys
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host')]

import tapcase  # noqa: E402
from tine import matrix, qemu, tools  # noqa: E402

tools.extend_path()
LEAST = 6000        # lines; the matrix must not shrink unnoticed
SHOWN = 5           # differences of one call


@functools.lru_cache
def ask_linux():
    if os.geteuid() != 0:
        raise unittest.SkipTest('Linux can be asked by root only')
    return matrix.ask_linux(BUILD)


class Rights(unittest.TestCase):
    """On tmpfs."""
    folder = None

    @classmethod
    def setUpClass(cls):
        cls.linux = ask_linux()
        cls.tine = matrix.ask_tine(qemu.Machine(os.path.join(BUILD, 'tine.elf'), snapshot=True, harts=1,
                                                disk=os.path.join(BUILD, 'disk.img')), cls.folder)

    def test_the_guest_comes_to_its_end(self):
        self.assertEqual(self.tine.problems, [])

    def test_both_ran_the_same_cases(self):
        self.assertGreaterEqual(len(self.linux), LEAST)
        self.assertEqual([*self.tine.lines], [*self.linux])

    def test_every_answer_is_that_of_linux(self):
        cases, patterns = matrix.differences(self.tine.lines, self.linux), matrix.waiting()
        wrong = matrix.unexpected(cases, patterns)
        text = [case.sentence() for _, some in itertools.groupby(wrong, lambda case: case.line.split()[:2])
                for case in list(some)[:SHOWN]]
        self.assertEqual(len(wrong), 0, 'these answers differ:\n' + '\n'.join(text))
        self.assertEqual(matrix.needless(cases, patterns, self.linux), [], f'take them off {matrix.WAITING}')


class RightsOnDisk(Rights):
    """On ext2."""
    folder = '/root'


if __name__ == '__main__':
    sys.exit(tapcase.main())
