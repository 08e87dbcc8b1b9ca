#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drive less through a pseudo-terminal, as a person at the keyboard.

    less_test.py [PREFIX...] LESS

The screen of a small terminal emulator is what the tests look at.
Output is TAP; the last line is `N passed, N failed`.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
import termios

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import terminal  # noqa: E402
from terminal import equal  # noqa: E402

LESS = []           # the words that start it
UP, DOWN, PAGE_UP, PAGE_DOWN, HOME, END = '\033[A', '\033[B', '\033[5~', '\033[6~', '\033[H', '\033OF'


class Pager(terminal.Program):
    """A command of a shell, in which `less` is ours."""

    def __init__(self, command, width=40, height=10):
        words = ' '.join(shlex.quote(word) for word in LESS)
        super().__init__(['/bin/sh', '-c', f'less() {{ {words} "$@"; }}; {command}'], width=width, height=height)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def shows(self, rows, last):
        """Wait until these rows are the whole screen."""
        want = '\n'.join([*rows, last])
        self.until(lambda: self.screen.text() == want, f'{want!r}')

    def numbers(self, first, last, status=':'):
        self.shows(map(str, range(first, last + 1)), status)

    def press(self, keys, first, last, status=':'):
        self.send(keys)
        self.numbers(first, last, status)

    def quit(self):
        self.send('q')
        equal(self.ended(), 0)


def test_pages_and_lines():
    with Pager('seq 100 > f; less f') as p:
        p.numbers(1, 9)
        for key in (' ', 'f', '\x06', PAGE_DOWN):
            p.press(key, 10, 18)
            p.press({' ': 'b', 'f': '\x02'}.get(key, PAGE_UP), 1, 9)
        for down, up in (('j', 'k'), (DOWN, UP), ('\r', 'y'), ('\x0e', '\x10')):
            p.press(down, 2, 10)
            p.press(up, 1, 9)
        p.press('d', 6, 14)
        p.press('u', 1, 9)
        p.press('5j', 6, 14)
        p.press('3k', 3, 11)
        p.quit()


def test_both_ends():
    with Pager('seq 100 > f; less f') as p:
        p.numbers(1, 9)
        p.press('k', 1, 9)
        p.press('b', 1, 9)
        p.press('G', 92, 100, '(END)')
        p.press('j ', 92, 100, '(END)')
        p.press('k', 91, 99)
        p.press('g', 1, 9)
        p.press(END, 92, 100, '(END)')
        p.press(HOME, 1, 9)
        p.press('50g', 50, 58)
        p.press('20G', 20, 28)
        p.quit()


def test_standard_input():
    with Pager('seq 100 | less') as p:
        p.numbers(1, 9)
        p.press('G', 92, 100, '(END)')
        p.press('gj', 2, 10)
        p.quit()


def test_short_texts():
    for command, rows in (('seq 3 | less', ['1', '2', '3'] + 6 * ['~']), ('seq 9 | less', [str(n) for n in range(1, 10)]),
                          ('printf "a\\nb" | less', ['a', 'b'] + 7 * ['~']), ('less /dev/null', 9 * ['~']),
                          ('seq 2 > f; seq 3 > g; less f g', ['1', '2', '1', '2', '3'] + 4 * ['~'])):
        with Pager(command) as p:
            p.shows(rows, '(END)')
            p.send('jkGgbn')
            p.see('nothing to search for')
            p.send('r')
            p.shows(rows, '(END)')
            p.quit()


def test_long_lines():
    letters = ''.join(chr(97 + i % 26) for i in range(200))
    rows = [letters[i:i + 40] for i in range(0, 200, 40)]
    with Pager(f'(echo one; echo {letters}; seq 20) > f; less f') as p:
        p.shows(['one', *rows, '1', '2', '3'], ':')
        p.send('jj')
        p.shows([*rows[1:], '1', '2', '3', '4', '5'], ':')
        p.send('k')
        p.shows([*rows, '1', '2', '3', '4'], ':')
        p.send(' ')
        p.numbers(5, 13)
        p.send('6k')
        p.shows([*rows[3:], '1', '2', '3', '4', '5', '6', '7'], ':')
        p.quit()


def test_the_window_changes():
    letters = ''.join(chr(97 + i % 26) for i in range(60))
    with Pager(f'(echo {letters}; seq 30) > f; less f') as p:
        p.shows([letters[:40], letters[40:], *map(str, range(1, 8))], ':')
        p.resize(20, 6)
        p.shows([letters[:20], letters[20:40], letters[40:], '1', '2'], ':')
        p.press('3j', 1, 5)
        p.resize(40, 10)
        p.numbers(1, 9)
        p.send('k')
        p.shows([letters[40:], *map(str, range(1, 9))], ':')
        p.resize(30, 5)
        p.shows([letters[30:], *map(str, range(1, 4))], ':')
        p.quit()


