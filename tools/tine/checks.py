# SPDX-License-Identifier: MIT
"""./tine mutate --checks: take away each check that ends in -EPERM and its like, and see a test fail.

The places are found by sites.py.  Each mutant is built in a copy of the tree and booted once.
The program of refused calls and the matrix of rights come first; the answers of the matrix are
compared with Linux's as they come.  The other programs follow, until the first red.  A mutant that
passes them all is tried on the in-kernel tests and on the tests that equivalent.py names for its
file.  RESULTS keeps the verdict on each: a run that was broken off goes on where it was, and tries
the survivors once more.
"""
import dataclasses
import os
import shutil
import subprocess
import sys
import time

from . import build, matrix, pool, qemu, sites, tap, testrun
from .equivalent import EQUIVALENT, MORE_TESTS
from .kept import Verdicts
from .progress import Progress
from .say import Failed, say

PLACE = os.path.join(build.ROOT, 'build', 'checks')
RESULTS = os.path.join(build.ROOT, 'build', 'checks.json')
PATIENCE = 400          # seconds for a boot, and for a build
SILENCE = 20
BUILT = ('tine.elf', 'disk.img', 'tests/user/native-matrix')
# The programs that notice most, or soonest, come first.
PROGRAMS = (
    'refuse', 'matrix', 'rights', 'usertests_fs', 'usertests_dir', 'usertests', 'jobs', 'signals', 'waits', 'limits', 'sched', 'clocks', 'family',
    'execs', 'map_d', 'usertests_mem', 'regress', 'foreign_c', 'usertests_held', 'futexes', 'pipes', 'blocks',
    'thread_g', 'fork_a', 'fork_b', 'look', 'table_k', 'count_k', 'badptr', 'badelf', 'usertests_full',
    'kill_e', 'life_e')
# Of MORE_TESTS: those that need a machine of their own, and its memory.
GUEST_PROGRAMS = {'shortage_m': '64M'}


class Noticed(Exception):
    """A test failed that passes without the change."""


def chosen(words, changes):
    for word in words:
        if not any(word in change.name for change in changes):
            raise Failed(f'no check is called "{word}"; ./tine mutate --checks --list shows them', 2)
    return [change for change in changes if not words or any(word in change.name for word in words)]


