# SPDX-License-Identifier: MIT
"""./tine test: run the suites and add up every single result in them.

Without words meson runs the suites in parallel and only failures are shown; with words select()
gives the commands of the entries, which run one after the other.  What has passed is kept, so that
a long run can go on after an interruption.
"""
import contextlib
import functools
import glob
import hashlib
import json
import os
import re
import subprocess
import sys

from . import rows, tap
from .build import ROOT, check_strategy, short
from .progress import Progress, counted
from .say import Failed, complain, say
from .testrun import matches

KTEST = re.compile(r'\bKTEST(?:_\w+)?\(\s*(\w+)\s*,\s*(\w+)')
WELL = re.compile(r'\s*\d+/\d+ (?:.* / )?(\S+)\s+OK\b')       # meson's, of a test that passed
SETUP = 'everything'    # of meson's: it leaves no suite out (tests/meson.build)
LONGER = 5              # the limits in tests/meson.build are for an idle computer; guests have limits of their own
ENDLESS = 'import os; parent = os.getppid()\nwhile os.getppid() == parent: pass'
OPTIONS = ('fork', 'harts', 'seed', 'mem')


def introspect(build, what):
    done = subprocess.run(['meson', 'introspect', f'--{what}', build], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f'{short(build)} does not list its {what}; try ./tine clean')
    return json.loads(done.stdout)


def listed(build):
    """The tests of a build folder, as meson describes them."""
    return introspect(build, 'tests')


def targets(build, chosen):
    """What ninja must build for these of select()."""
    files = {target['id']: target['filename'] for target in introspect(build, 'targets')}
    names = {name for name, _ in chosen}
    return sorted({os.path.relpath(path, build) for test in listed(build) if test['name'] in names
                   for target in test['depends'] for path in files[target]})


def option(command, name):
    """The value of --name in a command, or None."""
    flag = f'--{name}'
    return command[command.index(flag) + 1] if flag in command[:-1] else None


def programs_of(command):
    """What one boot runs: names of programs, or of in-kernel tests."""
    if '--programs' in command:
        return command[command.index('--programs') + 1:]
    return kernel_tests() if '--ktest' in command else []


@functools.cache
def kernel_tests():
    names = []
    for path in sorted(glob.glob(os.path.join(ROOT, '**', '*.c'), recursive=True)):
        if not os.path.relpath(path, ROOT).startswith('build'):
            with open(path, encoding='utf-8', errors='replace') as f:
                names += [f'{suite}.{name}' for suite, name in KTEST.findall(f.read())]
    return names


def show(build):
    for test in listed(build):
        suites = ' '.join(suite.split(':')[-1] for suite in test['suite'])
        print(f'{test["name"]:24} [{suites}]')
        for name in programs_of(test['cmd']):
            print(f'    {name}')


def split_words(words):
    patterns, settings = [], {}
    for word in words:
        key, equals, value = word.partition('=')
        if not equals:
            patterns.append(word)
        elif key in OPTIONS:
            settings[key] = value
        else:
            raise Failed(f'"{word}": after the pattern may come {", ".join(f"{o}=..." for o in OPTIONS)}', 2)
    if 'fork' in settings:
        check_strategy(settings['fork'])
    return patterns, settings


def choose(tests, words):
    """What select() gives for the words; each pattern must choose something."""
    patterns, settings = split_words(words)
    for one in [[pattern] for pattern in patterns] or [[]]:
        if not select(tests, one, settings):
            asked = one + [f'{key}={value}' for key, value in settings.items()]
            raise Failed(f'no test matches {" ".join(asked)}; ./tine test --list shows their names')
    return select(tests, patterns, settings)


