#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the kernel's hot paths cost, against what Tine has set itself to reach.

usage: figures_test.py ROOT BUILD KERNEL

Instructions under -icount are counts, the same on every computer: forkbench runs
once under each strategy in the release kernel, and each target of tools/tine/bench.py
is one result.  A pipe's round trip is measured after other parts, too, and must keep
a margin: what ran before may leave the kernel work for later.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True
ROOT, BUILD, KERNEL = sys.argv[1:4]
sys.path.insert(0, os.path.join(ROOT, 'tools'))

from tine import bench, build, marks, tools  # noqa: E402

tools.extend_path()
OPTIONS = argparse.Namespace(tests='sfcxpzeb', words=(), max_mib=256, reps=3, mem='1G')
ORDERS = ('p', 'xp', 'fp')
PIPE, MARGIN = 'pipe_pingpong', 0.97


def stated(strategy, figures):
    """What the pages say of the strategy is held against this run, from both sides."""
    for page, figure, whose, expression in marks.marks(ROOT):
        if whose == strategy:
            measured = marks.value(expression, {name: found[0] for name, found in figures.items()})
            yield f'{page}: {strategy} {expression}, {figure:g} there', (abs(figure - measured),), marks.MOST * measured


def results():
    """(what, its figure or None, the greatest value), one after the other."""
    for strategy in build.strategies_in_tree():
        figures = bench.measure(BUILD, strategy, OPTIONS, KERNEL)
        yield from stated(strategy, figures)
        for metric, whose, limit in bench.TARGETS:
            if whose in ('', strategy):
                yield f'{strategy} {metric}', figures.get(metric), limit * (MARGIN if metric == PIPE else 1)
        for tests in ORDERS:
            options = argparse.Namespace(**{**vars(OPTIONS), 'tests': tests, 'max_mib': 32})
            found = bench.measure(BUILD, strategy, options, KERNEL)
            yield f'{strategy} {PIPE}, parts {tests}', found.get(PIPE), bench.target(PIPE, strategy) * MARGIN


def main():
    count, bad = 0, False
    for count, (what, figure, limit) in enumerate(results(), 1):
        well = figure is not None and figure[0] <= limit
        bad = bad or not well
        print(f'{"ok" if well else "not ok"} {count} - {what}: '
              f'{"no figure" if figure is None else bench.number(figure[0])}, at most {bench.number(limit)}', flush=True)
    print(f'1..{count}')
    return bad


if __name__ == '__main__':
    sys.exit(main())
