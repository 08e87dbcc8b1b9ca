#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Is there a test for each thing that must be proven, and does it run everywhere?

usage: conformance_test.py ROOT BUILD

The rows of the fork checklist, the regressions of the first copy-on-write
patches and the behaviours of xv6's usertests are listed below.  A test stands
for one by naming it first: UTEST(id, "A3 ..."), "R1 waitstatus: ...",
"U copyin: ...", or KTEST(conform, B10_...).  This test fails when one has no
such test, when a name stands for nothing that is listed, or when the test
matrix leaves out a program, a strategy or a number of harts.
"""
import glob
import itertools
import json
import os
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host')]

import strategies  # noqa: E402
import tapcase  # noqa: E402


def rows(letter, *numbers):
    return [f'{letter}{n}' for n in numbers]


# The checklist of fork: what programs can see, and what is looked at from inside.  The other rows
# are C13 (tests/guest/panic_test.py), E11 and L1 (tests/host/mm_test.c), G15 (tests/models) and H7
# (a boot with three ASIDs); tools/tine/rows.py finds them all.
ROWS = (rows('A', *range(1, 21)) + rows('B', *range(1, 15)) + rows('C', *range(1, 13), *range(14, 19))
        + rows('D', *range(1, 16)) + rows('E', *range(1, 11), 12, 13) + rows('F', *range(1, 9))
        + rows('G', *range(1, 15), 16) + rows('H', *range(1, 7), *range(8, 12)) + rows('K', *range(1, 10)) + ['L2'])
# Their files: no test's name says which row it is for.
ROWS_ELSEWHERE = {'E11': 'tests/host/mm_test.c', 'G15': 'tests/models/tlbgen.pml', 'H7': 'tests/meson.build',
                  'L1': 'tests/host/mm_test.c'}
ROWS_IN_KERNEL = ['B10', 'C16', 'C17', 'C18', 'E6', 'E7', 'E8', 'E9', 'E10', 'F8', 'G10', 'H6']
FILE_TESTS = {
    'usertests_fs', 'usertests_dir', 'usertests_full', 'differ_l',
    'rights',
    'rights_exec',
    'usertests_held',
    'sizes',
    'limits',
}
ONE_HART_TESTS = {'sweep_f'}
ROWS_COUNTED = ['K3']       # in instructions: one hart, one entry of its own

# race2 and race3 are held at one instruction by a debugger and are not among them.
REGRESSIONS = '''waitstatus pipefds piperead readisolate textstore textinject execheap guardload guardstore
    guardread wildstore wildload kernload maxvastore trampstore readwild waitwild readmaxva oomfault oomsole
    oomcopyout forkfailleak freelist pwn smpleak basic chain shrink orphan'''.split()

USERTESTS = '''copyin copyout copyinstr1 copyinstr2 copyinstr3 rwsbrk truncate1 truncate2 truncate3 openiput
    exitiput iput opentest writetest writebig createtest dirtest exectest pipe1 killstatus preempt exitwait
    reparent twochildren forkfork forkforkfork reparent2 mem sharedfd fourfiles createdelete unlinkread
    linktest concreate linkunlink subdir bigwrite bigfile fourteen rmdot dirfile iref forktest sbrkbasic
    sbrkmuch kernmem MAXVAplus sbrkfail sbrkarg validatetest bsstest bigargtest argptest stacktest textwrite
    pgbug sbrkbugs sbrklast sbrk8000 badarg
    bigdir manywrites badwrite execout diskfull outofinodes'''.split()

# Names of our own beside the lists.
EXTRA = {
    'stackend', 'K0',
    *rows('I', *range(1, 8)),
    *rows('M', *range(1, 19)),
    *rows('MP', *range(1, 26)),
    *rows('S', *range(1, 8)),
    *rows('T', *range(25)),
    *rows('V', *range(1, 8)),
    *rows('X', *range(42)),
    *rows('Z', *range(1, 22)),
    # What the programs of calls-* are about.
    *rows('SG', *range(1, 17)),
    *rows('WT', *range(1, 10)),
    *rows('EX', *range(1, 17)),
    *rows('BL', *range(1, 6)),
    *rows('PI', *range(1, 13)),
    *rows('JB', *range(1, 10)),
    *rows('FU', *range(1, 14)),
    *rows('SC', *range(1, 8)),
    *rows('CK', *range(1, 5)),
    *rows('FM', *range(1, 7)),
    *rows('AN', *range(1, 11)),
}

HARTS = [1, 2, 4]
TITLE = re.compile(r'^(?:FS|U)TEST\(\s*\w+,\s*"([^"]+)"', re.M)
IN_PYTHON = re.compile(r'^    def test_([a-l]\d+)_', re.M)
KTITLE = re.compile(r'^KTEST(?:_EACH_FORK)?\(\s*conform,\s*([A-Z]\d+)_', re.M)


def text_of(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def name_of(title):
    """What a test's title says it stands for, or None."""
    found = re.match(r'(?:R\d+|U) (\w+):|([A-Z]{1,2}\d+) ', title)
    return found and (found.group(1) or found.group(2))


