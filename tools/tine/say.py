# SPDX-License-Identifier: MIT
"""Messages for the terminal: short lines, no decoration.

say() goes to standard output, complain() to standard error.  A Failed carries the sentence and the
status that ./tine ends with.
"""
import os
import sys


class Failed(Exception):
    """Something went wrong and the message says all there is to say."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


def say(text):
    print(f'tine: {text}', flush=True)


def complain(text):
    print(f'tine: {text}', file=sys.stderr, flush=True)


def short(path):
    """A path as it is typed in the current folder."""
    return os.path.relpath(path) if os.path.relpath(path).count('..') < 3 else path


def cannot_start(command, why):
    """A sentence for the OSError of a program that was to be run."""
    if isinstance(why, FileNotFoundError):
        return f'{command[0]} is not installed; ./tine doctor shows how to install it'
    return f'{command[0]} does not start: {why.strerror}'


def distance(a, b):
    """How many letters must be added, removed, replaced or swapped to make b of a."""
    rows = [list(range(len(b) + 1))]
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != other)))
            if i > 1 and j > 1 and a[i - 2:i] == other + b[j - 2]:
                row[j] = min(row[j], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def nearest(word, names):
    """The name that a mistyped word may mean, or None: one mistake in 3 to 6 letters, two in 7 to 10."""
    name = min(names, key=lambda name: distance(word, name))
    return name if distance(word, name) <= (max(len(word), len(name)) + 1) // 4 else None
