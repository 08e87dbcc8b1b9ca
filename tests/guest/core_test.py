#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The core profile: what is linked into it, and that fork works in it.

usage: core_test.py ROOT BUILD

The kernel of docs/reading.md runs forkdemo, the in-kernel tests fork.* and /test/fork_a under each
of its strategies, on 1 and 2 harts.  CANNOT has the rows of fork_a that fail there, and why.
"""
import functools
import itertools
import os
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host')]

import tapcase  # noqa: E402
from tine import qemu, reading, testrun, tools  # noqa: E402

tools.extend_path()
STRATEGIES = ('plain', 'eager', 'cow')
HARTS = (1, 2)
CANNOT = {
    'A7': 'its children wait for a signal in sigsuspend()',
    'A12': 'it looks for unmapped pages with a handler for SIGSEGV',
    'A19': 'it forks inside a signal handler',
}
# The kernel of a whole build and of one that was configured with -Dprofile=core.
LIBRARY = 'libkernel-core' if os.path.exists(os.path.join(BUILD, 'tine-core.elf')) else 'libkernel'
BUDGET = 19000          # lines of code of all files, headers included (docs/reading.md says what for)
STAND_INS = 250         # lines of code of core/standin.c
KTESTS = 27


def boot(harts, **boot):
    lines = []
    machine = qemu.core_machine(BUILD, mem='128M', harts=harts, append=qemu.bootargs(**boot))
    outcome = testrun.run(machine, 120, 30, lambda line, _: lines.append(line), expect_tap='init' not in boot)
    return outcome, lines


class Guest(unittest.TestCase):
    def each(self):
        for strategy, harts in itertools.product(STRATEGIES, HARTS):
            with self.subTest(strategy=strategy, harts=harts):
                yield strategy, harts

    def test_forkdemo(self):
        for strategy, harts in self.each():
            outcome, lines = boot(harts, fork=strategy, init='/bin/forkdemo')
            text = '\n'.join(lines)
            self.assertEqual(outcome.problems, [], text)
            self.assertIn('Each side saw only its own bytes, in all 64 pages.', text)
            copied, reads, writes = re.search(r'^   pages copied +(\d+) +(\d+) +(\d+) ', text, re.M).groups()
            self.assertEqual(int(copied) >= 64, strategy == 'eager', text)
            self.assertEqual((reads, writes), ('0', '0' if strategy == 'eager' else '3'), text)

    def test_the_kernels_own(self):
        for harts in HARTS:
            outcome, lines = boot(harts, more=['ktest=fork.*'])
            self.assertEqual(outcome.problems, [], '\n'.join(lines))
            points = outcome.reader.points
            self.assertGreaterEqual(len(points), KTESTS)
            self.assertEqual([point.name for point in points if point.failed], [])
            for strategy in STRATEGIES:
                self.assertTrue(any(f'fork={strategy}' in point.name for point in points), strategy)

    def test_fork_a(self):
        for strategy, harts in self.each():
            outcome, lines = boot(harts, fork=strategy, init='/test/fork_a')
            points = outcome.reader.points
            self.assertGreaterEqual(len(points), 16, '\n'.join(lines))
            failed = {point.name.split()[0] for point in points if point.failed}
            self.assertEqual(failed, set(CANNOT), '\n'.join(lines))


@functools.lru_cache
def compiled():
    """{source: headers} of the core profile, paths from ROOT."""
    text = subprocess.run(['ninja', '-C', BUILD, '-t', 'deps'], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for block in text.split('\n\n'):
        target, *paths = block.split('\n')
        paths = [os.path.relpath(os.path.join(BUILD, path.strip()), ROOT) for path in paths if path.strip()]
        paths = [path for path in paths if os.path.exists(os.path.join(ROOT, path)) and not path.startswith(('..', 'build'))]
        if target.strip().startswith(f'{LIBRARY}.a.p/') and paths:
            found[paths[0]] = paths[1:]
    return found


def lines_of(path):
    return reading.code_lines(os.path.join(ROOT, path))


class Linked(unittest.TestCase):
    def test_each_file_to_read_is_in_it(self):
        built = set(compiled()) | set().union(*compiled().values())
        self.assertEqual([path for path in reading.files(ROOT) if path not in built], [])

    def test_each_source_has_something_in_the_image(self):
        with open(os.path.join(BUILD, 'tine-core.map'), encoding='utf-8') as f:
            memory = f.read().split('Memory Configuration')[1]
        # Address, size and object of each section; those for a debugger are at 0.
        linked = {name for address, size, name in re.findall(r'0x(\w{16})\s+0x(\w+)\s+\S*' + LIBRARY + r'\.a\S*?[/(](\w+\.[cS])\.o',
                                                             memory) if int(address, 16) and int(size, 16)}
        self.assertEqual([path for path in compiled() if not path.endswith('.h') and path.replace('/', '_') not in linked], [])

    def test_its_size(self):
        whole = {path for path in set(compiled()) | set().union(*compiled().values()) if not path.startswith('tests/')}
        read = set(reading.files(ROOT))
        print('# beside the files to read:')
        for path in sorted(whole - read):
            print(f'#   {lines_of(path):5} {path}')
        total = sum(map(lines_of, whole))
        print(f'# {len(whole)} files with {total} lines of code, {len(read)} of them to read')
        self.assertLessEqual(total, BUDGET)
        self.assertLessEqual(lines_of('core/standin.c'), STAND_INS)


if __name__ == '__main__':
    sys.exit(tapcase.main())
