#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run every *.sh beside this file with a shell and compare what it prints.

    run.py [--oracle] [--only NAME] [--regenerate] SHELL [ARG...]

SHELL and ARGs are the words that start the shell, for example
`qemu-riscv64 build/userland/sh` or `/bin/dash`.  The expected output, *.out,
is what dash prints, so `run.py --oracle /bin/dash` must pass as well.  With
--oracle a script is left out if its first line begins with `# oracle: none`;
the line says why.  Output is TAP; the last line is `N passed, N failed`.
"""
import argparse
import difflib
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT = 120


def run_one(shell, script):
    """Return what the script printed, with its status, and a complaint."""
    with tempfile.TemporaryDirectory(prefix='shtest') as cwd:
        env = {'PATH': '/usr/bin:/bin', 'HOME': '/root', 'LC_ALL': 'C',
               'SH': ' '.join(shlex.quote(word) for word in shell)}
        # A copy, so that no message names a path of this machine.
        copy = pathlib.Path(cwd) / script.name
        copy.write_bytes(script.read_bytes())
        try:
            done = subprocess.run(
                shell + [script.name], cwd=cwd, env=env, timeout=TIMEOUT,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, check=False)
        except subprocess.TimeoutExpired:
            return b'', f'no end after {TIMEOUT} s'
    complaint = ''
    if b'Sanitizer' in done.stderr or b'runtime error' in done.stderr:
        complaint = done.stderr.decode(errors='replace')
    return done.stdout + b'status %d\n' % done.returncode, complaint


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--oracle', action='store_true')
    parser.add_argument('--regenerate', action='store_true',
                        help='write *.out from what this shell prints')
    parser.add_argument('--only', default='')
    parser.add_argument('shell', nargs=argparse.REMAINDER)
    args = parser.parse_args()
    if not args.shell:
        parser.error('which shell?')
    # The scripts run in a directory of their own.
    shell = [os.path.abspath(word) if '/' in word else word
             for word in args.shell]
    scripts = [s for s in sorted(HERE.glob('*.sh')) if args.only in s.stem]
    if args.oracle:
        scripts = [s for s in scripts if not
                   s.read_text(encoding='utf-8').startswith('# oracle: none')]
    print(f'1..{len(scripts)}')
    failed = 0
    for number, script in enumerate(scripts, 1):
        got, complaint = run_one(shell, script)
        expected = script.with_suffix('.out')
        if args.regenerate:
            expected.write_bytes(got)
        want = expected.read_bytes()
        good = got == want and not complaint
        failed += not good
        print(f'{"ok" if good else "not ok"} {number} - sh.{script.stem}')
        if good:
            continue
        for line in complaint.splitlines()[:20]:
            print('#', line)
        for line in difflib.unified_diff(
                want.decode(errors='replace').splitlines(),
                got.decode(errors='replace').splitlines(),
                'expected', 'printed', lineterm='', n=2):
            print('#', line)
    print(f'{len(scripts) - failed} passed, {failed} failed', flush=True)
    return 1 if failed or not scripts else 0


if __name__ == '__main__':
    sys.exit(main())
