#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/reading.md tells the truth: files, sizes, questions with answers, a short glossary.

usage: reading_test.py ROOT
"""
import os
import re
import sys
import unittest

sys.dont_write_bytecode = True
ROOT = sys.argv[1]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host')]

import tapcase  # noqa: E402
import tree  # noqa: E402
from tine import reading  # noqa: E402

FILES_MOST = 50
CODE_MOST = 7500
GLOSSARY_MOST = 30
ROOMS = ('arch', 'core', 'drivers', 'fs', 'kernel', 'lib', 'mm', 'proc', 'procfs', 'syscall')


def page():
    return tree.text_of('docs/reading.md', ROOT)


def part(title):
    """The lines below a heading, up to the next one."""
    return re.search(rf'^## {re.escape(title)}\n(.*?)(?=^## |\Z)', page(), re.M | re.S).group(1)


class Reading(unittest.TestCase):
    def test_the_files_exist_and_are_as_long_as_it_says(self):
        rows = reading.rows(ROOT)
        self.assertEqual(len(rows), len(re.findall(r'^\| *\d+ *\|', part('The order'), re.M)), 'a row is not understood')
        for path, says in rows:
            self.assertTrue(os.path.isfile(os.path.join(ROOT, path)), path)
            code = reading.code_lines(os.path.join(ROOT, path))
            self.assertLessEqual(abs(says - code), 0.05 * code, f'{path} has {code} lines of code, not {says}')

    def test_it_is_bounded(self):
        paths = reading.files(ROOT)
        self.assertEqual(len(paths), len(set(paths)))
        self.assertLessEqual(len(paths), FILES_MOST)
        self.assertLessEqual(sum(reading.code_lines(os.path.join(ROOT, path)) for path in paths), CODE_MOST)

    def test_each_file_has_a_question_and_each_question_an_answer(self):
        questions = re.findall(r'^\| *(\d+) *\|.*\| ([^|]+) \|$', part('The order'), re.M)
        answers = dict(re.findall(r'^(\d+)\. (.+)$', part('Answers'), re.M))
        self.assertEqual([int(number) for number, _ in questions], list(range(1, len(reading.files(ROOT)) + 1)))
        for number, question in questions:
            self.assertTrue(question.endswith('?') and len(question.split()) >= 5, question)
            self.assertGreaterEqual(len(answers.get(number, '').split()), 5, f'no answer to {number}: {question}')

    def test_the_glossary_is_short_and_its_words_are_used(self):
        words = re.findall(r'^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$', part('Glossary'), re.M)[1:]
        words = [row for row in words if not row[0].startswith('-')]
        self.assertTrue(10 <= len(words) <= GLOSSARY_MOST, len(words))
        paths = tree.sources(ROOMS, ('.c', '.h', '.S', '.def'), ROOT)
        text = '\n'.join(tree.text_of(path, ROOT) for path in paths).lower()
        for house, field, _ in words:
            self.assertNotEqual(house, field)
            for word in house.split(', '):
                self.assertIn(word.strip('`').lower(), text)


if __name__ == '__main__':
    sys.exit(tapcase.main())
