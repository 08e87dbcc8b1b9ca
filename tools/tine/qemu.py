# SPDX-License-Identifier: MIT
"""The QEMU command line, in one place.

Everything that boots the kernel (run, gdb, tests, bench) describes what it
wants as a Machine and asks it for the command.
"""
import dataclasses
import json
import os
import shlex
import socket
import sys

from .say import Failed

PROGRAM = 'qemu-system-riscv64'
# In a terminal QEMU keeps one key for itself; its usual one, Ctrl-A, is the shell's for the start of a line.
ESCAPE_KEY = '0x1d'         # Ctrl-]
# What the kernel takes (kernel/main.c): bytes of boot arguments, and words behind --.
BOOTARGS_BYTES = 2047
INIT_WORDS = 64
GDB_PORT = 1234             # gdb's own examples use it


@dataclasses.dataclass
class Machine:
    kernel: str
    disk: str = ''              # path of the root disk, '' for none
    append: str = ''            # the kernel's boot arguments
    harts: int = 2
    mem: str = '256M'
    snapshot: bool = False      # writes go to a temporary file: disk unchanged
    disk2: str = ''             # a second disk, /dev/vdb
    disk2_read_only: bool = False
    idle_runs: bool = False     # with icount: while all harts wait time goes on as here, else it jumps to the next timer
    seed: int = None            # makes what is random and the date of the boot the same each time
    icount: bool = False        # count instructions: exact, one hart only
    gdb: bool = False           # wait for a debugger on GDB_PORT
    terminal: bool = True       # console and monitor share the terminal
    qmp: str = ''               # path of a control socket, '' for none
    board: str = 'virt'         # QEMU's name of the machine
    initrd: str = ''            # path of an initial RAM disk, '' for none
    extra: tuple = ()           # more QEMU arguments, as they are

    def command(self):
        harts = 1 if self.icount else self.harts
        virt = self.board == 'virt'
        args = [PROGRAM, '-machine', self.board, *(['-cpu', 'rv64'] if virt else []),
                '-smp', str(harts), '-m', self.mem, '-bios', 'default',
                '-kernel', self.kernel, '-no-reboot']
        if virt:
            args += ['-global', 'virtio-mmio.force-legacy=false']
        if self.initrd:
            args += ['-initrd', self.initrd]
        args += (['-nographic', '-echr', ESCAPE_KEY] if self.terminal else
                 ['-display', 'none', '-serial', 'stdio', '-monitor', 'none'])
        if self.append:
            args += ['-append', self.append]
        if self.disk:
            args += self._drive('d0', self.disk)
        if self.disk2:
            args += self._drive('d1', self.disk2, self.disk2_read_only)
        # No network: its timers keep an idle machine with -icount too busy to
        # finish its disk requests.
        args += ['-nic', 'none', *(['-device', 'virtio-rng-device'] if virt else [])]
        if self.icount:
            args += ['-icount', f'shift=0,sleep={"on" if self.idle_runs else "off"}']
        if self.seed is not None:
            args += ['-seed', str(self.seed), '-rtc', 'base=2000-01-01,clock=vm']
        if self.gdb:
            args += ['-gdb', f'tcp::{GDB_PORT}', '-S']
        if self.qmp:
            args += ['-qmp', f'unix:{self.qmp},server=on,wait=off']
        return args + list(self.extra)

    def _drive(self, name, path, read_only=False):
        mode = ',readonly=on' if read_only else ',snapshot=on' if self.snapshot else ''
        path = path.replace(',', ',,')      # QEMU's own escape
        return ['-drive', f'file={path},if=none,format=raw,id={name}{mode}',
                # By default QEMU stops the machine when this computer's disk is full.
                '-device', f'virtio-blk-device,drive={name},werror=report,rerror=report']


CORE_FILES = ('tine-core.elf', 'core.cpio')


def core_machine(place, **more):
    """The core profile in the build folder `place`; there it may be the one that was configured."""
    elf, initrd = (os.path.join(place, name) for name in CORE_FILES)
    return Machine(elf if os.path.exists(elf) else os.path.join(place, 'tine.elf'), initrd=initrd, **more)


def shell_command(command):
    """The command as it is typed in a shell."""
    return shlex.join(command)


def bootargs(fork=None, more=(), init=None, init_args=()):
    """The kernel's boot arguments: options, then -- and init's own words, quoted as for a shell."""
    words = []
    if init:
        words.append(f'init={init}')
    if fork:
        words.append(f'fork={fork}')
    words += [word for word in more if word]
    if init_args:
        words += ['--', *map(shlex.quote, init_args)]
    text = ' '.join(words)
    if len(init_args) > INIT_WORDS:
        raise Failed(f'{len(init_args)} arguments after --: the maximum is {INIT_WORDS}', 2)
    if len(os.fsencode(text)) > BOOTARGS_BYTES:
        raise Failed(f'{len(os.fsencode(text))} bytes of boot arguments: the maximum is {BOOTARGS_BYTES}', 2)
    return text


def window():
    """The boot argument that says how large the terminal is, or '' if this is none or does not know."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return ''
    size = os.get_terminal_size(sys.stdout.fileno())
    return f'winsize={size.lines}x{size.columns}' if size.lines and size.columns else ''


def gdb_port_taken():
    """Does a program listen on the port where QEMU would wait for a debugger?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('', GDB_PORT))
        except OSError:
            return True
    return False


class Monitor:
    """QEMU's control socket, for asking a stuck machine how it is."""

    def __init__(self, path, timeout=3.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.stream = self.socket.makefile('rw', encoding='utf-8')
        self._read_reply(greeting=True)
        self._send({'execute': 'qmp_capabilities'})

    def close(self):
        self.stream.close()
        self.socket.close()

    def ask(self, line):
        """Run one human monitor command and return what it prints."""
        reply = self._send({'execute': 'human-monitor-command',
                            'arguments': {'command-line': line}})
        return str(reply.get('return', reply)).replace('\r', '')

    def _send(self, message):
        self.stream.write(json.dumps(message) + '\n')
        self.stream.flush()
        return self._read_reply()

    def _read_reply(self, greeting=False):
        while True:
            line = self.stream.readline()
            if not line:
                raise OSError('QEMU closed its control socket')
            reply = json.loads(line)
            if greeting or 'return' in reply or 'error' in reply:
                return reply        # anything else is an event
