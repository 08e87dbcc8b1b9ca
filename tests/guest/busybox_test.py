#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's riscv64 busybox-static, unmodified: the same answers in Tine as on Linux.

usage: busybox_test.py ROOT BUILD

tests/user/busybox/applets.sh runs under busybox's own ash, once on the disk and once in
the memory file system, and once on this computer under qemu-riscv64: every line must be the
same.  Then ash is used by hand on the console.  The program is fetched by apt from the
mirror this machine uses and kept in BUILD/debian; where that cannot be done the whole
test is skipped and says why.
"""
import difflib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host'), os.path.join(ROOT, 'tests', 'guest')]

import console  # noqa: E402
import tapcase  # noqa: E402
from tine import debian, disk, qemu, say, tools  # noqa: E402

tools.extend_path()
SCRIPT = os.path.join(ROOT, 'tests', 'user', 'busybox', 'applets.sh')
LEAST = 100         # applets.sh must not shrink unnoticed


def image_with(busybox, scratch):
    image = os.path.join(scratch, 'disk.img')
    shutil.copyfile(os.path.join(BUILD, 'disk.img'), image)
    disk.add_file(image, busybox, '/bin', 'busybox')
    folder = os.path.join(scratch, 'bb')
    os.makedirs(os.path.join(folder, 'work'))
    shutil.copy(SCRIPT, folder)
    disk.put(image, folder, '/root/bb')
    return image


def cases(text):
    """{number and command: what it printed} of a run of applets.sh."""
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith('== '):
            name = f'{len(found) + 1}: {line[3:]}'
            found[name] = []
        elif name:
            found[name].append(line)
    return found


class Busybox(unittest.TestCase):
    busybox = None      # set by main()

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix='tine-')
        cls.image = image_with(cls.busybox, cls.scratch.name)
        cls.linux = cases(cls.on_linux())

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @classmethod
    def on_linux(cls):
        with tempfile.TemporaryDirectory(prefix='tine-') as place:
            done = subprocess.run(['qemu-riscv64', cls.busybox, 'ash', SCRIPT, place, 'qemu-riscv64', cls.busybox],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=300)
        return done.stdout.decode(errors='replace')

    def guest(self, init_args=()):
        machine = qemu.Machine(os.path.join(BUILD, 'tine.elf'), disk=self.image, snapshot=True,
                               append=qemu.bootargs(init_args=init_args))
        guest = console.Console(machine.command(), silence=30)
        self.addCleanup(guest.close)
        return guest

    def test_the_script_is_as_long_as_it_was(self):
        self.assertGreaterEqual(len(self.linux), LEAST)
        self.assertIn(f'total {len(self.linux)}', list(self.linux.values())[-1])

    def in_guest(self, place):
        """What applets.sh prints in Tine, working in a folder."""
        guest = self.guest()
        guest.wait()
        guest.plain_input()
        self.assertEqual(guest.run(f'mkdir -p {place}; busybox ash /root/bb/applets.sh {place} /bin/busybox '
                                   '> /tmp/out 2>&1 < /dev/null; echo $?'), ['0'])
        guest.type('cat /tmp/out\r')
        text = console.plain(guest.wait())
        self.assertEqual(guest.run('cat /proc/mm/audit'), ['ok'])
        guest.type('poweroff\r')
        self.assertEqual(guest.end(), 0)
        return cases(console.PROMPT.sub('', text))

    def compare(self, tine):
        wrong = []
        for name, lines in self.linux.items():
            if tine.get(name) != lines:
                wrong += [name] + list(difflib.unified_diff(lines, tine.get(name, ['(did not run)']), 'Linux', 'Tine',
                                                            lineterm=''))
        self.assertEqual(wrong, [], '\n'.join(wrong))
        self.assertEqual(list(tine), list(self.linux))

    def test_same_answers_on_the_disk(self):
        self.compare(self.in_guest('/root/bb/work'))

    def test_same_answers_in_memory(self):
        self.compare(self.in_guest('/tmp/work'))

    def test_ash_by_hand(self):
        """Line editing, history, completion, job control, a full-screen program."""
        guest = self.guest()
        guest.wait()
        guest.type('PS1="ash# " busybox ash\r')
        prompt = r'(?:^|[\r\n])ash# $'
        guest.wait(prompt)

        def gives(keys, answer):
            """Type; a line with the answer and then the prompt must come."""
            guest.type(keys + '\r')
            guest.wait(rf'[\r\n]{answer}[^\n]*\n')
            guest.wait(prompt)
        gives('echo a b | busybox wc -w', '2')
        gives('\x1b[A', '2')                            # Up: the line again
        gives('echo xz\x1b[Dy', 'xyz')                  # Left, then a letter
        gives('echo /bin/forkd\t', '/bin/forkdemo')     # Tab
        for key, said in (('\x03', '130'), ('\x1a', '148')):   # Ctrl-C, Ctrl-Z
            guest.type('busybox sh -c "echo up; exec busybox sleep 100"\r')
            guest.wait('[\r\n]up[\r\n]+')    # only now do keys go to the command
            guest.type(key)
            guest.wait(prompt)
            gives('echo $?', said)
        gives('jobs', r'\[1\].*Stopped')
        gives('kill -KILL %1; fg; echo $?', '137')
        guest.type('busybox vi /tmp/new\r')
        guest.wait('- /tmp/new 1/1 100%')
        guest.type('ihello')
        guest.wait('hello')
        guest.type('\x1b')
        guest.wait(r'- /tmp/new \[Modified\]')
        guest.type(':wq\r')
        guest.wait('ash# $')        # vi leaves the cursor where it was
        gives('busybox cat /tmp/new', 'hello')
        guest.type('busybox seq 1 100 | busybox less\r')
        guest.wait('23')
        guest.type('q')
        guest.wait('ash# $')
        guest.type('busybox top -b -n 1 | busybox head -n 4\r')
        self.assertIn('PID', guest.wait(prompt))
        guest.type('exit 7\r')
        guest.wait()
        self.assertEqual(guest.run('echo $?'), ['7'])
        guest.type('poweroff\r')
        self.assertEqual(guest.end(), 0)


def main():
    if not shutil.which('qemu-riscv64'):
        print('1..0 # SKIP qemu-riscv64 is not installed: apt-get install qemu-user')
        return 0
    try:
        Busybox.busybox = debian.fetch('busybox-static', 'usr/bin/busybox', os.path.join(BUILD, 'debian'))
    except say.Failed as problem:
        print(f'1..0 # SKIP Debian\'s riscv64 busybox-static cannot be had: {problem}')
        return 0
    return tapcase.main()


if __name__ == '__main__':
    sys.exit(main())
