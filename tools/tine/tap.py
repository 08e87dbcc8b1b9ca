# SPDX-License-Identifier: MIT
"""Reading test results (TAP) out of a console full of other things.

A console carries the firmware's banner, kernel log lines that start with "[",
and the test lines between them.  Only whole lines that look like TAP count, and
the count of results must agree with the plan: a test that vanished is a failure.
"""
import dataclasses
import re

PLAN = re.compile(r'^1\.\.(\d+)\s*(?:#\s*(.*))?$')
POINT = re.compile(r'^(not )?ok\b(?:\s+(\d+))?(?:\s*-)?\s*(.*)$')
PANIC = re.compile(r'^(?:\[[^\]]*\]\s*)?(?:kernel )?panic:', re.I)
SKIP = re.compile(r'\s+#\s*skip\S*\s*(.*)$', re.I)
TODO = re.compile(r'\s+#\s*todo\S*\s*(.*)$', re.I)
COLOUR = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]')


@dataclasses.dataclass
class Point:
    ok: bool
    name: str
    skip: str = None            # the reason, when skipped
    todo: str = None

    @property
    def failed(self):
        return not self.ok and self.todo is None

    def line(self, number):
        text = f'{"ok" if self.ok else "not ok"} {number} - {self.name}'
        if self.skip is not None:
            text += f' # SKIP {self.skip}'.rstrip()
        if self.todo is not None:
            text += f' # TODO {self.todo}'.rstrip()
        return text


class Reader:
    """Feed it lines; it keeps the points, the plan and what is wrong."""

    def __init__(self):
        self.points = []
        self.plan = None
        self.panic = None
        self.bailed = None
        self.problems = []

    def feed(self, line):
        """Take one line; give the Point it held, or None."""
        line = clean(line)
        if PANIC.match(line):
            self.panic = self.panic or line
            return None
        if line.startswith('Bail out!'):
            self.bailed = line
            return None
        found = PLAN.match(line)
        if found:
            self._take_plan(int(found.group(1)))
            return None
        found = POINT.match(line)
        return self._take_point(found) if found else None

    def _take_plan(self, count):
        if self.plan is not None:
            self.problems.append(f'a second plan, 1..{count}')
        else:
            self.plan = count

    def _take_point(self, found):
        point = make_point(not found.group(1), found.group(3))
        self.points.append(point)
        number = found.group(2)
        if number and int(number) != len(self.points):
            self.problems.append(f'result {number} appeared as number {len(self.points)}')
        return point

    def verdict(self):
        """What is wrong with the stream as a whole, as a list of sentences."""
        wrong = list(self.problems)
        if self.panic:
            wrong.append(f'the kernel panicked: {self.panic}')
        if self.bailed:
            wrong.append(self.bailed)
        if self.plan is None:
            wrong.append('no plan (1..N) was printed')
        elif self.plan != len(self.points):
            wrong.append(f'the plan says {self.plan} results, {len(self.points)} came')
        return wrong


def clean(line):
    return COLOUR.sub('', line).strip('\r\n')


def make_point(ok, text):
    skip, todo = SKIP.search(' ' + text), TODO.search(' ' + text)
    name = text
    for found in (skip, todo):
        if found:
            name = text[:max(found.start() - 1, 0)]
    return Point(ok, name.strip() or '(no name)',
                 skip.group(1) if skip else None, todo.group(1) if todo else None)


def read(text):
    """Read a whole stream at once."""
    reader = Reader()
    for line in text.splitlines():
        reader.feed(line)
    return reader


@dataclasses.dataclass
class Totals:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, points):
        for point in points:
            if point.skip is not None:
                self.skipped += 1
            elif point.failed:
                self.failed += 1
            else:
                self.passed += 1

    def line(self):
        text = f'{self.passed} passed, {self.failed} failed'
        return text + (f', {self.skipped} skipped' if self.skipped else '')
