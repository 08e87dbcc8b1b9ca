#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drive the shell through a pseudo-terminal, as a person at the keyboard.

    edit_test.py SHELL [ARG...]

A small terminal emulator keeps the screen, so that the tests see what a
person would see: line editing, history, completion, Ctrl-C, Ctrl-Z.
Output is TAP; the last line is `N passed, N failed`.
"""
import os
import random
import re
import shutil
import signal
import sys
import termios

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import terminal  # noqa: E402
from terminal import equal  # noqa: E402

PROMPT = '$ '


class Shell(terminal.Program):
    """A shell on a terminal of its own."""

    def __init__(self, words, env=None, **more):
        super().__init__(words, env={'PS1': PROMPT, **(env or {})}, **more)

    def at_prompt(self):
        last = self.screen.text().split('\n')[-1].rstrip()
        return last.endswith(PROMPT.rstrip()) and self.raw()

    def run(self, keys):
        """Type a line, return the lines that came before the next prompt."""
        self.until(self.at_prompt, 'the prompt')
        self.send('\f')
        self.until(lambda: self.screen.text() == PROMPT.rstrip(),
                   'a clean screen')
        self.send(keys + '\r')
        self.until(lambda: self.screen.text() != PROMPT.rstrip() and
                   self.at_prompt() and '\n' in self.screen.text(),
                   'the next prompt')
        return self.screen.text().split('\n')[1:-1]


LEFT, RIGHT, UP, DOWN = '\033[D', '\033[C', '\033[A', '\033[B'
HOME, END, DELETE = '\033[H', '\033[F', '\033[3~'


def ctrl(letter):
    return chr(ord(letter) & 31)


def test_default_prompt(words):
    s = Shell(words, env={'PS1': ''})
    s.run = None
    try:
        s.send('unset PS1; cd /\r')
        s.see(r'^tine:/[#$]$')
    finally:
        s.close()


def test_echo(s):
    equal(s.run('echo hello'), ['hello'])


def test_left_and_insert(s):
    equal(s.run('echo ad' + LEFT + 'b' + LEFT + RIGHT + 'c'), ['abcd'])


def test_home_end(s):
    equal(s.run('cho x' + HOME + 'e' + END + 'y'), ['xy'])
    equal(s.run('cho x\033[1~e\033[4~z'), ['xz'])
    equal(s.run('cho x\033OHe\033OFw'), ['xw'])


def test_ctrl_a_e(s):
    equal(s.run('cho x' + ctrl('a') + 'e' + ctrl('e') + 'y'), ['xy'])


def test_ctrl_b_f(s):
    equal(s.run('echo ac' + ctrl('b') + 'b' + ctrl('f') + 'd'), ['abcd'])


def test_backspace(s):
    equal(s.run('echo abx\177c' + ctrl('h') + 'd'), ['abd'])


def test_delete(s):
    equal(s.run('echo axbc' + LEFT * 3 + DELETE), ['abc'])
    equal(s.run('echo axbc' + LEFT * 3 + ctrl('d')), ['abc'])


def test_kill_line(s):
    equal(s.run('echo abcd' + LEFT * 2 + ctrl('k')), ['ab'])
    equal(s.run('garbage' + ctrl('u') + 'echo ok'), ['ok'])
    equal(s.run('xx echo ok' + LEFT * 7 + ctrl('u')), ['ok'])


def test_kill_word_and_yank(s):
    equal(s.run('echo one two ' + ctrl('w') + 'three'), ['one three'])
    equal(s.run('echo b' + ctrl('w') + 'a ' + ctrl('y')), ['a b'])


def test_word_moves(s):
    equal(s.run('echo one two\033[1;5D\033bx\033fy'), ['xoney two'])


def test_clear_screen(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('echo still' + ctrl('l'))
    s.until(lambda: s.screen.text() == '$ echo still', 'the line on top')
    s.send('\r')
    s.see('^still$')


def test_partial_line_stays(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('printf abc\r')
    s.see(r'^abc\$$')
    s.send('echo next\r')
    s.see('^next$')


def test_history(s):
    s.run('echo first')
    s.run('echo second')
    equal(s.run(UP), ['second'])
    equal(s.run(UP + UP), ['first'])
    equal(s.run(ctrl('p') + ctrl('p') + ctrl('n')), ['first'])
    equal(s.run('echo new' + UP + DOWN + 'er'), ['newer'])
    equal(s.run(UP * 50 + DOWN * 50 + 'echo empty'), ['empty'])
    equal(s.run(UP + LEFT * 5 + 'not '), ['not empty'])


def test_history_search(s):
    s.run('echo first')
    s.run('echo second')
    s.run('echo third')
    equal(s.run(ctrl('r') + 'fir'), ['first'])
    equal(s.run(ctrl('r') + 'echo' + ctrl('r') * 2), ['second'])
    equal(s.run(ctrl('r') + 'thx' + '\177'), ['third'])
    equal(s.run(ctrl('r') + 'second' + ctrl('k') + 'cut'), ['cut'])
    equal(s.run(ctrl('r') + 'third' + UP + DOWN + END + '.'), ['third.'])
    equal(s.run('echo kept' + ctrl('r') + 'fir' + ctrl('g') + '!'), ['kept!'])
    equal(s.run('echo kept' + ctrl('r') + 'QQ' + END + '.'), ['kept.'])
    equal(s.run('echo typed' + ctrl('r') + 'fir' + DOWN * 50), ['typed'])
    s.until(s.at_prompt, 'the prompt')
    s.send('\f' + ctrl('r') + 'sec')
    s.see(r"^\(search 'sec'\) echo second$")
    s.send('x')
    s.see(r"^\(no line has 'secx'\) echo second$")
    s.send(ctrl('c'))
    s.see(r'^\$ echo second\^C')
    equal(s.run('echo $?'), ['130'])


def test_last_line_again(s):
    equal(s.run('!!; echo no'), ['sh: !!: no line was typed before'])
    equal(s.run('echo $?'), ['1'])
    equal(s.run('echo one'), ['one'])
    equal(s.run('!!'), ['echo one', 'one'])
    equal(s.run('!! two; echo "it\'s !!"'), ['echo one two; echo "it\'s echo one"', 'one two', "it's echo one"])
    equal(s.run("echo '!!' \\!! ! !"), ['!! !! ! !'])
    equal([line.split(None, 1)[1] for line in s.run('history 3')],
          ['echo one two; echo "it\'s echo one"', "echo '!!' \\!! ! !", 'history 3'])


def test_history_builtin(s):
    s.run('echo one')
    lines = s.run('history')
    equal([line.split(None, 1)[1] for line in lines], ['echo one', 'history'])


def test_complete_file(s):
    s.run('mkdir directory; echo inside > directory/some_file')
    equal(s.run('cat dir\tso\t'), ['inside'])


def test_complete_odd_name(s):
    s.run('echo odd > "a b(c"')
    equal(s.run('cat a\t'), ['odd'])


def test_complete_command(s):
    equal(s.run('unal\177\177\177\177ech\t done'), ['done'])
    s.run('zzfunction() { echo called; }')
    equal(s.run('zzf\t'), ['called'])
    equal(s.run('true && zzf\t'), ['called'])


def test_complete_ambiguous(s):
    s.run('touch name_one name_two')
    s.until(s.at_prompt, 'the prompt')
    s.send('echo n\t\t')
    s.see(r'^name_one +name_two$')
    s.see(r'^\$ echo name_$')
    s.send('t\t\r')
    s.see('^name_two$')


def test_only_near_commands_are_suggested(s):
    s.run('mkdir bin; echo : > bin/ls; chmod 755 bin/ls; PATH=$PWD/bin')
    s.run('forkdemo() { echo called; }')
    equal(s.run('frokdemo'), ['sh: frokdemo: not found; did you mean forkdemo?'])
    equal(s.run('fordmeo; echo $?'), ['sh: fordmeo: not found; did you mean forkdemo?', '127'])
    equal(s.run('help jbos; echo $?'), ['sh: jbos: not found; did you mean jobs?', '1'])
    equal(s.run('type histroy'), ['sh: histroy: not found; did you mean history?'])
    equal(s.run('(ehco x)'), ['sh: ehco: not found; did you mean echo?'])
    equal(s.run('exce x'), ['sh: exce: not found; did you mean exec?'])
    equal(s.run('lss'), ['sh: lss: not found; did you mean ls?'])
    for word in ('xyzzy', 'ip', 'vi', 'nosuch', 'git', 'x' * 40):
        equal(s.run(word), [f'sh: {word}: not found'])
        equal(s.run('help ' + word), [f'sh: {word}: not found'])
    equal(s.run('help jobs; echo $?'), ['jobs: list jobs; -l with processes', '0'])


def test_ctrl_c_abandons(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('echo never' + ctrl('c'))
    s.see(r'echo never\^C')
    equal(s.run('echo $?'), ['130'])
    s.send('echo "open\r')
    s.see(r'^> $|^>$')
    s.send(ctrl('c'))
    s.see(r'^> \^C')
    equal(s.run('echo fine'), ['fine'])


def test_ctrl_c_kills_job(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('sleep 60\r')
    s.runs('sleep 60')
    s.send(ctrl('c'))
    equal(s.run('echo $?'), ['130'])


def test_ctrl_c_kills_pipeline(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('sleep 60 | cat -u | cat -v; echo not reached\r')
    for program in ('sleep 60', 'cat -u', 'cat -v'):
        s.runs(program)
    s.send(ctrl('c'))
    s.until(s.at_prompt, 'the prompt')
    assert not re.search('^not reached', s.screen.text(), re.M)


def test_ctrl_c_ends_loops(s):
    for loop, program, where in (
            ('echo begun; while :; do :; done', None, None),
            ('while :; do sleep 61; done', 'sleep 61', 'foreground'),
            ('while :; do (sleep 62); done', 'sleep 62', 'foreground'),
            ('echo begun; read x', None, None),
            ('echo $(sleep 63)', 'sleep 63', 'foreground'),
            ('sleep 64 & echo begun; wait', 'sleep 64', 'background')):
        s.until(s.at_prompt, 'the prompt')
        s.send('\f' + loop + '\r')
        if 'begun' in loop:
            s.see('^begun')
        if program:
            s.runs(program, where)
        s.send(ctrl('c'))
        s.until(s.at_prompt, 'the prompt after ' + loop)
    equal(s.run('echo alive'), ['alive'])


def test_trapped_signal_at_the_prompt(s):
    s.run("trap 'echo trapped' USR1")
    s.until(s.at_prompt, 'the prompt')
    os.kill(s.pid, signal.SIGUSR1)
    s.send('echo alive\r')
    s.see('^alive')
    s.see('^trapped')
    s.until(s.at_prompt, 'the prompt')


def test_ctrl_c_leaves_background(s):
    s.run('sleep 60 &')
    s.until(s.at_prompt, 'the prompt')
    s.send('sleep 50\r')
    s.runs('sleep 50')
    s.send(ctrl('c'))
    s.until(s.at_prompt, 'the prompt')
    equal(s.run('jobs'), ['[1]+  Running              sleep 60 &'])
    s.run('kill %1')


def test_ctrl_z(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('sleep 60\r')
    s.runs('sleep 60')
    s.send(ctrl('z'))
    s.see(r'^\[1\]\+  Stopped +sleep 60$')
    equal(s.run('jobs'), ['[1]+  Stopped              sleep 60'])
    equal(s.run('bg'), ['[1]+  Running              sleep 60 &'])
    equal(s.run('jobs'), ['[1]+  Running              sleep 60 &'])
    s.until(s.at_prompt, 'the prompt')
    s.send('fg\r')
    s.runs('sleep 60')
    s.send(ctrl('c'))
    equal(s.run('echo $?; jobs'), ['130'])


def test_jobs_long(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('sleep 60 | cat -u\r')
    s.runs('cat -u')
    s.send(ctrl('z'))
    s.see('Stopped')
    s.run('sleep 61 &')
    lines = s.run('jobs -l')
    first, cat, second = (re.search(r'\d{2,}', line).group() for line in lines)
    equal(lines, [f'[1]+  {first} Stopped              sleep 60 | cat -u', f'      {cat} Stopped',
                  f'[2]-  {second} Running              sleep 61 &'])
    equal(s.run('jobs -p'), [first, second])
    equal(s.run('echo $!; jobs -l %2'), [second, lines[2]])
    equal(s.run('jobs %1'), ['[1]+  Stopped              sleep 60 | cat -u'])
    equal(s.run('jobs %7; echo $?'), ['sh: jobs: %7: no such job (see `jobs`)', '1'])
    equal(s.run('jobs -x; echo $?'), ['sh: jobs: no option -x: jobs [-l|-p] [%JOB ...]', '2'])
    s.run('kill -9 %1 %2')


def test_done_is_reported(s):
    os.mkfifo(os.path.join(s.dir, 'fifo'))
    s.run('cat fifo &')
    s.runs('cat fifo', 'background')
    os.close(os.open(os.path.join(s.dir, 'fifo'), os.O_WRONLY))
    s.until(lambda: not any('fifo' in p[0] for p in s.processes()),
            'the end of cat')
    equal(s.run(''), ['[1]+  Done                 cat fifo'])


def test_modes(s):
    s.until(s.at_prompt, 'the prompt')
    before = s.modes()
    assert not before & termios.ECHO
    s.send('cat\r')
    s.at_work()
    assert s.modes() & termios.ECHO and s.modes() & termios.ISIG
    s.send(ctrl('d'))
    s.until(s.at_prompt, 'the prompt')
    s.send('stty -echo raw; kill -9 $$\r')


def test_killed_program_leaves_sane_modes(s):
    equal(s.run("sh -c 'stty raw -echo; kill -9 $$'")[-1:],
          ["sh: Killed: sh -c 'stty raw -echo; kill -9 $$'"])
    s.until(s.at_prompt, 'the prompt')
    s.send('cat\r')
    s.at_work()
    assert s.modes() & termios.ECHO


def test_continuation(s):
    equal(s.run("echo 'a\rb'"), ["> b'", 'a', 'b'])
    equal(s.run('if true\rthen echo yes\rfi'),
          ['> then echo yes', '> fi', 'yes'])
    equal(s.run('cat <<E\rbody\rE'), ['> body', '> E', 'body'])


def test_ctrl_c_in_the_middle_of_a_command(s):
    for begun in ('for i in 1 2; do', "echo 'a"):
        s.until(s.at_prompt, 'the prompt')
        s.send('\f' + begun + '\r')
        # Typed ahead it would meet a shell that is not reading yet.
        s.see(r'^> $|^>$')
        s.send(ctrl('c'))
        s.see(r'^> \^C')
    equal(s.run('echo fine'), ['fine'])


def test_syntax_error_survives(s):
    equal(s.run('echo )'), ["sh: syntax error: ')' is not expected here"])
    equal(s.run('echo ${x?gone}; echo no'), ['sh: x: gone'])
    equal(s.run('echo fine'), ['fine'])


def test_end_of_file(s):
    s.run('(exit 5)')
    s.until(s.at_prompt, 'the prompt')
    s.send(ctrl('d'))
    equal(s.ended(), 5)


def test_stopped_jobs_hold_the_door(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('sleep 60\r')
    s.runs('sleep 60')
    s.send(ctrl('z'))
    s.see('Stopped')
    s.until(s.at_prompt, 'the prompt')
    s.send(ctrl('d'))
    s.see('stopped jobs')
    s.until(s.at_prompt, 'the prompt')
    s.send(ctrl('d'))
    s.ended()


def test_utf8(s):
    equal(s.run('echo äöx' + LEFT + '\177ü' + END + 'y'), ['äüxy'])


def test_prompt_variable(s):
    s.until(s.at_prompt, 'the prompt')
    s.send('PS1=\'\033[1m<$((1+1))>$ \'\r'.replace('\033[1m', ''))
    s.see(r'^<2>\$$')


def narrow(words, width, keys, want):
    """Type in a narrow window; the screen must show it wrapped."""
    s = Shell(words, width=width)
    try:
        s.until(s.at_prompt, 'the prompt')
        s.send('\f')
        s.until(lambda: s.screen.text() == PROMPT.rstrip(), 'a clean screen')
        s.send(keys)
        line = (PROMPT + want).rstrip()
        wrapped = '\n'.join(line[i:i + width].rstrip()
                            for i in range(0, len(line), width))
        s.until(lambda: s.screen.text() == wrapped, f'{wrapped!r}')
        return s
    except BaseException:
        s.close()
        raise


def test_long_line(words):
    text = ''.join(chr(97 + i % 26) for i in range(95))
    s = narrow(words, 20, 'echo ' + text, 'echo ' + text)
    try:
        s.send(HOME + 'true; ' + END)
        s.until(lambda: s.screen.text().startswith('$ true; echo abcdefg\n'),
                'the line redrawn')
        s.send('\r')
        s.until(s.at_prompt, 'the prompt')
        joined = s.screen.text().replace('\n', '')
        assert joined.count(text) == 2, s.screen.text()
    finally:
        s.close()


def test_every_length(words):
    """Around the width every count of characters must look right."""
    for n in range(15, 23):
        s = narrow(words, 20, 'x' * n, 'x' * n)
        try:
            at = len(PROMPT) + n
            s.until(lambda at=at: (s.screen.y, s.screen.x) in
                    ((at // 20, at % 20), (at // 20 - 1, at % 20 + 20)),
                    f'the cursor behind {n} characters')
            s.send(LEFT + 'y')
            want = PROMPT + 'x' * (n - 1) + 'yx'
            s.until(lambda want=want: s.screen.text().replace('\n', '') ==
                    want, repr(want))
            s.send('\177' * n + DELETE)
            s.until(lambda: s.screen.text() == PROMPT.rstrip(), 'nothing')
        finally:
            s.close()


def drawn(line, pos, width, height, prompt=PROMPT):
    """The screen's text and the place of the cursor (row, column), as they must be."""
    rows, cursor = [''], None
    column = 0
    for place, c in enumerate([*prompt, *line, '']):
        if column == width:
            rows, column = [*rows, ''], 0
        if place == len(prompt) + pos:
            cursor = (len(rows) - 1, column)
        if c and column + terminal.cells(c) > width:
            rows, column = [*rows, ''], 0
        rows[-1] += c
        column += terminal.cells(c) if c else 0
    first = max(0, cursor[0] - height + 1) if len(rows) > height else 0
    text = '\n'.join(row.rstrip() for row in rows[first:first + height]).rstrip()
    return text, (cursor[0] - first, cursor[1])


