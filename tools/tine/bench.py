# SPDX-License-Identifier: MIT
"""./tine bench: forkbench under each strategy, in guest instructions.

With -icount shift=0,sleep=off a virtual nanosecond is one guest instruction:
the figures are exact and repeatable, and can be compared with those of other
kernels measured in the same way (tools/bench/*.csv).

Figures are kept as {system: {metric: (value, unit)}}; a system is a strategy of
Tine or one of the REFERENCES.
"""
import csv
import os
import re
import sys

from . import manifest, plot, qemu, testrun
from .build import ROOT, short, strategies_in_tree
from .progress import Progress
from .say import Failed, complain, say

METRIC = re.compile(r'^(?:\[[^\]]*\]\s*)?([a-z]\w*) (\d+(?:\.\d+)?) (ns|KiB|MiB/s|forks/s|x|times)$')
BOOT = re.compile(r'(\d[\d,]*) instructions from entry to init')
# Other kernels: name, file of tools/bench, its column of values.
REFERENCES = (('Linux 6.12', 'linux.csv', 'value'), ('xv6', 'xv6.csv', 'eager'), ('xv6+cow', 'xv6.csv', 'cow'))
# The parts of a run, with how the names of their figures begin.  All but the last are forkbench's.
PARTS = {'s': ('null_syscall', 'clock_gettime'), 'f': ('fork_call', 'fork_wait', 'fork_again', 'fork_mem'),
         'c': ('cow_',), 'd': ('fork_dirty',), 'x': ('forkexec', 'vforkexec'), 'p': ('pipe_',),
         'z': ('zero_', 'unmap_'), 'e': ('exit_',), 'i': ('file_',), 'o': ('scale_',), 'b': ('boot_',)}
BOOT_PART = 'b'
COLUMNS = ('metric', 'unit', 'system', 'value', 'target', 'verdict')
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
    ('forkexec_nolibc_from_32M', 'lazy', 160000),
    ('forkexec_nolibc_from_64M', 'lazy', 160000),
    ('pipe_pingpong', '', 5000),
    ('boot_to_init', '', 8000000),
)


SEED = 1                    # of what QEMU gives the guest as random
SCALING = '/bin/forkbench -r {reps} -p {harts} -t o'


def add_options(parser):
    parser.add_argument('words', nargs='*', metavar='WORDS',
                        help='parts of names of figures, such as ping or fork_call: only these')
    parser.add_argument('--strategies', default='', help='comma-separated names (default: all)')
    parser.add_argument('--tests', help=f'which parts, of {"".join(PARTS)}, in which order: docs/measure.md '
                        '(default: all that WORDS need)')
    parser.add_argument('--max-mib', type=int, default=32, help='largest heap to fork (default 32)')
    parser.add_argument('--reps', type=int, default=9, help='repetitions (default 9)')
    parser.add_argument('--mem', default='512M')
    parser.add_argument('--scaling', type=int, metavar='N', default=0,
                        help='measure instead the speedup of N forking processes on N harts over one, in wall time')
    parser.add_argument('--csv', metavar='FILE',
                        help='also write the figures to a file, and how they were measured to a .json file beside it')
    parser.add_argument('--plot', metavar='DIR', help='also draw the figures, as SVG (needs gnuplot)')
    parser.add_argument('--from', dest='source', metavar='FILE',
                        help='draw the figures that --csv wrote, without measuring')


def reference(name, column):
    """The figures of a column of a table of tools/bench."""
    with open(os.path.join(ROOT, 'tools', 'bench', name), encoding='utf-8') as f:
        rows = csv.DictReader(line for line in f if not line.startswith('#'))
        return derive({row['name']: (float(row[column]), row['unit']) for row in rows})


def references():
    return {system: reference(name, column) for system, name, column in REFERENCES}


# ---- what was asked for ----

def part_of(metric):
    """The part that measures a figure, or None."""
    return next((part for part, names in PARTS.items() if metric.startswith(names)), None)


def parts_for(words):
    """All parts, or those with a figure that one of the words names."""
    if not words:
        return ''.join(PARTS)
    known = {name for names in PARTS.values() for name in names} | {name for name, _, _ in TARGETS}
    known.update(*references().values())
    parts = {word: {part_of(name) for name in (*known, word) if word in name} - {None} for word in words}
    for word in words:
        if not parts[word]:
            raise Failed(f'no figure is called "{word}"; names begin with '
                         f'{", ".join(name for names in PARTS.values() for name in names)}', 2)
    return ''.join(part for part in PARTS if any(part in parts[word] for word in words))


