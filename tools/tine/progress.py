# SPDX-License-Identifier: MIT
"""How far long work is.

On a terminal one line is rewritten: what is done of how much, the time that is left, and where
the log is.  Elsewhere, in a pipe or a file, it is a plain line when the work begins and one every
half minute, without carriage returns.
"""
import os
import re
import shutil
import subprocess
import sys
import time

from .say import Failed, cannot_start, say, short

COUNT = re.compile(r'\[(\d+)/(\d+)\] |\s*(\d+)/(\d+)\s')       # ninja's lines, and meson test's
EVERY = 30              # seconds between two lines where none can be rewritten
SURE = 2                # seconds of work before the time left is worth saying
ERASE = '\r\x1b[K'


def counted(line):
    """(done, total) in a line of ninja or meson test, or None."""
    found = COUNT.match(line)
    return (int(found.group(1) or found.group(3)), int(found.group(2) or found.group(4))) if found else None


def duration(seconds):
    """A time in words: 40 s, 3 min, 2 h 10 min."""
    if seconds < 60:
        return f'{seconds:.0f} s'
    minutes = round(seconds / 60)
    return f'{minutes} min' if minutes < 60 else f'{minutes // 60} h {minutes % 60} min'


class Progress:
    """One piece of work, as a context: nothing of its line stays on a terminal when it ends.

    While it lasts, print with line() only.  `total` may come later, with at(); `log` is the path of
    a file; `out` and `clock` are for tests.
    """

    def __init__(self, what, total=None, log=None, out=None, clock=time.monotonic):
        self.what, self.done, self.total, self.note = what, 0, total, ''
        self.log = f' (log: {short(log)})' if log else ''
        self.out, self.clock = out or sys.stdout, clock
        self.rewrites = self.out.isatty() and os.environ.get('TERM') != 'dumb'
        self.began = self.said = clock()

    def __enter__(self):
        self._show()
        return self

    def __exit__(self, *_):
        if self.rewrites:
            self._write(ERASE)

    def at(self, done, total=None, note=''):
        """`done` things of `total` are done; `note` is a word on the one that is at work."""
        if done < self.done:
            self.began = self.clock()       # another count begins
        self.done, self.total, self.note = done, total or self.total, note
        if self.rewrites or self.clock() - self.said >= EVERY:
            self._show()

    def see(self, line):
        """Take a line of a program that may count its work."""
        found = counted(line)
        if found:
            self.at(*found)

    def line(self, text):
        """Print a line that stays."""
        self._write(f'{ERASE if self.rewrites else ""}{text}\n')
        if self.rewrites:
            self._show()

    def text(self):
        parts = [f'{self.done}/{self.total}'] if self.total else []
        took = self.clock() - self.began
        if self.total and self.done and took >= SURE:
            parts.append(f'{duration(took * (self.total - self.done) / self.done)} left')
        if self.note:
            parts.append(self.note)
        return f'tine: {self.what}{": " * bool(parts)}{", ".join(parts)}{self.log}'

    def _show(self):
        self.said = self.clock()
        if self.rewrites:
            # A line that wraps cannot be rewritten.
            self._write(ERASE + self.text()[:shutil.get_terminal_size().columns - 1])
        else:
            self._write(self.text() + '\n')

    def _write(self, text):
        self.out.write(text)
        self.out.flush()


def step(text, command, log):
    """Run one step of work, which may count, and give its output; all of that is in the log, too.

    When it fails the last lines of its output are shown, from the first one
    that says what failed.
    """
    start = time.monotonic()
    output = []
    with open(log, 'a', encoding='utf-8', buffering=1) as f, Progress(text, log=log) as progress:
        f.write(f'\n$ {" ".join(map(str, command))}\n')
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors='replace',
                                       stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        except OSError as why:
            raise Failed(cannot_start(command, why)) from None
        with process:
            for line in process.stdout:
                f.write(line)
                output.append(line)
                progress.see(line)
    output = ''.join(output)
    say(f'{text}: {"ok" if process.returncode == 0 else "failed"} ({time.monotonic() - start:.1f} s)')
    if process.returncode != 0:
        raise Failed('\n'.join(important(output)) + f'\n(the whole output is in {short(log)})')
    return output


def important(output, limit=30):
    lines = output.splitlines()
    for number, line in enumerate(lines):
        if line.startswith('FAILED:') or 'ERROR:' in line:
            return lines[number:number + limit]
    return lines[-limit:]