def expect_drawn(s, line, pos, prompt=PROMPT):
    want = drawn(line, pos, s.screen.width, s.screen.height, prompt)
    s.until(lambda: (s.screen.text(), (s.screen.y, s.screen.x)) == want, f'{want}, but the cursor at {s.screen.y}, {s.screen.x}')


class Model:
    """What a line becomes by the keys of the editor."""

    def __init__(self, history):
        self.line, self.pos, self.killed = '', 0, ''
        self.history, self.back, self.fresh = history, 0, ''

    def word_before(self):
        return len(re.sub(r'[^ ]* *$', '', self.line[:self.pos]))

    def cut(self, start, end, keep=True):
        if keep and end > start:
            self.killed = self.line[start:end]
        self.line, self.pos = self.line[:start] + self.line[end:], start

    def insert(self, text):
        self.line, self.pos = self.line[:self.pos] + text + self.line[self.pos:], self.pos + len(text)

    def recall(self, back):
        if not 0 <= back <= len(self.history):
            return
        if self.back == 0:
            self.fresh = self.line
        if (back, self.back) != (0, 0):
            self.line = self.history[-back] if back else self.fresh
            self.back, self.pos = back, len(self.line)

    def press(self, key):
        if key == LEFT:
            self.pos = max(0, self.pos - 1)
        elif key == RIGHT:
            self.pos = min(len(self.line), self.pos + 1)
        elif key == HOME:
            self.pos = 0
        elif key == END:
            self.pos = len(self.line)
        elif key == '\177':
            self.cut(max(0, self.pos - 1), self.pos, keep=False)
        elif key == DELETE:
            self.cut(self.pos, min(len(self.line), self.pos + 1), keep=False)
        elif key == ctrl('k'):
            self.cut(self.pos, len(self.line))
        elif key == ctrl('u'):
            self.cut(0, self.pos)
        elif key == ctrl('w'):
            self.cut(self.word_before(), self.pos)
        elif key == ctrl('y'):
            self.insert(self.killed)
        elif key in (UP, DOWN):
            self.recall(self.back + (1 if key == UP else -1))
        else:
            self.insert(key)


