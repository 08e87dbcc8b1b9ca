#!/usr/bin/env python3
"""How ./tine says how far long work is: on a terminal, and in a pipe or a file."""
import contextlib
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.dirname(os.path.abspath(__file__))]

import tapcase  # noqa: E402
from tine import build  # noqa: E402
from tine.progress import ERASE, Progress, counted, duration, step  # noqa: E402
from tine.say import Failed  # noqa: E402

# What ninja says, to a pipe: it comes to its end, or not.
NINJA = '''
print('ninja: Entering directory `build\\'')
for n in (1, 2): print(f'[{n}/2] Compiling C object x.c.o', flush=True)
if {fails}: raise SystemExit('FAILED: x.c.o')
'''


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def screen(self):
        """What stands on it: every line as it was written last."""
        return [line.split(ERASE)[-1] for line in self.getvalue().split('\n')]


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Lines(unittest.TestCase):
    def test_counts_are_those_of_ninja_and_meson(self):
        for line, want in (('[12/345] Compiling C object tine.elf.p/mm_map.c.o', (12, 345)), ('[0/1] Regenerating', (0, 1)),
                           ('17/96 tine:host+quick / lib        OK   0.24s   20 subtests passed', (17, 96)),
                           (' 3/10 lib   OK   1.00s', (3, 10)), ('ninja: no work to do.', None), ('ok 3 - a 1/2 b', None),
                           ('1..3', None), ('[5/x] a', None), ('', None)):
            self.assertEqual(counted(line), want, line)

    def test_times_are_words(self):
        for seconds, want in ((0, '0 s'), (59.4, '59 s'), (60, '1 min'), (61, '1 min'), (3570, '1 h 0 min'),
                              (7800, '2 h 10 min')):
            self.assertEqual(duration(seconds), want)


class OnATerminal(unittest.TestCase):
    def setUp(self):
        self.out, self.clock = Terminal(), Clock()
        patch = mock.patch.dict(os.environ, TERM='xterm', COLUMNS='80')
        patch.start()
        self.addCleanup(patch.stop)

    def test_one_line_is_rewritten_and_goes_away(self):
        with Progress('building', log='build/log', out=self.out, clock=self.clock) as progress:
            self.assertEqual(self.out.screen(), ['tine: building (log: build/log)'])
            self.clock.now += 10
            progress.see('[25/100] Compiling')
            self.assertEqual(self.out.screen(), ['tine: building: 25/100, 30 s left (log: build/log)'])
            progress.see('a warning')
            self.clock.now += 10
            progress.at(80, note='last but one')
            self.assertEqual(self.out.screen(), ['tine: building: 80/100, 5 s left, last but one (log: build/log)'])
        self.assertEqual(self.out.screen(), [''])

    def test_lines_that_stay_are_above_it(self):
        with Progress('trying', 3, out=self.out, clock=self.clock) as progress:
            progress.line('first: red')
            progress.at(1)
            self.assertEqual(self.out.screen(), ['first: red', 'tine: trying: 1/3'])
        self.assertEqual(self.out.screen(), ['first: red', ''])

    def test_it_never_wraps(self):
        os.environ['COLUMNS'] = '20'
        with Progress('a long name for a short terminal', 3, out=self.out, clock=self.clock):
            self.assertEqual(self.out.screen(), ['tine: a long name f'])

    def test_a_count_that_begins_again_is_timed_anew(self):
        with Progress('building', out=self.out, clock=self.clock) as progress:
            self.clock.now += 50
            progress.at(1, 1)
            progress.at(0, 100)
            self.clock.now += 4
            progress.at(50)
            self.assertEqual(self.out.screen(), ['tine: building: 50/100, 4 s left'])

    def test_a_dumb_terminal_is_like_a_file(self):
        os.environ['TERM'] = 'dumb'
        with Progress('building', out=self.out, clock=self.clock) as progress:
            progress.at(1, 2)
        self.assertEqual(self.out.getvalue(), 'tine: building\n')


class Elsewhere(unittest.TestCase):
    def test_plain_lines_now_and_then(self):
        out, clock = io.StringIO(), Clock()
        with Progress('building', log='build/log', out=out, clock=clock) as progress:
            for done in range(1, 71):
                clock.now += 1
                progress.at(done, 100)
            progress.line('so much for that')
        self.assertEqual(out.getvalue(), 'tine: building (log: build/log)\ntine: building: 30/100, 1 min left (log: build/log)\n'
                         'tine: building: 60/100, 40 s left (log: build/log)\nso much for that\n')


class Steps(unittest.TestCase):
    def run_step(self, out, fails=False):
        """(what it gives or raises, the log's text)."""
        with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(out):
            log = os.path.join(scratch, 'log')
            try:
                result = step('building', [sys.executable, '-c', NINJA.replace('{fails}', str(fails))], log)
            except Failed as problem:
                result = problem
            with open(log, encoding='utf-8') as f:
                return result, f.read()

    def test_a_terminal_shows_the_count_and_keeps_the_verdict(self):
        out = Terminal()
        with mock.patch.dict(os.environ, TERM='xterm', COLUMNS='200'):
            output, log = self.run_step(out)
        self.assertIn('[2/2] Compiling', output)
        self.assertTrue(log.endswith(output), log)
        self.assertIn(f'{ERASE}tine: building: 1/2', out.getvalue())
        self.assertRegex('\n'.join(out.screen()), r'^tine: building: ok \(\d+\.\d s\)\n$')

    def test_a_file_gets_plain_lines(self):
        out = io.StringIO()
        self.run_step(out)
        self.assertRegex(out.getvalue(), r'^tine: building \(log: .*/log\)\ntine: building: ok \(\d+\.\d s\)\n$')

    def test_a_failure_says_what_failed_and_where_the_rest_is(self):
        out = io.StringIO()
        problem, log = self.run_step(out, fails=True)
        self.assertRegex(str(problem), r'^FAILED: x.c.o\n\(the whole output is in .*/log\)$')
        self.assertIn('building: failed', out.getvalue())
        self.assertIn('[1/2] Compiling', log)


class Warnings(unittest.TestCase):
    def test_each_is_counted_once_and_its_file_named(self):
        place = os.path.join(ROOT, 'tests')
        one = '[1/9] Compiling C object\n../mm/map.c:7:5: warning: unused variable [-Wunused-variable]\n    7 | int x;\n'
        header = 'In file included from ../fs/a.c:1:\n../fs/inode.h:3:1: warning: \'f\' is unused\n'
        linker = 'rights.c:(.text+0x10): warning: Using \'initgroups\' in statically linked applications\n'
        self.assertIsNone(build.warned('[1/1] Linking target tine.elf\n', place))
        self.assertEqual(build.warned(one, place), '1 warning in mm/map.c')
        self.assertEqual(build.warned(header + one + header.replace('a.c', 'b.c'), place),
                         '2 warnings in fs/inode.h, mm/map.c')
        self.assertEqual(build.warned(linker, place), '1 warning in rights.c')

    def test_the_last_line_of_a_build_names_the_files(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), mock.patch.object(build, 'step', return_value='../mm/map.c:1:1: warning: x\n'):
            build.build(os.path.join(ROOT, 'build'))
        self.assertRegex(said.getvalue(), r'^tine: 1 warning in mm/map\.c; see .*log\n$')


if __name__ == '__main__':
    sys.exit(tapcase.main())
