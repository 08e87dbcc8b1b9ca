#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./tine mutate --checks finds the places where the kernel says no, and a removed check is noticed.

usage: checks_test.py ROOT BUILD
"""
import os
import re
import sys
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host')]

import tapcase  # noqa: E402
from tine import checks, equivalent, sites, tools  # noqa: E402

tools.extend_path()
LEAST = 80          # checks
PLANTED = 'may_delete -EPERM'


class Finding(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if sites.clang() is None:
            raise unittest.SkipTest('python3-clang-14 is not installed')
        cls.changes = sites.find(ROOT)

    def test_it_finds_the_checks(self):
        checks_only = [change for change in self.changes if ' is always ' not in change.name]
        self.assertGreater(len(checks_only), LEAST)
        self.assertEqual(len({change.key for change in self.changes}), len(self.changes), 'two have one key')

    def test_each_error_is_found_or_is_no_check(self):
        """As many as a plain search finds, but for those that look at another function's error."""
        text = ''
        for room in sites.ROOMS:
            for folder, _, names in os.walk(os.path.join(ROOT, room)):
                for name in sorted(names):
                    if name.endswith('.c'):
                        with open(os.path.join(folder, name), encoding='utf-8') as f:
                            text += sites.without_comments(f.read())
        others = len(re.findall(r'(==|!=|case)\s*' + sites.SAYS_NO.pattern, text))
        found = len([change for change in self.changes if ' is always ' not in change.name])
        # Two errors behind one condition are one change.
        self.assertLessEqual(abs(len(sites.SAYS_NO.findall(text)) - others - found), 8)

    def test_each_can_be_removed(self):
        for change in self.changes:
            with open(os.path.join(ROOT, change.path), encoding='utf-8') as f:
                text = f.read()
            self.assertNotEqual(change.applied(text), text, change.name)

    def test_the_equivalent_ones_are_there(self):
        self.assertEqual(set(equivalent.EQUIVALENT) - {change.key for change in self.changes}, set())

    def test_a_removed_check_is_caught(self):
        if os.geteuid() != 0:
            self.skipTest('Linux can be asked by root only')
        bench = checks.Bench(BUILD, os.path.join(BUILD, 'checks-test'))
        planted = [change for change in self.changes if PLANTED in change.name]
        self.assertEqual(len(planted), 1)
        verdict, sentence = bench.try_change(planted[0], [bench.programs('matrix')])
        self.assertEqual(verdict, 'caught')
        self.assertIn('name unlink_t', sentence)


if __name__ == '__main__':
    sys.exit(tapcase.main())
