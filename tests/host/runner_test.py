#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guest test runner (tools/tine/testrun.py, tap.py) against recorded consoles and bad guests.

usage: runner_test.py [ROOT]

No machine is booted: shell scripts stand in for QEMU, and hang, print too much or die.
"""
import io
import itertools
import os
import stat
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.dirname(os.path.abspath(__file__))]

import tapcase  # noqa: E402
from tine import ktest, qemu, tap, testrun  # noqa: E402

GOOD = '''
OpenSBI v1.1
Domain0 Next Mode         : S-mode
[    0.000] tine 0.1, 2 harts\r
[    0.013] fork strategy cow (build)
1..3\r
ok 1 - first\r
[    0.200] syscall 999 is not known
ok 2 - second # SKIP no such device
# a remark
\x1b[0mok 3 - no panic: even here
[    0.300] powering off
'''
PANIC = '1..2\nok 1 - a\n[    0.9] panic: frame 7 freed twice\n[    0.9]   at frame_free+0x10\n'


class Reading(unittest.TestCase):
    def test_a_good_console(self):
        reader = tap.read(GOOD)
        self.assertEqual(reader.verdict(), [])
        self.assertEqual([point.name for point in reader.points], ['first', 'second', 'no panic: even here'])
        self.assertEqual(reader.points[1].skip, 'no such device')
        self.assertIsNone(reader.panic)

    def test_a_plan_at_the_end_is_as_good(self):
        self.assertEqual(tap.read('ok 1 - a\nok 2 - b\n1..2\n').verdict(), [])

    def test_a_panic(self):
        self.assertIn('frame 7 freed twice', ' '.join(tap.read(PANIC).verdict()))
        self.assertIsNotNone(tap.read('panic: early\n').panic)

    def test_too_few_too_many_and_no_plan(self):
        self.assertTrue(tap.read('1..3\nok 1 - a\nok 2 - b\n').verdict())
        self.assertTrue(tap.read('1..1\nok 1 - a\nok 2 - b\n').verdict())
        self.assertTrue(tap.read('ok 1 - a\n').verdict())
        self.assertTrue(tap.read('').verdict())
        self.assertTrue(tap.read('1..1\n1..1\nok 1 - a\n').verdict())

    def test_a_result_out_of_turn(self):
        self.assertTrue(tap.read('1..2\nok 1 - a\nok 3 - b\n').verdict())

    def test_failures_and_todo(self):
        reader = tap.read('1..2\nnot ok 1 - a\nnot ok 2 - b # TODO later\n')
        self.assertEqual([point.failed for point in reader.points], [True, False])

    def test_words_that_only_look_like_results(self):
        self.assertEqual(tap.read('okay\nok1\nnot okay\nokey dokey\n# ok 1 - x\n').points, [])

    def test_bail_out(self):
        self.assertIn('Bail out! no disk', tap.read('1..1\nok 1 - a\nBail out! no disk\n').verdict())

    def test_lines_are_rebuilt_as_they_were(self):
        for line in ('ok 1 - a', 'not ok 2 - b: c', 'ok 3 - d # SKIP why'):
            number = int(line.replace('not ', '').split()[1])
            self.assertEqual(tap.read(line).points[0].line(number), line)


class Guests(unittest.TestCase):
    """A shell script stands in for QEMU."""

    def run_guest(self, script, timeout=20, silence=10):
        with tempfile.TemporaryDirectory() as scratch:
            path = os.path.join(scratch, 'qemu')
            with open(path, 'w', encoding='utf-8') as f:
                f.write('#!/bin/sh\n' + script)
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
            real, qemu.PROGRAM = qemu.PROGRAM, path
            try:
                return testrun.run(qemu.Machine('kernel'), timeout, silence)
            finally:
                qemu.PROGRAM = real

    def test_all_is_well(self):
        outcome = self.run_guest('echo 1..1; echo "ok 1 - a"')
        self.assertEqual((outcome.problems, outcome.status), ([], 0))

    def test_silence(self):
        outcome = self.run_guest('echo 1..2; echo "ok 1 - a"; exec sleep 60', silence=0.3)
        self.assertIn('no output for 0.3 s', outcome.problems)
        self.assertEqual(outcome.lines[-1], 'ok 1 - a')
        self.assertTrue(outcome.harts)      # here: that QEMU does not answer

    def test_silence_for_want_of_a_processor_is_none(self):
        looks = itertools.count(0, 100)
        real, testrun.waited_for_cpu = testrun.waited_for_cpu, lambda pid: next(looks)
        try:
            outcome = self.run_guest('echo 1..1; sleep 1; echo "ok 1 - a"', silence=0.5)
            endless = self.run_guest('echo 1..1; exec sleep 60', silence=0.2)
            late = self.run_guest('echo 1..1; sleep 1; echo "ok 1 - a"', timeout=0.5)
            never = self.run_guest('echo 1..1; while :; do echo "[ 1.0] busy"; done', timeout=0.2)
        finally:
            testrun.waited_for_cpu = real
        self.assertEqual((outcome.problems, late.problems), ([], []))
        self.assertIn('timed out after 0.2 s', never.problems)
        self.assertIn('no output for 0.2 s', endless.problems)

    def test_waiting_for_a_processor_is_counted(self):
        self.assertGreater(testrun.waited_for_cpu(os.getpid()), 0)
        self.assertEqual(testrun.waited_for_cpu(0), 0)

    def test_a_chatty_guest_that_never_ends(self):
        outcome = self.run_guest('echo 1..1; while :; do echo "[ 1.0] busy"; done', timeout=0.5)
        self.assertIn('timed out after 0.5 s', outcome.problems)

    def test_a_line_without_an_end(self):
        outcome = self.run_guest('echo 1..1; printf "ok 1 - a"')
        self.assertEqual(outcome.problems, [])

    def test_a_panic_ends_the_wait_at_once(self):
        outcome = self.run_guest('echo 1..1; echo "[ 0.1] panic: broken"; exec sleep 60', timeout=50, silence=40)
        self.assertIn('the kernel panicked: [ 0.1] panic: broken', outcome.problems)

    def test_all_ok_but_a_failing_status(self):
        outcome = self.run_guest('echo 1..1; echo "ok 1 - a"; exit 3')
        self.assertIn('every result is ok, but the guest exited with status 3', outcome.problems)

    def test_a_failure_with_a_failing_status_is_no_second_problem(self):
        self.assertEqual(self.run_guest('echo 1..1; echo "not ok 1 - a"; exit 1').problems, [])

    def test_a_failure_that_the_status_hides(self):
        self.assertTrue(self.run_guest('echo 1..1; echo "not ok 1 - a"').problems)

    def test_killed_from_outside(self):
        outcome = self.run_guest('echo 1..1; echo "ok 1 - a"; kill -SEGV $$')
        self.assertIn('QEMU was killed by SIGSEGV', outcome.problems)

    def test_messages_in_the_middle_of_a_result(self):
        outcome = self.run_guest(r'printf "1..1\nok 1 - a na[    1.535] sh[3]: killed\n[    1.540] more\nme\n"')
        self.assertEqual(outcome.problems, [])
        self.assertEqual([point.name for point in outcome.reader.points], ['a name'])

    def test_bytes_that_are_no_text(self):
        self.assertEqual(self.run_guest(r'printf "\377\376\n1..1\nok 1 - a\n"').problems, [])


class Harts(unittest.TestCase):
    REGISTERS = ('CPU#0\n pc       ffffffff80200a04\n mhartid  0000000000000000\n x0/zero  0000000000000000 '
                 'x1/ra    ffffffff80200014 x2/sp    ffffffc0\n x4/tp    00\n f0/ft0 00\nCPU#1\n pc       10\n')

    def test_what_matters_is_kept(self):
        kept = testrun.hart_summary(self.REGISTERS)
        self.assertEqual([line.split()[0] for line in kept], ['CPU#0', 'pc', 'mhartid', 'x0/zero', 'CPU#1', 'pc'])

    def test_addresses_get_names(self):
        symbols = [(0xffffffff80200000, '_start'), (0xffffffff80200a00, 'idle')]
        named = testrun.name_addresses(testrun.hart_summary(self.REGISTERS), symbols)
        self.assertIn('<idle+0x4>', named[1])
        self.assertIn('<_start+0x14>', named[3])
        self.assertNotIn('<', named[5])


class Linux(unittest.TestCase):
    def points(self, text):
        return {point.name: point for point in tap.read(text).points}

    def differences(self, tine, linux):
        return testrun.compare(self.points(tine), tap.read(linux))

    def test_the_same(self):
        text = '1..2\nok 1 - a\nok 2 - b\n'
        self.assertEqual(self.differences(text, text), [])

    def test_skips_on_linux_are_fine_skips_in_tine_are_not(self):
        self.assertEqual(self.differences('1..1\nok 1 - a\n', '1..1\nok 1 - a # SKIP only in Tine\n'), [])
        self.assertTrue(self.differences('1..1\nok 1 - a # SKIP no\n', '1..1\nok 1 - a\n'))

    def test_other_answers_and_other_tests(self):
        self.assertTrue(self.differences('1..1\nok 1 - a\n', '1..1\nnot ok 1 - a\n'))
        self.assertTrue(self.differences('1..1\nok 1 - a\n', '1..1\nok 1 - b\n'))
        self.assertTrue(self.differences('1..1\nok 1 - a\n', '1..2\nok 1 - a\nok 2 - b\n'))
        self.assertTrue(self.differences('1..1\nok 1 - a\n', 'Segmentation fault\n'))

    def test_the_runners_own_points_are_not_compared(self):
        self.assertEqual(self.differences('1..2\nok 1 - a\nok 2 - ends well\n', '1..1\nok 1 - a\n'), [])


class Reports(unittest.TestCase):
    def options(self, *words):
        return testrun.parse_arguments(['--name', 'user-cow-2', '--kernel', 'k', '--fork', 'cow', '--harts', '2', *words])

    def test_the_command_that_repeats_a_failure(self):
        options = self.options('--append', 'seed=41', '--programs', 'fork_a', 'fork_b')
        self.assertEqual(testrun.repeat_command(options, ['fork_a: A1 x']),
                         './tine test fork_a fork=cow harts=2 seed=41')
        self.assertEqual(testrun.repeat_command(options, ['fork_a: x', 'fork_b: y']), './tine test user-cow-2 seed=41')
        options = self.options('--ktest', '*')
        self.assertEqual(testrun.repeat_command(options, ['mm.leak fork=cow']), './tine test mm.leak fork=cow harts=2')
        self.assertEqual(testrun.repeat_command(options, ['user-cow-2: the guest ends well']), './tine test user-cow-2')

    def test_boot_arguments(self):
        options = self.options('--only=fork_a', '--programs', 'fork_a', 'fork_b')
        self.assertEqual(testrun.boot_arguments(options, testrun.chosen(options)),
                         'init=/bin/init fork=cow -- /test/runall fork_a')
        self.assertEqual(testrun.boot_arguments(self.options('--ktest', '*', '--only=mm.leak'), []),
                         'fork=cow ktest=mm.leak')

    def ktests(self, *consoles):
        """What ktest.run() reports of boots that print this, and the arguments of each."""
        asked, reported, consoles = [], [], list(consoles)

        def boot(arguments):
            asked.append(arguments)
            text = consoles.pop(0)
            reader = tap.read(text)
            this = ktest.Boot(testrun.Outcome(reader, reader.verdict(), [], []))
            for line in text.splitlines():
                this.take(line)
            return this
        well = ktest.run(boot, 'cow', lambda point, this: reported.append((point.ok, point.name)))
        self.assertEqual(consoles, [], 'it booted less often')
        return well, asked, reported

    def test_in_kernel_tests_in_one_boot(self):
        self.assertEqual(self.ktests('1..2\n# running a\nok 1 - a\n# running b\nnot ok 2 - b\n'),
                         (True, ['ktestfork=cow ktestfrom=1'], []))
        self.assertEqual(self.ktests('1..0\n'), (True, ['ktestfork=cow ktestfrom=1'], []))

    def test_after_a_panic_the_rest_runs_in_another_boot(self):
        self.assertEqual(self.ktests('1..4\n# running a\nok 1 - a\n# running b\npanic: broken\n',
                                     '1..2\n# running c\nok 1 - c\n# running d\npanic: again\n'),
                         (False, ['ktestfork=cow ktestfrom=1', 'ktestfork=cow ktestfrom=3'],
                          [(False, 'b'), (False, 'd')]))

    def test_what_a_test_leaves_is_not_blamed_on_others(self):
        self.assertEqual(self.ktests(f'1..3\n# running a\nnot ok 1 - a\n{ktest.ANOTHER}\n',
                                     '1..2\n# running b\nok 1 - b\n# running c\nok 2 - c\n'),
                         (True, ['ktestfork=cow ktestfrom=1', 'ktestfork=cow ktestfrom=2'], []))

    def test_a_kernel_that_does_not_begin_is_not_booted_for_ever(self):
        well, asked, reported = self.ktests('panic: at once\n')
        self.assertEqual((well, len(asked), reported), (False, 1, [(False, 'the tests of part cow begin')]))
        well, asked, reported = self.ktests(*ktest.MOST_BOOTS * ['1..99\n# running a\npanic: always\n'])
        self.assertFalse(well)
        self.assertIn('did not run', reported[-1][1])

    def test_output_is_tap(self):
        out = io.StringIO()
        report = testrun.Report(out)
        report.point(tap.Point(True, 'a'))
        report.point(tap.Point(False, 'b'), ['why'])
        report.end()
        self.assertEqual(out.getvalue(), 'ok 1 - a\n# why\nnot ok 2 - b\n1..2\n')
        self.assertEqual(report.failed, ['b'])


if __name__ == '__main__':
    sys.exit(tapcase.main())
