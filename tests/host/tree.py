# SPDX-License-Identifier: MIT
"""The files of the tree, for tests that read them all, and how such a test reports."""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def text_of(path, root=ROOT):
    with open(os.path.join(root, path), encoding='utf-8') as f:
        return f.read()


def sources(rooms, suffixes, root=ROOT):
    """The files below these rooms with such a name, as paths from the root."""
    for room in rooms:
        for folder, _, files in os.walk(os.path.join(root, room)):
            for name in sorted(files):
                if name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(folder, name), root)


def room_of(path):
    return path.split(os.sep)[0]


def report(checks):
    """Print (name, complaints) of each check as a result; the status of the test."""
    failed = False
    print(f'1..{len(checks)}')
    for number, (name, complaints) in enumerate(checks, 1):
        wrong = list(complaints)
        for complaint in wrong:
            print(f'# {complaint}')
        print(f'{"not ok" if wrong else "ok"} {number} - {name}')
        failed = failed or bool(wrong)
    return failed
