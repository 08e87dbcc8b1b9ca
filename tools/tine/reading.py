# SPDX-License-Identifier: MIT
"""docs/reading.md, read: which files it lists, and how much code they are."""
import os
import re

ROW = re.compile(r'^\| *\d+ *\| \[`([^`]+)`\]\([^)]*\) *\| *([\d,]+) *\|', re.M)


def rows(root):
    """[(path, lines of code as the page says)], in the page's order."""
    with open(os.path.join(root, 'docs', 'reading.md'), encoding='utf-8') as f:
        return [(path, int(count.replace(',', ''))) for path, count in ROW.findall(f.read())]


def files(root):
    return [path for path, _ in rows(root)]


def code_lines(path):
    """Lines that are neither blank nor only comment."""
    with open(path, encoding='utf-8') as f:
        return code_in(f.read(), path)


def code_in(text, path):
    text = re.sub(r'/\*.*?\*/', lambda comment: '\n' * comment.group().count('\n'), text, flags=re.S)
    if path.endswith('.S'):
        text = re.sub(r'^\s*#(?!\s*(include|define|if|else|endif|undef)\b).*$', '', text, flags=re.M)
    return sum(1 for line in text.splitlines() if line.strip())
