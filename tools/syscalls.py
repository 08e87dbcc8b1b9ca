#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page of the system calls, docs/syscalls.md, from syscall/calls.def and syscall/missing.def.

usage: syscalls.py [ROOT] > docs/syscalls.md
"""
import dataclasses
import os
import re
import sys
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMENT = r'/\*(?P<comment>.*?)\*/'
CALL = r'^SYSCALL(?:_TO)?\((?P<number>\d+), (?P<name>\w+),\s+(?:\w+,\s+)?ARGS_\d\((?P<args>[^)]*)\)\)'
MISSING = r'\b(?P<kind>MISSING|PROBED)\((?P<number>\d+), (?P<name>\w+)\)'
GROUP = re.compile(r'---- (.*) ----')

HEAD = '''# System calls

*Code:* `syscall/calls.def`, `syscall/dispatch.c`, `syscall/missing.def`.
*Tests:* `tests/host/syscalls_test.py` for this page, `tests/user/refuse.c` for
the types, `tests/user/badptr.c` and `tests/user/sweep_f.c` for every call.

Numbers, types and structures are those of Linux riscv64. An argument of 32 bits
is the lower half of its register. `uaddr_t` is an address in the program's
memory; a call returns -EFAULT if it cannot copy its arguments or results
there.

A contract begins with the manual page, if that has another name. It says what
the call honours and ignores, which errors it returns and why, and where Linux
differs. Common errors without a special cause are omitted: -EBADF, -EFAULT,
-ENOMEM, those of a path lookup and of file permissions.

The page is made from the comments of `syscall/calls.def`:

```console
$ python3 tools/syscalls.py > docs/syscalls.md
```
'''

ABSENT = '''
## Calls that return -ENOSYS

Linux has these calls, Tine lacks them. C libraries and tools have a fallback
for the calls of the first list. The kernel's log names each of the others once
for each program that uses it. All other numbers return -ENOSYS, too.

'''


@dataclasses.dataclass(frozen=True)
class Call:
    number: int
    name: str
    args: tuple         # of (type, name)
    contract: str       # one line
    lines: int          # those of the contract in calls.def; 0: it has none

    def prototype(self):
        return f'{self.name}({", ".join(" ".join(arg) for arg in self.args)})'


def text_of(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as f:
        return f.read()


def plain(comment):
    """A comment's words on one line, without its stars."""
    return re.sub(r'\s+', ' ', re.sub(r'^[ \t]*\*', '', comment, flags=re.M)).strip()


def calls(root=ROOT):
    """[(title, [Call])], group by group as calls.def has them."""
    text = text_of(root, 'syscall/calls.def')
    groups, above = [], None
    for found in re.finditer(f'{COMMENT}|{CALL}', text, re.M | re.S):
        if found['comment'] is not None:
            title = GROUP.search(plain(found['comment']))
            if title is not None:
                groups.append((title.group(1), []))
            above = None if title is not None else found
            continue
        # A contract ends on the line before its entry.
        mine = above is not None and text[above.end():found.start()] == '\n'
        words = re.split(r',\s+', found['args']) if found['args'] else []
        groups[-1][1].append(Call(int(found['number']), found['name'], tuple(zip(words[::2], words[1::2])),
                                  plain(above['comment']) if mine else '',
                                  above['comment'].count('\n') + 1 if mine else 0))
        above = None
    return groups


def missing(root=ROOT):
    """[(title, [(number, name)])] of missing.def."""
    groups, title = {}, None
    for found in re.finditer(f'{COMMENT}|{MISSING}', text_of(root, 'syscall/missing.def'), re.M | re.S):
        if found['comment'] is not None:
            title = plain(found['comment'])
        else:
            group = 'tried first' if found['kind'] == 'PROBED' else title
            groups.setdefault(group, []).append((int(found['number']), found['name']))
    return list(groups.items())


def cell(text):
    return text.replace('|', '\\|').replace('*', '\\*')


def page(root=ROOT):
    """The whole page."""
    parts = [HEAD]
    for title, group in calls(root):
        parts.append(f'\n## {title[0].upper()}{title[1:]}\n\n| number | call | contract |\n|---|---|---|\n')
        parts += [f'| {call.number} | `{call.prototype()}` | {cell(call.contract)} |\n' for call in group]
    parts.append(ABSENT)
    for title, names in missing(root):
        said = ', '.join(f'{name} ({number})' for number, name in names)
        parts.append(textwrap.fill(f'* {title}: {said}.', 80, subsequent_indent='  ', break_on_hyphens=False) + '\n')
    return ''.join(parts)


if __name__ == '__main__':
    sys.stdout.write(page(*sys.argv[1:2]))
