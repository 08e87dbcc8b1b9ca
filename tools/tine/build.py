# SPDX-License-Identifier: MIT
"""Configuring and building, by meson and ninja.

prepare() brings the build folder of a flavour up to date and builds in it, under a lock for each
folder.  What goes wrong is a Failed with one sentence for the user.
"""
import contextlib
import fcntl
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

from .progress import step
from .say import Failed, say, short

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))
import strategies  # noqa: E402

CROSS = 'arch/riscv/cross.ini'
# Here ccache has its own program of each compiler's name.
CCACHE_MASKS = '/usr/lib/ccache'

WARNING = re.compile(r'^([^\s:]+):(.*)\bwarning:.*$', re.M)
FLAVOURS = ('debug', 'release', 'kasan')


def folder(flavour='debug'):
    """The build folder: each flavour of kernel has its own, so all stay built."""
    return os.path.join(ROOT, 'build' if flavour == 'debug' else f'build-{flavour}')


def options_of(flavour):
    """What a flavour's folder is configured with; the plain one keeps what its user chose."""
    return {'kernel': None if flavour == 'debug' else flavour}


def log_of(build):
    os.makedirs(build, exist_ok=True)
    return os.path.join(build, 'log')


def known(build, what):
    """What meson notes about a build folder; nothing if it has not configured it."""
    try:
        with open(os.path.join(build, 'meson-info', f'intro-{what}.json'), encoding='utf-8') as f:
            return json.load(f)
    except (OSError, ValueError):
        return []


def option(build, name):
    """The value a build folder has for an option, or None."""
    return next((entry['value'] for entry in known(build, 'buildoptions') if entry['name'] == name), None)


def strategies_in_tree():
    return strategies.strategies(ROOT)


def check_strategy(name):
    """Refuse the name of a strategy that is not in the tree."""
    known = strategies_in_tree()
    if known and name not in known:
        raise Failed(f'no fork strategy is called "{name}"; there are: {", ".join(known)}', 2)


def configured_strategies(build):
    try:
        with open(os.path.join(build, 'tine_config.h'), encoding='utf-8') as f:
            found = re.search(r'TINE_STRATEGIES "([^"]*)"', f.read())
            return found.group(1).split() if found else None
    except OSError:
        return None


def reason_to_configure(build):
    """What has changed that meson looks at only when it configures, or None."""
    from . import tools
    if configured_strategies(build) != strategies_in_tree():
        return 'mm/fork has changed'
    # tests/host/meson.build has this test in place of those that need the compiler.
    if any(test['name'] == 'host-builds' for test in known(build, 'tests')) and tools.have('cc'):
        return 'a C compiler for this computer was installed'
    return None


def use_ccache(folder):
    """Let ccache, where it is installed, keep what compilers give in `folder`, for all processes we start.

    A copy of the tree then builds in seconds.  Its objects name the files of the tree that was
    built first, so the folder is the tree's own.
    """
    if os.path.isdir(CCACHE_MASKS) and 'CCACHE_DIR' not in os.environ:
        os.environ.update(CCACHE_DIR=folder, CCACHE_NOHASHDIR='true', PATH=f'{CCACHE_MASKS}:{os.environ["PATH"]}')


def configure(build, wanted):
    """Bring a build folder to the wanted options; quick when it is there already."""
    use_ccache(os.path.join(ROOT, 'build', 'ccache'))
    log = log_of(build)
    changes = [f'-D{name}={value}' for name, value in wanted.items() if value is not None]
    if not os.path.exists(os.path.join(build, 'build.ninja')):
        if os.path.isdir(os.path.join(build, 'meson-private')):
            shutil.rmtree(os.path.join(build, 'meson-private'))     # left by a set-up that failed
        step(f'configuring {short(build)}', ['meson', 'setup', build, ROOT, '--cross-file',
                                             os.path.join(ROOT, CROSS), *changes], log)
        return
    changes = [f'-D{name}={value}' for name, value in wanted.items()
               if value is not None and option(build, name) != value]
    if changes:
        step(f'configuring {short(build)} with {" ".join(changes)}',
             ['meson', 'configure', build, *changes], log)
        return
    reason = reason_to_configure(build)
    if reason:
        step(f'{reason}: configuring again', ['meson', 'setup', '--reconfigure', build, ROOT], log)


def refresh(build):
    """Let meson read those of its files that have changed, so that it tells today's tests."""
    done = subprocess.run(['ninja', '-C', build, 'build.ninja'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors='replace')
    if done.returncode != 0:
        raise Failed(f'meson cannot read its files for {short(build)}:\n' + '\n'.join(done.stdout.splitlines()[-10:]))


def warned(output, place):
    """What compilers and linkers run in a folder warn of: a sentence, or None.

    A header's warning comes again with each file that includes it; it counts once.
    """
    found = dict.fromkeys(WARNING.findall(output))
    if not found:
        return None
    paths = {file: os.path.join(place, file) for file, _ in found}      # a linker says no folder
    files = dict.fromkeys(os.path.relpath(path, ROOT) if os.path.exists(path) else file for file, path in paths.items())
    return f'{len(found)} warning{"s" * (len(found) > 1)} in {", ".join(files)}'


def build(build_, *targets):
    """Build, with one line on the terminal."""
    output = step(f'building {short(build_)}', ['ninja', '-C', build_, *targets], log_of(build_))
    warnings = warned(output, build_)
    if warnings:
        say(f'{warnings}; see {short(log_of(build_))}')


@contextlib.contextmanager
def alone(place):
    """One build at a time in a folder: two ninjas lose each other's dependency files."""
    try:
        os.makedirs(place, exist_ok=True)
        lock = open(os.path.join(place, 'lock'), 'a+', encoding='utf-8')
    except OSError as why:
        raise Failed(f'cannot write to {short(place)}: {why.strerror}') from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f'waiting: {builder(lock)} {short(place)}')
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f'{os.getpid()} {time.time()} {shlex.join(["./tine", *sys.argv[1:]])}')
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def builder(lock):
    """Which command has the lock, and since when."""
    lock.seek(0)
    pid, since, command = (lock.read().split(' ', 2) + ['', '', ''])[:3]
    if not since:
        return 'another command is building'        # it has the lock and has not written yet
    return f'{command} (process {pid}) has been building for {time.time() - float(since):.0f} s in'


def prepare(flavour='debug', fork=None, targets=()):
    """Configure and build; gives the folder."""
    if fork is not None:
        check_strategy(fork)
    place = folder(flavour)
    with alone(place):
        configure(place, options_of(flavour))
        build(place, *targets)
    return place


def clean():
    for flavour in FLAVOURS:
        place = folder(flavour)
        if os.path.isdir(place):
            try:
                shutil.rmtree(place)
            except OSError as why:
                raise Failed(f'cannot remove {short(place)}: {why.strerror}') from None
            say(f'removed {short(place)}')