def heap_of(metric):
    """The MiB of the heap that a figure's name gives; 0: none."""
    found = re.search(r'_(\d+)M(?:_|$)', metric)
    return int(found.group(1)) if found else 0


def asked(metric, options):
    """Does this run have to give this figure?"""
    return (part_of(metric) in options.tests and heap_of(metric) <= options.max_mib
            and (not options.words or any(word in metric for word in options.words)))


def check(options):
    """Refuse what cannot be measured; fills in options.tests."""
    if options.tests is None:
        options.tests = parts_for(options.words)
    for part in options.tests:
        if part not in PARTS:
            raise Failed(f'--tests {options.tests}: there is no part "{part}", only {"".join(PARTS)}', 2)
    for name, value in (('--max-mib', options.max_mib), ('--reps', options.reps)):
        if value < 1:
            raise Failed(f'{name} {value}: must be at least 1', 2)
    for word in options.words:
        if heap_of(word) > options.max_mib:
            raise Failed(f'{word}: the largest heap is {options.max_mib} MiB; --max-mib {heap_of(word)}', 2)
    return chosen_strategies(options.strategies)


def chosen_strategies(text):
    """The strategies of a list with commas; '': all."""
    known = strategies_in_tree()
    wanted = [name for name in text.split(',') if name] or known
    for name in wanted:
        if name not in known:
            raise Failed(f'no fork strategy is called "{name}"; there are: {", ".join(known)}', 2)
    return wanted


# ---- measuring ----

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
                        snapshot=True, icount=True, mem=mem, seed=SEED,
                        append=qemu.bootargs(strategy, init='/bin/init', init_args=init_args))


def finish(machine, timeout, silence, what, on_line):
    outcome = testrun.run(machine, timeout, silence, on_line, expect_tap=False)
    if outcome.problems or outcome.status != 0:
        why = '; '.join(outcome.problems) or f'QEMU exited with status {outcome.status}'
        raise Failed('\n'.join([*outcome.lines[-15:], *outcome.harts, qemu.shell_command(machine.command()),
                                f'{what}: {why}']))


def note_figure(figures, line):
    """Keep what a line of forkbench's gives: {metric: (value, unit)}."""
    found = METRIC.match(line)
    if found:
        figures[found.group(1)] = (float(found.group(2)), found.group(3))


def forkbench(place, strategy, options, kernel='tine.elf'):
    """The machine that measures the parts but for the boot."""
    command = COMMAND.format(reps=options.reps, mib=options.max_mib, tests=options.tests.replace(BOOT_PART, ''))
    return guest(place, strategy, options.mem, command.split(), kernel)


def measure(place, strategy, options, kernel='tine.elf', tell=None):
    """The figures of one strategy that were asked for.  `place` holds the kernel and disk.img.

    tell(line) gets all that the guest says; without it, only what goes wrong there is said.
    """
    figures = {}

    def on_line(line, _point):
        note_figure(figures, line)
        if tell:
            tell(line)
        elif line.startswith('forkbench:'):
            complain(line)

    if options.tests != BOOT_PART:
        finish(forkbench(place, strategy, options, kernel), 1800, 300, strategy, on_line)
        if not figures:
            raise Failed(f'{strategy}: forkbench printed no result')
    boot = boot_cost(place, strategy, kernel) if BOOT_PART in options.tests else None
    if boot is not None:
        figures['boot_to_init'] = (boot, 'ns')
    return {name: figure for name, figure in derive(figures).items() if asked(name, options)}


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


def missed(metric, strategy, figures):
    """Has a figure that was asked for not come, or missed its target?"""
    limit = target(metric, strategy)
    return limit is not None and figures.get(metric, (float('inf'),))[0] > limit


def judgement(metric, figures):
    """The targets of a metric and whether they are met, as text."""
    limits = sorted({target(metric, strategy) for strategy in figures} - {None}, reverse=True)
    if not limits:
        return '', ''
    bad = [strategy for strategy, found in figures.items() if missed(metric, strategy, found)]
    return ' / '.join(number(limit) for limit in limits), ('MISSED: ' + ', '.join(bad)) if bad else 'ok'


