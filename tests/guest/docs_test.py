#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Do what README.md and docs/ say, in order, and compare what comes.

usage: docs_test.py ROOT BUILD

The tree is copied, and every `console` block is typed: lines after `$ ` on this computer,
in the copy; lines after `tine:...# ` at the console of the guest that the page has started
with ./tine run (one is started when the page has started none).  Each command must succeed,
and where the page shows output, that must be what comes; `...` stands for anything, on a line
of its own for any lines.  A C block after "Write `PATH`" is written there.

EXPENSIVE names the commands that are only checked for existence, each with a reason.
Commands, files, functions and tests named in running text must exist, too.
"""
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host'), os.path.join(ROOT, 'tests', 'guest')]

import console  # noqa: E402
import tapcase  # noqa: E402
from tine import cli, marks, suites, tools  # noqa: E402

tools.extend_path()

EXPENSIVE = {
    './tine test': 'it would run this test',
    'ninja test': 'it would run this test',
    './tine test user-mine': 'six minutes; what it runs is run for the strategies of the tree',
    './tine mutate --checks namei.c': 'ten minutes; checks_test finds the places and plants one',
    './tine mutate --checks --list': 'needs libclang; checks_test does the same',
    './tine mutate': 'ten minutes; tools_test checks that each mutant still has its place',
    './tine bench': 'minutes of counted instructions; only its option parser is tried',
    './tine bench --csv my.csv --plot pictures': 'the same; figures_test measures, tools_test writes and draws',
    './tine bench --from my.csv --plot pictures': 'it needs the file above; tools_test draws one',
    './tine bench ping --strategies cow,eager': 'it needs a release build; figures_test has the figure',
    './tine bench --tests xpfs': 'the same',
}
INTERACTIVE = ('./tine run', 'ninja run')
GUEST_PROMPT = re.compile(r'tine:\S*# (.*)')
BUILD_TIME = 1200   # seconds: a build says nothing, and other tests have the processors, too
SILENCE = 120
PANICS = 1          # QEMU's status when the page shows a panic
KILLED = 128        # a status from here on is a program killed by a signal


class Step:
    def __init__(self, kind, command, line):
        self.kind, self.command, self.line = kind, command, line
        self.shown = []


def pages():
    # Pages that add files to the tree come last: they change what the others show.
    return sorted(marks.pages(ROOT), key=lambda name: any(step.kind == 'write' for step in steps_of(name)))


def text_of(page):
    with open(os.path.join(ROOT, page), encoding='utf-8') as f:
        return f.read()


def steps_of(page):
    """The steps of a page, in order."""
    steps, block, path, ending = [], None, None, None
    for number, line in enumerate(text_of(page).splitlines(), 1):
        if block is None:
            found = re.search(r'Write `([\w/.]+)`', line)
            path = found.group(1) if found else path
            if line.startswith('```'):
                block, ending = line[3:], None
                if block == 'c' and path:
                    steps.append(Step('write', path, number))
        elif line == '```':
            block, path = None, None if block == 'c' else path
        elif block == 'c' and path:
            steps[-1].shown.append(line)
        elif block == 'console':
            ending = console_line(steps, line, number, ending)
    return steps


def console_line(steps, line, number, ending):
    """One line of a console block; gives the word that ends a here-document, if in one."""
    guest = GUEST_PROMPT.fullmatch(line)
    if ending is not None:
        steps[-1].command += '\n' + re.sub(r'^> ', '', line)
        return None if re.sub(r'^> ', '', line) == ending else ending
    if line.startswith('$ '):
        steps.append(Step('host', line[2:], number))
    elif guest:
        steps.append(Step('guest', guest.group(1), number))
    else:
        assert steps, f'line {number}: output before any command'
        steps[-1].shown.append(line)
        return None
    found = re.search(r"<<\s*'?(\w+)'?", line)
    return found.group(1) if found else None


def matches(shown, lines):
    """Did the lines come that a page shows?  `...` stands for anything."""
    pattern = ''
    for line in shown:
        if line.strip() == '...':
            pattern += r'(?:.*\n)*?'
        else:
            pattern += re.escape(line.rstrip()).replace(re.escape('...'), '.*') + r'[ \t]*\n'
    return re.fullmatch(pattern, ''.join(line + '\n' for line in lines)) is not None


class Session:
    """One page being followed: the current folder, and the guest if one runs."""

    def __init__(self, test, page, tree):
        self.test, self.page, self.tree = test, page, tree
        self.cwd, self.guest = tree, None

    def follow(self):
        try:
            for step in steps_of(self.page):
                getattr(self, 'do_' + step.kind)(step)
            self.leave()
        finally:
            if self.guest:
                self.guest.close()

    def fail(self, step, why, lines):
        self.test.fail(f'{self.page}:{step.line}: {step.command}\n{why}\n' + '\n'.join(lines[-40:]))

    def judge(self, step, lines):
        if step.shown and not matches(step.shown, lines):
            self.fail(step, 'shows other output than what came:', lines)

    def do_write(self, step):
        with open(os.path.join(self.tree, step.command), 'w', encoding='utf-8') as f:
            f.write('\n'.join(step.shown) + '\n')

    def do_host(self, step):
        command = step.command
        if command in EXPENSIVE:
            self.check_words(step, command)
        elif command.startswith(INTERACTIVE):
            self.leave()
            self.boot(step, command)
        elif command.startswith('cd '):
            self.cwd = os.path.join(self.cwd, command[3:])
        else:
            done = subprocess.run(['bash', '-c', step.command], cwd=self.cwd, stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors='replace', timeout=BUILD_TIME)
            if done.returncode != 0:
                self.fail(step, f'ended with status {done.returncode}:', done.stdout.splitlines())
            self.judge(step, done.stdout.splitlines())

    def check_words(self, step, command):
        words = shlex.split(command)
        if words[0] == './tine':
            problem = wrong_command(words[1:])
            if problem:
                self.fail(step, problem, [])

    def boot(self, step, command):
        words = shlex.split(command)
        self.guest = console.Console(words, cwd=self.cwd, silence=BUILD_TIME)
        if '--' in words:               # one program, then the machine ends
            status = self.guest.end(BUILD_TIME)
            lines = console.plain(self.guest.all).splitlines()
            if status != 0:
                self.fail(step, f'ended with status {status}', lines)
            self.guest.close()
            self.guest = None
            self.judge(step, lines)
            return
        try:
            self.guest.wait(timeout=BUILD_TIME)
        except console.Silent as problem:
            self.fail(step, str(problem), [])
        self.guest.silence = SILENCE
        self.guest.plain_input()

    def do_guest(self, step):
        if self.guest is None:
            self.boot(step, './tine run')
        if step.command == 'poweroff' or any('panic:' in line for line in step.shown):
            self.end_of_machine(step)
            return
        try:
            lines = self.guest.run(step.command)
            status = self.guest.run('echo $?')
        except console.Silent as problem:
            self.fail(step, str(problem), [])
        if status != ['0'] and not (step.shown and int(status[-1]) >= KILLED):
            self.fail(step, f'ended with status {status}', lines)
        self.judge(step, lines)

    def end_of_machine(self, step):
        self.guest.type(step.command + '\r')
        status = self.guest.end()
        lines = console.plain(self.guest.all).rsplit(step.command + '\n', 1)[-1].splitlines()
        if status != (0 if step.command == 'poweroff' else PANICS):
            self.fail(step, f'the machine ended with status {status}', lines)
        self.judge(step, lines)
        self.guest.close()
        self.guest = None

    def leave(self):
        if self.guest is not None:
            self.do_guest(Step('guest', 'poweroff', 0))


def wrong_command(words):
    """What is wrong with the words after ./tine, or None."""
    if not words or words[0] not in cli.COMMANDS:
        return f'there is no ./tine {" ".join(words[:1])}'
    done = subprocess.run([sys.executable, os.path.join(ROOT, 'tine'), words[0], '--help'], stdout=subprocess.PIPE,
                          text=True, stdin=subprocess.DEVNULL)
    for word in words[1:]:
        if word == '--':
            break
        if word.startswith('--') and word.split('=')[0] not in re.findall(r'--[\w-]+', done.stdout):
            return f'./tine {words[0]} has no option {word}'
    return None


def running_text(page):
    return re.sub(r'^```.*?^```', '', text_of(page), flags=re.M | re.S)


def code_spans(page):
    """Everything in backquotes in running text, line breaks made blanks."""
    return [re.sub(r'\s+', ' ', span) for span in re.findall(r'`([^`]+)`', running_text(page))]


def sources():
    """The text of every C and assembly file of the tree."""
    text = []
    for suffix in ('c', 'h', 'S', 'def'):
        for path in glob.glob(os.path.join(ROOT, '**', f'*.{suffix}'), recursive=True):
            if not os.path.relpath(path, ROOT).startswith('build'):
                with open(path, encoding='utf-8', errors='replace') as f:
                    text.append(f.read())
    return '\n'.join(text)


class Words(unittest.TestCase):
    """Everything that running text names must exist."""

    def missing(self, exists, pattern):
        wrong = [f'{page}: {span}' for page in pages() for span in code_spans(page)
                 if re.fullmatch(pattern, span) and not exists(page, span)]
        self.assertEqual(wrong, [])

    def test_commands(self):
        wrong = [f'{page}: {problem}' for page in pages() for span in code_spans(page) if span.startswith('./tine')
                 for problem in [wrong_command([word.strip(',.') for word in span.split()[1:]] or ['help'])] if problem]
        self.assertEqual(wrong, [])

    def test_files(self):
        def exists(page, span):
            places = (ROOT, os.path.join(ROOT, os.path.dirname(page)))
            return any(glob.glob(os.path.join(place, span)) for place in places) or span in written
        written = [step.command for page in pages() for step in steps_of(page) if step.kind == 'write']
        self.missing(exists, r'(?!NAME|build/|my|hello)[\w.*-]+(/[\w.*-]+)*(/|\.(c|h|S|md|py|pml|def|ini|build|sh|csv))')

    def test_links(self):
        wrong = [f'{page}: {link}' for page in pages() for link in re.findall(r'\]\(([^)#:]+)\)', text_of(page))
                 if not os.path.exists(os.path.join(ROOT, os.path.dirname(page), link))]
        self.assertEqual(wrong, [])

    def test_every_page_is_in_the_list(self):
        listed = re.findall(r'\]\(([^)]+\.md)\)', text_of('docs/README.md'))
        self.assertEqual([page for page in pages() if page.startswith('docs/') and page != 'docs/README.md' and
                          os.path.relpath(page, 'docs') not in listed], [])

    def test_functions_and_macros(self):
        text = sources()
        self.missing(lambda page, span: re.search(rf'\b{span.rstrip("()")}\b', text), r'\w+\(\)|[a-z]+_[a-z_]+|[A-Z]+_[A-Z_]+')

    def test_in_kernel_tests(self):
        self.missing(lambda page, span: any(name.startswith(span) for name in suites.kernel_tests()),
                     r'(fork|mm|lib|proc)\.[a-z]\w+_\w+')

    def test_build_options(self):
        with open(os.path.join(ROOT, 'meson_options.txt'), encoding='utf-8') as f:
            options = re.findall(r"option\('(\w+)'", f.read())
        self.missing(lambda page, span: span[2:].split('=')[0] in options, r'-D\w+=\w+')


class Pages(unittest.TestCase):
    """Every page followed to the letter, in one copy of the tree."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix='tine-')
        cls.tree = os.path.join(cls.scratch.name, 'tine')
        shutil.copytree(ROOT, cls.tree, symlinks=True, ignore=shutil.ignore_patterns('build', 'build-*', '.git', '__pycache__'))

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_there_is_something_to_type(self):
        self.assertGreater(sum(step.kind in ('host', 'guest') for page in pages() for step in steps_of(page)), 30)

    def test_expensive_commands_are_in_a_page(self):
        """The table must not keep a command that is in no page any more."""
        said = {step.command for page in pages() for step in steps_of(page)}
        self.assertEqual(set(EXPENSIVE) - said, set())


def add_page(number, page):
    def follow(self):
        Session(self, page, self.tree).follow()
    setattr(Pages, f'test_{number:02}_{re.sub(r"[^a-z]+", "_", page.lower()[:-3])}', follow)


for place, name in enumerate(pages()):
    if any(step.kind in ('host', 'guest') for step in steps_of(name)):
        add_page(place, name)


if __name__ == '__main__':
    sys.exit(tapcase.main())
