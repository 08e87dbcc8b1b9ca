# SPDX-License-Identifier: MIT
"""Boot the kernel without a terminal, run tests in it and judge the result.

The guest prints TAP on its console.  A guest that stays silent for ten seconds
in which it could run, takes too long, panics, or prints fewer results than its
plan is a failed test; the report then holds the last lines, the state of every
hart, the QEMU command and the one command that repeats the run.
"""
import argparse
import dataclasses
import fnmatch
import glob
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time

from . import ktest, qemu, tap
from .say import cannot_start

SILENCE = 20.0          # seconds without a byte of output
LONGER = 5              # times that, at most, when the computer is busy with other things
LINUX = 300             # seconds for a program there, in which it runs fewer rounds
CUT = re.compile(r'((?:not )?ok .+?)(\[ *\d+\.\d{3}\] .*)')
LAST_LINES = 30
LONGEST_LINE = 1 << 16  # a guest that never ends its line is cut here
REGISTERS = re.compile(r'^\s*(pc|mhartid|mstatus|sstatus|scause|sepc|stval|satp|priv)\s|x1/ra|x2/sp')


@dataclasses.dataclass
class Outcome:
    reader: tap.Reader
    problems: list              # sentences; empty when the guest ended well
    lines: list                 # the console's last lines
    harts: list                 # what the harts were doing, when it hung
    status: int = None          # QEMU's exit status