def number(value):
    value = float(value)
    return f'{value:,.2f}' if abs(value) < 1000 and value != int(value) else f'{value:,.0f}'


def plain(value):
    """A number as a program reads it."""
    return str(int(value)) if value == int(value) else f'{value:.2f}'


def names_of(figures, options):
    """The names of the figures that came, then of those with a target that were asked for and did not."""
    names = [name for found in figures.values() for name in found]
    wanted = [name for name, whose, _ in TARGETS if asked(name, options) and (not whose or whose in figures)]
    return list(dict.fromkeys(names + wanted))


def unit_of(name, figures):
    unit = next((found[name][1] for found in figures.values() if name in found), 'ns')
    return 'instr' if unit == 'ns' else unit


def table(figures, others, options):
    """The rows to show: a metric each."""
    rows = [('metric', 'unit', *figures, *others, 'target', '')]
    for name in names_of(figures, options):
        row = [name, unit_of(name, figures)]
        row += [number(found[name][0]) if name in found else '-' for found in (*figures.values(), *others.values())]
        rows.append((*row, *judgement(name, figures)))
    return rows


def records(figures, others, options):
    """The rows of the file: COLUMNS, a figure each; an empty value is one that did not come."""
    rows = []
    for name in names_of(figures, options):
        for system, found in {**figures, **others}.items():
            limit = target(name, system) if system in figures else None
            if name in found or limit is not None:
                rows.append((name, unit_of(name, figures), system, plain(found[name][0]) if name in found else '',
                             '' if limit is None else plain(limit),
                             '' if limit is None else 'missed' if missed(name, system, found) else 'ok'))
    return rows


def read(path):
    """The figures of a file that write() made."""
    figures = {}
    with open(path, encoding='utf-8', newline='') as f:
        rows = list(csv.reader(f))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise Failed(f'{short(path)}: its first line is not {",".join(COLUMNS)}: not written by ./tine bench --csv', 2)
    for name, unit, system, value, _, _ in rows[1:]:
        if value:
            figures.setdefault(system, {})[name] = (float(value), unit)
    return figures


def write(path, rows, made):
    """The file of figures, and beside it the manifest."""
    with open(path, 'w', encoding='utf-8', newline='') as f:
        csv.writer(f, lineterminator='\n').writerows([COLUMNS, *rows])
    manifest.write(manifest.beside(path), made)
    say(f'written to {short(path)} and {short(manifest.beside(path))}')


def show(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) if column in (0, 1, len(row) - 1) else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print('  '.join(cells).rstrip())


def scaling(place, strategies, options):
    """Ratios of wall time in one run; they mean something only on an otherwise idle computer."""
    def one(strategy, tell):
        found = {}

        def on_line(line, _point):
            tell(line)
            note_figure(found, line)

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


def draw(figures, folder):
    """Draw what the figures allow."""
    for path in plot.pictures(figures, [system for system, _, _ in REFERENCES], folder):
        say(f'drawn: {short(path)}')
    return 0


def prepare(options):
    """Refuse what cannot be done, before anything is built or measured; gives the strategies."""
    wanted = check(options)
    if options.source and not options.plot:
        raise Failed('--from needs --plot DIR', 2)
    if options.plot:
        plot.ensure()
        os.makedirs(options.plot, exist_ok=True)
    if options.csv:
        for path in (options.csv, manifest.beside(options.csv)):
            open(path, 'a', encoding='utf-8').close()
    return wanted


def main(place, wanted, options):
    if options.scaling:
        return scaling(place, wanted, options)
    figures = each(place, wanted, lambda strategy, tell: measure(place, strategy, options, tell=tell))
    others = references()
    rows = table(figures, others, options)
    show(rows)
    print('instr: guest instructions; Linux 6.12 and xv6 as recorded in tools/bench')
    if options.csv:
        write(options.csv, records(figures, others, options),
              manifest.make(place, {strategy: forkbench(place, strategy, options) for strategy in wanted}))
    if options.plot:
        draw({**figures, **others}, options.plot)
    bad = sum(1 for row in rows if row[-1].startswith('MISSED'))
    print(f'{bad} targets missed' if bad else 'all targets are met')
    sys.stdout.flush()
    absent = [word for word in options.words if not any(word in name for found in figures.values() for name in found)]
    if absent:
        raise Failed(f'no measured figure has "{absent[0]}" in its name')
    return 0
