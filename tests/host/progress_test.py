#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How ./tine says how far long work is: on a terminal, and in a pipe or a file.

usage: progress_test.py [ROOT]

Scripts stand in for ninja and meson; a string stands in for the terminal, and screen() gives the
lines that stay on it.
"""
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
from tine import bench, build, kept, mutate, suites  # noqa: E402
from tine.progress import ERASE, Progress, counted, duration, step  # noqa: E402
from tine.say import Failed  # noqa: E402

# What ninja says, to a pipe: it comes to its end, or not.
NINJA = '''
print('ninja: Entering directory `build\\'')
for n in (1, 2): print(f'[{n}/2] Compiling C object x.c.o', flush=True)
if {fails}: raise SystemExit('FAILED: x.c.o')
'''


# What meson says while it tests, and what it leaves.
MESON = """#!/bin/sh
echo 'Found ninja'
echo '1/2 tine:host / lib    OK     0.24s   1 subtests passed'
echo '2/2 tine:host / mm     FAIL   0.24s   exit status 1'
echo 'Full log written to it'
cat > build/meson-logs/testlog-everything.json <<'END'
{"name": "tine:host / lib", "result": "OK", "stdout": "1..1\\nok 1 - a\\n"}
{"name": "tine:host / mm", "result": "FAIL", "stdout": "1..1\\nnot ok 1 - b\\n"}
END
"""


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


class Works(unittest.TestCase):
    """What ./tine test, bench and mutate say, as (on a terminal, in a file)."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(place.name)
        os.makedirs('build/meson-logs')
        with open('meson', 'w', encoding='utf-8') as f:
            f.write(MESON)
        os.chmod('meson', 0o755)
        patch = mock.patch.dict(os.environ, TERM='xterm', COLUMNS='200', PATH=f'{place.name}:{os.environ["PATH"]}')
        patch.start()
        self.addCleanup(patch.stop)

    def said(self, work):
        """The lines that stay, on a terminal and in a file, and all that a terminal was told."""
        terminal, file = Terminal(), io.StringIO()
        for out in (terminal, file):
            with contextlib.redirect_stdout(out):
                work()
        self.assertNotIn('\r', file.getvalue())
        self.assertNotIn('\x1b', file.getvalue())
        return terminal.screen()[:-1], file.getvalue().splitlines(), terminal.getvalue()

    def test_of_suites_only_what_went_wrong_stays(self):
        with mock.patch.object(suites, 'wanted', return_value=['lib', 'mm']):
            screen, file, told = self.said(lambda: self.assertEqual(suites.run_suites('build', 'quick'), 1))
        self.assertIn('tine: testing: 1/2 (log: build/meson-logs/testlog-everything.txt)', told)
        self.assertEqual([line for line in screen if line.startswith(('1/2', '2/2'))],
                         ['2/2 host / mm     FAIL   0.24s   exit status 1'])
        self.assertEqual(file[:3], ['tine: testing: 0/2 (log: build/meson-logs/testlog-everything.txt)',
                                    '1/2 host / lib    OK     0.24s   1 subtests passed',
                                    '2/2 host / mm     FAIL   0.24s   exit status 1'])
        self.assertEqual(file[-2:], ['tine: the whole output is in build/meson-logs/testlog-everything.txt',
                                     '1 passed, 1 failed'])
        self.assertEqual(screen[-2:], file[-2:])

    def test_of_chosen_tests_all_stays(self):
        chosen = [(name, [sys.executable, '-c', 'print("1..1\\nok 1 - a")']) for name in ('lib', 'mm')]
        screen, file, told = self.said(lambda: self.assertEqual(suites.run_selected('.', chosen), 0))
        self.assertIn(f'{ERASE}tine: testing: 1/2, mm', told)
        self.assertEqual(screen, ['# lib', '1..1', 'ok 1 - a', '# mm', '1..1', 'ok 1 - a', '2 passed, 0 failed'])
        self.assertEqual(file, ['tine: testing: 0/2'] + screen)

    def test_bench_says_what_it_measures_and_keeps_the_console(self):
        def one(strategy, tell):
            tell('null_syscall 180.25 ns')
            tell('forkbench: no memory')
            return {'null_syscall': (180.25, 'ns')}
        screen, file, told = self.said(lambda: self.assertEqual(list(bench.each('build', ['cow', 'lazy'], one)), ['cow', 'lazy']))
        self.assertIn('tine: measuring: 1/2, lazy null_syscall (log: build/bench.log)', told)
        self.assertEqual(screen, 2 * ['tine: forkbench: no memory'])
        self.assertEqual(file, ['tine: measuring: 0/2 (log: build/bench.log)'] + screen)
        with open('build/bench.log', encoding='utf-8') as f:
            self.assertEqual(f.read().splitlines(), 2 * ['null_syscall 180.25 ns', 'forkbench: no memory'])

    def test_mutants_are_counted(self):
        mutants = mutate.MUTANTS[:2]
        with mock.patch.multiple(mutate, chosen=lambda words: mutants, copy_tree=mock.DEFAULT, LOG='build/mutants.log',
                                 run_test=lambda *_: (0, ''), try_mutant=lambda place, mutant: (True, 'not ok'),
                                 RESULTS='/dev/null/none'), mock.patch.object(kept.Verdicts, 'write', lambda self: None):
            screen, file, told = self.said(lambda: self.assertEqual(mutate.main([]), 0))
        self.assertIn(f'{ERASE}tine: trying: 2/2 (log: build/mutants.log)', told)
        for lines in (screen, file):
            self.assertEqual(sorted(line for line in lines if line.startswith('caught')),
                             sorted(f'caught  {mutant.name}: {mutant.bug}' for mutant in mutants))
        self.assertEqual([line for line in file if line.startswith('tine: trying')], ['tine: trying: 0/2 (log: build/mutants.log)'])


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
