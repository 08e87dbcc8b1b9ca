# SPDX-License-Identifier: MIT
"""The matrix of rights (tests/user/matrix/matrix.h): asking Tine and Linux, and comparing.

The program prints a line for each call, target and mode, with an answer for each identity.  The
same program runs in the machine and on this computer; tests/guest/matrix_test.py and checks.py
look at the differences.
"""
import dataclasses
import fnmatch
import os
import re
import subprocess
import tempfile

from . import build as building
from . import qemu, testrun
from .say import Failed

LINE = re.compile(r'^(?:# matrix|#): (.*?) \| (.*)$')
UNKNOWN = '?'               # decided by a power that root lacks on this Linux
LINUX = 280                 # seconds there
COLUMNS = {'process': ('root', 'a', 'a-of-group-2', 'b', 'a-saved-root', 'a-saved-b', 'a-acts-as-b', 'b-acts-as-a',
                       'root-acts-as-a', 'c-saved-a')}
WAITING = 'tests/user/matrix/waiting'
IDENTITIES = ('root', 'owner', 'group', 'extra', 'other')


@dataclasses.dataclass(frozen=True)
class Case:
    """One call by one identity, answered otherwise than on Linux."""
    line: str               # group, call, target and mode
    who: str
    tine: str
    linux: str

    def place(self):
        return f'{self.line}, {self.who}'

    def sentence(self):
        return f'{self.place()}: Tine {self.tine}, Linux {self.linux}'


@dataclasses.dataclass
class Answers:
    lines: dict             # line: its answers
    problems: list          # sentences; empty when the program came to its end


def waiting():
    """Patterns of the answers that are not Linux's yet, from the list that is to be emptied."""
    with open(os.path.join(building.ROOT, WAITING), encoding='utf-8') as f:
        return [line.strip() for line in f if line.strip() and not line.startswith('#')]


def unexpected(cases, patterns):
    """The cases that match no pattern."""
    return [case for case in cases if not any(fnmatch.fnmatchcase(case.place(), p) for p in patterns)]


def needless(cases, patterns, linux):
    """The patterns that match no case, though Linux gave an answer there."""
    places = [f'{line}, {who}' for line in linux for who, right in zip(columns(line, len(linux[line])), linux[line])
              if right != UNKNOWN]
    return [p for p in patterns if not any(fnmatch.fnmatchcase(case.place(), p) for case in cases)
            and any(fnmatch.fnmatchcase(place, p) for place in places)]


def read(lines):
    """{line: [answer, ...]} in the order of the program."""
    found = {}
    for text in lines:
        match = LINE.match(text)
        if match:
            found[match.group(1)] = match.group(2).split()
    return found


def ask_tine(machine, folder=None, timeout=200):
    """Boot and run the program, in a tmpfs of its own or in the file system of `folder`; gives Answers."""
    command = ['/test/matrix', '-t', '-d', folder] if folder else ['/test/runall', 'matrix']
    machine.append = qemu.bootargs(init='/bin/init', init_args=command)
    lines = []
    outcome = testrun.run(machine, timeout, 20, lambda line, _: lines.append(line))
    problems = list(outcome.problems) + [point.name for point in outcome.reader.points if point.failed]
    if problems:
        problems += [line for line in lines[-30:] if not LINE.match(line)]
    return Answers(read(lines), problems)


def ask_linux(build):
    """Run it on this computer, as root; gives the lines."""
    command = testrun.linux_command(os.path.join(build, 'tests', 'user'), 'matrix')
    with tempfile.TemporaryDirectory(prefix='tine-') as scratch:
        done = subprocess.run([*command, '-d', scratch], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors='replace', timeout=LINUX)
    if done.returncode != 0:
        raise Failed('matrix on Linux: ' + ' '.join(done.stdout.splitlines()[-3:]))
    return read(done.stdout.splitlines())


def columns(line, count):
    names = COLUMNS.get(line.split()[0], IDENTITIES)
    return names if len(names) == count else [f'answer {i + 1}' for i in range(count)]


def differences(tine, linux):
    """Cases, of the lines that both have."""
    found = []
    for line in linux:
        mine, theirs = tine.get(line, []), linux[line]
        for who, ours, right in zip(columns(line, len(theirs)), mine, theirs):
            if ours != right and right != UNKNOWN:
                found.append(Case(line, who, ours, right))
    return found