def test_search():
    with Pager('seq 200 > f; less f') as p:
        p.numbers(1, 9)
        p.send('/[4]5')
        p.see('^/\\[4\\]5$')
        p.press('\r', 45, 53)
        equal(p.screen.marks(), ['45'])
        p.press('n', 145, 153)
        p.press('N', 45, 53)
        p.press('?1(1|2)$\r', 12, 20)
        equal(p.screen.marks(), ['12'])
        p.press('n', 11, 19)
        p.press('N', 12, 20)
        p.press('/\r', 111, 119)
        p.press('/1\177\b8\177\177', 111, 119)      # erased: given up
        p.press('/17\033', 111, 119)
        p.send('/xyz\r')
        p.see('^pattern not found$')
        p.press('j', 112, 120)
        p.send('/(\r')
        p.see('[Uu]nmatched')
        p.press('n', 112, 120, 'pattern not found')
        p.quit()


def test_a_match_far_in_a_long_line():
    letters = 'x' * 400 + 'here' + 'y' * 30
    with Pager(f'(seq 3; echo {letters}; echo end) > f; less f') as p:
        p.see('^x{40}$')
        p.send('/here\r')
        p.shows(['here' + 'y' * 30, 'end'] + 7 * ['~'], '(END)')
        equal(p.screen.marks(), ['here', '(END)'])
        p.send('k')
        p.see('^x{40}\nhere')
        p.quit()


def test_every_match_is_marked():
    with Pager("printf 'aXbXXc\\nX\\nd\\n' | less") as p:
        p.see('END')
        for pattern, marks in (('X', ['XXX', 'X']), ('^a|c$', ['ac']), ('y*', []), ('b|^X', ['b', 'X'])):
            p.send(f'g/{pattern}\rg')
            p.until(lambda marks=marks: p.screen.marks() == [*marks, '(END)'], f'{marks}, {p.screen.marks()}')
        p.quit()


def test_odd_bytes():
    with Pager(r"printf 'a\tb\001\177\033[1m\r\n\303\244\344\270\255x\n\377\303\n\0\n' | less") as p:
        p.shows(['a       b^A^?^[[1m^M', 'ä中x', '<FF><C3>', '^@'] + 5 * ['~'], '(END)')
        p.quit()
    wide = '中' * 15
    with Pager(f'echo a{wide} | less', width=20, height=5) as p:
        p.shows(['a' + wide[:9], wide[9:], '~', '~'], '(END)')
        p.quit()


def test_text_that_does_not_come():
    with Pager('(seq 5; exec sleep 1000) | less') as p:
        p.shows([*map(str, range(1, 6))] + 4 * ['~'], ':')
        p.send('G')
        p.send('g/3\r')
        p.shows(['3', '4', '5'] + 6 * ['~'], ':')
        p.send('q')
        p.until(lambda: not p.raw(), 'the end of less')
        p.send('\x03')          # for the sleep
        p.ended()


def test_ctrl_c_ends_reading():
    with Pager('trap : INT; yes | less') as p:
        p.see('^y$')
        p.send('G')
        p.pump(0.2)
        p.send('\x03')
        p.see(r'^(:|\(END\))$')
        p.send('q')
        p.ended()


def test_stopped_and_continued():
    with Pager('set -m; seq 30 > f; less f; echo stopped; fg > /dev/null') as p:
        p.numbers(1, 9)
        p.send('\x1a')
        p.until(lambda: 'stopped' in p.log, 'that it stopped')
        p.send('j')
        p.numbers(2, 10)
        p.quit()


def test_the_terminal_is_as_before():
    with Pager('stty -g; seq 30 | less; stty -g; exec cat') as p:
        p.numbers(1, 9)
        assert not p.modes() & (termios.ICANON | termios.ECHO)
        p.send('q')
        modes = re.compile(r'([0-9a-f]+:){20,}')
        p.until(lambda: len(list(modes.finditer(p.log))) == 2 and not p.raw(), 'both answers of stty')
        before, after = (found.group() for found in modes.finditer(p.log))
        equal(after, before)


def test_without_a_terminal_it_copies():
    with tempfile.TemporaryDirectory(prefix='tine-') as folder:
        with open(os.path.join(folder, 'f'), 'w', encoding='utf-8') as f:
            f.write('one\ntwo\x01')

        def run(*words, stdin=''):
            done = subprocess.run([*LESS, *words], cwd=folder, input=stdin, capture_output=True, text=True, timeout=60)
            return done.returncode, done.stdout, done.stderr
        equal(run('f'), (0, 'one\ntwo\x01', ''))
        equal(run('f', '-', stdin='three\n'), (0, 'one\ntwo\x01three\n', ''))
        equal(run(stdin='three'), (0, 'three', ''))
        equal(run('nowhere', 'f'), (1, 'one\ntwo\x01', 'less: nowhere: No such file or directory\n'))
        equal(run('.'), (1, '', 'less: .: Is a directory\n'))


def test_what_cannot_be_shown():
    for command, says in (('less nowhere', 'less: nowhere: No such file or directory'), ('less .', 'less: .: Is a directory')):
        with Pager(command) as p:
            equal(p.ended(), 1)
            assert says.replace(' ', '') in p.screen.text().replace('\n', '').replace(' ', ''), p.screen.text()
    with Pager('less') as p:
        equal(p.ended(), 2)
        assert 'usage: less' in p.log


def main():
    LESS[:] = [os.path.abspath(word) if os.path.exists(word) else word for word in sys.argv[1:]]
    if not LESS:
        sys.exit(__doc__)
    return terminal.report(globals(), 'less', lambda test: test())


if __name__ == '__main__':
    sys.exit(main())