def select(tests, patterns, settings):
    """[(name, command)] of what the words ask for."""
    chosen = []
    for test in tests:
        command = list(test['cmd'])
        # The in-kernel tests switch strategies themselves.
        fixed = ('harts',) if '--ktest' in command else ('fork', 'harts')
        if any(key in fixed and option(command, key) != value for key, value in settings.items()):
            continue
        if (in_suite(test, 'all') or in_suite(test, 'again')) and test['name'] not in patterns:
            continue        # long, or a part of another: only by its full name
        command = adjust(command, settings)
        if not patterns or any(matches(pattern, test['name']) for pattern in patterns):
            chosen.append((test['name'], command))
            continue
        for pattern in patterns:
            where, _, pattern = pattern.rpartition('/')
            if matches(where, test['name']) and any(matches(pattern, name) for name in programs_of(command)):
                # Put before --programs, which takes every word to its right.
                chosen.append((test['name'], command[:2] + [f'--only={pattern}'] + command[2:]))
    return chosen


def adjust(command, settings):
    extra = []
    if 'seed' in settings:
        extra.append(f'--append=seed={settings["seed"]}')
    if 'fork' in settings and '--ktest' in command:
        extra.append(f'--ktest-fork={settings["fork"]}')
    if 'mem' in settings:
        extra.append(f'--mem={settings["mem"]}')
    return command[:2] + extra + command[2:] if extra and '--kernel' in command else command


def run_selected(build, chosen):
    """Run what select() gave, one after the other, showing everything."""
    totals = tap.Totals()
    results = []
    with Progress('testing', len(chosen)) as progress:
        for done, (name, command) in enumerate(chosen):
            progress.at(done, note=name)
            progress.line(f'# {name}')
            lines = []
            with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                  errors='replace', cwd=build) as process:
                for line in process.stdout:
                    lines.append(line)
                    progress.line(line.rstrip('\n'))
            results.append((name, tap.read(''.join(lines)), process.returncode == 0))
    for name, reader, well in results:
        count(totals, reader, well, name)
    print(totals.line())
    return 1 if totals.failed or not totals.passed else 0


def count(totals, reader, ended_well, name):
    """Add one test's results; a test that went wrong without a failed result counts as one."""
    totals.add(reader.points)
    if reader.plan == 0 and not reader.points:
        totals.skipped += 1
        return
    wrong = reader.verdict()
    if (wrong or not ended_well) and not any(point.failed for point in reader.points):
        complain(f'{name}: {"; ".join(wrong) or "it failed"}')
        totals.failed += 1


def in_suite(test, suite):
    return any(name.split(':')[-1] == suite for name in test.get('suite', ()))


def wanted(build, which):
    """Names of tests: the quick suite, or all, or with None all but the long tests, which are in suite `all`.

    What is in suite `again` is a part of another test and runs in the quick suite only.
    """
    left_out = {'quick': (), 'all': ('again',), None: ('all', 'again')}[which]
    return [test['name'] for test in listed(build) if not any(in_suite(test, suite) for suite in left_out) and
            (which != 'quick' or in_suite(test, 'quick'))]


class Passed:
    """What has passed since the sources last changed, in a file: a run that was broken off goes on there."""

    def __init__(self, build):
        self.path = os.path.join(build, 'passed.json')
        self.sources = sources()
        self.names = []
        try:
            with open(self.path, encoding='utf-8') as f:
                kept = json.load(f)
            self.names = kept['names'] if kept['sources'] == self.sources else []
        except (OSError, ValueError, KeyError):
            pass

    def note(self, line):
        """A line of meson's, perhaps of a test that passed."""
        found = WELL.match(line)
        if found:
            self.names.append(found.group(1))
            with open(self.path, 'w', encoding='utf-8') as f:
                json.dump({'sources': self.sources, 'names': self.names}, f)


