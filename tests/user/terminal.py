# SPDX-License-Identifier: MIT
"""A terminal for tests: a program on a pseudo-terminal, its output as a screen, and keys for it.

Screen keeps the rows and the cursor, Program starts a command and types to it.  Nothing sleeps for
a fixed time: until() reads until a condition holds.
"""
import codecs
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import tempfile
import termios
import time
import traceback
import unicodedata


def equal(got, want):
    if got != want:
        raise AssertionError(f'got {got!r}, expected {want!r}')


def report(module, prefix, run):
    """Run the functions test_* of a module's names, as TAP; the last line is `N passed, N failed`.

    run(test) raises what is wrong, or gives it as text.  1 if something was.
    """
    tests = [(name[5:], test) for name, test in module.items() if name.startswith('test_')]
    failed = 0
    print(f'1..{len(tests)}')
    for number, (name, test) in enumerate(tests, 1):
        try:
            problem = run(test) or ''
        except (AssertionError, OSError, ValueError, IndexError):
            problem = traceback.format_exc()
        failed += bool(problem)
        print(f'{"not ok" if problem else "ok"} {number} - {prefix}.{name}', flush=True)
        for line in problem.splitlines():
            print('#', line)
    print(f'{len(tests) - failed} passed, {failed} failed', flush=True)
    return 1 if failed else 0


def cells(c):
    """How many columns a character takes."""
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in 'WF' else 1


class Screen:
    """What a terminal with automatic margins makes of the bytes."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.rows = [[' '] * width for _ in range(height)]
        self.marked = [[False] * width for _ in range(height)]      # in reverse
        self.x = self.y = 0
        self.reverse = False
        self.pending = ''

    def line_feed(self):
        if self.y + 1 < self.height:
            self.y += 1
        else:
            self.rows = self.rows[1:] + [[' '] * self.width]
            self.marked = self.marked[1:] + [[False] * self.width]

    def erase(self, y, x):
        """One row, from x to its end."""
        self.rows[y][x:] = [' '] * (self.width - x)
        self.marked[y][x:] = [False] * (self.width - x)

    def control(self, numbers, final):
        number = int(numbers.split(';')[0] or 0)
        n = number or 1
        if final == 'A':
            self.y = max(0, self.y - n)
        elif final == 'C':
            self.x = min(self.width - 1, self.x + n)
        elif final == 'H' and not numbers:
            self.x = self.y = 0
        elif final == 'J' and number == 2:
            for y in range(self.height):
                self.erase(y, 0)
        elif final == 'J':
            self.erase(self.y, self.x)
            for y in range(self.y + 1, self.height):
                self.erase(y, 0)
        elif final == 'K':
            self.erase(self.y, self.x)
        elif final == 'm':
            self.reverse = number == 7
        else:
            raise AssertionError(f'unknown sequence ESC [ {numbers} {final}')

    def put(self, c):
        size = cells(c)
        if size == 0:
            self.rows[self.y][max(0, self.x - 1)] += c
            return
        if self.x + size > self.width:
            self.x = 0
            self.line_feed()
        self.rows[self.y][self.x:self.x + size] = [c, ''][:size]
        self.marked[self.y][self.x:self.x + size] = [self.reverse] * size
        self.x += size

    def feed(self, text):
        text = self.pending + text
        self.pending = ''
        at = 0
        while at < len(text):
            c = text[at]
            if c == '\033':
                m = re.match(r'\033\[([\d;]*)([A-Za-z])', text[at:])
                if not m:
                    self.pending = text[at:]
                    return
                self.x = min(self.x, self.width - 1)
                self.control(m.group(1), m.group(2))
                at += m.end()
                continue
            if c == '\r':
                self.x = 0
            elif c == '\n':
                self.line_feed()
            elif c == '\b':
                self.x = max(0, min(self.x, self.width - 1) - 1)
            elif c >= ' ':
                self.put(c)
            at += 1

    def text(self):
        return '\n'.join(''.join(row).rstrip() for row in self.rows).rstrip()

    def marks(self):
        """What is shown in reverse, a piece for each row that has any."""
        rows = zip(self.rows, self.marked)
        return [piece for row, marked in rows if (piece := ''.join(c for c, m in zip(row, marked) if m))]


class Program:
    """A program on a terminal of its own, in a folder of its own."""

    def __init__(self, words, width=80, height=24, control=True, env=None):
        self.dir = tempfile.mkdtemp(prefix='tine-')
        self.screen = Screen(width, height)
        self.log = ''
        self.decoder = codecs.getincrementaldecoder('utf-8')('replace')     # a character may come in two reads
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack('HHHH', height, width, 0, 0))
        environment = {'PATH': '/usr/bin:/bin', 'HOME': self.dir,
                       'TERM': 'vt100', **(env or {})}
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            if control:
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(slave, fd)
            os.closerange(3, 64)
            os.chdir(self.dir)
            os.execvpe(words[0], words, environment)
        os.close(slave)

    def resize(self, width, height):
        """The window changes; what it showed is gone."""
        self.screen = Screen(width, height)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', height, width, 0, 0))

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)
        shutil.rmtree(self.dir, ignore_errors=True)

    def pump(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = self.decoder.decode(os.read(self.master, 65536))
        except OSError:
            return False
        self.log += data
        self.screen.feed(data)
        return True

    def until(self, good, what, seconds=60):
        """Read until good() holds."""
        end = time.monotonic() + seconds
        while not good():
            if time.monotonic() > end:
                raise AssertionError(f'never saw {what}; the screen:\n'
                                     + self.screen.text())
            self.pump(0.1)

    def modes(self):
        return termios.tcgetattr(self.master)[3]

    def raw(self):
        return not self.modes() & termios.ICANON

    def processes(self):
        """Of its session: (command line, in the foreground, running)."""
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{pid}/stat', encoding='utf-8') as f:
                    # After the name: state, parent, group, session, terminal, foreground group.
                    fields = f.read().rpartition(')')[2].split()
                with open(f'/proc/{pid}/cmdline', encoding='utf-8') as f:
                    words = f.read().split('\0')[:-1]
            except OSError:             # it is gone
                continue
            if int(fields[3]) == self.pid and fields[0] != 'Z':
                yield ' '.join(words), fields[2] == fields[5], fields[0] != 'T'

    def runs(self, command, where='foreground'):
        """Read until the program has been executed there, and is not stopped."""
        want = (command, where == 'foreground', True)
        self.until(lambda: want in list(self.processes()), f'{command} in the {where}')

    def at_work(self):
        """The terminal is as programs, and not the editor, have it."""
        self.until(lambda: not self.raw(), 'cooked mode')

    def send(self, text):
        os.write(self.master, text.encode())

    def see(self, pattern):
        self.until(lambda: re.search(pattern, self.screen.text(), re.M),
                   repr(pattern))

    def ended(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError('the program did not end')
