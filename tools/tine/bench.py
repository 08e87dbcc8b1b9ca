"""./tine bench: forkbench under each strategy, in guest instructions.

With -icount shift=0,sleep=off a virtual nanosecond is one guest instruction:
the figures are exact and repeatable, and can be held against those of other
kernels measured in the same way (tools/bench/*.csv).
"""
import csv
import os
import re
import sys

from . import qemu, testrun
from .build import ROOT, short
from .progress import Progress
from .say import Failed, complain, say

METRIC = re.compile(r'^(?:\[[^\]]*\]\s*)?([a-z]\w*) (\d+(?:\.\d+)?) (ns|KiB|MiB/s|forks/s|x|times)$')
BOOT = re.compile(r'(\d[\d,]*) instructions from entry to init')
COMMAND = '/bin/forkbench -r {reps} -m {mib} -k 4 -t {tests} -x nolibc:/bin/tiny -x glibc:/bin/true'

# What Tine has set itself to reach: metric, strategy it is asked of ('' for all), greatest value.
TARGETS = (
    ('null_syscall', '', 200),
    ('fork_wait_0M_4k', 'cow', 45000),
    ('fork_call_per_page', 'cow', 30),
    ('fork_call_per_page', 'eager', 1400),
    ('fork_call_256M_4k', 'ondemand', 700000),
    ('fork_again_256M_4k', 'ondemand', 30000),
    ('fork_call_256M_4k', 'lazy', 30000),
    ('exit_per_page', '', 25),
    ('cow_child_write_page_4k', 'cow', 2000),
    ('cow_parent_reuse_page_4k', 'cow', 450),
    ('zero_write_page_4k', '', 1500),
    ('forkexec_nolibc', 'cow', 80000),
    ('forkexec_nolibc_from_64M', 'cow', 660000),
    ('forkexec_nolibc_from_64M', 'lazy', 160000),
    ('pipe_pingpong', '', 5000),
    ('boot_to_init', '', 8000000),
)


SCALING = '/bin/forkbench -r {reps} -p {harts} -t o'


def add_options(parser):
    parser.add_argument('--strategies', default='', help='which ones, with commas between (default: all)')
    parser.add_argument('--tests', default='sfcdxpzeio', help='forkbench\'s parts, see forkbench -h')
    parser.add_argument('--max-mib', type=int, default=32, help='largest heap to fork (default 32)')
    parser.add_argument('--reps', type=int, default=9, help='repetitions (default 9)')
    parser.add_argument('--mem', default='512M')
    parser.add_argument('--scaling', type=int, metavar='N', default=0,
                        help='instead: how much faster N processes fork on N harts than one, in wall time')
    parser.add_argument('--csv', metavar='FILE', help='also write the figures to a file')


def load(name):
    """A table of tools/bench: {metric: {column: text}}."""
    with open(os.path.join(ROOT, 'tools', 'bench', name), encoding='utf-8') as f:
        rows = csv.DictReader(line for line in f if not line.startswith('#'))
        return {row['name']: row for row in rows}


def per_page(figures):
    """Instructions that one more resident page adds to the fork call, from the least calls seen."""
    if 'fork_call_min_0M_4k' in figures:
        base = figures['fork_call_min_0M_4k'][0]
        for mib in (128, 32, 8, 1):
            big = figures.get(f'fork_call_min_{mib}M_4k')
            if big:
                return (big[0] - base) / (mib * 256)
    return None


def derive(figures):
    cost = per_page(figures)
    if cost is not None:
        figures['fork_call_per_page'] = (cost, 'ns')
    return figures


def guest(place, strategy, mem, init_args, kernel='tine.elf'):
    return qemu.Machine(kernel=os.path.join(place, kernel), disk=os.path.join(place, 'disk.img'),
                        snapshot=True, icount=True, mem=mem,
                        append=qemu.bootargs(strategy, init='/bin/init', init_args=init_args))


def finish(machine, timeout, silence, what, on_line):
    outcome = testrun.run(machine, timeout, silence, on_line, expect_tap=False)
    if outcome.problems or outcome.status != 0:
        why = '; '.join(outcome.problems) or f'it ended with status {outcome.status}'
        raise Failed('\n'.join([*outcome.lines[-15:], *outcome.harts, qemu.shell_command(machine.command()),
                                f'{what}: {why}']))


def measure(place, strategy, options, kernel='tine.elf', tell=None):
    """The figures of one strategy: {metric: (value, unit)}.  `place` holds the kernel and disk.img.

    tell(line) gets all that the guest says; without it, only what goes wrong there is said.
    """
    figures = {}

    def on_line(line, _point):
        found = METRIC.match(line)
        if found:
            figures[found.group(1)] = (float(found.group(2)), found.group(3))
        if tell:
            tell(line)
        elif line.startswith('forkbench:'):
            complain(line)

    command = COMMAND.format(reps=options.reps, mib=options.max_mib, tests=options.tests)
    finish(guest(place, strategy, options.mem, command.split(), kernel), 1800, 300, strategy, on_line)
    if not figures:
        raise Failed(f'{strategy}: forkbench printed no figure')
    boot = boot_cost(place, strategy, kernel)
    if boot is not None:
        figures['boot_to_init'] = (boot, 'ns')
    return derive(figures)