def user_tests():
    """{what it stands for: the programs that have a test for it}"""
    places = {}
    for path in glob.glob(os.path.join(ROOT, 'tests', 'user', '*.c')):
        for title in TITLE.findall(text_of(path)):
            places.setdefault(name_of(title) or title, set()).add(os.path.basename(path)[:-2])
    return places


def kernel_rows():
    return {row for path in glob.glob(os.path.join(ROOT, 'tests', 'kernel', '*.c'))
            for row in KTITLE.findall(text_of(path))}


def files_of_rows():
    """{row of the checklist: the files with a test that is named after it}"""
    places = {row: {path} for row, path in ROWS_ELSEWHERE.items()}
    for folder, suffix, pattern in (('user', '.c', TITLE), ('kernel', '.c', KTITLE), ('guest', '.py', IN_PYTHON)):
        for path in glob.glob(os.path.join(ROOT, 'tests', folder, '*' + suffix)):
            for title in pattern.findall(text_of(path)):
                row = (name_of(title) if pattern is TITLE else title.upper()) or ''
                if row in ROWS or row == 'C13':
                    places.setdefault(row, set()).add(os.path.relpath(path, ROOT))
    return places


def option(command, name):
    return command[command.index(name) + 1] if name in command else None


def entries():
    """[(name, command, suites)] of the entries of the build."""
    done = subprocess.run(['meson', 'introspect', '--tests', BUILD], stdout=subprocess.PIPE, text=True, check=True)
    return [(test['name'], test['cmd'], {suite.split(':')[-1] for suite in test['suite']})
            for test in json.loads(done.stdout)]


def matrix(left_out=('again',)):
    """[(name, command)] of those that boot a guest for the matrix, but for those in suites `left_out`."""
    return [(name, command) for name, command, suites in entries()
            if '--harts' in command and not suites.intersection(left_out)]


class Lists(unittest.TestCase):
    def missing(self, wanted, have):
        absent = [name for name in wanted if name not in have]
        self.assertEqual(absent, [], 'no test names these')

    def test_the_lists_are_whole(self):
        self.assertEqual(len(ROWS), len(set(ROWS)))
        self.assertEqual((len(ROWS), len(REGRESSIONS), len(USERTESTS)), (121, 29, 66))

    def test_each_row_of_the_fork_checklist(self):
        self.missing([row for row in ROWS if row not in ROWS_IN_KERNEL], user_tests())

    def test_the_rows_that_only_the_kernel_can_see(self):
        self.missing(ROWS_IN_KERNEL, kernel_rows())

    def test_the_page_of_the_checklist_links_each_row_to_its_tests(self):
        page = text_of(os.path.join(ROOT, 'docs', 'checklist.md'))
        said = {row: set(re.findall(r'\]\(\.\./([^)]+)\)', cell))
                for row, cell in re.findall(r'^\| ([A-Z]\d+) \|.*\| ([^|]*) \|$', page, re.M)}
        self.assertEqual(len(said), 126)
        self.assertEqual(said, files_of_rows())

    def test_each_regression(self):
        self.missing(REGRESSIONS, user_tests())

    def test_each_behaviour_of_usertests(self):
        self.missing(USERTESTS, user_tests())

    def test_no_test_stands_for_something_unknown(self):
        known = set(ROWS) | set(REGRESSIONS) | set(USERTESTS) | EXTRA
        self.assertEqual(sorted(set(user_tests()) - known), [])


