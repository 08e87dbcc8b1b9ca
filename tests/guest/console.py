# SPDX-License-Identifier: MIT
"""Typing at the guest's console: a command on a pseudo-terminal, written to and read.

Nothing here sleeps for a fixed time: read until the prompt (or whatever is waited for)
is there, and give up when the guest has been silent for too long.
"""
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

PROMPT = re.compile(r'tine:\S*# $')
GOES_ON = re.compile(r'(?:^|[\r\n])> $')        # the shell wants the rest of a command
ESCAPE = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]')


class Silent(Exception):
    """What was waited for did not come; the message holds the last lines."""


def plain(text):
    """Without escape sequences and carriage returns."""
    return ESCAPE.sub('', text).replace('\r', '')


class Console:
    def __init__(self, command, cwd=None, silence=30.0, size=(0, 0)):
        self.silence = silence
        self.seen = ''              # what no wait has consumed yet
        self.all = ''
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', *size, 0, 0))
        self.process = subprocess.Popen(command, cwd=cwd, stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True)
        os.close(slave)
        self.fd = master
        self.decoder = codecs.getincrementaldecoder('utf-8')('replace')     # a character may come in two reads

    def type(self, text):
        """Press keys; the tail of a long text waits until the guest takes it."""
        data = text.encode()
        while data:
            _, writable, _ = select.select([], [self.fd], [], self.silence)
            if not writable:
                raise Silent('the guest takes no more keys')
            # Like a fast typist, not like a cable: the serial line holds 16 bytes.
            data = data[os.write(self.fd, data[:16]):]
            self._read(0)

    def wait(self, pattern=PROMPT, timeout=300.0):
        """Read until `pattern` matches; gives the text up to and with it."""
        pattern = re.compile(pattern)
        start = last = time.monotonic()
        while True:
            # The editor moves the cursor about in the prompt's line: look without that.
            found = pattern.search(ESCAPE.sub('', self.seen))
            if found:
                self.seen = found.string[found.end():]
                return found.string[:found.end()]
            now = time.monotonic()
            if now - last > self.silence or now - start > timeout:
                raise Silent(f'waited for {pattern.pattern!r}; the last lines are:\n' +
                             '\n'.join(plain(self.all).splitlines()[-30:]))
            if self._read(min(self.silence, 1.0)):
                last = time.monotonic()
            elif self.process.poll() is not None:
                raise Silent(f'the guest ended with status {self.process.returncode}; the last lines are:\n' +
                             '\n'.join(plain(self.all).splitlines()[-30:]))

    def plain_input(self):
        """Turn the shell's line editor off, so that a long line is echoed as it is typed."""
        self.run('TERM=dumb')

    def run(self, line):
        """Type a command, of one line or more, at the prompt; gives the lines it printed."""
        *before, last = line.split('\n')
        for part in before:
            self.type(part + '\r')
            self.wait(GOES_ON)
        self.type(last + '\r')
        # The first line is the prompt with what was typed, the last the new prompt.
        lines = PROMPT.sub('', plain(self.wait())).split('\n')[1:]
        return lines if lines and lines[-1] else lines[:-1]

    def end(self, timeout=30.0):
        """Wait for the command to end by itself; gives its status."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            self._read(0.2)
            if time.monotonic() > deadline:
                raise Silent('the machine did not end; the last lines are:\n' +
                             '\n'.join(plain(self.all).splitlines()[-30:]))
        while self._read(0):
            pass
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.fd)

    def _read(self, wait):
        readable, _, _ = select.select([self.fd], [], [], wait)
        if not readable:
            return False
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:             # the other end is closed
            data = b''
        text = self.decoder.decode(data)
        self.seen += text
        self.all = (self.all + text)[-1 << 16:]
        return bool(data)
