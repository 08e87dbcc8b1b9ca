#!/usr/bin/env python3
"""What the kernel's hot paths cost, against what Tine has set itself to reach.

usage: figures_test.py ROOT BUILD KERNEL

Instructions under -icount are counts, the same on every computer: forkbench runs
once under each strategy in the release kernel, and each target of tools/tine/bench.py
is one result.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True
ROOT, BUILD, KERNEL = sys.argv[1:4]
sys.path.insert(0, os.path.join(ROOT, 'tools'))

from tine import bench, build, tools  # noqa: E402

tools.extend_path()
OPTIONS = argparse.Namespace(tests='sfcxpzeb', words=(), max_mib=256, reps=3, mem='1G')


def main():
    targets = [(strategy, metric, limit) for strategy in build.strategies_in_tree()
               for metric, whose, limit in bench.TARGETS if whose in ('', strategy)]
    print(f'1..{len(targets)}')
    figures, bad = {}, False
    for number, (strategy, metric, limit) in enumerate(targets, 1):
        if strategy not in figures:
            figures[strategy] = bench.measure(BUILD, strategy, OPTIONS, KERNEL)
        value = figures[strategy].get(metric, (None,))[0]
        well = value is not None and value <= limit
        bad = bad or not well
        print(f'{"ok" if well else "not ok"} {number} - {strategy} {metric}: '
              f'{"no figure" if value is None else bench.number(value)}, at most {bench.number(limit)}', flush=True)
    return bad


if __name__ == '__main__':
    sys.exit(main())