def run(machine, timeout, silence=SILENCE, on_line=None, expect_tap=True):
    """Run a guest to its end and give an Outcome.  Whatever the guest does, it raises nothing."""
    with tempfile.TemporaryDirectory(prefix='tine-') as scratch:
        machine = dataclasses.replace(machine, terminal=False,
                                      qmp=os.path.join(scratch, 'qmp'))
        try:
            process = subprocess.Popen(machine.command(), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as why:
            return Outcome(tap.Reader(), [cannot_start(machine.command(), why)], [], [])
        try:
            return Watch(process, machine.qmp, on_line, expect_tap).until_end(timeout, silence)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()


def waited_for_cpu(pid):
    """Seconds for which threads of a process were ready without a processor; 0 where Linux does not count them."""
    total = 0
    for path in glob.glob(f'/proc/{pid}/task/*/schedstat'):
        try:
            with open(path, encoding='ascii') as f:
                total += int(f.read().split()[1])
        except (OSError, IndexError, ValueError):
            pass            # the thread is gone, or this Linux does not count
    return total / 1e9


class Watch:
    """One guest being watched."""

    def __init__(self, process, qmp, on_line, expect_tap):
        self.process = process
        self.qmp = qmp
        self.begun = ''         # of a line that a message of the kernel has cut
        self.on_line = on_line
        self.expect_tap = expect_tap
        self.reader = tap.Reader()
        self.lines = []
        self.rest = b''
        self.waited = (0.0, 0.0)    # when we looked, and waited_for_cpu() then

    def _patience(self, silence, last):
        """How long the guest may be silent: longer when other programs have had the processor."""
        if self.reader.panic:
            return 2.0              # it has said what there is to say
        if time.monotonic() - last < silence:
            if last - self.waited[0] > 1:
                self.waited = (last, waited_for_cpu(self.process.pid))
            return silence
        return silence + min(waited_for_cpu(self.process.pid) - self.waited[1], (LONGER - 1) * silence)

    def _allowed(self, timeout):
        """How long the guest may take in all: longer by the time that other programs have had its processor."""
        return timeout + min(waited_for_cpu(self.process.pid), (LONGER - 1) * timeout)

    def until_end(self, timeout, silence):
        start = time.monotonic()
        last = start
        problems, harts = [], []
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while True:
                patience = self._patience(silence, last)
                now = time.monotonic()
                allowed = timeout if now - start < timeout else self._allowed(timeout)
                wait = min(last + patience, start + allowed) - now
                if wait <= 0:
                    if not self.reader.panic:
                        problems = [f'no output for {silence:g} s' if now - last >= patience
                                    else f'timed out after {timeout:g} s']
                        harts = self._ask_harts()
                    break
                if selector.select(wait):
                    data = os.read(self.process.stdout.fileno(), 1 << 16)
                    if not data:
                        break
                    last = time.monotonic()
                    self._take(data)
        if self.rest:
            self._take(b'\n')
        status = None if problems else self._wait()
        return Outcome(self.reader, problems + self._judge(status, problems),
                       self.lines, harts, status)

    def _take(self, data):
        *whole, self.rest = (self.rest + data).split(b'\n')
        if len(self.rest) > LONGEST_LINE:
            whole, self.rest = whole + [self.rest], b''
        for raw in whole:
            line = self.begun + tap.clean(raw.decode('utf-8', 'replace'))
            # A message of the kernel may cut a result in two: the rest is on the next line.
            cut = CUT.match(line)
            self.begun, line = cut.groups() if cut else ('', line)
            self.lines = (self.lines + [line])[-LAST_LINES:]
            point = self.reader.feed(line)
            if self.on_line:
                self.on_line(line, point)

    def _wait(self):
        try:
            return self.process.wait(2)
        except subprocess.TimeoutExpired:
            return None

    def _judge(self, status, problems):
        wrong = self.reader.verdict() if self.expect_tap else []
        if not self.expect_tap and self.reader.panic:
            wrong.append(f'the kernel panicked: {self.reader.panic}')
        if status is not None and status < 0:
            wrong.append(f'QEMU was killed by {signal.Signals(-status).name}')
        elif status and self.expect_tap and not wrong and not any(p.failed for p in self.reader.points):
            wrong.append(f'every result is ok, but the guest exited with status {status}')
        elif status == 0 and any(p.failed for p in self.reader.points):
            wrong.append('a test failed, but the guest exited with status 0')
        return wrong

    def _ask_harts(self):
        try:
            monitor = qemu.Monitor(self.qmp)
            try:
                return hart_summary(monitor.ask('info registers -a'))
            finally:
                monitor.close()
        except (OSError, ValueError) as problem:
            return [f'(QEMU does not answer: {problem})']


def hart_summary(registers):
    """The lines of `info registers -a` that tell where each hart is."""
    kept = []
    for line in registers.splitlines():
        if line.startswith('CPU#') or REGISTERS.search(line):
            kept.append(line.strip())
    return kept


def symbols_of(nm, kernel):
    """[(address, name)] of the kernel's code, rising; empty when nm cannot tell."""
    try:
        listing = subprocess.run([nm, '-n', kernel], stdout=subprocess.PIPE, check=True,
                                 stderr=subprocess.DEVNULL, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    words = (line.split() for line in listing.splitlines())
    return [(int(w[0], 16), w[2]) for w in words if len(w) == 3 and w[1] in 'tT']


def where(symbols, address):
    """The function an address lies in, as name+offset, or None."""
    best = None
    for start, name in symbols:
        if start > address:
            break
        best = (start, name)
    if best is None or address - best[0] > 1 << 16:
        return None
    return f'{best[1]}+{address - best[0]:#x}'


def name_addresses(lines, symbols):
    """Add function names to the pc, ra and sepc values of a hart summary."""
    def named(found):
        place = where(symbols, int(found.group(2), 16))
        return found.group(0) + (f' <{place}>' if place else '')
    return [re.sub(r'\b(pc|sepc|x1/ra)\s+([0-9a-f]{16})', named, line) for line in lines]


# --- What one entry of the test matrix runs.

def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog='testrun.py', description=__doc__)
    parser.add_argument('--name', required=True, help='what to call this run')
    parser.add_argument('--kernel', required=True)
    parser.add_argument('--disk', default='')
    parser.add_argument('--harts', type=int, default=1)
    parser.add_argument('--mem', default='256M')
    parser.add_argument('--fork', default='')
    parser.add_argument('--append', default='', help='more boot arguments')
    parser.add_argument('--timeout', type=float, default=300)
    parser.add_argument('--silence', type=float,
                        default=float(os.environ.get('TINE_SILENCE', SILENCE)))
    parser.add_argument('--ktest', default='', help='run the in-kernel tests that match')
    parser.add_argument('--ktest-fork', default='', metavar='NAME', help='of these only those of one strategy')
    parser.add_argument('--programs', nargs='*', default=[], help='programs in /test to run')
    rounds = parser.add_mutually_exclusive_group()
    rounds.add_argument('--fewer-rounds', action='store_const', dest='rounds', const='-q', default='',
                        help='run a twentieth of the iterations')
    rounds.add_argument('--more-rounds', action='store_const', dest='rounds', const='-m', help='run twenty times the iterations')
    parser.add_argument('--runner', default='/test/runall',
                        help='guest program that runs them all and prints one TAP stream')
    parser.add_argument('--linux', default='', help='folder of the same programs; also run '
                        'them under qemu-riscv64 and compare')
    parser.add_argument('--only', default='', help='of all these, the ones that match')
    parser.add_argument('--nm', default='riscv64-linux-gnu-nm')
    parser.add_argument('--icount', action='store_true')
    return parser.parse_args(argv)


def matches(pattern, name):
    """Does a shell pattern, or a plain piece of the name, match?"""
    return fnmatch.fnmatchcase(name, pattern) or pattern in name


def chosen(options):
    programs = options.programs
    if options.only:
        programs = [name for name in programs if matches(options.only, name)]
    return programs


def boot_arguments(options, programs):
    if options.ktest:
        pattern = options.ktest
        if options.only:
            # The kernel looks for a piece of the name and knows no wildcards.
            pattern = options.only.strip('*') or '*'
        return qemu.bootargs(options.fork, [f'ktest={pattern}', options.append])
    return qemu.bootargs(options.fork, [options.append], init='/bin/init',
                         init_args=[options.runner, *([options.rounds] if options.rounds else []), *programs])


def repeat_command(options, failed):
    """The one command that runs this again, as narrow as we can tell."""
    programs = {name.split(':')[0] for name in failed if ':' in name}
    what = options.name
    if len(programs) == 1 and programs <= set(options.programs):
        what = programs.pop()
    elif options.ktest and len(failed) == 1 and not failed[0].startswith(options.name):
        what = failed[0].split()[0]
    words = ['./tine', 'test', what]
    if what != options.name:
        words += [f'fork={options.fork}'] if options.fork else []
        words += [f'harts={options.harts}']
    words += [word for word in options.append.split() if word.startswith('seed=')]
    return ' '.join(words)


def linux_command(folder, program):
    """
    How to run a program on this Linux: as it is, by qemu-riscv64, or built for this
    computer where it uses threads, which qemu-riscv64 cannot fork.
    """
    native = os.path.join(folder, f'native-{program}')
    return [native] if os.path.exists(native) else ['qemu-riscv64', os.path.join(folder, program)]


def compare_with_linux(options, programs, guest):
    """Run the programs on Linux; a Point for each."""
    points = []
    ours = {}
    for point in guest.points:
        if ': ' in point.name:
            program, name = point.name.split(': ', 1)
            ours.setdefault(program, {})[name] = point
    for program in programs:
        name = f'{program}: same answers on Linux'
        try:
            with tempfile.TemporaryDirectory(prefix='tine-') as scratch:
                os.chmod(scratch, 0o755)        # other users, too, execute what a test puts there
                done = subprocess.run([*linux_command(options.linux, program), '-q', '-d', scratch], text=True,
                                      errors='replace', timeout=LINUX, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except FileNotFoundError:
            points.append((tap.Point(True, name, skip='qemu-riscv64 is not installed (package qemu-user)'), []))
            continue
        except subprocess.TimeoutExpired:
            points.append((tap.Point(False, name), [f'qemu-riscv64 timed out after {LINUX} s']))
            continue
        differences = compare(ours.get(program, {}), tap.read(done.stdout))
        points.append((tap.Point(not differences, name), differences))
    return points


# Points that the guest's runner adds about a program: Linux has no such thing.
RUNNERS_OWN = ('ends well', 'memory audit is clean', 'no byte is lost')


def compare(ours, linux):
    """Sentences on where the guest's points and Linux's differ."""
    differences = list(linux.verdict())
    theirs = {point.name: point for point in linux.points}
    for name, point in theirs.items():
        if point.skip is not None:
            continue
        mine = ours.get(name)
        if mine is None:
            differences.append(f'Linux ran "{name}", Tine did not')
        elif mine.skip is not None:
            differences.append(f'Tine skips "{name}" ({mine.skip}), Linux does not')
        elif mine.ok != point.ok:
            differences.append(f'"{name}" is {"ok" if point.ok else "not ok"} on Linux, '
                               f'{"ok" if mine.ok else "not ok"} in Tine')
    for name in ours:
        if name not in theirs and name not in RUNNERS_OWN:
            differences.append(f'Tine ran "{name}", Linux did not')
    return differences


# In the machine, the only good reason to skip a test is that it is about another strategy.
GOOD_SKIP = re.compile(r'says what [a-z0-9-]+ does; this is [a-z0-9-]+$')


class Report:
    """TAP on our own standard output."""

    def __init__(self, out=sys.stdout):
        self.out = out
        self.count = 0
        self.failed = []

    def point(self, point, why=()):
        self.count += 1
        if point.failed:
            self.failed.append(point.name)
        self.note(why)
        print(point.line(self.count), file=self.out, flush=True)

    def note(self, lines):
        for line in lines:
            print(f'# {line}', file=self.out, flush=True)

    def end(self):
        print(f'1..{self.count}', file=self.out, flush=True)


def main(argv=None):
    options = parse_arguments(argv)
    programs = chosen(options)
    if options.programs and not programs:
        print(f'1..0 # SKIP nothing in {options.name} matches {options.only}')
        return 0
    machine = qemu.Machine(kernel=options.kernel, disk=options.disk, snapshot=True,
                           harts=options.harts, mem=options.mem, icount=options.icount,
                           append=boot_arguments(options, programs))
    report = Report()
    pending = []

    def on_line(line, point):
        """Pass results on; keep the guest's own remarks for a failure."""
        if point is None:
            pending.append(line)
            return
        why = [f'| {text}' for text in pending[-LAST_LINES:] if text.startswith('#')] if point.failed else []
        if point.skip is not None and not GOOD_SKIP.match(point.skip):
            why = [f'skipped, but this run allows no skips: {point.skip}']
            point = tap.Point(False, point.name)
        report.point(point, why)
        pending.clear()

    if options.ktest:
        return run_ktests(options, machine, report, on_line)
    outcome = run(machine, options.timeout, options.silence, on_line)
    report.point(tap.Point(not outcome.problems, f'{options.name}: the guest ends well'),
                 explain(options, machine, outcome))
    if options.linux and not outcome.problems:
        for point, why in compare_with_linux(options, programs, outcome.reader):
            report.point(point, why)
    return finish(options, report)


def finish(options, report):
    if report.failed:
        report.note([f'repeat: {repeat_command(options, report.failed)}'])
    report.end()
    return 1 if report.failed else 0


def run_ktests(options, machine, report, on_line):
    """The in-kernel tests, in as many boots as they need."""
    def boot(arguments):
        this = ktest.Boot(None)

        def take(line, point):
            this.take(line)
            on_line(line, point)
        described = dataclasses.replace(machine, append=f'{machine.append} {arguments}')
        this.outcome = run(described, options.timeout, options.silence, take)
        return this

    def add(point, this):
        report.point(point, explain(options, machine, this.outcome))
    well = [ktest.run(boot, part, add) for part in ktest.parts(options.ktest_fork)]
    report.point(tap.Point(all(well), f'{options.name}: the guest ends well'), [])
    return finish(options, report)


def explain(options, machine, outcome):
    if not outcome.problems:
        return []
    text = list(outcome.problems)
    text += ['last lines of the console:'] + [f'| {line}' for line in outcome.lines]
    if outcome.harts:
        named = name_addresses(outcome.harts, symbols_of(options.nm, options.kernel))
        text += ['the harts:'] + [f'| {line}' for line in named]
    text += ['command:', f'  {qemu.shell_command(dataclasses.replace(machine, terminal=False).command())}']
    return text
