#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rules of the tree that a search can check: which room includes which, and sizes.

Rooms may include their own headers and those of earlier rooms only; arch
headers are reached as "arch/..." and nothing else of arch/ is.
"""
import collections
import concurrent.futures
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True

import tree  # noqa: E402

sys.path.insert(0, os.path.join(tree.ROOT, 'tools'))

import strategies  # noqa: E402
from tine import reading  # noqa: E402

ROOT = sys.argv[1] if len(sys.argv) > 1 else tree.ROOT
MAY = {
    'lib': {'lib'},
    'arch': {'lib', 'arch', 'kernel'},
    'kernel': {'lib', 'arch', 'kernel'},
    'mm': {'lib', 'arch', 'kernel', 'mm'},
    'drivers': {'lib', 'arch', 'kernel', 'mm', 'drivers'},
    'fs': {'lib', 'arch', 'kernel', 'mm', 'drivers', 'fs'},
    'proc': {'lib', 'arch', 'kernel', 'mm', 'drivers', 'fs', 'proc'},
    'procfs': {'lib', 'arch', 'kernel', 'mm', 'drivers', 'fs', 'proc', 'procfs', 'check'},
    'syscall': {'lib', 'arch', 'kernel', 'mm', 'drivers', 'fs', 'proc', 'syscall'},
    'check': {'lib', 'arch', 'kernel', 'mm', 'drivers', 'fs', 'proc', 'procfs', 'check'},
    'core': {'lib', 'arch', 'kernel', 'mm', 'drivers', 'fs', 'proc', 'syscall', 'check', 'core'},
}
# boot order: the one file that must know every room; the one that maps a shadow
EXEMPT = {'kernel/main.c', 'check/kasan.c'}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
LINES_IN_A_FILE = 660
HOOKS = 'check/hooks.h'     # the one header that every room may include from above
# docs/tour.md says why.
UPWARD = {'arch/riscv/include/arch/trap.h': r'syscall_dispatch|process_\w+', 'kernel/page.h': r'page_\w+',
          'kernel/thread.h': 'thread_spawn_kernel', 'mm/limit.h': 'current_memory_limit', 'fs/current.h': r'\w+'}
CODE_IN_A_STRATEGY = 150
BUDGET = re.compile(r'^\| `([\w/]+)/` \| ([\d,]+) \| [^|]+ \|$', re.M)


def sources():
    for path in tree.sources(MAY, ('.c', '.h', '.S', '.def'), ROOT):
        yield tree.room_of(path), path, tree.text_of(path, ROOT)


def breaches(room, path, text):
    if path in EXEMPT:
        return
    for header in INCLUDE.findall(text):
        first = header.split('/')[0]
        if '/' not in header:
            continue                        # its own folder, or made by the build
        if header.startswith('arch/riscv/') and room != 'arch':
            yield f'{path}: {header}: of the machine, only "arch/..." may be included'
        elif header == HOOKS:
            continue
        elif first in MAY and first not in MAY[room]:
            yield f'{path}: {header}: {room} may not include {first}'
        if room == 'proc' and header.startswith('mm/fork/'):
            yield f'{path}: {header}: proc knows nothing of strategies'


def declared(text):
    """The functions for which a header has a prototype."""
    text = re.sub(r'/\*.*?\*/|^#.*?(?<!\\)$', '', text, flags=re.M | re.S)
    text = re.sub(r'^\{.*?^\}', ';', text, flags=re.M | re.S)
    for declaration in text.split(';'):
        found = re.match(r'\s*(?!static|struct \w+ \{|typedef)[\w\s*]*?\b(\w+)\(', declaration)
        if found:
            yield found.group(1)


def upward(files):
    """The functions that a lower room declares and a higher one defines, unless UPWARD allows it."""
    defined = {}
    for room, path, text in files:
        if path.endswith('.c') and room not in ('core', 'check'):
            defined.update({name: room for name in re.findall(r'^(\w+)\([^;{]*\)\s*\n\{', text, re.M)})
    for room, path, text in files:
        if path.endswith('.h') and path != HOOKS:
            for name in declared(text):
                if room not in ('core', 'check') and defined.get(name, room) not in MAY[room] and not re.fullmatch(UPWARD.get(path, ''), name):
                    yield f'{path}: {name}: defined in {defined[name]}/'


def budgets():
    """{folder: lines of code} of the table in docs/testing.md."""
    return {folder: int(lines.replace(',', '')) for folder, lines in BUDGET.findall(tree.text_of('docs/testing.md', ROOT))}


def over_budget(code):
    """code: {path: lines of code}.  A file counts for the innermost folder that has a budget."""
    limits, used = budgets(), collections.Counter()
    for path, lines in code.items():
        folder = max((folder for folder in limits if path.startswith(folder + '/')), key=len, default=None)
        if folder is None:
            yield f'{path}: no budget in docs/testing.md'
        used[folder] += lines
    for folder, limit in limits.items():
        if used[folder] > limit or used[folder] <= limit - 1000:
            yield f'{folder}: {used[folder]} lines of code, the budget is {limit}'
    for strategy in strategies.strategies(ROOT):
        if code[f'mm/fork/{strategy}.c'] > CODE_IN_A_STRATEGY:
            yield f'mm/fork/{strategy}.c: {code[f"mm/fork/{strategy}.c"]} lines of code, at most {CODE_IN_A_STRATEGY}'


def first_error(header):
    """What the compiler says to a file that includes only this header; '' if nothing."""
    done = subprocess.run(['riscv64-linux-gnu-gcc', '-std=gnu11', '-Wall', '-ffreestanding', '-fsyntax-only', '-DTINE_DEBUG=1', '-I.',
                           '-Iarch/riscv/include', '-xc', '-'], cwd=ROOT, text=True, stderr=subprocess.PIPE,
                          input=f'#include "{header.removeprefix("arch/riscv/include/")}"\n')
    found = re.search(r'(error|warning): .*', done.stderr)
    return f'{header}: {found.group()}' if found else ''


def incomplete(headers):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [error for error in pool.map(first_error, headers) if error]


def main():
    wrong, long, names, code = [], [], [], {}
    files = list(sources())
    for room, path, text in files:
        code[path] = reading.code_in(text, path)
        lines = text.count('\n')
        wrong += breaches(room, path, text)
        if lines > LINES_IN_A_FILE:
            long.append(f'{path} has {lines} lines')
        if re.search(r'strategy\s*==|==\s*&?fork_(cow|eager)\b', text) and not path.startswith('mm/fork/'):
            names.append(f'{path}: decides by the name of a strategy')
    return tree.report((
        ('rooms include only earlier rooms', wrong), (f'no file is longer than {LINES_IN_A_FILE} lines', long),
        ('no room but mm/fork decides by a strategy\'s name', names),
        ('each room keeps within its budget of docs/testing.md', list(over_budget(code))),
        ('what a lower room declares and a higher one defines is written down', list(upward(files))),
        ('each header includes what it needs', incomplete([path for path in code if path.endswith('.h')]))))


if __name__ == '__main__':
    sys.exit(main())
