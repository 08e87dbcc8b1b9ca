# SPDX-License-Identifier: MIT
"""./tine mutate: plant each known bug in a scratch copy and see a test fail.

The bugs are those of mutants.py and mutants_calls.py.  There is a copy of the tree for each
processor; a mutant is caught when `./tine test` of its words fails there.  One that does not
build, or for which no test fails, fails the command.  RESULTS keeps the verdicts: a run that was
broken off goes on where it was, and tries the missed ones once more.
"""
import filecmp
import os
import re
import shutil
import subprocess
import time

from . import build, pool
from .kept import Verdicts
from .mutants import MUTANTS as FORK_MUTANTS
from .mutants_calls import CALL_MUTANTS
from .progress import Progress
from .say import Failed, say

MUTANTS = FORK_MUTANTS + CALL_MUTANTS
PATIENCE = 1200         # seconds for a build and a test
PLACE = os.path.join(build.ROOT, 'build', 'mutants')
LOG = PLACE + '.log'
RESULTS = PLACE + '.json'


def chosen(words):
    """The mutants with one of the words in their name; all without words."""
    for word in words:
        if not any(word in mutant.name for mutant in MUTANTS):
            raise Failed(f'no mutant is called "{word}"; there are: {" ".join(m.name for m in MUTANTS)}', 2)
    return [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]


def planted(mutant, root=build.ROOT):
    """The text of the mutant's file with the bug in it."""
    with open(os.path.join(root, mutant.path), encoding='utf-8') as f:
        text = f.read()
    if text.count(mutant.old) != 1:
        raise Failed(f'{mutant.name}: {mutant.path} must contain its old text once, not {text.count(mutant.old)} times')
    return text.replace(mutant.old, mutant.new)


def copy_changed(source, target):
    """Copy a file unless it is the same: its new time has the object of the last mutant built again."""
    if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


def remove_old(place):
    """Remove the files of a copy that the tree no longer has."""
    for folder, names, files in os.walk(place):
        names[:] = [name for name in names if name != 'build']
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.lexists(os.path.join(build.ROOT, os.path.relpath(path, place))):
                os.remove(path)


def copy_tree(place):
    """A copy of the sources as they are now; its build folder is kept from last time."""
    remove_old(place)
    shutil.copytree(build.ROOT, place, symlinks=True, dirs_exist_ok=True, copy_function=copy_changed,
                    ignore=shutil.ignore_patterns('build', 'build-*', '.git', '__pycache__'))


def verdict(output):
    """What noticed the bug: a panic, the first result that is not ok, or a test that failed without one; or None."""
    for sign in (r'\b(panic: .*)$', r'^# (\w+, seed \d+, .*)$', r'^not ok \d+ - (.*)$', r'^tine: (\w+: .*it failed)$'):
        found = re.search(sign, output, re.M)
        if found:
            return found.group(1).replace(': the guest ends well', ': the guest does not come to its end')
    return None


def run_test(place, words, targets):
    """(status, output) of ./tine test in a copy; status None: it did not end."""
    try:
        done = subprocess.run([os.path.join(place, 'tine'), 'test', '--no-install',
                               *(['--targets', targets] if targets else []), *words.split()], cwd=place,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors='replace', timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None, ''
    with open(LOG, 'a', encoding='utf-8') as f:
        f.write(f'\n$ ./tine test {words}\n{done.stdout}')
    return done.returncode, done.stdout


def try_mutant(place, mutant):
    """Try a mutant in a copy: (caught, a sentence)."""
    path = os.path.join(place, mutant.path)
    text = planted(mutant, place)
    with open(path, encoding='utf-8') as f:
        right = f.read()
    try:
        write(path, text)
        status, output = run_test(place, mutant.words, mutant.targets)
    finally:
        write(path, right)
    if status is None:
        return False, f'{mutant.words}: timed out after {PATIENCE} s'
    if 'FAILED:' in output and 'passed' not in output:
        return False, 'it does not build'
    noticed = verdict(output)
    if status == 0:
        return False, f'{mutant.words}: no test fails'
    if noticed is None:
        return False, f'{mutant.words}: the run failed, but no test did: {output.splitlines()[-1:]}'
    return True, noticed


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def key(mutant):
    """What a verdict is about: another change in the same place, or another test, is another mutant."""
    return f'{mutant.name}: {mutant.path}: {mutant.old} -> {mutant.new}: {mutant.words}'


def show(mutant, good, sentence, line=print):
    line(f'{"caught" if good else "MISSED"}  {mutant.name}: {mutant.bug}\n        {sentence}')


def main(words, again=False):
    mutants = chosen(words)
    results = Verdicts(RESULTS, forget=again)
    todo = [mutant for mutant in mutants if not results.is_caught(key(mutant))]
    for mutant in mutants:
        if results.is_caught(key(mutant)):
            show(mutant, True, results[key(mutant)][1] + ' (known)')
    start = time.monotonic()
    if todo:
        try_all(todo, results)
    caught = sum(results.is_caught(key(mutant)) for mutant in mutants)
    say(f'{caught} caught, {len(mutants) - caught} missed; {len(todo)} tried in {time.monotonic() - start:.0f} s')
    return 0 if caught == len(mutants) else 1


def try_all(todo, results):
    """A copy of the tree a processor; each takes the next mutant."""
    build.use_ccache(os.path.join(build.ROOT, 'build', 'ccache'))
    places = [f'{PLACE}-{job}' for job in range(min(os.cpu_count() or 1, len(todo)))]
    say(f'{len(todo)} mutants, {len(places)} at a time, in {build.short(PLACE)}')
    write(LOG, '')
    with Progress('building the copies', len(places), LOG) as progress:
        for done, place in enumerate(places):
            progress.at(done)
            copy_tree(place)
            status, output = run_test(place, 'includes', 'all meson-test-prereq')
            if status != 0:
                raise Failed('the unchanged copy does not build:\n' + output)
    with Progress('trying', len(todo), LOG) as progress:
        for done, (mutant, (good, what), seconds) in enumerate(pool.each(todo, places, try_mutant), 1):
            results.set(key(mutant), 'caught' if good else 'missed', what)
            show(mutant, good, f'{what} ({seconds:.0f} s)', progress.line)
            progress.at(done)
