#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The parts of ./tine that need no machine: parsers, options, messages, tables, disk images.

usage: tools_test.py [ROOT]

Versions and distributions come from recorded texts; commands that would build or boot are replaced
by stubs, and only what would be called is looked at.
"""
import argparse
import concurrent.futures
import contextlib
import dataclasses
import glob
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.dont_write_bytecode = True
ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.dirname(os.path.abspath(__file__))]

import ksyms  # noqa: E402
import mkimage  # noqa: E402
import offsets  # noqa: E402
import tapcase  # noqa: E402
from tine.say import Failed, distance  # noqa: E402
from tine import bench, build, cli, debian, disk, kept, manifest, mutate, plot, pool, qemu, rows, suites, sweep, tap, testrun, tools  # noqa: E402


def open_text(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


class Versions(unittest.TestCase):
    def test_parsed_from_what_tools_say(self):
        for text, want in (('QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)', (7, 2, 22)),
                           ('QEMU emulator version 10.0.0', (10, 0, 0)), ('1.11.1', (1, 11, 1)),
                           ('mke2fs 1.47.0 (5-Feb-2023)', (1, 47, 0)), ('1.0.0.rc2', (1, 0, 0)),
                           (' (Debian 12.2.0-13) 12.2.0', (12, 2, 0)), ('gcc 14 20240412', (14,)), ('v8.1', (8, 1)),
                           ('no number', None)):
            self.assertEqual(tools.parse_version(text), want, text)

    def test_compared_as_numbers(self):
        self.assertTrue(tools.new_enough((10, 0), (7, 0)))
        self.assertTrue(tools.new_enough((7,), (7, 0)))
        self.assertTrue(tools.new_enough((7, 0), (7,)))
        self.assertTrue(tools.new_enough((7, 2, 22), (7, 2)))
        self.assertTrue(tools.new_enough((1, 10), (1, 9)))
        self.assertFalse(tools.new_enough((6, 2, 90), (7, 0)))
        self.assertFalse(tools.new_enough((1, 9, 9), (1, 10)))

    def test_old_tool_is_bad_unknown_version_is_not(self):
        tool = next(tool for tool in tools.TOOLS if tool.name == 'meson')
        self.assertFalse(tools.Finding(tool, '0.63.2').good)
        self.assertTrue(tools.Finding(tool, '1.10.0').good)
        self.assertTrue(tools.Finding(tool, '').good)
        self.assertFalse(tools.Finding(tool, None).good)


class Distributions(unittest.TestCase):
    def test_recognised(self):
        for release, want in (('ID=debian\nVERSION_ID="12"\n', 'debian'),
                              ('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'),
                              ('ID=fedora\n', 'fedora'), ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'fedora'),
                              ('ID=arch\n', 'arch'), ('ID=manjaro\nID_LIKE=arch\n', 'arch'), ('ID=nixos\n', '')):
            self.assertEqual(tools.distribution(release), want)

    def test_every_tool_has_a_fix_everywhere(self):
        for tool in tools.TOOLS:
            for system in ('debian', 'fedora', 'arch', 'brew', ''):
                self.assertTrue(tools.fix(tools.Finding(tool, None), system))

    def test_install_command_names_each_package_once(self):
        findings = [tools.Finding(tool, None) for tool in tools.TOOLS for _ in range(2)]
        words = tools.install_command(findings)
        packages = words[words.index('--no-install-recommends') + 1:]
        self.assertEqual(len(packages), len(set(packages)))
        self.assertIn('gcc-riscv64-linux-gnu', packages)


class Building(unittest.TestCase):
    OTHER = ('import sys; sys.path.insert(0, sys.argv[1]); from tine import build\n'
             'with build.alone(sys.argv[2]): print("building")\n')

    def test_two_builds_of_one_folder_wait_for_each_other(self):
        with tempfile.TemporaryDirectory() as place:
            with build.alone(place):
                other = subprocess.Popen([sys.executable, '-c', self.OTHER, os.path.join(ROOT, 'tools'), place],
                                         text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.addCleanup(other.stdout.close)
                self.assertRegex(other.stdout.readline(),
                                 rf'^tine: waiting: ./tine .*\(process {os.getpid()}\) has been building for \d+ s in .')
                self.assertIsNone(other.poll())
            self.assertEqual(other.communicate(timeout=30)[0], 'building\n')
            self.assertEqual(other.returncode, 0)


class Troubles(unittest.TestCase):
    """Whatever this computer refuses, ./tine ends with one sentence and a status."""

    def says(self, sentence, status, *words):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            self.assertEqual(cli.main(words), status)
        self.assertRegex(said.getvalue(), rf'^tine: {sentence}\n$')

    def test_a_folder_that_cannot_be_written(self):
        with tempfile.TemporaryDirectory() as scratch, mock.patch.object(tools, 'ensure'):
            with open(os.path.join(scratch, 'file'), 'w', encoding='utf-8'):
                os.makedirs(os.path.join(scratch, 'build', 'lock'))
            for place, why in (('file/build', 'Not a directory'), ('build', 'Is a directory')):
                place = os.path.join(scratch, place)
                with mock.patch.object(build, 'folder', return_value=place):
                    for command in ('build', 'run', 'test', 'gdb'):
                        self.says(f'cannot write to {re.escape(build.short(place))}: {why}', 1, command)

    def test_any_other_error_of_the_system(self):
        for why, sentence in ((PermissionError(13, 'Permission denied', '/a/b'), '/a/b: Permission denied'),
                              (OSError(28, 'No space left on device'), '.*No space left on device')):
            with mock.patch.object(build, 'clean', side_effect=why):
                self.says(sentence, 1, 'clean')

    def test_a_result_that_cannot_be_written_is_refused_before_it_is_measured(self):
        with mock.patch.object(tools, 'ensure'), mock.patch.object(build, 'prepare'), \
                mock.patch.object(bench, 'measure', side_effect=AssertionError):
            self.says('/no/such/place: No such file or directory', 1, 'bench', '--csv', '/no/such/place')
            if tools.have('gnuplot'):
                self.says('/dev/null/x: Not a directory', 1, 'bench', '--plot', '/dev/null/x')
            self.says('--from needs --plot DIR', 2, 'bench', '--from', 'x.csv')

    def test_format_without_its_program(self):
        done = subprocess.run([sys.executable, os.path.join(ROOT, 'tests/host/format_test.py'), ROOT, '--fix'],
                              env={'PATH': '/nowhere'}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual((done.returncode, done.stdout),
                         (1, 'tine: clang-format-14 is not installed; ./tine doctor shows how to install it\n'))

    def test_a_program_that_is_here_and_does_not_start(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = os.path.join(scratch, 'qemu-system-riscv64')

            def write(text):
                with open(path, 'w', encoding='utf-8') as f:
                    f.write(text)
                os.chmod(path, 0o755)
            for text, why in (('#!/no/such/loader\n', 'loader it needs does not exist'), ('\x7fELF', 'Exec format error')):
                write(text)
                with self.assertRaisesRegex(tools.CannotStart, why):
                    tools.run([path])
            why = 'libx.so: cannot open shared object file'
            write(f'#!/bin/sh\necho "{why}" >&2\nexit 127\n')
            with mock.patch.dict(os.environ, PATH=f'{scratch}:{os.environ["PATH"]}'), mock.patch.object(build, 'prepare'), \
                    mock.patch.object(cli, 'machine_from'), mock.patch.object(cli, 'boot'):
                self.says(f'qemu-system-riscv64 is installed and does not start: {why}', 1, 'run')
                doctor = subprocess.run([sys.executable, os.path.join(ROOT, 'tine'), 'doctor'], text=True,
                                        stdout=subprocess.PIPE)
            self.assertEqual(doctor.returncode, 1)
            self.assertRegex(doctor.stdout, rf'(?m)^qemu-system-riscv64 .* does not start +repair it: {why}$')

    def test_qemu_goes_away_or_breaks_before_it_is_started(self):
        for error, why in ((FileNotFoundError, 'is not installed; ./tine doctor shows how to install it'),
                           (OSError(8, 'Exec format error'), 'does not start: Exec format error')):
            with mock.patch.object(os, 'execvp', side_effect=error), contextlib.redirect_stdout(io.StringIO()):
                with self.assertRaisesRegex(Failed, f'^qemu-system-riscv64 {why}$'):
                    cli.boot(qemu.Machine('k'))
            with mock.patch.object(subprocess, 'Popen', side_effect=error):
                self.assertRegex(testrun.run(qemu.Machine('k'), 1).problems[0], f'^qemu-system-riscv64 {why}$')

    def test_the_debuggers_port(self):
        with socket.socket() as other, mock.patch.object(tools, 'ensure'):
            other.bind(('', 0))
            with mock.patch.object(qemu, 'GDB_PORT', other.getsockname()[1]):
                self.assertIn(f'tcp::{qemu.GDB_PORT}', qemu.Machine('k', gdb=True).command())
                other.listen()
                self.says(f'port {qemu.GDB_PORT}, which the debugger needs, is in use, perhaps by another ./tine gdb', 1, 'gdb')
                other.close()
                self.says('no machine waits for a debugger; start one with ./tine gdb in another terminal', 1,
                          'gdb', '--attach')


class Configuring(unittest.TestCase):
    """Packages that are installed after a build folder was configured."""

    # What configuring needs: a PATH of these alone has no compiler for this computer.
    TOOLS = ('python3', 'meson', 'ninja', *(f'riscv64-linux-gnu-{name}' for name in
                                           ('gcc', 'ar', 'nm', 'strip', 'objcopy', 'objdump', 'ld')))

    def test_a_compiler_that_comes_later_builds_the_host_tests(self):
        if not tools.have('cc'):
            self.skipTest('cc is not installed')
        with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(io.StringIO()) as said:
            place, few = os.path.join(scratch, 'build'), os.path.join(scratch, 'bin')
            os.mkdir(few)
            # The compiler and not ccache, which would look for it in PATH.
            usual = os.pathsep.join(path for path in os.environ['PATH'].split(os.pathsep) if path != build.CCACHE_MASKS)
            for name in self.TOOLS:
                os.symlink(shutil.which(name, path=usual), os.path.join(few, name))
            with mock.patch.dict(os.environ, PATH=few, CCACHE_DIR=scratch):
                build.configure(place, {})
            before = {test['name'] for test in suites.listed(place)}
            with mock.patch.dict(os.environ, CCACHE_DIR=scratch):
                build.configure(place, {})
                after = {test['name'] for test in suites.listed(place)}
                said.truncate(0)
                build.configure(place, {})
        self.assertIn('host-builds', before)
        self.assertNotIn('mm', before)
        self.assertNotIn('host-builds', after)
        self.assertLessEqual({'mm', 'ext2', 'lib', 'sh', 'sh-edit', 'userland'}, after)
        self.assertNotIn('again', said.getvalue())

    def test_a_program_is_looked_for_when_its_test_runs(self):
        command = [sys.executable, os.path.join(ROOT, 'tests/host/needs.py'), 'new-program', 'its-package', '-c',
                   'import sys; print("path", *sys.argv[1:])', 'new-program', 'x']
        with tempfile.TemporaryDirectory() as scratch:
            def run():
                return subprocess.run(command, env={'PATH': scratch}, text=True, stdout=subprocess.PIPE).stdout
            self.assertEqual(run(), '1..0 # SKIP new-program is not installed: apt-get install its-package\n')
            os.symlink(shutil.which('true'), os.path.join(scratch, 'new-program'))
            self.assertEqual(run(), f'path {scratch}/new-program x\n')

    def test_meson_looks_for_no_other_program_that_may_be_missing(self):
        found = []
        for folder, folders, files in os.walk(ROOT):
            folders[:] = [name for name in folders if not name.startswith(('.', 'build'))]
            if 'meson.build' in files:
                with open(os.path.join(folder, 'meson.build'), encoding='utf-8') as f:
                    found += [line.strip() for line in f if 'required: false' in line]
        self.assertEqual(found, ["have_native_cc = add_languages('c', native: true, required: false)"])


class Commands(unittest.TestCase):
    def run_tine(self, *words):
        return subprocess.run([sys.executable, os.path.join(ROOT, 'tine'), *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def test_alone_prints_help(self):
        done = self.run_tine()
        self.assertEqual((done.returncode, done.stdout), (0, cli.HELP))

    def without_python(self, *words, apt=True):
        with tempfile.TemporaryDirectory() as place:
            for name in ('sh', 'id'):
                os.symlink(shutil.which(name), os.path.join(place, name))
            if apt:
                for name in ('apt-get', 'sudo'):
                    path = os.path.join(place, name)
                    with open(path, 'w', encoding='utf-8') as f:
                        f.write('#!/bin/sh\nfor word; do case $word in apt-get|-q) ;; *) echo "$word" >> "$0.log"; esac; done\n')
                    os.chmod(path, 0o755)
            done = subprocess.run([os.path.join(ROOT, 'tine'), *words], env={'PATH': place}, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            log = ''
            for name in ('apt-get.log', 'sudo.log'):
                if os.path.exists(os.path.join(place, name)):
                    with open(os.path.join(place, name), encoding='utf-8') as f:
                        log += f.read()
            return done, log

    def test_without_python_the_fix_is_named(self):
        for words in ((), ('doctor',), ('run', '--no-install'), ('help',)):
            done, log = self.without_python(*words)
            self.assertEqual((done.returncode, log), (1, ''), done.stdout)
            self.assertIn('apt-get install -y --no-install-recommends python3', done.stdout)
        done, _ = self.without_python('run', apt=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('python3 (3.9 or newer) is missing', done.stdout)

    def test_without_python_run_installs_it_after_saying_so(self):
        done, log = self.without_python('run')
        self.assertIn('installing: ', done.stdout)
        self.assertEqual(log.split(), ['update', 'install', '-y', '--no-install-recommends', 'python3'])

    def test_a_machine_that_cannot_work_is_refused(self):
        for words in (('--mem', '8M'), ('--mem', '1'), ('--mem', 'much'), ('--harts', '9'), ('harts=9',),
                      ('--add', '/nosuch'), ('fork=nosuch',)):
            done = self.run_tine('run', '--no-install', *words)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(words[-1].split('=')[-1], done.stdout)

    def test_an_installation_without_apt_is_said(self):
        with tempfile.TemporaryDirectory() as place:
            path, os.environ['PATH'] = os.environ['PATH'], place
            try:
                with self.assertRaises(cli.Failed) as caught:
                    tools.install(['apt-get', 'install', 'x'])
            finally:
                os.environ['PATH'] = path
        self.assertIn('apt-get install x', str(caught.exception))

    def test_settings_are_options(self):
        self.assertEqual(cli.as_options(['fork=cow', '--fresh', 'mem=64M']),
                         ['--fork', 'cow', '--fresh', '--mem', '64M'])

    def test_words_behind_two_dashes_stay_as_they_are(self):
        words = ['sh', '-c', 'exit 7', '', '--', 'fork=cow', '--no-install', '--fresh']
        options = self.run_options('run', 'fork=eager', '--', *words)
        self.assertEqual((options.fork, options.init_args), ('eager', words))
        self.assertEqual(self.run_options('--no-install', 'run', '--', 'cat').init_args, ['cat'])
        self.assertEqual(self.run_options('run', 'cat', 'a b').init_args, ['cat', 'a b'])

    def run_options(self, *words):
        """What ./tine would boot with."""
        seen = []
        with mock.patch.object(build, 'prepare'), mock.patch.object(tools, 'ensure'), mock.patch.object(cli, 'boot'), \
                mock.patch.object(cli, 'machine_from', side_effect=lambda options, *_: seen.append(options)):
            self.assertEqual(cli.main(words), 0)
        return seen[0]

    def test_arguments_that_the_kernel_would_cut_are_refused(self):
        for words, why in ((['x'] * 65, '65 arguments after --: the maximum is 64'),
                           (['x' * 1000, 'y z' * 500], r'\d+ bytes of boot arguments: the maximum is 2047'),
                           (['ä' * 1024], r'\d+ bytes of boot arguments: the maximum is 2047')):
            done = self.run_tine('run', '--no-install', '--', *words)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertRegex(done.stdout, rf'^tine: {why}\n$')
        text = open_text(os.path.join(ROOT, 'kernel/cmdline.c')) + open_text(os.path.join(ROOT, 'kernel/boot.h'))
        self.assertIn(f'static char command_line[{qemu.BOOTARGS_BYTES + 1}];', text)
        self.assertRegex(text, rf'#define BOOT_ARGS_MAX {qemu.INIT_WORDS}u')

    def test_unknown_command_suggests_the_nearest(self):
        for word, near in (('tset', 'test'), ('rnu', 'run'), ('docter', 'doctor'), ('buld', 'build')):
            done = self.run_tine(word)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f'did you mean ./tine {near}?', done.stdout)
        for word in ('xyzzy', 'xyz', 'list', 'install', 'kill', 'tt', 'x'):
            done = self.run_tine(word)
            self.assertEqual(done.returncode, 2)
            self.assertNotIn('did you mean', done.stdout)

    def test_distance_counts_mistakes(self):
        for a, b, mistakes in (('', '', 0), ('test', 'test', 0), ('tset', 'test', 1), ('tst', 'test', 1), ('tesst', 'test', 1),
                               ('text', 'test', 1), ('', 'run', 3), ('abcd', 'badc', 2), ('kitten', 'sitting', 3)):
            self.assertEqual((distance(a, b), distance(b, a)), (mistakes, mistakes), (a, b))

    def test_every_command_of_the_help_exists(self):
        for line in cli.HELP.splitlines():
            if line.startswith('  ') and line[2] != ' ':
                self.assertIn(line.split()[0], cli.COMMANDS)

    def test_wrong_words_after_test_are_refused(self):
        with self.assertRaises(cli.Failed):
            suites.split_words(['fork_a', 'forks=cow'])
        self.assertEqual(suites.split_words(['fork_a', 'fork=cow', 'harts=2']),
                         (['fork_a'], {'fork': 'cow', 'harts': '2'}))

    def test_selection_narrows_the_matrix(self):
        def entry(fork, harts):
            return {'name': f'user-{fork}-{harts}', 'suite': [],
                    'cmd': ['python3', 'testrun.py', '--name', f'user-{fork}-{harts}', '--kernel', 'k', '--fork', fork,
                            '--harts', harts, '--programs', 'fork_a', 'fork_b']}
        tests = [entry(fork, harts) for fork in ('eager', 'cow') for harts in '12']
        tests.append({'name': 'format', 'suite': [], 'cmd': ['python3', 'format_test.py']})
        self.assertEqual([name for name, _ in suites.select(tests, ['user-cow'], {})], ['user-cow-1', 'user-cow-2'])
        chosen = suites.select(tests, ['fork_a'], {'fork': 'cow', 'harts': '2', 'seed': '7'})
        self.assertEqual([name for name, _ in chosen], ['user-cow-2'])
        self.assertEqual(chosen[0][1][2:4], ['--only=fork_a', '--append=seed=7'])
        chosen = suites.select(tests, ['cow-1/fork_a'], {})
        self.assertEqual([(name, '--only=fork_a' in command) for name, command in chosen], [('user-cow-1', True)])
        self.assertEqual([name for name, _ in suites.select(tests, ['format'], {})], ['format'])
        self.assertEqual(suites.select(tests, ['nothing'], {}), [])
        tests.append({'name': 'kernel-cow-1', 'suite': [], 'cmd': ['python3', 'testrun.py', '--kernel', 'k', '--fork',
                                                                   'cow', '--harts', '1', '--ktest', '*']})
        chosen = suites.select(tests, ['kernel'], {'fork': 'mine'})
        self.assertEqual([(name, command[2]) for name, command in chosen], [('kernel-cow-1', '--ktest-fork=mine')])

    def test_only_what_the_chosen_tests_need_is_built(self):
        made = {'tests': [{'name': 'user-cow-1', 'depends': ['elf', 'disk']}, {'name': 'lib', 'depends': ['lib']},
                          {'name': 'format', 'depends': []}],
                'targets': [{'id': 'elf', 'filename': ['/b/tine.elf']}, {'id': 'disk', 'filename': ['/b/disk.img']},
                            {'id': 'lib', 'filename': ['/b/tests/lib']}]}
        with mock.patch.object(suites, 'introspect', side_effect=lambda build, what: made[what]):
            self.assertEqual(suites.targets('/b', [('user-cow-1', [])]), ['disk.img', 'tine.elf'])
            self.assertEqual(suites.targets('/b', [('user-cow-1', []), ('lib', [])]),
                             ['disk.img', 'tests/lib', 'tine.elf'])
            self.assertEqual(suites.targets('/b', [('format', [])]), [])

    def test_words_that_choose_nothing_are_said_before_anything_is_built(self):
        for words, status, why in ((['no-such-test'], 1, 'no test matches no-such-test;'),
                                   (['lib', 'no-such-test'], 1, 'no test matches no-such-test;'),
                                   (['lib', 'fork=cow'], 1, 'no test matches lib fork=cow;'),
                                   (['fork.', 'harts=9'], 1, 'no test matches fork. harts=9;'),
                                   (['fork.', 'fork=no-such'], 2, 'no fork strategy is called "no-such"; there are: ')):
            done = self.run_tine('test', '--no-install', *words)
            self.assertEqual(done.returncode, status, done.stdout)
            self.assertIn(why, done.stdout)
            self.assertNotIn('building', done.stdout)

    def test_long_tests_are_asked_for(self):
        tests = [{'name': 'fuzz-cow', 'suite': ['tine:cow', 'tine:load'], 'cmd': ['x', 'y']},
                 {'name': 'lib', 'suite': ['tine:host', 'tine:quick'], 'cmd': ['x', 'y']},
                 {'name': 'fuzz-long', 'suite': ['tine:all'], 'cmd': ['x', 'y']},
                 {'name': 'fuzz-quick', 'suite': ['tine:quick', 'tine:again'], 'cmd': ['x', 'y']}]
        self.assertEqual([name for name, _ in suites.select(tests, ['fuzz'], {})], ['fuzz-cow'])
        self.assertEqual([name for name, _ in suites.select(tests, ['fuzz-long'], {})], ['fuzz-long'])
        with mock.patch.object(suites, 'listed', return_value=tests):
            self.assertEqual(suites.wanted('build', None), ['fuzz-cow', 'lib'])
            self.assertEqual(suites.wanted('build', 'quick'), ['lib', 'fuzz-quick'])
            self.assertEqual(suites.wanted('build', 'all'), ['fuzz-cow', 'lib', 'fuzz-long'])

    def test_each_worker_of_a_pool_does_one_thing_at_a_time(self):
        def work(worker, thing):
            self.assertEqual(worker.pop(), 'idle')
            worker.append('idle')
            return -thing
        done = sorted((thing, result) for thing, result, _ in pool.each(range(50), [['idle'], ['idle']], work))
        self.assertEqual(done, [(thing, -thing) for thing in range(50)])
        with self.assertRaises(ZeroDivisionError):
            list(pool.each([0], ['worker'], lambda worker, thing: 1 // thing))

    def test_busy_loops_end_with_the_tests(self):
        with suites.busy_loops() as loops:
            self.assertEqual([loop.poll() for loop in loops], [None] * os.cpu_count())
        self.assertNotIn(None, [loop.poll() for loop in loops])

    def test_what_has_passed_is_kept_until_a_source_changes(self):
        with tempfile.TemporaryDirectory() as build:
            with mock.patch.object(suites, 'sources', return_value='1'):
                passed = suites.Passed(build)
                passed.note(' 2/10 tine:cow+load / fuzz-cow        OK             12.34s   20 subtests passed')
                passed.note(' 3/10 tine:all / fuzz-long        FAIL           12.34s   exit status 1')
                passed.note('10/10 lib        OK             12.34s')
                self.assertEqual(suites.Passed(build).names, ['fuzz-cow', 'lib'])
            with mock.patch.object(suites, 'sources', return_value='2'):
                self.assertEqual(suites.Passed(build).names, [])


class QemuCommand(unittest.TestCase):
    def test_counting_instructions_means_one_hart(self):
        command = qemu.Machine('k', harts=4, icount=True).command()
        self.assertEqual(command[command.index('-smp') + 1], '1')

    def test_the_key_that_is_said_is_the_one_of_qemu(self):
        command = qemu.Machine('k').command()
        self.assertEqual(chr(int(command[command.index('-echr') + 1], 16)), chr(ord(']') & 31))
        self.assertNotIn('-echr', qemu.Machine('k', terminal=False).command())
        with mock.patch.object(os, 'execvp'), contextlib.redirect_stdout(io.StringIO()) as said:
            cli.boot(qemu.Machine('k'))
        self.assertIn('press Ctrl-] then X', said.getvalue())
        with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as f:
            self.assertRegex(f.read(), r'Ctrl-\] x .*ends the machine at once')

    def test_commas_in_paths_are_doubled(self):
        command = qemu.Machine('k', disk='/a,b/d.img', snapshot=True).command()
        drive = command[command.index('-drive') + 1]
        self.assertTrue(drive.startswith('file=/a,,b/d.img,'))
        self.assertTrue(drive.endswith(',snapshot=on'))

    def test_boot_arguments(self):
        self.assertEqual(qemu.bootargs('cow', ['quiet', ''], init='/bin/init', init_args=['/test/x', 'a']),
                         'init=/bin/init fork=cow quiet -- /test/x a')
        self.assertEqual(qemu.bootargs(), '')
        self.assertEqual(qemu.bootargs(init_args=['sh', '-c', 'exit 7', '', '$HOME']), "-- sh -c 'exit 7' '' '$HOME'")


class Symbols(unittest.TestCase):
    LISTING = ('ffffffff80200000 T __image_start\nffffffff80200000 T _start\nffffffff80200010 t helper\n'
               'ffffffff80200010 T alias\nffffffff80200020 D data\n                 U undefined\n')

    def test_code_only(self):
        code, base = ksyms.parse_symbols(self.LISTING)
        self.assertEqual(base, 0xffffffff80200000)
        self.assertEqual([name for _, name in code], ['_start', 'alias', 'helper'])

    def test_table_has_one_name_for_an_address(self):
        code, base = ksyms.parse_symbols(self.LISTING)
        with tempfile.NamedTemporaryFile('r') as f:
            ksyms.write_table(f.name, code, base)
            text = f.read()
        self.assertIn('ksym_count:\n\t.word 2\n', text)
        self.assertIn('ksym_offsets:\n\t.word 0\n\t.word 16\n', text)
        self.assertIn('ksym_name_at:\n\t.word 0\n\t.word 7\n', text)

    def test_moved_code_is_noticed(self):
        with tempfile.TemporaryDirectory() as scratch:
            def tool(name, listing, mode=0o644):
                path = os.path.join(scratch, name)
                with open(path, 'w', encoding='utf-8') as f:
                    f.write(listing)
                os.chmod(path, mode)
                return path
            first = tool('first', self.LISTING)
            moved = tool('moved', self.LISTING.replace('80200010', '80200014'))
            nm = tool('nm', '#!/bin/sh\ncat "$2"\n', 0o755)
            cc = tool('cc', '#!/bin/sh\n# cc LINKED -o SECOND TABLE.S ...\ncp "$1" "$3" && grep -q alias "$4"\n', 0o755)
            output = os.path.join(scratch, 'out')

            def link(linked):
                return subprocess.run([sys.executable, os.path.join(ROOT, 'tools/ksyms.py'), 'link', nm, output, first,
                                       'library.a', '--', cc, linked], stderr=subprocess.PIPE, text=True)
            done = link(moved)
            self.assertEqual(done.returncode, 1)
            self.assertIn('moved code', done.stderr)
            self.assertNotEqual(link('no-such-file').returncode, 0)
            self.assertFalse(os.path.exists(output))
            self.assertEqual(link(first).returncode, 0)
            self.assertTrue(os.path.exists(output))


class SystemCalls(unittest.TestCase):
    NO_CALLS = {'syscalls', 'arch_specific_syscall'}

    def test_the_lists_have_linux_numbers_and_every_call_once(self):
        """As far as the cross compiler's header goes, or the lists."""
        defined = subprocess.run(['riscv64-linux-gnu-gcc', '-E', '-dM', '-include', 'sys/syscall.h', '-xc', os.devnull],
                                 stdout=subprocess.PIPE, text=True, check=True).stdout
        linux = dict(re.findall(r'^#define __NR_(\w+) (\d+)$', defined, re.M))
        ours = []
        for name in ('calls.def', 'missing.def'):
            with open(os.path.join(ROOT, 'syscall', name), encoding='utf-8') as f:
                ours += re.findall(r'(?:SYSCALL|SYSCALL_TO|MISSING|PROBED)\((\d+), (\w+)', f.read())
        self.assertEqual(len({number for number, _ in ours}), len(ours))
        self.assertEqual([call for call in ours if linux.get(call[1], call[0]) != call[0]], [])
        last = max(int(number) for number, _ in ours)
        self.assertEqual({name for name, number in linux.items() if int(number) <= last}
                         - {name for _, name in ours} - self.NO_CALLS, set())


