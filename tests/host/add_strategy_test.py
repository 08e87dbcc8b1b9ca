#!/usr/bin/env python3
"""Follow docs/add-a-strategy.md literally: usage: add_strategy_test.py ROOT

Copies the tree, writes the page's C file where the page says, builds, and runs
the in-kernel fork tests, which run once for every strategy in the registry.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

PAGE = 'docs/add-a-strategy.md'


def run(command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        print('# %s failed:' % ' '.join(command))
        for line in (done.stdout + done.stderr).splitlines()[-20:]:
            print('# ' + line)
    return done


def main(root):
    text = open(os.path.join(root, PAGE), encoding='utf-8').read()
    path = re.search(r'Write `(mm/fork/\w+\.c)`', text).group(1)
    code = re.search(r'```c\n(.*?)```', text, re.S).group(1)
    name = os.path.basename(path)[:-2]
    print('1..4')
    with tempfile.TemporaryDirectory() as tmp:
        tree = os.path.join(tmp, 'tine')
        shutil.copytree(root, tree, ignore=shutil.ignore_patterns('build', 'build-*', '.git'))
        with open(os.path.join(tree, path), 'w', encoding='utf-8') as f:
            f.write(code)
        done = run(['meson', 'setup', 'build', '--cross-file', 'arch/riscv/cross.ini', '-Dfork=' + name], tree)
        print('%s 1 - it configures as the default' % ('ok' if done.returncode == 0 else 'not ok'))
        done = run(['ninja', '-C', 'build', 'tine.elf'], tree)
        print('%s 2 - it builds' % ('ok' if done.returncode == 0 else 'not ok'))
        done = run(['timeout', '240', 'qemu-system-riscv64', '-machine', 'virt', '-nographic', '-no-reboot', '-kernel',
                    'build/tine.elf', '-append', 'ktest=fork.'], tree)
        mine = re.findall(r'^(ok|not ok) \d+ - (fork\.\S+) fork=%s\s*$' % name, done.stdout, re.M)
        good = len(mine) > 0 and all(r == 'ok' for r, _ in mine)
        for result, test in mine:
            print('# %s %s' % (result, test))
        print('%s 3 - it keeps the promises of the in-kernel tests' % ('ok' if good else 'not ok'))
        banner = 'fork=%s (from the build)' % name in done.stdout
        print('%s 4 - the boot banner names it' % ('ok' if banner else 'not ok'))
        return 0 if good and banner else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
