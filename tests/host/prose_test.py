#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What comments and pages say that a search can check: licence lines, file heads, plain words, names that exist.

usage: prose_test.py ROOT
"""
import collections
import glob
import os
import re
import sys

sys.dont_write_bytecode = True

import tree as files  # noqa: E402

ROOT = sys.argv[1] if len(sys.argv) > 1 else files.ROOT
sys.path.insert(0, os.path.join(ROOT, 'tools'))

from tine import marks  # noqa: E402

KERNEL = ('arch', 'kernel', 'lib', 'mm', 'drivers', 'fs', 'proc', 'procfs', 'syscall', 'check', 'core')
OTHER = ('userland', 'tests', 'tools')
C_LIKE = ('.c', '.h', '.S', '.def', '.ld', '.pml')
SCRIPTS = ('.py', 'meson.build')

LICENCE = 'SPDX-License-Identifier: MIT'
HEAD_LINES = 3              # a title alone tells a reader nothing

# Code is not a person.  Words in 1,000 of comment; 0 where not said.  The account name is written `nobody`.
ACTORS = re.compile(r'\b(who|whom|whose|whoever|(?<!`)nobody|somebody|anybody|everybody|someone|anyone|everyone|no one)\b',
                    re.I)
ACTORS_IN_1000 = collections.defaultdict(lambda: 0.2, arch=0, kernel=0, mm=0, proc=0, procfs=0)

# What a function needs is code: needs_lock() and requires_lock().  HELD finds prose that says it; LOCK_WORDS are
# other uses of the words: no lock, any lock, "a spin lock", mlock(), a TLB that held an old entry.
HELD = re.compile(r'\b(?:held|locked)\b|\bcaller holds [^.;]*\block', re.I)
LOCK_WORDS = re.compile(r"\b(?:no|any|an?|each)(?: [\w']+){0,3} (?:locks?|inodes?)(?: is)? (?:held|locked)\b|"
                        r'\bspin locks?(?: may be)? held|\block of a later class held|\bcaller holds (?:no|the lock that)\b|'
                        r'\blocked (?:memory|VMA|mapping|ones)|\bbe (?:held|locked)\b|`locked`|\bheld (?:an old|spin)|'
                        r'\bpage has been locked', re.I)
HELD_MOST = 40
NEEDS_LOCK = re.compile(r'(?<![\w)])(?!needs_)(\w+)\([^;{}]*?\)[^;{}()]*\bneeds_(?:write_)?lock\(')
LOCK_CHECKED = re.compile(r'requires_(?:write_)?lock\(|assert\([^;]*_held\(')
CHECKED_WITHIN = 8          # lines of the definition

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
PATH = re.compile(r'(?<![\w./<-])((?:' + '|'.join((*KERNEL, *OTHER, 'docs')) + r')/[\w./*-]*\w\.(?:c|h|S|md|py|pml|def|ld|sh|build))\b')
CALL = re.compile(r'(?<![\w.>/-])([A-Za-z_]\w+)\(\)')
PAGE = re.compile(r'(?<![\w*])(\w[\w-]*\.md)\b')
NOT_DOCS = {'README.md', 'rows.md'}      # of the root; written by ./tine test
PLACEHOLDERS = {'show_NAME', 'print_NAME'}


def text_of(path):
    return files.text_of(path, ROOT)


def sources(suffixes):
    return files.sources((*KERNEL, *OTHER), suffixes, ROOT)


def parts(text):
    """(code, comments) of a C or assembly file."""
    said = []

    def take(found):
        if found.group().startswith('/'):
            said.append(found.group())
            return ' '
        return found.group()
    return COMMENT.sub(take, text), said


class Tree:
    """Comments and code of all C-like sources, read once."""

    def __init__(self):
        self.comments, self.code = {}, {}
        for path in sources(C_LIKE):
            self.code[path], self.comments[path] = parts(text_of(path))
        self.pages = marks.pages(ROOT)
        self.words = set(re.findall(r'[A-Za-z_]\w*', '\n'.join(self.code.values())))
        self.words |= {word for path in glob.glob(os.path.join(ROOT, 't*', '**', '*.py'), recursive=True)
                       for word in re.findall(r'def (\w+)', text_of(path))}


def licences(tree):
    for path in [*sources((*C_LIKE, *SCRIPTS)), 'tine', 'meson.build']:
        lines = text_of(path).split('\n')[:2]
        if LICENCE not in (lines[1] if lines[0].startswith('#!') else lines[0]):
            yield f'{path}: no "{LICENCE}" at its top'


def heads(tree):
    for path, said in tree.comments.items():
        head = next((text for text in said if LICENCE not in text), '')
        lines = [line for line in head.strip('/*').split('\n') if line.strip(' *')]
        if files.room_of(path) not in KERNEL:
            continue
        name = re.match(r'/\*\n \* (\S+) - ', head)
        if name is None or place_of(name.group(1)) != path:
            yield f'{path}: does not begin with its path and title'
        elif len(lines) < HEAD_LINES:
            yield f'{path}: its head is a title'


def actors(tree):
    words, found = collections.Counter(), collections.defaultdict(list)
    for path, said in tree.comments.items():
        room = files.room_of(path)
        for text in said:
            words[room] += len(text.split())
            found[room] += [f'{path}: {match.group()}' for match in ACTORS.finditer(text)]
    for page in tree.pages:
        words['docs'] += len(text_of(page).split())
        found['docs'] += [f'{page}: {match.group()}' for match in ACTORS.finditer(text_of(page))]
    for room, places in found.items():
        if len(places) * 1000 > ACTORS_IN_1000[room] * words[room]:
            yield f'{room}: {len(places)} in {words[room]} words, at most {ACTORS_IN_1000[room]} in 1,000'
            yield from places


def messages(tree):
    """What the kernel, the programs and the titles of tests say, by the same rule."""
    for path, code in tree.code.items():
        for text in re.findall(r'"((?:\\.|[^"\\\n])*)"', code):
            if ACTORS.search(re.sub('^nobody$|-u nobody', '', text)) and not path.startswith('tests/host/'):
                yield f'{path}: "{text}"'


def place_of(name):
    """A path as comments say it: arch's headers are named as they are included."""
    return 'arch/riscv/include/' + name if name.startswith('arch/') and not name.startswith('arch/riscv/') else name


