# SPDX-License-Identifier: MIT
"""./tine sweep: measure a program of the user under each strategy.

A boot of the release kernel, with QEMU counting instructions, for each strategy and each
--args; in it `forkctl measure` (userland/forkcompare.c) runs the program again and again.
What that prints becomes a line of runs.jsonl for each run, beside a manifest and pictures.
"""
import dataclasses
import hashlib
import json
import os
import shlex
import shutil
import signal
import statistics
import tempfile

from . import bench, disk, manifest, plot, qemu, tools
from .build import short
from .progress import Progress
from .say import Failed, complain, say

# Sums of counters of /proc/forkstat (mm/forkstat.def).
SUMS = {'pages_copied': ('pages_copied_at_fork', 'break_copy'),
        'faults': ('break_copy', 'break_reuse', 'break_zero', 'break_file', 'fill_zero', 'fill_file'),
        'flushes': ('flush_local', 'flush_remote')}
PICTURES = ('instructions', 'pages_copied', 'faults', 'peak_frames')
STEEP = 50              # from this ratio of the largest value to the least on, the axis is logarithmic
# Seconds of this computer for a second of the machine, which is 10^9 instructions; and at least so many.
SLOWEST, PATIENCE = 60, 600


def add_options(parser):
    parser.add_argument('--program', required=True, metavar='FILE', help='a static riscv64 program on this computer')
    parser.add_argument('--args', action='append', metavar='WORDS',
                        help='its arguments, quoted as for a shell; repeat --args for each point (default: none)')
    parser.add_argument('--strategies', default='', help='comma-separated names (default: all)')
    parser.add_argument('--repeat', type=int, default=3, metavar='N', help='runs of each, after two to warm up (default 3)')
    parser.add_argument('--limit', type=int, default=10, metavar='SECONDS',
                        help='time limit of a run in seconds of guest time, 10^9 instructions each (default 10)')
    parser.add_argument('--mem', default='256M', metavar='M', help='memory, such as 32M or 4G (default 256M)')
    parser.add_argument('--out', required=True, metavar='DIR', help='where runs.jsonl, manifest.json and the SVGs go')


def check_program(path):
    """Refuse a file that is not a program for the machine."""
    if not os.path.isfile(path):
        raise Failed(f'--program {path}: no such file', 2)
    with open(path, 'rb') as f:
        head = f.read(18)
    if head[:4] != b'\x7fELF' or head[16:] not in (b'\x02\x00', b'\x03\x00'):
        raise Failed(f'--program {path}: not a program (an ELF file made by riscv64-linux-gnu-gcc -static)', 2)
    problem = disk.not_runnable(path)
    if problem:
        raise Failed(f'--program {path}: {problem}', 2)


def words_of(text):
    try:
        return shlex.split(text)
    except ValueError as why:
        raise Failed(f'--args {text}: {str(why).lower()}', 2) from None


def command(options, strategy, words):
    """What init runs in the machine."""
    return ['/bin/forkctl', 'measure', str(options.repeat), str(options.limit), strategy,
            f'/root/{os.path.basename(options.program)}', *words]


def prepare(options):
    """Refuse what cannot work, before anything is built; gives [(strategy, --args, words)]."""
    strategies = bench.chosen_strategies(options.strategies)
    for name in ('repeat', 'limit'):
        if getattr(options, name) < 1:
            raise Failed(f'--{name} {getattr(options, name)}: must be at least 1', 2)
    check_program(options.program)
    points = [(strategy, text, words_of(text)) for text in options.args or [''] for strategy in strategies]
    for strategy, _, words in points:
        qemu.bootargs(strategy, init='/bin/init', init_args=command(options, strategy, words))
    os.makedirs(options.out, exist_ok=True)
    open(os.path.join(options.out, 'runs.jsonl'), 'w', encoding='utf-8').close()
    return points


def machine_for(place, options, strategy, words, kernel, image):
    """Time must not jump while a program waits for the disk: --limit would be over."""
    return dataclasses.replace(bench.guest(place, strategy, options.mem, command(options, strategy, words), kernel),
                               disk=image, idle_runs=True)


