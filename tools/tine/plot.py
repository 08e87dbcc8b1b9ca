# SPDX-License-Identifier: MIT
"""Figures drawn by gnuplot as SVG: the same figures, the same file.

A picture has a title, the names of its axes and one series for each system:
(name, [(x, y)]).  Nothing in a file depends on when or where it was drawn.
"""
import dataclasses
import os
import re
import subprocess

from . import tools
from .say import Failed, cannot_start

PAGES_PER_MIB = 256
# A strategy has a colour; other kernels are grey and dashed.
COLOURS = ('#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c510a')
GREYS = ('#000000', '#777777', '#aaaaaa')
HEAD = '''set terminal svg size 720,440 noenhanced font "sans-serif,13" name "{name}" background "white"
set key outside right top
set grid ytics
set format y "%.0f"
set decimalsign "."
'''


@dataclasses.dataclass(frozen=True)
class Picture:
    """One picture of ./tine bench: `metrics` has a group that is x, or is a list with names of bars."""
    name: str
    title: str
    metrics: object
    across: str = 'resident pages of the parent'
    scale: int = PAGES_PER_MIB
    log: str = 'xy'


PICTURES = (
    Picture('fork-call', 'fork(): from the call to its return', r'fork_call_(\d+)M_4k'),
    Picture('fork-wait', 'fork, exit of the child, wait', r'fork_wait_(\d+)M_4k'),
    Picture('first-write', 'first write to a page after fork', (
        ('cow_child_write_page_4k', 'child'), ('cow_parent_write_page_4k', 'parent'),
        ('cow_parent_reuse_page_4k', 'parent alone'), ('cow_child_reuse_page_4k', 'child alone')),
        across='', log='y'),
    Picture('write-share', 'fork 8,192 pages; the child writes a part, then exits', r'fork_dirty_32M_(\d+)pct',
            'pages the child writes, per cent', 1, ''),
    Picture('exec', 'fork, exec of a small program, wait', r'forkexec_nolibc_from_(\d+)M'),
    Picture('exit', 'exit to the return of the parent\'s wait', r'exit_(\d+)M', 'resident pages of the process'),
)


def ensure():
    if not tools.have('gnuplot'):
        raise Failed('gnuplot is not installed; ./tine doctor shows how to install it')


def quoted(text):
    """Any text as a string of gnuplot's."""
    return "'" + re.sub(r'\s', ' ', text).replace("'", "''") + "'"


def styles(systems, greys, bars):
    """How the series of each system looks."""
    counts = {True: 0, False: 0}
    for system in systems:
        grey = system in greys
        place, colours = counts[grey], GREYS if grey else COLOURS
        counts[grey] += 1
        look = f'lc rgb "{colours[place % len(colours)]}"'
        if not bars:
            look += f' lw 1.5 dt 2 pt {place % 3 + 1}' if grey else f' lw 2 pt {place + 4}'
        yield look


def script(name, title, across, series, greys=(), log='', bars=(), ticks=(), up='instructions'):
    """The commands for gnuplot.

    greys: the other systems; bars: names of groups, with their number as x; ticks: names of 0, 1, ...
    """
    text = HEAD.format(name=re.sub(r'\W', '_', name))
    text += f'set title {quoted(title)}\nset xlabel {quoted(across)}\nset ylabel {quoted(up)}\n'
    text += ''.join(f'set logscale {axis}\n' for axis in log)
    if 'y' not in log:
        text += 'set yrange [0:*]\n'
    elif bars:
        text += 'set yrange [1:*]\nset boxwidth 0.9 relative\nset style fill solid\n'
    names = bars or ticks
    if names:
        text += 'set xrange [-0.5:{}]\nset xtics ({}){}\n'.format(
            len(names) - 0.5, ', '.join(f'{quoted(label)} {x}' for x, label in enumerate(names)),
            '' if bars or max(map(len, names)) < 8 else ' rotate by -30')
    width = 0.8 / len(series)
    for place, (_, points) in enumerate(series):
        shift = (place - (len(series) - 1) / 2) * width if bars else 0
        text += f'$s{place} << END\n' + ''.join(f'{x + shift:.6g} {y:.12g}\n' for x, y in points) + 'END\n'
    how = f'using 1:2:({width:.6g}) with boxes' if bars else 'using 1:2 with linespoints'
    looks = styles([system for system, _ in series], greys, bars)
    plots = [f'$s{place} {how} title {quoted(system)} {look}' for place, ((system, _), look) in enumerate(zip(series, looks))]
    return text + 'plot ' + ', \\\n     '.join(plots) + '\n'


def draw(path, text):
    """Let gnuplot draw a script into a file."""
    try:
        done = subprocess.run(['gnuplot', '-d', '-'], input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**os.environ, 'LC_ALL': 'C'})
    except OSError as why:
        raise Failed(cannot_start(['gnuplot'], why)) from None
    if done.returncode != 0 or '</svg>' not in done.stdout:
        raise Failed(f'gnuplot cannot draw {path}: {(done.stderr.strip() or "no reason given").splitlines()[-1]}')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(done.stdout)
    return path


def points(picture, found):
    """What a picture shows of the figures of one system."""
    if isinstance(picture.metrics, tuple):
        return [(x, found[name][0]) for x, (name, _) in enumerate(picture.metrics) if name in found]
    seen = ((re.fullmatch(picture.metrics, name), value) for name, (value, _) in found.items())
    all_of = sorted((int(match.group(1)) * picture.scale, value) for match, value in seen if match)
    return [(x, y) for x, y in all_of if x > 0 or 'x' not in picture.log]


def pictures(figures, greys, folder):
    """Draw each picture that has a figure of {system: ...} that is not a grey; gives the paths."""
    paths = []
    for picture in PICTURES:
        series = [(system, points(picture, found)) for system, found in figures.items()]
        series = [(system, seen) for system, seen in series if seen]
        if any(system not in greys for system, _ in series):
            bars = [label for _, label in picture.metrics] if isinstance(picture.metrics, tuple) else ()
            paths.append(draw(os.path.join(folder, f'{picture.name}.svg'),
                              script(picture.name, picture.title, picture.across, series, greys, picture.log, bars)))
    return paths
