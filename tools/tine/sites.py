# SPDX-License-Identifier: MIT
"""Where the kernel says no: each check that ends in -EPERM and its like, as a change that removes it.

libclang parses the sources, so a place is known by its surroundings (which if, which side of
a ?:) and not by how it is laid out.  A mutant is a replacement of one span of one file.
"""
import dataclasses
import glob
import os
import re
import sys

from .build import ROOT
from .say import Failed

DEBIAN = '/usr/lib/python3/dist-packages'     # where its packages put modules, for any python3
ROOMS = ('fs', 'proc', 'procfs', 'syscall', 'mm')
ERRORS = ('EPERM', 'EACCES', 'ESRCH', 'EBUSY', 'EROFS')
SAYS_NO = re.compile(r'-(' + '|'.join(ERRORS) + r')\b')
ARGUMENTS = ['-x', 'c', '-std=gnu11', '--target=riscv64-linux-gnu', '-ffreestanding', '-DTINE_DEBUG=1', '-w']


@dataclasses.dataclass(frozen=True)
class Change:
    """text[start:end] of a file becomes new; it was old."""
    name: str               # file:line and what is removed; unique
    key: str                # the same without line numbers, for the list of equivalents
    path: str
    start: int
    end: int
    old: str
    new: str

    def applied(self, text):
        if text[self.start:self.end] != self.old:
            raise Failed(f'{self.name}: {self.path} has changed')
        return text[:self.start] + self.new + text[self.end:]


def clang():
    """The libclang module, or None."""
    if DEBIAN not in sys.path:
        sys.path.append(DEBIAN)
    try:
        from clang import cindex
        cindex.Index.create()
        return cindex
    except Exception:           # no module, or no library for it
        return None


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


def without_comments(text):
    """The same length, with comments blanked."""
    return re.sub(r'/\*.*?\*/|//[^\n]*', lambda m: re.sub(r'[^\n]', ' ', m.group(0)), text, flags=re.S)