def record(strategy, text, repeat, line):
    """A line of forkctl's as a line of ours."""
    words = line.split()[1:]
    counts = {name: int(value) for name, value in zip(words[::2], words[1::2])}
    cut, ended, status = (counts.pop(name) for name in ('cut', 'signal', 'status'))
    sums = {name: sum(counts[part] for part in parts) for name, parts in SUMS.items()}
    return {'strategy': strategy, 'args': text, 'repeat': repeat, 'status': None if ended else status,
            'signal': signal.Signals(ended).name if ended else None, 'cut_off': bool(cut), **sums, **counts}


def measure(machine, options, strategy, text):
    """The runs of one point, in one boot."""
    runs = []

    def on_line(line, _point):
        if line.startswith('measured '):
            runs.append(record(strategy, text, len(runs) + 1, line))

    patience = max(PATIENCE, SLOWEST * options.limit * (options.repeat + 2))
    bench.finish(machine, patience, patience, strategy, on_line)
    return runs


def judge(runs, options, what):
    """Stop at a run that did not end by itself."""
    if runs and runs[-1]['cut_off']:
        raise Failed(f'{what}: it did not exit within {options.limit} s of the machine ({options.limit} * 10^9 '
                     'instructions, see --limit)')
    if runs and runs[-1]['signal']:
        raise Failed(f'{what}: it was killed by {runs[-1]["signal"]}')
    if len(runs) != options.repeat:
        raise Failed(f'{what}: {len(runs)} of {options.repeat} runs printed their figures')


def pictures(runs, options):
    """A picture for each of PICTURES: medians against --args, a line a strategy."""
    if not tools.have('gnuplot'):
        say('no plots: gnuplot is not installed; ./tine doctor shows how to install it')
        return
    texts = list(dict.fromkeys(run['args'] for run in runs))
    for quantity in PICTURES:
        series = {}
        for run in runs:
            series.setdefault(run['strategy'], {}).setdefault(texts.index(run['args']), []).append(run[quantity])
        lines = [(strategy, [(x, statistics.median(values)) for x, values in sorted(found.items())])
                 for strategy, found in series.items()]
        values = [y for _, line in lines for _, y in line]
        log = 'y' if min(values) > 0 and max(values) > STEEP * min(values) else ''
        name = quantity.replace('_', '-')
        say('drawn: ' + short(plot.draw(os.path.join(options.out, f'{name}.svg'), plot.script(
            name, os.path.basename(options.program), 'arguments', lines, log=log,
            ticks=[text or 'none' for text in texts], up=quantity.replace('_', ' ')))))


def main(place, points, options, kernel='tine.elf'):
    name = os.path.basename(options.program)
    runs = []
    with tempfile.TemporaryDirectory(prefix='tine-') as scratch:
        image = os.path.join(scratch, 'disk.img')
        shutil.copyfile(os.path.join(place, 'disk.img'), image)
        disk.add_file(image, options.program, '/root', name)
        machines = [machine_for(place, options, strategy, words, kernel, image) for strategy, _, words in points]
        with open(options.program, 'rb') as f:
            program = {'name': name, 'sha256': hashlib.sha256(f.read()).hexdigest()}
        named = {f'{strategy} {text}'.strip(): machine for (strategy, text, _), machine in zip(points, machines)}
        manifest.write(os.path.join(options.out, 'manifest.json'),
                       manifest.make(place, named, program=program, repeat=options.repeat, limit=options.limit))
        path = os.path.join(options.out, 'runs.jsonl')
        with open(path, 'w', encoding='utf-8') as out, Progress('measuring', len(points), path) as progress:
            for done, ((strategy, text, _), machine) in enumerate(zip(points, machines)):
                what = ' '.join(filter(None, (name, text, 'under', strategy)))
                progress.line(f'tine: measuring {what}')
                progress.at(done)
                found = measure(machine, options, strategy, text)
                out.writelines(json.dumps(run) + '\n' for run in found)
                out.flush()
                judge(found, options, what)
                runs += found
    say(f'{len(runs)} runs in {short(path)}, how they were measured in manifest.json')
    pictures(runs, options)
    bad = [run for run in runs if run['status']]
    if bad:
        complain(f'{len(bad)} of {len(runs)} runs exited with a status other than 0; the first is {name} {bad[0]["args"]} '
                 f'under {bad[0]["strategy"]}: {bad[0]["status"]}')
    return 1 if bad else 0