def paths(tree):
    """tests/guest/docs_test.py does this for the pages, which also name files that their commands write."""
    for path, said in tree.comments.items():
        for text in said:
            yield from (f'{path}: {name} is not there' for name in PATH.findall(text)
                        if not glob.glob(os.path.join(ROOT, place_of(name))))
    for path in sources((*C_LIKE, *SCRIPTS)):
        yield from (f'{path}: {name} is not there' for name in PAGE.findall(text_of(path))
                    if not any(page.endswith('/' + name) for page in tree.pages) and name not in NOT_DOCS)


def calls(tree):
    for path, said in tree.comments.items():
        for text in said:
            yield from missing_calls(tree, path, text)
    for page in tree.pages:
        yield from missing_calls(tree, page, text_of(page))


def missing_calls(tree, place, text):
    return (f'{place}: {name}() is not there' for name in CALL.findall(text)
            if name not in tree.words and name not in PLACEHOLDERS)


def figures(tree):
    """tests/guest/figures_test.py compares them with what it measures; this, with the recorded ones."""
    known = marks.recorded(ROOT)
    for page, figure, strategy, expression in marks.marks(ROOT):
        measured = marks.value(expression, known[strategy])
        if marks.is_far(figure, measured):
            yield f'{page}: {figure:g}, but {strategy} {expression} is {measured:g}'
    for page, line in marks.unmarked(ROOT):
        yield f'{page}: a measured figure without a mark (tools/tine/marks.py): {line}'
    for path, said in tree.comments.items():
        if files.room_of(path) in KERNEL:
            yield from (f'{path}: a figure: name the page that has it instead' for text in said
                        if marks.UNMARKED.search(text))


def prose_of_locks(tree):
    places = []
    for path, said in tree.comments.items():
        if path.endswith('.def') or files.room_of(path) not in KERNEL:
            continue
        for text in said:
            text = LOCK_WORDS.sub('', re.sub(r'\s*\n\s*\*\s?', ' ', text))
            places += [f'{path}: {text[max(0, match.start() - 30):match.end()]}' for match in HELD.finditer(text)]
    if len(places) > HELD_MOST:
        yield f'{len(places)} comments say that a lock is held, at most {HELD_MOST}: needs_lock() and requires_lock() say it'
        yield from places


def locks_needed(tree):
    """A prototype with needs_lock() has a definition that checks a lock at its top."""
    kernel = {path: re.sub(r'^#(?:.*\\\n)*.*', '', code, flags=re.M) for path, code in tree.code.items()
              if files.room_of(path) in KERNEL}
    needy = {name for path, code in kernel.items() if path.endswith('.h') for name in NEEDS_LOCK.findall(code)}
    missing = set(needy)
    for path, code in kernel.items():
        for match in re.finditer(r'^(\w+)\([^;{}]*\)\n\{\n', code, re.M):
            if match.group(1) not in needy or path.startswith('core/'):
                continue
            missing.discard(match.group(1))
            if not LOCK_CHECKED.search('\n'.join(code[match.end():].split('\n')[:CHECKED_WITHIN]).split('\n}')[0]):
                yield f'{path}: {match.group(1)}() does not check the lock that its prototype names'
    yield from (f'{name}() has needs_lock(), but no definition was found' for name in sorted(missing))


CHECKS = (('each source file names its licence', licences),
          ('each file of the kernel begins with its path, its title and what it is for', heads),
          ('code is not a person', actors),
          ('no message speaks of code as of a person', messages),
          ('each measured figure is within 15 % of what was measured', figures),
          ('each file that is named exists', paths),
          ('each function that is named exists', calls),
          ('few comments say that a lock is held', prose_of_locks),
          ('each function that needs a lock checks it', locks_needed))


def main():
    tree = Tree()
    return files.report([(name, check(tree)) for name, check in CHECKS])


if __name__ == '__main__':
    sys.exit(main())