def edit_at_random(words, width, height, seed):
    """Many keys; after each few the screen must show the line, and the cursor be at its place."""
    chance = random.Random(seed)
    s = Shell(words, width=width, height=height)
    history = [f': {word * 30}' for word in ('one ', '2-', 'ä中x ')]
    try:
        for line in history:
            s.until(s.at_prompt, 'the prompt')
            s.send(line + '\r')
            s.until(lambda line=line: s.log.count(line[-3:]) and s.at_prompt(), 'the prompt')
        s.send('\f')
        expect_drawn(s, '', 0)
        model = Model(history)
        for _ in range(60):
            keys = [chance.choice(RANDOM_KEYS)] * chance.randrange(1, 6) + [chance.choice(RANDOM_KEYS)]
            if len(model.line) > 2 * width * height:
                keys = [ctrl('u'), ctrl('k')]
            for key in keys:
                model.press(key)
            s.send(''.join(keys))
            expect_drawn(s, model.line, model.pos)
    finally:
        s.close()


RANDOM_KEYS = [*'abc def ghi ', 'word ' * 7, 'x' * 19, 'ü', '中', '中文字', 'a中', LEFT, LEFT, LEFT, RIGHT, RIGHT, HOME, END,
               '\177', '\177', DELETE, ctrl('k'), ctrl('u'), ctrl('w'), ctrl('y'), ctrl('y'), UP, DOWN]


