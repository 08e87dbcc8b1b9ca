#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test the programs of userland/ on this machine, against its own tools.

usage: run.py --bin DIR [--prefix COMMAND] [--only TEXT] [-v]

    run.py --bin build/userland --prefix qemu-riscv64

DIR holds the programs and COMMAND runs them.  Each case runs twice, the second
time with this machine's tool, in two fresh copies of one folder; what they
print and what they leave behind must be the same.  The cases are in cases.py.
Prints TAP; the last line is "N passed, N failed".
"""
import argparse
import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import termios

import cases

LONG_AGO = 1_000_000_000
ENVIRONMENT = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C', 'TZ': 'UTC0'}
options = None


# --- The folder every case starts in.

def make_fixture(root):
    def put(name, data, mode=0o644):
        path = os.path.join(root, name)
        with open(path, 'wb') as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)

    for name in ('d', 'd/e', 'd/e/f', 'emptydir', 'd2', 'ro'):
        os.mkdir(os.path.join(root, name))
    put('a.txt', 'alpha\nbeta\nGamma delta\n\ncomma  two blanks\n')
    put('b.txt', '\n'.join(f'line {i} of b' for i in range(1, 21)))
    put('empty', '')
    put('num.txt', '10\n9\n-3\n2.5\n2.05\n\nx\n10\n1e3\n  4\n007\n7\n')
    put('bin', bytes(range(256)) + b'\0' * 100 + b'A' * 64)
    put('zeros', b'\0' * 1000 + b'end')
    put('big', ''.join(f'{i} {"xy" * (i % 40)}\n' for i in range(3000)))
    put('special', 'a.c\nabc\n[x]\n*\\*\ncost $5\n^hat\nA.C\na\\(b\n{|}\n')
    put('sp ace', 'name with a blank\n')
    put('script', '#!/bin/sh\nexit 0\n', 0o755)
    put('d/x', 'inside d\n', 0o640)
    put('d/e/y', 'xx inside e\nalpha\n')
    put('d/e/f/z', b'no newline x')
    put('.hidden', 'x\n')
    put('-dash', 'dash\n')
    put('ro/file', 'read only x\n', 0o444)
    os.symlink('a.txt', os.path.join(root, 'link'))
    os.symlink('d', os.path.join(root, 'dlink'))
    os.symlink('does-not-exist', os.path.join(root, 'broken'))
    os.symlink('x', os.path.join(root, 'd/inner'))
    os.link(os.path.join(root, 'a.txt'), os.path.join(root, 'hard'))
    os.mkfifo(os.path.join(root, 'fifo'))
    os.chmod(os.path.join(root, 'ro'), 0o555)
    for folder, folders, files in os.walk(root, topdown=False):
        for name in folders + files:
            os.utime(os.path.join(folder, name), (LONG_AGO, LONG_AGO), follow_symlinks=False)
    os.utime(root, (LONG_AGO, LONG_AGO))


def picture(root):
    """Everything below root that a tool could have changed, as sorted lines."""
    lines, names = [], {}
    for folder, folders, files in os.walk(root):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            short, st = os.path.relpath(path, root), os.lstat(path)
            what = ''
            if not stat.S_ISLNK(st.st_mode) and not os.access(path, os.R_OK):
                os.chmod(path, 0o700)   # the true mode is in st
            elif stat.S_ISDIR(st.st_mode) and not os.access(path, os.X_OK):
                os.chmod(path, 0o700)
            if stat.S_ISREG(st.st_mode):
                with open(path, 'rb') as file:
                    what = str(hash(file.read()))
            elif stat.S_ISLNK(st.st_mode):
                what = os.readlink(path)
            # Two names of one file look alike wherever the files are.
            first = names.setdefault(st.st_ino, short)
            age = 'old' if st.st_mtime == LONG_AGO else 'new'
            if stat.S_ISLNK(st.st_mode):
                age = ''
            lines.append(f'{short} {stat.filemode(st.st_mode)} {age} {first} {what}')
    return sorted(lines)


# --- Running.

class Scratch:
    """Two folders with the same name length and the same content."""

    def __enter__(self):
        self.base = tempfile.mkdtemp(prefix='tools-')
        self.ours, self.host = (os.path.join(self.base, side, 'w') for side in ('ours', 'host'))
        for root in (self.ours, self.host):
            os.makedirs(root)
            make_fixture(root)
        return self

    def __exit__(self, *_):
        subprocess.run(['chmod', '-R', 'u+rwx', self.base], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.base, ignore_errors=True)


def ours(tool):
    words = shlex.split(options.prefix)
    if words:
        words[0] = shutil.which(words[0]) or words[0]
    return words + [os.path.join(options.bin, tool)]


def run(command, cwd, stdin='', full=False):
    out = open('/dev/full', 'wb') if full else subprocess.PIPE
    done = subprocess.run(command, cwd=cwd, input=stdin.encode(), stdout=out, stderr=subprocess.PIPE,
                          env={**ENVIRONMENT, 'PWD': cwd}, timeout=60)
    if full:
        out.close()
    return done.returncode, done.stdout or b'', done.stderr.decode(errors='replace')


def normal(out, case):
    if case['drop']:
        out = re.sub(case['drop'].encode(), b'', out)
    if case['squeeze']:
        out = re.sub(rb'[ \t]+', b' ', out)
    if case['sort']:
        out = b'\n'.join(sorted(out.split(b'\n')))
    return out


def shown(data):
    text = data.decode(errors='replace') if isinstance(data, bytes) else str(data)
    return text if len(text) < 600 else text[:600] + '...'


def check_same(case):
    """None, or what differs."""
    with Scratch() as scratch:
        mine = run(ours(case['tool']) + case['args'], scratch.ours, case['stdin'])
        judge = run([case['host']] + case['host_args'], scratch.host, case['stdin'])
        out, wanted = normal(mine[1], case), normal(judge[1], case)
        out = out.replace(scratch.ours.encode(), b'HERE')
        wanted = wanted.replace(scratch.host.encode(), b'HERE')
        if out != wanted:
            return f'printed\n{shown(out)}\ninstead of\n{shown(wanted)}'
        if (mine[0] == 0) != (judge[0] == 0):
            return f'exit status {mine[0]} ({mine[2]}) instead of {judge[0]} ({judge[2]})'
        if mine[0] < 0 or mine[0] > 127:
            return f'exit status {mine[0]}'
        says = mine[2]
        if (says != '') != (judge[2] != ''):
            return f'said "{says}" where the judge said "{judge[2]}"'
        if says and not says.startswith((case['tool'] + ': ', 'usage: ')):
            return f'an error message without the name: "{says}"'
        left, right = picture(scratch.ours), picture(scratch.host)
        if left != right:
            return 'left behind\n' + '\n'.join(sorted(set(left) ^ set(right)))
    return None


def check_own(case):
    with Scratch() as scratch:
        status, out, says = run(ours(case['tool']) + case['args'], scratch.ours, case['stdin'], case['full'])
        out = out.decode(errors='replace')
        if status != case['status']:
            return f'exit status {status} instead of {case["status"]}: {says}'
        if case['out'].startswith('/'):
            if not out.startswith(case['out'][1:]):
                return f'printed\n{shown(out)}\ninstead of {case["out"][1:]}...'
        elif not case['full'] and out != case['out']:
            return f'printed\n{shown(out)}\ninstead of\n{case["out"]}'
        if case['says'] not in says or (says != '') != (case['says'] != ''):
            return f'said "{says}" instead of "{case["says"]}"'
    return None


# --- What needs more than a command and its output.

def check_columns():
    """On a terminal 40 columns wide, ls fills columns from the top down."""
    names = [f'name{i:02}' for i in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            open(os.path.join(folder, name), 'w').close()
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 40, 0, 0))
        done = subprocess.run(ours('ls'), cwd=folder, stdout=slave, env=ENVIRONMENT, timeout=60)
        os.close(slave)
        rows = os.read(master, 65536).decode().split()
        # Cells of 8 in 40 columns: five of them, and so four rows.
        text = [names[row + 4 * column] for row in range(4) for column in range(5)]
        os.close(master)
        if done.returncode != 0 or rows != text:
            return f'printed {rows}'
    return None


STTY = ('', 'raw', 'cooked', '-raw', '-cooked', 'sane', 'cbreak', '-cbreak', 'raw sane', 'raw -raw', '-echo', '-icanon min 0 time 5',
        'intr ^X', 'erase ^H kill undef', 'eof ^-', 'eol x eol2 64', 'quit 0x1c', 'nl', '-nl', 'nl -nl', 'ek', '-isig -iexten',
        '-opost', 'tab3', '-tabs', 'tabs', 'nl1 cr2 tab1 bs1 vt1 ff1', '9600', '115200', 'iutf8 -imaxbel', 'cstopb hupcl', 'tostop noflsh',
        'rows 10 cols 40', 'columns 132', '-ixon ixany', 'echonl -echok', '-crterase -ctlecho -crtkill', 'erase \377',
        '-g', 'size', 'speed', 'rows 10 size', '9600 speed',
        '100:4:bf:8a31:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16' + 16 * ':0')
STTY_SHOWS = ('', '-a')


def check_stty():
    """Each setting, and what is shown then: as this machine's stty, on a terminal each."""
    def answers(command, words):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
        shown = []
        for call in (words, *STTY_SHOWS):
            done = subprocess.run(command + call.encode('latin-1').split(), stdin=slave, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, env=ENVIRONMENT, timeout=60)
            shown.append((call, done.returncode, done.stdout.decode(errors='replace').split()))
        shown.append((termios.tcgetattr(slave), fcntl.ioctl(slave, termios.TIOCGWINSZ, b' ' * 8)))
        os.close(slave)
        os.close(master)
        return shown
    for words in STTY:
        mine, judge = answers(ours('stty'), words), answers(['stty'], words)
        if mine != judge:
            return '\n'.join(f'stty {words}: {m} instead of {j}' for m, j in zip(mine, judge) if m != j)
    return None