def each(place, strategies, one):
    """{strategy: one(strategy, tell)}; says how far it is, and tell() keeps what the guests say in a log."""
    figures = {}
    log = os.path.join(place, 'bench.log')
    with open(log, 'w', encoding='utf-8', buffering=1) as f, Progress('measuring', len(strategies), log) as progress:
        for done, strategy in enumerate(strategies):
            def tell(line, done=done, strategy=strategy):
                f.write(line + '\n')
                found = METRIC.match(line)
                if found:
                    progress.at(done, note=f'{strategy} {found.group(1)}')
                elif line.startswith('forkbench:'):
                    progress.line(f'tine: {line}')
            progress.at(done, note=strategy)
            figures[strategy] = one(strategy, tell)
    return figures


def boot_cost(place, strategy, kernel):
    """Instructions from the kernel's entry to init's first, with 128 MiB; the kernel says so itself."""
    seen = []

    def on_line(line, _point):
        found = BOOT.search(line)
        if found:
            seen.append(float(found.group(1).replace(',', '')))

    finish(guest(place, strategy, '128M', ['/bin/true'], kernel), 120, 30, 'boot', on_line)
    return seen[0] if seen else None


def target(metric, strategy):
    for name, whose, limit in TARGETS:
        if name == metric and whose in ('', strategy):
            return limit
    return None


def judgement(metric, figures):
    """The targets of a metric and whether they are met, as text."""
    wanted = [(strategy, target(metric, strategy)) for strategy in figures if target(metric, strategy)]
    if not wanted:
        return '', ''
    limits = sorted({limit for _, limit in wanted}, reverse=True)
    missed = [strategy for strategy, limit in wanted
              if metric not in figures[strategy] or figures[strategy][metric][0] > limit]
    text = ' / '.join(number(limit) for limit in limits)
    return text, ('MISSED: ' + ', '.join(missed)) if missed else 'ok'


def number(value):
    value = float(value)
    return f'{value:,.2f}' if abs(value) < 1000 and value != int(value) else f'{value:,.0f}'


def table(figures, linux, xv6):
    names = []
    for found in figures.values():
        names += [name for name in found if name not in names]
    for name, _, _ in TARGETS:
        if name not in names:
            names.append(name)      # a target without a figure is a missed target
    rows = [('metric', 'unit', *figures, 'Linux 6.12', 'xv6', 'xv6+cow', 'target', '')]
    for name in names:
        unit = next((found[name][1] for found in figures.values() if name in found), 'ns')
        row = [name, 'instr' if unit == 'ns' else unit]
        row += [number(found[name][0]) if name in found else '-' for found in figures.values()]
        row.append(number(linux[name]['value']) if name in linux else '-')
        row += [number(xv6[name][column]) if name in xv6 else '-' for column in ('eager', 'cow')]
        rows.append((*row, *judgement(name, figures)))
    return rows


def show(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) if column in (0, 1, len(row) - 1) else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print('  '.join(cells).rstrip())


def linux_with_derived():
    linux = load('linux.csv')
    cost = per_page({name: (float(row['value']), row['unit']) for name, row in linux.items()})
    linux['fork_call_per_page'] = {'value': cost}
    return linux


def scaling(place, strategies, options):
    """Ratios of wall time in one run: only worth something on a computer that does nothing else."""
    def one(strategy, tell):
        found = {}

        def on_line(line, _point):
            tell(line)
            match = METRIC.match(line)
            if match:
                found[match.group(1)] = (float(match.group(2)), match.group(3))

        machine = guest(place, strategy, options.mem,
                        SCALING.format(reps=options.reps, harts=options.scaling).split())
        machine.icount, machine.harts = False, options.scaling
        finish(machine, 600, 60, strategy, on_line)
        return found

    figures = each(place, strategies, one)
    names = list(next(iter(figures.values())))
    show([('metric', 'unit', *figures, '')]
         + [(name, found[name][1], *(number(figures[strategy][name][0]) for strategy in figures), '')
            for name in names])
    return 0


def main(place, options):
    from .build import strategies_in_tree
    known = strategies_in_tree()
    wanted = [name for name in options.strategies.split(',') if name] or known
    for name in wanted:
        if name not in known:
            raise Failed(f'no fork strategy is called "{name}"; there are: {", ".join(known)}', 2)
    if options.scaling:
        return scaling(place, wanted, options)
    if options.csv:
        open(options.csv, 'a', encoding='utf-8').close()    # fail now, not after the measurement
    figures = each(place, wanted, lambda strategy, tell: measure(place, strategy, options, tell=tell))
    rows = table(figures, linux_with_derived(), load('xv6.csv'))
    show(rows)
    print('instr: guest instructions; Linux 6.12 and xv6 as recorded in tools/bench')
    if options.csv:
        with open(options.csv, 'w', encoding='utf-8', newline='') as f:
            csv.writer(f).writerows(rows)
        say(f'written to {short(options.csv)}')
    missed = sum(1 for row in rows if row[-1].startswith('MISSED'))
    print(f'{missed} targets missed' if missed else 'every target is met')
    sys.stdout.flush()
    return 0