def test_random_editing_narrow(words):
    edit_at_random(words, 20, 24, 1)


def test_random_editing_60_columns(words):
    edit_at_random(words, 60, 24, 2)


def test_random_editing_200_columns(words):
    edit_at_random(words, 200, 24, 3)


def test_random_editing_beyond_the_screen(words):
    """Lines of more rows than there are: the cursor's is shown."""
    edit_at_random(words, 20, 4, 4)


def test_search_in_long_lines(words):
    s = Shell(words, width=60)
    try:
        lines = [': ' + f'{word} ' * 20 for word in ('first', 'second', 'third')]
        for line in lines:
            s.run(line)
        s.until(s.at_prompt, 'the prompt')
        s.send('\f' + ctrl('r') + 'sec')
        expect_drawn(s, lines[1], 2, "(search 'sec') ")
        s.send(ctrl('k') + 'end')
        expect_drawn(s, ': end', 5)
        s.send(ctrl('u') + ctrl('r') + 'fir' + END)
        expect_drawn(s, lines[0], len(lines[0]))
    finally:
        s.close()


def test_the_window_changes_while_a_line_is_edited(words):
    """A terminal moves the text into its new width, and the cursor with it."""
    line = 'echo ' + 'abcdefghi ' * 11
    s = Shell(words, width=60)
    try:
        s.until(s.at_prompt, 'the prompt')
        s.send('\f' + line)
        expect_drawn(s, line, len(line))
        for width, back in ((40, 1), (100, 2), (31, 3), (200, 4)):
            pos = len(line) - back + 1
            s.resize(width, 24)
            s.screen.feed(PROMPT + line)
            row, column = drawn(line, pos, width, 24)[1]
            s.screen.y, s.screen.x = row, column
            s.send(LEFT)
            expect_drawn(s, line, pos - 1)
    finally:
        s.close()


