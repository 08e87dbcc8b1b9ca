#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Follow docs/add-a-strategy.md literally, and make its mistakes.

usage: add_strategy_test.py ROOT

Copies the tree and writes the page's C files where the page says.  The first becomes the
default of a build and must pass the in-kernel fork tests, and so must the second.  Then each
row of the page's table of mistakes is made in the second: the kernel must panic, at the first
fork, with the words of that row.

What ./tine test builds of them is counted, too, and nothing of a strategy that is tested by
name may be compiled for this computer, where it could run: it may be a hand-in.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = sys.argv[1]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.dirname(os.path.abspath(__file__))]

import tapcase  # noqa: E402
from tine import qemu, suites, testrun  # noqa: E402

PAGE = 'docs/add-a-strategy.md'
CODE = re.compile(r'Write `mm/fork/(\w+)\.c`:\s*```c\n(.*?)```', re.S)
MISTAKE = re.compile(r'^\| ([^|]+) \| `([^`]+)` \| `([^`]*)` ?\| `([^`]+)` \|$', re.M)
MISTAKES = 5
STEPS = 12              # of a build, from an edit to the verdict
CROSS_COMPILER = 'riscv64-linux-gnu-gcc'


def read_page():
    with open(os.path.join(ROOT, PAGE), encoding='utf-8') as f:
        return f.read()


class Strategies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix='tine-')
        cls.tree = os.path.join(cls.scratch.name, 'tine')
        shutil.copytree(ROOT, cls.tree, symlinks=True, ignore=shutil.ignore_patterns('build', 'build-*', '.git'))
        page = read_page()
        (cls.mine, mine), (cls.leaf, leaf) = CODE.findall(page)
        cls.mistakes = MISTAKE.findall(page)
        cls.write(cls.mine, mine)
        cls.write(cls.leaf, leaf)
        for number, (_, right, wrong, _) in enumerate(cls.mistakes):
            name = f'{cls.leaf}-{number}'
            cls.write(name, leaf.replace(right, wrong).replace(f'"{cls.leaf}"', f'"{name}"'))
        cls.run_command('meson', 'setup', 'build', '--cross-file', 'arch/riscv/cross.ini', f'-Dfork={cls.mine}')
        cls.build = os.path.join(cls.tree, 'build')
        cls.run_command('ninja', '-C', cls.build, 'tine.elf')

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @classmethod
    def write(cls, name, code):
        with open(os.path.join(cls.tree, 'mm', 'fork', name + '.c'), 'w', encoding='utf-8') as f:
            f.write(code)

    @classmethod
    def run_command(cls, *command):
        done = subprocess.run(command, cwd=cls.tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise AssertionError(' '.join(command) + ' failed:\n' + '\n'.join(done.stdout.splitlines()[-20:]))
        return done.stdout.splitlines()

    def ninja(self, *words):
        return self.run_command('ninja', '-C', self.build, '-t', *words)

    def targets(self, *patterns, **settings):
        """What ./tine test builds for these words."""
        return suites.targets(self.build, suites.select(suites.listed(self.build), patterns, settings))

    def compilers(self, name, targets):
        """The programs that compile a strategy for these targets."""
        return [line.split(' -')[0].split()[-1] for line in self.ninja('commands', *targets)
                if f'../mm/fork/{name}.c' in line.split()]

    def made_from(self, path):
        """{file: those that are made from it directly} of a file and all that is made from it."""
        made, todo = {}, [path]
        while todo:
            path = todo.pop()
            if path not in made:
                lines = self.ninja('query', path)
                made[path] = [line.strip() for line in lines[lines.index('  outputs:') + 1:]]
                todo += made[path]
        return made

    def test_an_edit_is_few_steps_from_its_verdict(self):
        targets = self.targets('fork.', fork=self.mine)
        self.assertIn('tine.elf', targets)
        steps = set()
        for path in (f'../mm/fork/{self.mine}.c', 'tine_version.c'):
            made = self.made_from(path)

            def needed(name, made=made):
                return name in targets or any(needed(more) for more in made[name])
            steps.update(name for name in made if not name.startswith('../') and needed(name))
        self.assertGreater(len(steps), 4)
        self.assertLessEqual(len(steps), STEPS, '\n'.join(sorted(steps)))

    def test_a_strategy_tested_by_name_is_compiled_for_the_machine_only(self):
        self.assertIn('cc', self.compilers(self.leaf, ['tests/host/host-mm']))
        self.assertEqual(self.targets('mm', fork=self.leaf), [])       # no test there is about one strategy
        for words in (('fork.',), ('fork_a',), ('kernel',), ()):
            compilers = self.compilers(self.leaf, self.targets(*words, fork=self.leaf))
            self.assertEqual(set(compilers), {CROSS_COMPILER}, words)
        for word in ('fork.', self.leaf, f'user-{self.leaf}', f'stress-{self.leaf}'):
            self.assertEqual(set(self.compilers(self.leaf, self.targets(word))), {CROSS_COMPILER}, word)

    def boot(self, name, pattern='fork.', fork=None):
        """The Outcome and the console's lines of the in-kernel tests for one strategy."""
        lines = []
        machine = qemu.Machine(os.path.join(self.build, 'tine.elf'), harts=2,
                               append=qemu.bootargs(fork, [f'ktest={pattern}', f'ktestfork={name}']))
        return testrun.run(machine, 240, 20, lambda line, _: lines.append(line)), lines

    def passes(self, name):
        outcome, lines = self.boot(name)
        self.assertEqual(outcome.problems, [], '\n'.join(lines[-30:]))
        self.assertGreater(len(outcome.reader.points), 5)
        self.assertEqual([point.name for point in outcome.reader.points if point.failed], [])
        return lines

    def test_it_is_the_default_and_keeps_its_promises(self):
        banner = [line for line in self.passes(self.mine) if f'fork={self.mine} (from the build)' in line]
        self.assertEqual(len(banner), 1)

    def test_leaf_by_leaf_keeps_them_too(self):
        self.passes(self.leaf)

    def test_each_mistake_is_named_at_the_first_fork(self):
        code = CODE.findall(read_page())[1][1]
        self.assertEqual(len(self.mistakes), MISTAKES)
        for number, (mistake, right, _, said) in enumerate(self.mistakes):
            with self.subTest(mistake):
                self.assertEqual(code.count(right), 1)
                name = f'{self.leaf}-{number}'
                outcome, lines = self.boot(name, 'fork.child_write_is_private')
                self.assertEqual(len(outcome.reader.points), 0, '\n'.join(lines[-10:]))
                self.assertIn(said.replace(f'under {self.leaf} ', f'under {name} '), outcome.reader.panic or '')
                self.assertIn(f'fork under {name}', outcome.reader.panic)


if __name__ == '__main__':
    sys.exit(tapcase.main())
