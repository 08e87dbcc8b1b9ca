# SPDX-License-Identifier: MIT
"""Measured figures in the pages, found by their marks and compared with what was measured.

A figure in README.md or docs/ that ./tine bench measures is followed by a mark that a browser does
not show: `1,900<!-- cow cow_child_write_page_4k -->`.  It names the strategy and a figure of
./tine bench, or an arithmetic expression of such figures.
"""
import ast
import csv
import glob
import operator
import os
import re

MARK = re.compile(r'(\d[\d,.]*)<!-- (\w+) ([^>]+?) -->')
UNMARKED = re.compile(r'(?<![\d^,.])\d[\d,.]*(?= instructions)')
HEADER = re.compile(r'^\|.*\binstructions *\|$')
MOST = 0.15                 # a figure may be that far from the measured one
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def pages(root):
    return ['README.md', *sorted(os.path.relpath(path, root) for path in
                                 glob.glob(os.path.join(root, 'docs', '**', '*.md'), recursive=True))]


def text_of(root, page):
    with open(os.path.join(root, page), encoding='utf-8') as f:
        return re.sub(r'(?ms)^(`{3,}).*?^\1$', '', f.read())


def marks(root):
    """(page, figure, strategy, expression) of each mark."""
    return [(page, float(figure.replace(',', '').rstrip('.')), strategy, expression) for page in pages(root)
            for figure, strategy, expression in MARK.findall(text_of(root, page))]


def value(expression, figures):
    """The expression's value; a KeyError names a figure that was not measured."""
    def of(node):
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](of(node.left), of(node.right))
        return node.value if isinstance(node, ast.Constant) else figures[node.id]
    return of(ast.parse(expression, mode='eval').body)


def is_far(figure, measured):
    return abs(figure - measured) > MOST * abs(measured)


def unmarked(root):
    """(page, line) of each number that is said to be of instructions and has no mark."""
    for page in pages(root):
        table = False
        for line in text_of(root, page).split('\n'):
            if not line.startswith('|'):
                table = False
            bare = MARK.sub('', line)
            if UNMARKED.search(bare) or table and re.search(r'about \d|\d\d', bare.split('|')[-2]):
                yield page, line
            table = table or bool(HEADER.match(line))


def recorded(root):
    """{strategy: {name: value}} as tools/bench/tine.csv has them."""
    figures = {}
    with open(os.path.join(root, 'tools', 'bench', 'tine.csv'), encoding='utf-8') as f:
        for row in csv.DictReader(f):
            figures.setdefault(row['system'], {})[row['metric']] = float(row['value'])
    return figures