class Matrix(unittest.TestCase):
    """What the build folder's entries boot, with which kernel, strategy and harts."""

    def setUp(self):
        self.entries = matrix()
        self.strategies = strategies.strategies(ROOT)

        # A build folder's own kernel is tine.elf; others have the longer name, and KASAN's is not of the matrix.
        self.kernels = {os.path.basename(option(command, '--kernel')) for _, command in self.entries} - \
            {'tine-kasan.elf'}

    def runs(self, kernel, harts, strategy=None, kind='--programs'):
        """The commands for this kernel image, harts and strategy."""
        return [command for _, command in self.entries
                if os.path.basename(option(command, '--kernel')) == kernel and kind in command
                and option(command, '--harts') == str(harts) and option(command, '--fork') in (strategy, None)]

    def programs(self, *where, all_rounds=False):
        return {name for command in self.runs(*where) if not (all_rounds and '--fewer-rounds' in command)
                for name in command[command.index('--programs') + 1:]}

    def test_there_are_two_kernels(self):
        self.assertEqual((len(self.kernels), 'tine.elf' in self.kernels), (2, True), self.kernels)

    def test_each_row_runs_in_each_kernel_under_each_strategy_on_each_number_of_harts(self):
        self.assertLessEqual({'plain', 'eager', 'cow', 'hybrid', 'lazy', 'ondemand'}, set(self.strategies))
        tests = user_tests()
        for kernel, strategy, harts in itertools.product(self.kernels, self.strategies, HARTS):
            have = self.programs(kernel, harts, strategy)
            for name in ROWS + REGRESSIONS + USERTESTS:
                if name in ROWS_IN_KERNEL + ROWS_COUNTED:
                    continue
                where = f'{name} in {kernel} with fork={strategy} on {harts} harts'
                # Files do not care how fork copies, nor does a failing call on how many harts.
                spared = ONE_HART_TESTS if harts > 1 and strategy != build_default() else set()
                self.assertLessEqual(tests[name] - FILE_TESTS - spared, have, where)

    def test_the_usual_run_has_each_row_under_each_strategy_on_the_fewest_and_the_most_harts(self):
        # Under the default strategy on each number; in the other flavour on most harts.
        self.entries = matrix(left_out=('again', 'all'))
        other, = self.kernels - {'tine.elf'}
        tests = set().union(*(programs for row, programs in user_tests().items()
                              if row in ROWS and row not in ROWS_IN_KERNEL + ROWS_COUNTED)) - FILE_TESTS
        default = build_default()
        cases = [('tine.elf', strategy, harts) for strategy in self.strategies for harts in HARTS
                 if harts in (HARTS[0], HARTS[-1]) or strategy == default]
        for kernel, strategy, harts in cases + [(other, default, HARTS[-1])]:
            spared = ONE_HART_TESTS if harts > 1 and strategy != default else set()
            self.assertLessEqual(tests - spared, self.programs(kernel, harts, strategy), (kernel, strategy, harts))

    def test_those_about_files_run_in_each_kernel_and_on_each_number_of_harts(self):
        files = {name for name in FILE_TESTS if name in set().union(*user_tests().values())}
        self.assertGreaterEqual(len(files), 4)
        for kernel in self.kernels:
            self.assertLessEqual(files, set().union(*(self.programs(kernel, harts, build_default()) for harts in HARTS)))
        for harts in HARTS:
            self.assertLessEqual(files, set().union(*(self.programs(kernel, harts, build_default())
                                                      for kernel in self.kernels)))

    def test_all_rounds_are_run_on_one_hart_and_where_harts_meet(self):
        for strategy in self.strategies:
            self.assertLessEqual(self.programs('tine.elf', 4, strategy) - {'stress', 'fuzz'},
                                 self.programs('tine.elf', 1, strategy, all_rounds=True) | ONE_HART_TESTS)
            self.assertLessEqual({'kill_e', 'thread_g', 'threads', 'tlb_h'},
                                 self.programs('tine.elf', 2, strategy, all_rounds=True))

    def test_the_kernels_own_run_on_each_number_of_harts(self):
        # Those that depend on the strategy run once for each in one boot.
        for kernel, harts in itertools.product(self.kernels, HARTS):
            commands = self.runs(kernel, harts, build_default(), '--ktest')
            self.assertTrue(any(option(command, '--ktest') == '*' for command in commands), (kernel, harts))

    def test_what_is_counted_runs_where_instructions_are_counted(self):
        counted = {name for _, command, _ in entries() if '--icount' in command
                   for name in command[command.index('--programs') + 1:]}
        for row in ROWS_COUNTED:
            self.assertEqual(user_tests()[row], counted)

    def test_linux_answers_the_same_programs(self):
        commands = [command for _, command in self.entries if '--linux' in command]
        self.assertTrue(commands, 'no entry compares with Linux')
        answered = {}
        for command in commands:
            programs = command[command.index('--programs') + 1:]
            answered.setdefault(option(command, '--fork'), set()).update(programs)
        for strategy, programs in answered.items():
            self.assertEqual(programs, self.programs('tine.elf', 1, strategy) - {'shortage_m'})

    def test_the_stress_runs_on_4_harts(self):
        for strategy in self.strategies:
            self.assertIn('stress', self.programs('tine.elf', 4, strategy))


def build_default():
    with open(os.path.join(BUILD, 'meson-info', 'intro-buildoptions.json'), encoding='utf-8') as f:
        return next(entry['value'] for entry in json.load(f) if entry['name'] == 'fork')


if __name__ == '__main__':
    sys.exit(tapcase.main())
