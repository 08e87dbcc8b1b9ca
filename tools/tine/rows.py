# SPDX-License-Identifier: MIT
"""The page that says, for each row of the fork checklist, which tests stand for it and how they went.

A test's name begins with its row ("fork_a: A3 child rewrites ...", "conform.B10_no_leaf...",
"Panic.test_c13_user..."); the tests listed below stand for a row without its name.  The page is written to the
build folder after a whole run of ./tine test, from what that run printed.
"""
import collections
import re

# The letters of the checklist and how many rows each has: 126 in all.
ROWS = {'A': 20, 'B': 14, 'C': 18, 'D': 15, 'E': 13, 'F': 8, 'G': 16, 'H': 11, 'K': 9, 'L': 2}
NAME = re.compile(r'^(?:(\w+): ([A-L]\d+) (.*)|(conform)\.([A-L]\d+)_(.*))$')
CELL = re.compile(r'^(\w+)-(\w+)-(\d+)$')
IN_PYTHON = re.compile(r'^\w+\.test_([a-l]\d+)_(.*)$')
# Row, entry, and how the test's name begins there.
OTHERS = (('E11', 'mm', 'a_count_at_its_limit'), ('G15', 'models', 'tlbgen'), ('L1', 'mm', 'random_programs'))


def row_of(entry, name):
    """(program, row, title) of a result, or None."""
    found = NAME.match(name)
    if found:
        return found.groups()[:3] if found.group(1) else found.groups()[3:]
    found = IN_PYTHON.match(name)
    if found:
        return entry, found.group(1).upper(), found.group(2)
    for row, where, start in OTHERS:
        if entry == where and name.startswith(start):
            return entry, row, start
    return None


def tests_in(entry, points):
    """(row, program, title, result) of one entry's points."""
    for point in points:
        result = 'skipped' if point.skip is not None else 'failed' if point.failed else 'passed'
        found = row_of(entry, point.name)
        if found:
            program, row, title = found
            yield row, program, title, result
        if entry.startswith('asids-') and result != 'skipped':
            yield 'H7', entry, 'all of it, with three ASIDs', result


def order(row):
    return row[0], int(row[1:])


def braces(names):
    """Names of entries in order; those of the matrix as kind-{strategies}-{harts} where all of them are there."""
    cells, words = collections.defaultdict(set), []
    for name in names:
        found = CELL.match(name)
        if found:
            cells[found.group(1)].add(found.groups()[1:])
        else:
            words.append(name)
    for kind, pairs in cells.items():
        strategies, harts = (sorted(set(part)) for part in zip(*pairs))
        if len(pairs) > 1 and len(pairs) == len(strategies) * len(harts):
            words.append(f'{kind}-{{{",".join(strategies)}}}-{{{",".join(harts)}}}')
        else:
            words += ['-'.join((kind, *pair)) for pair in pairs]
    return ' '.join(sorted(words))


def page(entries):
    """The text, from {entry: its points}."""
    tests = collections.defaultdict(set)
    results = collections.defaultdict(lambda: collections.defaultdict(set))
    for name, points in entries.items():
        for row, program, title, result in tests_in(name, points):
            tests[row].add(f'{program}: {title}')
            results[row][result].add(name)
    rows = [f'{letter}{number}' for letter, count in ROWS.items() for number in range(1, count + 1)]
    lines = ['# The fork checklist, row by row', '',
             f'{sum(row in tests for row in rows)} of {len(rows)} rows have a test of their name.  An entry is a boot: '
             'kind, strategy, harts; a test about one strategy is skipped under the others.', '',
             '| row | tests | passed in | failed in |', '|---|---|---|---|']
    for row in sorted(set(rows) | set(tests), key=order):
        if row[0] not in ROWS or int(row[1:]) > ROWS[row[0]]:
            continue
        if row not in tests:
            lines.append(f'| {row} | none | | |')
            continue
        failed = results[row]['failed']
        passed = results[row]['passed'] - failed
        lines.append(f'| {row} | {"<br>".join(sorted(tests[row]))} | {len(passed)}: {braces(passed)} | '
                     f'{braces(failed) or "-"} |')
    return '\n'.join(lines) + '\n'