def test_prompt_of_two_lines(words):
    s = Shell(words, width=40, env={'PS1': 'above\n> '})
    try:
        s.see('^above\n>$')
        s.send('echo ' + 'x' * 60 + LEFT * 50 + 'y' + HOME)
        line = 'echo ' + 'x' * 10 + 'y' + 'x' * 50
        want = 'above\n' + drawn(line, 0, 40, 24, '> ')[0]
        s.until(lambda: s.screen.text() == want, want)
    finally:
        s.close()


def test_very_long_line(words):
    s = Shell(words)
    try:
        s.until(s.at_prompt, 'the prompt')
        for _ in range(40):
            s.send('echo ' if _ == 0 else 'y' * 50)
            s.pump(0.02)
        s.send(' | wc -c\r')
        s.see('^ *1951$')
    finally:
        s.close()


def test_no_job_control(words):
    s = Shell(words, control=False)
    try:
        s.see('no job control here')
        equal(s.run('echo works'), ['works'])
        equal(s.run('fg'), ['sh: fg: no job control in this shell'])
        equal(s.run('echo a | cat'), ['a'])
        s.until(s.at_prompt, 'the prompt')
        s.send('echo gone' + ctrl('c'))
        equal(s.run('echo alive'), ['alive'])
    finally:
        s.close()


def test_dumb_terminal(words):
    s = Shell(words, env={'TERM': 'dumb'})
    try:
        s.see(r'^\$$')
        s.send('echo plain\n')
        s.see('^plain$')
    finally:
        s.close()


def main():
    words = [os.path.abspath(w) if '/' in w else w for w in sys.argv[1:]]
    if not words:
        sys.exit(__doc__)
    if '/' not in words[0]:
        words[0] = shutil.which(words[0]) or words[0]

    def run(test):
        if test.__code__.co_varnames[0] == 'words':
            return test(words)
        shell = Shell(words)
        try:
            test(shell)
            return shell.log if 'Sanitizer' in shell.log else ''
        finally:
            shell.close()

    return terminal.report(globals(), 'sh.edit', run)


if __name__ == '__main__':
    sys.exit(main())