class Offsets(unittest.TestCase):
    def test_marked_lines_become_constants(self):
        self.assertEqual(offsets.extract('\t.text\n#APP\n->TF_RA 8\n\t->NEG -4\n#NO_APP\n'), [('TF_RA', 8), ('NEG', -4)])

    def test_a_line_that_is_no_constant_is_refused(self):
        with self.assertRaises(ValueError):
            offsets.extract('->TF_RA a0\n')


class Images(unittest.TestCase):
    def make(self, scratch, name, **more):
        image = os.path.join(scratch, name)
        command = [sys.executable, os.path.join(ROOT, 'tools/mkimage.py'), '--output', image, '--size', '8']
        for option, value in more.items():
            command += [f'--{option}', value]
        subprocess.run(command, check=True)
        return image

    def stat(self, image, path):
        text, errors = mkimage.debugfs(image, [f'stat {mkimage.quoted(path)}'], write=False)
        return '' if errors else text

    def read(self, image, path):
        text, _ = mkimage.debugfs(image, [f'cat {mkimage.quoted(path)}'], write=False)
        return text.split('\n', 1)[1]

    def test_same_input_same_image_and_each_file_has_its_owner(self):
        with tempfile.TemporaryDirectory() as scratch:
            mine = os.path.join(scratch, 'my files')
            os.makedirs(mine)
            with open(os.path.join(mine, 'a.txt'), 'w', encoding='utf-8') as f:
                f.write('hello\n')
            one = self.make(scratch, 'one.img', add=mine)
            two = self.make(scratch, 'two.img', add=mine)
            self.assertEqual(disk.digest(one), disk.digest(two))
            self.assertIn('User:     0   Group:     0', self.stat(one, '/root/my files/a.txt'))
            for folder in mkimage.FOLDERS:
                self.assertIn('Type: directory', self.stat(one, f'/{folder}'))
            for folder, owner in mkimage.OWNERS.items():
                self.assertIn(f'User:  {owner}   Group:  {owner}', self.stat(one, folder))

    def test_files_put_on_a_kept_disk_replace_only_their_namesakes(self):
        with tempfile.TemporaryDirectory() as scratch:
            image = self.make(scratch, 'd.img')
            mine = os.path.join(scratch, 'mine')
            os.makedirs(os.path.join(mine, 'deep', 'er'))
            def write(path, text):
                with open(os.path.join(mine, path), 'w', encoding='utf-8') as f:
                    f.write(text)
            write('first "quoted"', 'one\n')
            write('deep/er/second', 'two\n')
            os.symlink('deep/er/second', os.path.join(mine, 'link'))
            disk.put(image, mine, '/root/mine')
            os.remove(os.path.join(mine, 'first "quoted"'))
            write('deep/er/second', 'three\n')
            disk.put(image, mine, '/root/mine')
            self.assertEqual(self.read(image, '/root/mine/first "quoted"'), 'one\n')
            self.assertEqual(self.read(image, '/root/mine/deep/er/second'), 'three\n')
            self.assertIn('Type: symlink', self.stat(image, '/root/mine/link'))
            done = subprocess.run(['e2fsck', '-fn', image], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_disk_in_use_is_left_alone(self):
        with tempfile.TemporaryDirectory() as scratch:
            self.make(scratch, 'disk.img')
            disk.prepare(scratch)
            code = f'import sys; sys.path.insert(0, {ROOT!r} + "/tools")\nfrom tine import disk\ndisk.prepare({scratch!r})'
            done = subprocess.run([sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn('in use by another ./tine run', done.stdout)

    # How a power cut, or worse, leaves a disk: debugfs's commands, and what is then in lost+found.
    DAMAGE = (
        ((), 0), (('clri /root/mine/file',), 0), (('sif /root/mine/file links_count 0',), 0),
        (('link /root/mine/file /root/second',), 0), (('freei <12>', 'freeb 700 200'), 0),
        (('unlink /root/mine/file',), 1), (('unlink /root/mine',), 1), (('unlink /root/mine/link',), 1),
        (('clri /root/mine',), 3), (('link /root/mine /root/mine2',), 0),
        (('sif /root/mine/file block[0] 5', 'sif /root/mine/other block[0] 5'), 0),
        (('sif /root/mine/file block[12] 4294967000',), 0), (('sif /root/mine block[0] 0',), 3),
        (('sif <2> mode 0',), None), (('clri /lost+found', 'unlink /root/mine/file'), None),
        (('ssv free_blocks_count 7', 'ssv state 2'), 0),
    )

    def test_no_disk_that_can_be_repaired_is_refused(self):
        with tempfile.TemporaryDirectory() as scratch:
            image, mine = self.make(scratch, 'd.img'), os.path.join(scratch, 'mine')
            os.makedirs(mine)
            for name in ('file', 'other'):
                with open(os.path.join(mine, name), 'wb') as f:
                    f.write(name.encode() * 20000)
            os.symlink('file', os.path.join(mine, 'link'))
            disk.put(image, mine, '/root/mine')
            for commands, lost in self.DAMAGE:
                with self.subTest(commands):
                    damaged = os.path.join(scratch, 'damaged.img')
                    shutil.copyfile(image, damaged)
                    if commands:
                        mkimage.debugfs(damaged, commands)
                    said = io.StringIO()
                    with contextlib.redirect_stdout(said):
                        disk.check(damaged)
                    done = subprocess.run(['e2fsck', '-fn', damaged], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                    self.assertEqual(done.returncode, 0, done.stdout)
                    if lost is not None:
                        self.assertEqual(len(disk.lost_and_found(damaged)), lost)
                    if lost:
                        self.assertRegex(said.getvalue(), rf'moved {lost} without a name to /lost\+found: #\d+')
                    self.assertLessEqual(said.getvalue().count('\n'), 1)

    def test_a_disk_beyond_repair_is_refused_with_words(self):
        with tempfile.TemporaryDirectory() as scratch:
            image = self.make(scratch, 'd.img')
            with open(image, 'r+b') as f:
                f.write(bytes(1 << 20))
            with self.assertRaisesRegex(Failed, 'e2fsck cannot repair it .*--fresh'):
                disk.check(image)

    def test_the_disk_grows_for_large_files(self):
        with tempfile.TemporaryDirectory() as scratch:
            image = self.make(scratch, 'd.img')
            mine = os.path.join(scratch, 'mine')
            os.makedirs(mine)
            with open(os.path.join(mine, 'big'), 'wb') as f:
                f.write(os.urandom(20 << 20))
            disk.put(image, mine, '/root/mine')
            self.assertIn(f'Size: {20 << 20}', self.stat(image, '/root/mine/big'))
            self.assertEqual(subprocess.run(['e2fsck', '-fn', image], stdout=subprocess.DEVNULL).returncode, 0)

    def test_programs_that_cannot_run_are_named(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = os.path.join(scratch, 'x')
            def elf(machine, kind=2, interp=False):
                head = bytearray(64 + 56)
                head[:6] = b'\x7fELF\x02\x01'
                head[16:18], head[18:20] = kind.to_bytes(2, 'little'), machine.to_bytes(2, 'little')
                head[32:40] = (64).to_bytes(8, 'little')
                head[54:56], head[56:58] = (56).to_bytes(2, 'little'), (1).to_bytes(2, 'little')
                head[64:68] = (3 if interp else 1).to_bytes(4, 'little')
                with open(path, 'wb') as f:
                    f.write(head)
                return disk.not_runnable(path)
            self.assertIsNone(elf(243))
            self.assertIn('not a 64-bit RISC-V', elf(62))
            self.assertIn('-static', elf(243, interp=True))
            self.assertIsNone(elf(62, kind=1))
            with open(path, 'wb') as f:
                f.write(b'#!/bin/sh\n')
            self.assertIsNone(disk.not_runnable(path))


def bench_options(*words):
    """The options of ./tine bench WORDS, checked."""
    parser = argparse.ArgumentParser()
    bench.add_options(parser)
    options = parser.parse_args(words)
    bench.check(options)
    return options


class Bench(unittest.TestCase):
    FIGURES = {'cow': {'null_syscall': (250.0, 'ns'), 'pipe_pingpong': (4652.5, 'ns'), 'pipe_bw_4096': (822.0, 'MiB/s')}}

    def test_lines(self):
        self.assertEqual(bench.METRIC.match('null_syscall 180.25 ns').groups(), ('null_syscall', '180.25', 'ns'))
        self.assertIsNone(bench.METRIC.match('# exec skipped'))
        self.assertIsNone(bench.METRIC.match('init: 12 processes'))

    def test_cost_of_a_page(self):
        figures = {'fork_call_min_0M_4k': (1000.0, 'ns'), 'fork_call_min_32M_4k': (1000.0 + 8192 * 25, 'ns')}
        self.assertEqual(bench.derive(figures)['fork_call_per_page'], (25.0, 'ns'))

    def test_linux_figures_are_the_published_ones(self):
        linux = bench.references()['Linux 6.12']
        self.assertEqual(linux['null_syscall'], (442.0, 'ns'))
        self.assertEqual(round(linux['fork_call_per_page'][0]), 151)

    def verdicts(self, *words):
        return {row[0]: row[-1] for row in bench.table(self.FIGURES, {}, bench_options(*words))[1:]}

    def test_missed_and_absent_targets_are_said(self):
        rows = {row[0]: row for row in bench.table(self.FIGURES, {}, bench_options())}
        self.assertEqual(rows['null_syscall'][-2:], ('200', 'MISSED: cow'))
        self.assertEqual(rows['pipe_pingpong'][-2:], ('5,000', 'ok'))
        self.assertEqual(rows['zero_write_page_4k'][-1], 'MISSED: cow')
        self.assertEqual(rows['boot_to_init'][-1], 'MISSED: cow')

    def test_what_was_not_asked_for_is_not_missed(self):
        self.assertEqual(self.verdicts('--tests', 'sp'),
                         {'null_syscall': 'MISSED: cow', 'pipe_pingpong': 'ok', 'pipe_bw_4096': ''})
        self.assertNotIn('fork_call_256M_4k', self.verdicts('--max-mib', '128'))
        self.assertNotIn('forkexec_nolibc_from_64M', self.verdicts())
        self.assertIn('forkexec_nolibc_from_64M', self.verdicts('--max-mib', '64'))
        # A target of a strategy that was not measured.
        self.assertNotIn('fork_call_256M_4k', self.verdicts('--max-mib', '256'))

    def test_words_choose_figures_and_with_them_the_parts(self):
        for words, parts in ((('ping',), 'p'), (('boot',), 'b'), (('exit_8M', 'null'), 'se'), (('page',), 'fcze'),
                             ((), ''.join(bench.PARTS))):
            self.assertEqual(bench_options(*words).tests, parts, words)
        options = bench_options('ping')
        self.assertTrue(bench.asked('pipe_pingpong', options))
        self.assertFalse(bench.asked('pipe_bw_4096', options))
        self.assertEqual(bench.names_of({'cow': {}}, options), ['pipe_pingpong'])
        with self.assertRaisesRegex(Failed, 'no figure is called "pong8"'):
            bench_options('pong8')

    def test_all_names_have_a_part(self):
        """Of Linux's figures, which are forkbench's, and of the targets."""
        for name in (*bench.references()['Linux 6.12'], *(name for name, _, _ in bench.TARGETS)):
            self.assertIn(bench.part_of(name), bench.PARTS, name)

    def test_what_cannot_be_measured_is_refused(self):
        for words, why in ((('--tests', 'pq'), 'there is no part "q"'), (('--reps', '0'), '--reps 0: must be at least 1'),
                           (('--max-mib', '0'), 'at least 1'),
                           (('fork_call_256M',), '--max-mib 256'), (('--strategies', 'cow,cwo'), 'called "cwo"')):
            with self.assertRaisesRegex(Failed, why) as caught:
                bench_options(*words)
            self.assertEqual(caught.exception.status, 2)

    def test_a_figure_that_was_asked_for_and_has_no_target_is_missed_too(self):
        with mock.patch.object(bench, 'measure', return_value={'pipe_pingpong': (4652.5, 'ns')}), \
                contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(bench.main('', ['cow'], bench_options('ping')), 0)
            with self.assertRaisesRegex(Failed, 'no measured figure has "page_thp" in its name'):
                bench.main('', ['cow'], bench_options('ping', 'page_thp'))

    def test_the_file_has_plain_numbers(self):
        rows = bench.records(self.FIGURES, {'Linux 6.12': {'pipe_pingpong': (14062.0, 'ns')}},
                             bench_options('--tests', 'pz', '--max-mib', '32'))
        for row in (('pipe_pingpong', 'instr', 'cow', '4652.50', '5000', 'ok'),
                    ('pipe_pingpong', 'instr', 'Linux 6.12', '14062', '', ''),
                    ('pipe_bw_4096', 'MiB/s', 'cow', '822', '', ''),
                    ('zero_write_page_4k', 'instr', 'cow', '', '1500', 'missed')):
            self.assertIn(row, rows)
        with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()):
            path = os.path.join(place, 'x.csv')
            bench.write(path, rows, {'commit': 'c'})
            with open(path, encoding='utf-8') as f:
                lines = f.read().splitlines()
            with open(os.path.join(place, 'x.json'), encoding='utf-8') as f:
                self.assertEqual(json.load(f), {'commit': 'c'})
            self.assertEqual(bench.read(path)['cow']['pipe_pingpong'], (4652.5, 'instr'))
        self.assertEqual(lines[0], ','.join(bench.COLUMNS))
        for line in lines[1:]:
            for number in line.split(',')[3:5]:
                self.assertRegex(number, r'^(\d+(\.\d+)?)?$', line)

    def test_a_file_of_something_else_is_refused(self):
        with tempfile.NamedTemporaryFile('w') as f, self.assertRaisesRegex(Failed, 'its first line is not metric,unit,'):
            f.write('name,value,unit\n')
            f.flush()
            bench.read(f.name)

    def test_a_manifest_says_how_the_figures_were_made(self):
        machines = {name: bench.guest('/some/place', name, '64M', ['/bin/true']) for name in ('cow', 'lazy')}
        with mock.patch.object(manifest, 'opensbi', return_value='1.1'), \
                mock.patch.object(manifest, 'git', side_effect=lambda word, *_: {'rev-parse': 'abc', 'status': ''}[word]):
            made = manifest.make('/nowhere', machines)
        self.assertEqual((made['commit'], made['dirty'], made['opensbi'], made['seed'], made['memory'], made['harts']),
                         ('abc', False, '1.1', bench.SEED, '64M', 1))
        self.assertIn('fork=lazy -- /bin/true', made['commands']['lazy'])
        self.assertIn('-kernel tine.elf', made['commands']['cow'])
        self.assertNotIn('/some/place', json.dumps(made))
        with mock.patch.object(manifest, 'opensbi'), mock.patch.object(manifest, 'git', return_value=' M x'):
            self.assertTrue(manifest.make('/nowhere', machines)['dirty'])
        with mock.patch.object(manifest, 'opensbi'), mock.patch.object(manifest, 'git', return_value=None):
            self.assertIsNone(manifest.make('/nowhere', machines)['dirty'])


class Sweep(unittest.TestCase):
    """What ./tine sweep refuses; tests/guest/sweep_test.py runs programs."""

    def test_bad_input_is_one_sentence(self):
        with tempfile.TemporaryDirectory() as place:
            def elf(name, machine, interp=b''):
                path = os.path.join(place, name)
                head = b'\x7fELF\x02\x01'.ljust(16, b'\0') + (2).to_bytes(2, 'little') + machine.to_bytes(2, 'little')
                head = head.ljust(32, b'\0') + (64).to_bytes(8, 'little')
                head = head.ljust(54, b'\0') + (56).to_bytes(2, 'little') + (1).to_bytes(2, 'little')
                with open(path, 'wb') as f:
                    f.write(head.ljust(64, b'\0') + (interp or b'\1').ljust(56, b'\0'))
                return path
            good, text = elf('good', disk.EM_RISCV), os.path.join(place, 'text')
            with open(text, 'w', encoding='utf-8') as f:
                f.write('#!/bin/sh\n')
            for words, why, status in (
                    (('--program', '/no/such'), 'no such file', 2), (('--program', place), 'no such file', 2),
                    (('--program', text), 'not a program', 2),
                    (('--program', elf('amd64', 62)), 'not a 64-bit RISC-V program', 2),
                    (('--program', elf('dynamic', disk.EM_RISCV, b'\3')), 'dynamically linked', 2),
                    (('--strategies', 'cow,nosuch'), 'no fork strategy is called "nosuch"', 2),
                    (('--repeat', '0'), '--repeat 0: must be at least 1', 2), (('--limit', '0'), '--limit 0: must be at least 1', 2),
                    (('--mem', '8M'), '--mem 8M: must be at least', 2), (('--args', "'a"), "--args 'a: no closing quotation", 2),
                    (('--args', 'x ' * 70), 'arguments after --: the maximum is 64', 2),
                    (('--out', os.path.join(text, 'x')), 'Not a directory', 1)):
                said = io.StringIO()
                with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), \
                        mock.patch.object(tools, 'ensure', side_effect=AssertionError):
                    done = cli.main(['sweep', '--program', good, '--out', place, *words])
                self.assertEqual(done, status, words)
                self.assertRegex(said.getvalue(), rf'^tine: .*{re.escape(why)}.*\n$')

    def test_points_are_in_the_order_given(self):
        options = argparse.Namespace(program=sys.executable, strategies='cow,eager', repeat=1, limit=1, args=['b 2', 'a'],
                                     out=tempfile.gettempdir())
        with mock.patch.object(sweep, 'check_program'), mock.patch.object(sweep, 'open', mock.mock_open(), create=True):
            self.assertEqual(sweep.prepare(options), [('cow', 'b 2', ['b', '2']), ('eager', 'b 2', ['b', '2']),
                                                      ('cow', 'a', ['a']), ('eager', 'a', ['a'])])


class Pictures(unittest.TestCase):
    """What ./tine bench --plot draws."""

    FIGURES = {'cow': {'fork_call_0M_4k': (9.0, 'ns'), 'fork_call_8M_4k': (60000.0, 'ns'), 'fork_call_1M_4k': (7000.0, 'ns'),
                       'cow_child_write_page_4k': (1900.0, 'ns'), 'exit_per_page': (21.0, 'ns')},
               'Linux 6.12': {'fork_call_1M_4k': (117700.0, 'ns')}}
    DATA = os.path.join(ROOT, 'tools', 'bench', 'tine.csv')
    DOCS = os.path.join(ROOT, 'docs', 'strategies')

    def need_gnuplot(self):
        if not tools.have('gnuplot'):
            self.skipTest('gnuplot is not installed: apt-get install gnuplot-nox')

    def picture(self, name):
        return next(picture for picture in plot.PICTURES if picture.name == name)

    def test_points_are_the_figures(self):
        self.assertEqual(plot.points(self.picture('fork-call'), self.FIGURES['cow']), [(256, 7000.0), (2048, 60000.0)])
        self.assertEqual(plot.points(self.picture('first-write'), self.FIGURES['cow']), [(0, 1900.0)])
        self.assertEqual(plot.points(self.picture('exit'), self.FIGURES['cow']), [])

    def test_one_input_gives_one_file_wherever_it_is_drawn(self):
        self.need_gnuplot()
        drawn = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as place:
                paths = plot.pictures(self.FIGURES, ['Linux 6.12'], place)
                self.assertEqual([os.path.basename(path) for path in paths], ['fork-call.svg', 'first-write.svg'])
                drawn.append([open_text(path) for path in paths])
                self.assertNotIn(place, ''.join(drawn[-1]))
        self.assertEqual(*drawn)
        self.assertNotRegex(drawn[0][0], r'\b20\d\d-|\d\d:\d\d')
        for text in ('>cow<', '>Linux 6.12<', 'resident pages'):
            self.assertIn(text, drawn[0][0])

    def test_the_pages_have_the_pictures_of_the_data(self):
        shown = set()
        for page in (*glob.glob(os.path.join(self.DOCS, '*.md')), os.path.join(ROOT, 'docs', 'measure.md')):
            found = re.findall(r'!\[[^]]+\]\(([^)]+\.svg)\)', open_text(page))
            strategy = os.path.basename(page)[:-len('.md')]
            if strategy == 'measure' or f',{strategy},' in open_text(os.path.join(ROOT, 'tools', 'bench', 'tine.csv')):
                self.assertNotEqual(found, [], page)
            shown.update(os.path.basename(path) for path in found)
        self.assertEqual(sorted(shown), sorted(f'{picture.name}.svg' for picture in plot.PICTURES))
        self.assertEqual(sorted(shown), sorted(name for name in os.listdir(self.DOCS) if name.endswith('.svg')))
        self.need_gnuplot()
        version = tools.output_of(['gnuplot', '--version']).split()
        drawn_by = re.search(r'GNUPLOT (\S+) patchlevel (\S+)', open_text(os.path.join(self.DOCS, 'exit.svg'))).groups()
        if (version[1], version[3]) != drawn_by:
            self.skipTest(f'drawn by gnuplot {" patchlevel ".join(drawn_by)}, which is not here')
        with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(cli.main(['bench', '--from', self.DATA, '--plot', place]), 0)
            for name in shown:
                self.assertTrue(open_text(os.path.join(place, name)) == open_text(os.path.join(self.DOCS, name)),
                                f'docs/strategies/{name} is not what the data gives: ninja -C build pictures')

    def test_the_data_of_the_pages_has_its_manifest(self):
        made = json.loads(open_text(manifest.beside(self.DATA)))
        figures = bench.read(self.DATA)
        self.assertRegex(made['commit'], r'^[0-9a-f]{40}$')
        self.assertEqual((made['dirty'], made['build']['kernel'], made['harts'], made['seed']), (False, 'release', 1, bench.SEED))
        for key in ('compiler', 'qemu', 'opensbi', 'memory'):
            self.assertRegex(made[key], r'\d')
        self.assertEqual(list(made['commands']) + [system for system, _, _ in bench.REFERENCES], list(figures))
        for system, found in bench.references().items():
            self.assertLessEqual({name: value for name, (value, _) in figures[system].items() if name != 'fork_call_per_page'}.items(),
                                 {name: value for name, (value, _) in found.items()}.items(), system)

    def test_any_text_is_a_title(self):
        self.need_gnuplot()
        with tempfile.TemporaryDirectory() as place:
            path = os.path.join(place, 'x.svg')
            plot.draw(path, plot.script('x', "it's `rm`\n$HOME", '"', [("a'b", [(0, 1)])], ticks=["'"]))
            self.assertIn("it's `rm` $HOME", open_text(path).replace('&apos;', "'").replace('&#39;', "'"))

    def test_without_gnuplot_nothing_is_measured(self):
        with mock.patch.object(tools, 'have', return_value=False), self.assertRaisesRegex(Failed, 'gnuplot is not installed'):
            plot.ensure()


class Totals(unittest.TestCase):
    def test_last_line(self):
        totals = tap.Totals()
        totals.add(tap.read('1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP d\n').points)
        self.assertEqual(totals.line(), '1 passed, 1 failed, 1 skipped')

    def test_a_test_that_ends_badly_counts_as_failed(self):
        for entry in ({'name': 'x', 'result': 'TIMEOUT', 'stdout': '1..2\nok 1 - a\n'},
                      {'name': 'x', 'result': 'ERROR', 'stdout': ''},
                      {'name': 'x', 'result': 'FAIL', 'stdout': '1..1\nok 1 - a\n'}):
            totals = tap.Totals()
            suites.count(totals, tap.read(entry['stdout']), entry['result'] == 'OK', 'x')
            self.assertEqual(totals.failed, 1, entry)


class Packages(unittest.TestCase):
    def test_two_that_are_fetched_at_once_wait_for_each_other(self):
        inside = []

        def download(package, wanted, place):
            inside.append(package)
            time.sleep(0.05)
            self.assertEqual(inside, [package])
            os.makedirs(os.path.dirname(wanted))
            with open(wanted, 'w', encoding='utf-8'):
                pass
            inside.remove(package)

        with tempfile.TemporaryDirectory() as place, mock.patch.object(debian, 'download', download), \
                concurrent.futures.ThreadPoolExecutor(4) as pool:
            for found in pool.map(lambda name: debian.fetch(name, 'bin/x', place), ('one', 'two', 'one', 'three')):
                self.assertTrue(os.path.exists(found))
            self.assertEqual(len(os.listdir(place)), 4)


class Mutants(unittest.TestCase):
    def test_each_has_one_place_in_the_tree(self):
        self.assertGreaterEqual(len(mutate.MUTANTS), 24)
        self.assertEqual(len({mutant.name for mutant in mutate.MUTANTS}), len(mutate.MUTANTS))
        for mutant in mutate.MUTANTS:
            self.assertIn(mutant.new, mutate.planted(mutant))

    def test_a_place_that_has_gone_is_said(self):
        gone = mutate.MUTANTS[0].__class__('gone', 'x', 'mm/fault.c', 'no such line', '', 'mm')
        with self.assertRaises(cli.Failed) as caught:
            mutate.planted(gone)
        self.assertIn('0 times', str(caught.exception))

    def test_a_kept_copy_has_the_files_of_the_tree_and_its_build_folder(self):
        with tempfile.TemporaryDirectory() as place:
            for name in ('mm/old.h', 'build/kept'):
                os.makedirs(os.path.join(place, os.path.dirname(name)), exist_ok=True)
                with open(os.path.join(place, name), 'w', encoding='utf-8'):
                    pass
            mutate.copy_tree(place)
            self.assertEqual([os.path.exists(os.path.join(place, name)) for name in ('mm/old.h', 'build/kept', 'mm/fault.c')],
                             [False, True, True])

    def test_who_noticed(self):
        self.assertEqual(mutate.verdict('ok 1 - a\nnot ok 2 - fork_a: A1 child reads\n'), 'fork_a: A1 child reads')
        self.assertEqual(mutate.verdict('# | panic: x at y\nnot ok 2 - a\n'), 'panic: x at y')
        self.assertEqual(mutate.verdict('tine: mm: it failed\n1 passed, 1 failed\n'), 'mm: it failed')
        self.assertIsNone(mutate.verdict('ok 1 - a\n# not ok\n'))

    def test_a_second_run_tries_only_what_is_not_caught(self):
        first, second = mutate.MUTANTS[:2]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'verdicts.json')
            results = kept.Verdicts(path)
            results.set(mutate.key(first), 'caught', 'A1')
            results.set(mutate.key(second), 'missed', 'no test fails')
            again = kept.Verdicts(path)
            self.assertTrue(again.is_caught(mutate.key(first)))
            self.assertFalse(again.is_caught(mutate.key(second)))
            self.assertFalse(again.is_caught(mutate.key(dataclasses.replace(first, words='other'))))
            self.assertFalse(kept.Verdicts(path, forget=True).is_caught(mutate.key(first)))
            tried = []
            with mock.patch.object(mutate, 'RESULTS', path), \
                    mock.patch.object(mutate, 'chosen', lambda words: [first, second]), \
                    mock.patch.object(mutate, 'try_all', lambda todo, results: tried.extend(todo)), \
                    contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                self.assertEqual(mutate.main([]), 1)
            self.assertEqual(tried, [second])

    def test_an_unknown_name_is_refused(self):
        self.assertEqual(mutate.chosen(['parent-keeps']), [mutate.MUTANTS[0]])
        with self.assertRaises(cli.Failed):
            mutate.chosen(['no-such-mutant'])


class Rows(unittest.TestCase):
    def test_there_are_126(self):
        self.assertEqual(sum(rows.ROWS.values()), 126)

    def test_a_page(self):
        text = rows.page({'user-cow-1': tap.read('1..4\nok 1 - fork_a: A1 child reads\nnot ok 2 - fork_a: A2 x\n'
                                                 'ok 3 - count_k: K1 y # SKIP says what eager does\n'
                                                 'ok 4 - fork_a: ends well\n').points,
                          'user-lazy-2': tap.read('1..2\nok 1 - fork_a: A1 child reads\nok 2 - fork_a: A2 x\n').points,
                          'kernel-cow-1': tap.read('1..1\nok 1 - conform.B10_no_leaf fork=cow\n').points,
                          'panic': tap.read('1..1\nok 1 - Panic.test_c13_memory\n').points,
                          'models': tap.read('1..1\nok 1 - tlbgen FENCE_I=0\n').points,
                          'asids-cow': tap.read('1..1\nok 1 - fork_a: ends well\n').points})
        self.assertIn('7 of 126 rows have a test', text)
        self.assertIn('| A1 | fork_a: child reads | 2: user-cow-1 user-lazy-2 | - |', text)
        self.assertIn('| A2 | fork_a: x | 1: user-lazy-2 | user-cow-1 |', text)
        self.assertIn('| A3 | none | | |', text)
        self.assertIn('| C13 | panic: memory | 1: panic | - |', text)
        self.assertIn('| G15 | models: tlbgen | 1: models | - |', text)
        self.assertIn('| B10 | conform: no_leaf fork=cow | 1: kernel-cow-1 | - |', text)
        self.assertIn('| H7 | asids-cow: all of it, with three ASIDs | 1: asids-cow | - |', text)
        self.assertIn('| K1 | count_k: y | 0:  | - |', text)

    def test_where_a_row_was_proven_is_short_when_it_is_whole(self):
        whole = [f'user-{s}-{n}' for s in ('cow', 'eager') for n in (1, 2)]
        self.assertEqual(rows.braces(whole + ['mm']), 'mm user-{cow,eager}-{1,2}')
        self.assertEqual(rows.braces(whole[1:]), 'user-cow-2 user-eager-1 user-eager-2')
        self.assertEqual(rows.braces(['user-cow-1']), 'user-cow-1')


class Strategies(unittest.TestCase):
    def test_unknown_strategy_is_refused_by_name(self):
        if not build.strategies_in_tree():
            self.skipTest('no strategy in this tree')
        with self.assertRaises(cli.Failed) as caught:
            build.prepare(False, 'no-such')
        self.assertIn('no-such', str(caught.exception))


if __name__ == '__main__':
    sys.exit(tapcase.main())