def matching(text, at):
    """Offset of the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += {'(': 1, ')': -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise Failed('parentheses do not match')


class Source:
    """One file and its tree."""

    def __init__(self, path, root):
        self.cindex = clang()
        self.path = path
        self.full = os.path.join(root, path)
        with open(self.full, encoding='utf-8') as f:
            self.text = f.read()
        self.code = without_comments(self.text)
        arguments = ARGUMENTS + [f'-I{root}', f'-I{os.path.join(root, "arch/riscv/include")}', f'-I{root}/build']
        self.unit = self.cindex.Index.create().parse(self.full, arguments)

    def span(self, cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def here(self, cursor):
        return cursor.location.file is not None and cursor.location.file.name == self.full

    def ancestors(self, offset):
        """Cursors from the function down to the innermost around an offset."""
        found, level = [], self.unit.cursor
        while level is not None:
            inside = None
            for child in level.get_children():
                start, end = self.span(child)
                same = child.extent.start.file is not None and child.extent.start.file.name == self.full
                if same and start <= offset < end:
                    inside = child
            if inside is not None:
                found.append(inside)
            level = inside
        return found

    def condition(self, statement):
        """Span of what is between the parentheses of an if."""
        at = self.code.index('(', self.span(statement)[0])
        return at + 1, matching(self.code, at)

    def question(self, conditional):
        """(span of the condition, offset of the '?', offset of the ':') of a ?: ."""
        start, end = self.span(conditional)
        depth, mark, nested = 0, None, 0
        for i in range(start, end):
            c = self.code[i]
            depth += (c in '([{') - (c in ')]}')
            if depth != 0:
                continue
            if c == '?' and mark is None:
                mark = i
            elif c == '?':
                nested += 1
            elif c == ':' and mark is not None:
                if nested == 0:
                    return (start, len(self.code[:mark].rstrip())), mark, i
                nested -= 1
        raise Failed(f'{self.path}:{line_of(self.text, start)}: cannot parse this ?:')

    def follows(self, statement, parent, offset):
        """The if right behind a statement that sets an error, when it leaves with that error."""
        variable = re.search(r'(\w+)\s*=\s*$', self.code[:offset])
        if variable is None:
            return None
        leaves = re.compile(r'\b(goto|break|continue|return\s+' + variable.group(1) + r')\b')
        rest = list(parent.get_children())
        for i, child in enumerate(rest[:-1]):
            if self.span(child) == self.span(statement):
                after = rest[i + 1]
                start, end = self.span(after)
                return after if after.kind.name == 'IF_STMT' and leaves.search(self.code[start:end]) else None
        return None


def guard(source, offset):
    """(span, how) of the condition that leads to an error, or (span of the error, 'value'), or None."""
    path = source.ancestors(offset)
    kinds = [cursor.kind.name for cursor in path]
    if not path or path[0].kind.name != 'FUNCTION_DECL':
        return None
    if 'CASE_STMT' in kinds:
        label = path[len(kinds) - 1 - kinds[::-1].index('CASE_STMT')]
        if offset < source.span(list(label.get_children())[0])[1]:
            return None         # the error of another function is looked at
    before = source.code[:offset].rstrip()
    if before.endswith(('==', '!=')):
        return None
    for i in range(len(path) - 1, 0, -1):
        cursor, kind = path[i], kinds[i]
        if kind == 'CONDITIONAL_OPERATOR':
            span, mark, colon = source.question(cursor)
            if offset > mark:
                sides = source.code[mark + 1:colon], source.code[colon + 1:source.span(cursor)[1]]
                if all(re.match(r'\s*-E[A-Z]', side) for side in sides):
                    continue    # both ways are refused: the if around it is the check
                return span, 'false' if offset < colon else 'true'
        if kind in ('BINARY_OPERATOR', 'DECL_STMT') and kinds[i - 1] == 'COMPOUND_STMT':
            after = source.follows(cursor, path[i - 1], offset)
            if after is not None:
                return source.condition(after), 'false'
        if kind == 'IF_STMT':
            start, end = source.condition(cursor)
            if offset > end:
                parts = [source.span(child) for child in cursor.get_children()]
                in_then = parts[1][0] <= offset < parts[1][1]
                return (start, end), 'false' if in_then else 'true'
        if kind in ('WHILE_STMT', 'FOR_STMT', 'DO_STMT', 'SWITCH_STMT'):
            break
    return (offset, offset + len(SAYS_NO.match(source.code, offset).group(0))), 'value'


def removal(source, offset):
    """The Change that removes the check at an offset, and the span of its condition; or None."""
    found = guard(source, offset)
    if found is None:
        return None
    (start, end), how = found
    old = source.text[start:end]
    new = {'false': f'({old}) && false', 'true': f'({old}) || true', 'value': '0'}[how]
    error = SAYS_NO.match(source.code, offset).group(0)
    function = source.ancestors(offset)[0].spelling
    name = f'{source.path}:{line_of(source.text, offset)} {function} {error}'
    flat = ' '.join(old.split())
    key = f'{source.path} {function} {error} {flat if how != "value" else "as it stands"}'
    return Change(name, key, source.path, start, end, old, new), (start, end) if how != 'value' else None


def called(source, span):
    """The bool functions of the kernel called in a span: {USR: definition's place or None}."""
    found = {}

    def visit(cursor):
        start, end = source.span(cursor)
        if end <= span[0] or start >= span[1]:
            return
        if cursor.kind.name == 'CALL_EXPR' and cursor.referenced is not None and span[0] <= start:
            if cursor.referenced.result_type.get_canonical().spelling in ('bool', '_Bool'):
                found[cursor.referenced.get_usr()] = cursor.referenced.spelling
        for child in cursor.get_children():
            visit(child)

    for cursor in source.unit.cursor.get_children():
        if source.here(cursor):
            visit(cursor)
    return found


def bodies(source, root):
    """{USR: (path, offset of the body's brace, name)} of what a unit defines in our rooms, headers too."""
    found = {}
    for cursor in source.unit.cursor.get_children():
        if cursor.kind.name != 'FUNCTION_DECL' or not cursor.is_definition() or cursor.location.file is None:
            continue
        path = os.path.relpath(cursor.location.file.name, root)
        body = [child for child in cursor.get_children() if child.kind.name == 'COMPOUND_STMT']
        if path.split(os.sep)[0] in ROOMS and body:
            found[cursor.get_usr()] = (path, body[-1].extent.start.offset, cursor.spelling)
    return found


def always(usr, place, answer, root):
    """The Change that makes a function answer so at once."""
    path, offset, name = place
    with open(os.path.join(root, path), encoding='utf-8') as f:
        text = f.read()
    return Change(f'{path}:{line_of(text, offset)} {name} is always {answer}', f'{path} {name} always {answer}', path,
                  offset, offset + 1, '{', '{ return ' + answer + ';')


def find(root=ROOT):
    """All changes: the checks, in the order of the sources, then the functions that they call."""
    if clang() is None:
        raise Failed('libclang cannot be used: apt-get install python3-clang-14')
    checks, functions, defined = [], {}, {}
    paths = [path for room in ROOMS for path in glob.glob(os.path.join(root, room, '**', '*.c'), recursive=True)]
    for path in sorted(paths):
        source = Source(os.path.relpath(path, root), root)
        defined.update(bodies(source, root))
        seen = set()
        for match in SAYS_NO.finditer(source.code):
            found = removal(source, match.start())
            if found is None:
                continue
            change, span = found
            if (change.start, change.end) in seen:
                continue
            seen.add((change.start, change.end))
            checks.append(change)
            if span is not None:
                functions.update(called(source, span))
    places = sorted((defined[usr], usr) for usr in functions if usr in defined)
    return checks + [always(usr, place, answer, root) for place, usr in places for answer in ('true', 'false')]
