#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check the Spin models: each holds, and each known mistake in it is caught.

A model is run as it is and must have no error; then once for each mutant,
which must have one.  Needs spin and a C compiler; skips loudly without.
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# model, extra pan options, mutants as preprocessor definitions
MODELS = [
    ('cow', [], ['FLUSH_FORK=0', 'FLUSH_BREAK=0', 'PUT_AFTER_FLUSH=0', 'ASLOCK=0', 'ATOMIC_REF=0', 'BBM=0']),
    ('tlbgen', ['-E'], ['FENCE_I=0', 'FENCE_H=0']),
    ('odf', [], ['TLOCK=0', 'NOREF=1', 'REUSE_REARM=0']),
]


def errors(folder, model, options, definition=None):
    """Number of errors the checker finds."""
    source = os.path.join(HERE, model + '.pml')
    spin = ['spin'] + (['-D' + definition] if definition else []) + ['-a', source]
    subprocess.run(spin, cwd=folder, check=True, capture_output=True)
    # A mistake is found soon: there the compiler is what takes time.
    speed = '-O2' if definition is None else '-O0'
    subprocess.run(['gcc', speed, '-DSAFETY', '-DCOLLAPSE', '-o', 'pan', 'pan.c'], cwd=folder, check=True,
                   capture_output=True)
    out = subprocess.run(['./pan', '-m1000000'] + options, cwd=folder, check=True, capture_output=True,
                         text=True).stdout
    for line in out.splitlines():
        if 'errors:' in line:
            return int(line.split('errors:')[1])
    raise RuntimeError('no verdict from the checker:\n' + out)


def main():
    if not shutil.which('spin') or not shutil.which('gcc'):
        print('1..0 # SKIP the models need spin and gcc: apt-get install spin gcc')
        return 0
    cases = [(m, o, d) for m, o, ds in MODELS for d in [None] + ds]
    print('1..%d' % len(cases))
    bad = 0
    for n, (model, options, definition) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            found = errors(folder, model, options, definition)
        good = found == 0 if definition is None else found > 0
        bad += not good
        print('%s %d - %s %s' % ('ok' if good else 'not ok', n, model, definition or 'holds'), flush=True)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