class Bench:
    """A copy of the tree and of what ./tine build made of it, where one file after another is changed.

    The programs and the disk stay those of the tree: a change is one of the kernel.
    """

    def __init__(self, built, place):
        self.built, self.place = built, place
        self.folder = os.path.join(place, 'build')
        shutil.rmtree(place, ignore_errors=True)
        copy(build.ROOT, place, 'build', 'build-*', '.git', '__pycache__')
        # With its times, so that only what is changed is compiled.
        copy(self.built, self.folder, 'checks*', 'mutants', 'debian', 'meson-logs', 'userland', 'tests', '*kasan*',
             '*release*', '*.img', 'lock')
        # For the tests of MORE_TESTS; these change copies only.
        os.symlink(os.path.join(self.built, 'disk.img'), os.path.join(self.folder, 'disk.img'))
        self.linux = matrix.ask_linux(self.built)
        self.waiting = matrix.waiting()

    def machine(self, **boot):
        return qemu.Machine(os.path.join(self.folder, 'tine.elf'), disk=os.path.join(self.built, 'disk.img'),
                            snapshot=True, harts=1, append=qemu.bootargs(**boot))

    def programs(self, *names):
        return self.machine(init='/bin/init', init_args=['/test/runall', '-q', *names])

    def boots(self):
        """What each mutant is tried on, the cheapest first."""
        return [self.programs(*PROGRAMS), self.machine(more=['ktest=*'])]

    def watch(self, line, point):
        """A function for testrun that raises Noticed at the first red."""
        if tap.PANIC.match(tap.clean(line)):
            raise Noticed(line.strip())
        if point is not None and point.failed:
            raise Noticed(point.name)
        for text, answers in matrix.read([line]).items():
            cases = matrix.differences({text: answers}, {text: self.linux.get(text, answers)})
            for case in matrix.unexpected(cases, self.waiting):
                raise Noticed(case.sentence())

    def boot(self, machine):
        """What one boot notices, or None."""
        try:
            outcome = testrun.run(machine, PATIENCE, SILENCE, self.watch)
        except Noticed as what:
            return str(what)
        return outcome.problems[0] if outcome.problems else None

    def more(self, change):
        """What the tests of the file notice, or None."""
        for name in MORE_TESTS.get(change.path, ()):
            noticed = self.run_test(name)
            if noticed:
                return noticed
        return None

    def run_test(self, name):
        """What one of MORE_TESTS notices, or None."""
        if name in GUEST_PROGRAMS:
            return self.boot(dataclasses.replace(self.programs(name), mem=GUEST_PROGRAMS[name]))
        if name.endswith('.py'):
            command = [sys.executable, os.path.join(self.place, 'tests', 'guest', name), self.place, self.folder]
        else:
            if not self.builds('tests/host/' + name):
                raise Failed(f'{name} does not build')
            command = [os.path.join(self.folder, 'tests', 'host', name)]
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, errors='replace', timeout=3 * PATIENCE)
        points = [line for line in done.stdout.splitlines() if line.startswith(('ok ', 'not ok '))]
        failed = [line for line in points if line.startswith('not ok')]
        if not points:
            raise Failed(f'{name} did not run: ' + ' '.join(done.stdout.splitlines()[-3:]))
        if done.returncode != 0 and not failed:
            return f'{name}: exited with status {done.returncode}'
        return f'{name}: {failed[0]}' if failed else None

    def builds(self, target='tine.elf'):
        done = subprocess.run(['ninja', '-C', self.folder, target], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
        return done.returncode == 0

    def unchanged(self):
        """Every test must be green here without any change."""
        if not self.builds():
            raise Failed('the unchanged copy does not build')
        for machine in self.boots():
            noticed = self.boot(machine)
            if noticed:
                raise Failed(f'a test fails without any change: {noticed}')

    def try_change(self, change, boots=None):
        """('caught', 'survived' or 'does not build', a sentence)."""
        path = os.path.join(self.place, change.path)
        with open(path, encoding='utf-8') as f:
            right = f.read()
        try:
            write(path, change.applied(right))
            if not self.builds():
                return 'does not build', ''
            for machine in boots or self.boots():
                noticed = self.boot(machine)
                if noticed:
                    return 'caught', noticed
            noticed = self.more(change)
            return ('caught', noticed) if noticed else ('survived', 'no test fails')
        finally:
            write(path, right)


def copy(source, target, *without):
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*without))


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def show(change, verdict, sentence, line=print):
    line(f'{verdict:8}  {change.name}\n          {sentence}')


def main(words, only_list=False, again=False):
    changes = chosen(words, sites.find())
    if only_list:
        for change in changes:
            print(f'{change.name}: {" ".join(change.old.split())}')
        say(f'{len(changes)} changes')
        return 0
    results = Verdicts(RESULTS, forget=again)
    todo = []
    for change in changes:
        if change.key in EQUIVALENT:
            show(change, 'equivalent', EQUIVALENT[change.key])
        elif results.is_caught(change.key):
            show(change, 'caught', results[change.key][1] + ' (known)')
        else:
            todo.append(change)
    start = time.monotonic()
    if todo:
        try_all(todo, results, start)
    return summary(changes, results, time.monotonic() - start)


def try_all(todo, results, start):
    """A copy a processor; each takes the next change."""
    built = build.prepare('debug', None, BUILT)
    jobs = min(os.cpu_count() or 1, len(todo))
    say(f'{len(todo)} changes, {jobs} at a time, in {build.short(PLACE)}')
    benches = [Bench(built, f'{PLACE}-{job}') for job in range(jobs)]
    benches[0].unchanged()
    say(f'the copies are built and every test is green, {time.monotonic() - start:.0f} s')
    with Progress('trying', len(todo), RESULTS) as progress:
        for done, (change, verdict, seconds) in enumerate(pool.each(todo, benches, Bench.try_change), 1):
            results.set(change.key, *verdict)
            show(change, verdict[0], f'{verdict[1]} ({seconds:.0f} s)', progress.line)
            progress.at(done)


def summary(changes, results, seconds):
    known = [change for change in changes if change.key not in EQUIVALENT]
    counts = {verdict: [change for change in known if results[change.key][0] == verdict]
              for verdict in ('caught', 'survived', 'does not build')}
    for change in counts['survived']:
        print(f'SURVIVED  {change.name}')
    say(f'{len(counts["caught"])} caught, {len(counts["survived"])} survived, {len(counts["does not build"])} do not '
        f'build, {len(changes) - len(known)} equivalent; {seconds:.0f} s')
    return 0 if not counts['survived'] else 1