def sources():
    """One number for the state of all files that a test depends on."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if not f.startswith(('.', 'build', '__')))
        for path in sorted(os.path.join(folder, name) for name in files):
            if not os.path.islink(path):
                digest.update(f'{path} {os.stat(path).st_mtime_ns}'.encode())
    return digest.hexdigest()


@contextlib.contextmanager
def busy_loops():
    """An endless loop for each processor while the caller works; gives the processes."""
    loops = [subprocess.Popen([sys.executable, '-c', ENDLESS]) for _ in range(os.cpu_count())]
    try:
        yield loops
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def run_suites(build, which=None):
    """Run the tests of wanted() in parallel; show only what failed."""
    names = wanted(build, which)
    passed = Passed(build) if which == 'all' else None
    if passed and passed.names:
        say(f'{len(passed.names)} tests have passed since the sources last changed; the others run')
        names = [name for name in names if name not in passed.names]
        if not names:
            return 0
    # Guests sleep, too: two tests more than there are processors keep these busy.
    command = ['meson', 'test', '-C', build, '--no-rebuild', '--setup', SETUP,
               '--num-processes', str((os.cpu_count() or 1) + 2),
               '--timeout-multiplier', str(LONGER), *names]
    journal = os.path.join(build, 'meson-logs', f'testlog-{SETUP}.json')
    log = os.path.splitext(journal)[0] + '.txt'
    if os.path.exists(journal):
        os.remove(journal)
    said = []
    with Progress('testing', len(names), log) as progress, \
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors='replace', stdin=subprocess.DEVNULL) as process:
        for line in process.stdout:
            said.append(line)
            if counted(line):
                # Where one line is rewritten, those of tests that passed do not stay.
                if not (progress.rewrites and WELL.match(line)):
                    progress.line(line.rstrip().replace('tine:', '', 1))
                progress.see(line)
                if passed:
                    passed.note(line)
    try:
        with open(journal, encoding='utf-8') as f:
            entries = [json.loads(line) for line in f if line.strip()]
    except OSError:
        print(''.join(said[-20:]), end='')
        raise Failed('meson test did not run') from None
    totals = tap.Totals()
    points = {}
    for entry in entries:
        reader = judge(totals, entry)
        points[entry['name']] = reader.points
    if len(entries) < len(names):
        complain(f'{len(names) - len(entries)} tests did not run')
        totals.failed += len(names) - len(entries)
    if totals.failed:
        say(f'the whole output is in {short(log)}')
    if which is None:
        place = os.path.join(build, 'rows.md')
        with open(place, 'w', encoding='utf-8') as f:
            f.write(rows.page(points))
        say(f'the rows of the fork checklist are in {short(place)}')
    print(totals.line())
    return 1 if totals.failed or not totals.passed else 0


def judge(totals, entry):
    """Count one test and say what went wrong; gives what was read of it."""
    entry['name'] = entry['name'].split(' / ')[-1]      # without the suites
    output = entry.get('stdout') or ''
    reader = tap.read(output)
    well = entry['result'] in ('OK', 'SKIP', 'EXPECTEDFAIL')
    before = totals.failed
    count(totals, reader, well, entry['name'])
    for reason in skips(output):
        say(f'{entry["name"]}: skipped: {reason}')
    if totals.failed > before:
        print(f'\n--- {entry["name"]}: {entry["result"]}')
        print('\n'.join(failures(output)))
        for line in (entry.get('stderr') or '').splitlines()[-10:]:
            if line and not line.startswith('(test program exited'):
                print(line)
        if 'repeat:' not in output:
            print(f'# repeat: ./tine test {entry["name"]}')
    return reader


def skips(output):
    """Why a whole test, or a check that needs an absent tool, was skipped."""
    found = re.search(r'^1\.\.0 # SKIP (.*)$', output, re.M)
    missing = re.findall(r'# SKIP (.* is not installed.*)$', output, re.M)
    return ([found.group(1)] if found else []) + sorted(set(missing))


def failures(output, limit=80):
    """The failed results of a test with the remarks before them."""
    kept, remarks = [], []
    for line in output.splitlines():
        if line.startswith('#'):
            remarks.append(line)
            continue
        if line.startswith('not ok'):
            kept += remarks[-limit:] + [line]
        remarks = []
    kept += [line for line in remarks if 'repeat:' in line]
    return kept[-2 * limit:]