def check_stty_complains():
    """What is wrong with a word; the terminal is as before, whatever stood before that word."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    wrong = None
    for words, says in (('raw nosuch', 'nosuch: no such setting'), ('-echo rows', 'rows: a value must follow'),
                        ('raw cols x', 'cols x: not a number from 0 to 65535'), ('raw min 256', 'min 256: not a number from 0 to 255'),
                        ('raw intr ^AB', 'intr ^AB: not a character'), ('-echo -nl0', '-nl0: no such setting'),
                        ('raw 12345', '12345: no such setting'), ('raw 1:2:3', '1:2:3: no such setting')):
        done = subprocess.run(ours('stty') + words.split(), stdin=slave, capture_output=True, text=True, timeout=60)
        if (done.returncode, done.stdout, done.stderr) != (1, '', f'stty: {says}\n') or termios.tcgetattr(slave) != before:
            wrong = f'{words}: {done}'
    os.close(slave)
    os.close(master)
    return wrong


def check_resize():
    """What a terminal answers becomes its size; without an answer nothing changes and nothing is left to be read."""
    question = b'\x1b7\x1b[999;999H\x1b[6n\x1b8'
    for answer, size, status in ((b'\x1b[50;132R', (50, 132), 0), (b'typed\x1b[A\x1b[7;9R', (7, 9), 0),
                                 (b'', (24, 80), 1), (b'RR\x1b[5', (24, 80), 1)):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
        before = termios.tcgetattr(slave)
        asker = subprocess.Popen(ours('resize'), stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT,
                                 preexec_fn=lambda fd=slave: (os.setsid(), fcntl.ioctl(fd, termios.TIOCSCTTY, 0)))
        asked = os.read(master, 100)
        os.write(master, answer)
        out, says = asker.communicate(timeout=60)
        now = struct.unpack('HHHH', fcntl.ioctl(slave, termios.TIOCGWINSZ, b' ' * 8))[:2]
        modes = termios.tcgetattr(slave)
        left = select.select([slave], [], [], 0)[0]
        os.close(slave)
        os.close(master)
        want = f'COLUMNS={size[1]};\nLINES={size[0]};\nexport COLUMNS LINES;\n' if status == 0 else ''
        said = 'resize: the terminal did not report its size\n' if status else ''
        if (asked, asker.returncode, out.decode(), says.decode(), now, modes, left) != (question, status, want, said, size, before, []):
            return f'{answer}: {asked} {asker.returncode} {out} {says} {now} {left}'
    done = subprocess.run(ours('resize'), stdin=subprocess.DEVNULL, capture_output=True, text=True, start_new_session=True, timeout=60)
    if (done.returncode, done.stderr) != (1, 'resize: /dev/tty: No such device or address\n'):
        return str(done)
    return None


def check_kill():
    for name, number in (('-9', signal.SIGKILL), ('-s', signal.SIGUSR1), ('-TERM', signal.SIGTERM),
                         (None, signal.SIGTERM), ('-sigint', signal.SIGINT)):
        victim = subprocess.Popen(['sleep', '100'])
        words = [] if name is None else [name]
        words += ['usr1'] if name == '-s' else []
        status, _, says = run(ours('kill') + words + [str(victim.pid)], '/')
        if status != 0:
            victim.kill()
        victim.wait()
        if status != 0 or victim.returncode != -number:
            return f'kill {name}: status {status}, {says}, victim {victim.returncode}'
    return None


def check_ps():
    _, out, says = run(ours('ps'), '/')
    lines = out.decode(errors='replace').split('\n')
    if lines[0].split() != ['PID', 'PPID', 'STAT', 'STRATEGY', 'RSS(kB)', 'COMMAND'] or says:
        return f'{lines[0]} {says}'
    mine = [line.split() for line in lines if line.split()[:1] == [str(os.getpid())]]
    if len(mine) != 1:
        return f'no line for {os.getpid()}: {shown(out)}'
    pid, ppid, state, strategy, rss = mine[0][:5]
    command = ' '.join(mine[0][5:])
    with open('/proc/self/cmdline', 'rb') as file:
        real = file.read().replace(b'\0', b' ').decode().strip()
    if int(ppid) != os.getppid() or state not in 'RSD' or strategy != '-' or int(rss) <= 0:
        return str(mine[0])
    if command != real:
        return f'{command} instead of {real}'
    return None


def check_df():
    words = (['df', '/'], ['df', '-h', '/'])
    for command in words:
        mine = run(ours('df') + command[1:], '/')[1].split(b'\n')[1].split()
        judge = run(command, '/')[1].split(b'\n')[1].split()
        # Used and available may move while we look.
        if [mine[0], mine[1], mine[5]] != [judge[0], judge[1], judge[5]]:
            return f'{command}: {mine} instead of {judge}'
    return None


def check_free():
    with open('/proc/meminfo') as file:
        total = int(re.search(r'MemTotal:\s+(\d+)', file.read()).group(1))
    line = run(ours('free'), '/')[1].decode().split('\n')[1].split()
    if line[0] != 'Mem:' or int(line[1]) != total:
        return str(line)
    if int(line[2]) + int(line[3]) + int(line[4]) != total:
        return f'used, cached and free are not the total: {line}'
    return None


def check_mv_across():
    """A move to another file system copies and removes."""
    if os.stat('/dev/shm').st_dev == os.stat(tempfile.gettempdir()).st_dev:
        return 'SKIP /dev/shm and the folder for temporary files are one file system'
    with Scratch() as scratch, tempfile.TemporaryDirectory(dir='/dev/shm') as other:
        # Only root may empty a folder that it may not write.
        for name in ('d', 'link', 'script') + (('ro',) if os.geteuid() == 0 else ()):
            before = picture(os.path.join(scratch.ours, name))
            status, _, says = run(ours('mv') + [name, other], scratch.ours)
            if status != 0 or os.path.lexists(os.path.join(scratch.ours, name)):
                return f'{name}: {status} {says}'
            if picture(os.path.join(other, name)) != before:
                return f'{name}: {before} became {picture(os.path.join(other, name))}'
    return None


def check_sleep():
    """A second is a second: no shorter, whatever the machine is doing."""
    import time
    start = time.monotonic()
    status = run(ours('sleep') + ['0.3', '0.2'], '/')[0]
    took = time.monotonic() - start
    return None if status == 0 and took >= 0.5 else f'status {status} after {took} s'


def check_forkdemo():
    status, out, says = run(ours('forkdemo'), '/')
    lines = out.decode().split('\n')
    if status != 0 or says or len(lines) > 42 or max(map(len, lines)) > 80:
        return f'{status} {says} {len(lines)} lines'
    for want in ('   parent       p p p p p p ...  p p p q q q', '   child        c c c p p p ...  p p p p p p',
                 'Each side saw only its own bytes, in all 64 pages.'):
        if want not in lines:
            return f'no line "{want}" in\n' + '\n'.join(lines)
    return None


def check_inodes():
    """ls -i, in one folder for both sides: the numbers are those of stat."""
    with Scratch() as scratch:
        out = run(ours('ls') + ['-i', '-1'], scratch.ours)[1].decode().split('\n')
        for line in filter(None, out):
            number, name = line.split(None, 1)
            if os.lstat(os.path.join(scratch.ours, name)).st_ino != int(number):
                return line
    return None


SPECIAL = (('ls in columns', check_columns), ('ls -i', check_inodes), ('stty sets and shows', check_stty),
           ('stty complains', check_stty_complains), ('resize asks', check_resize), ('kill sends', check_kill), ('ps lists', check_ps),
           ('df /', check_df), ('free adds up', check_free), ('mv across file systems', check_mv_across),
           ('sleep sleeps', check_sleep), ('forkdemo tells', check_forkdemo))


def everything():
    """(name, function that returns None, a complaint or "SKIP why")"""
    for case in cases.SAME:
        name = shlex.join([case['tool'], *case['args']]) + (' < text' if case['stdin'] else '')
        if shutil.which(case['host']) is None:
            yield name, lambda host=case['host']: f'SKIP this machine has no {host}'
        else:
            yield name, lambda case=case: check_same(case)
    for case in cases.OWN:
        name = shlex.join([case['tool'], *case['args']]) + (' > /dev/full' if case['full'] else '')
        yield name, lambda case=case: check_own(case)
    yield from SPECIAL


def main():
    global options
    parser = argparse.ArgumentParser(description='Test the tools against those of this machine.')
    parser.add_argument('--bin', required=True, help='folder with the programs')
    parser.add_argument('--prefix', default='', help='command that runs them')
    parser.add_argument('--only', default='', help='only cases with this in their name')
    parser.add_argument('-v', action='store_true', help='print the cases that pass too')
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    passed = failed = number = 0
    os.umask(0o022)
    for name, check in everything():
        if options.only not in name:
            continue
        number += 1
        try:
            complaint = check()
        except (subprocess.TimeoutExpired, OSError, ValueError, IndexError) as error:
            complaint = f'{type(error).__name__}: {error}'
        if complaint and complaint.startswith('SKIP'):
            print(f'ok {number} - {name} # {complaint}')
        elif complaint:
            failed += 1
            print(f'not ok {number} - {name}')
            print('\n'.join('# ' + line for line in complaint.split('\n')))
            print(f'# again: {shlex.join([sys.argv[0], "--bin", options.bin, "--prefix", options.prefix])}'
                  f' --only {shlex.quote(name)}')
        else:
            passed += 1
            if options.v:
                print(f'ok {number} - {name}')
    print(f'1..{number}')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or passed == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
