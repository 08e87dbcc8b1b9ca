#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whole boots: sizes of machine, ways to end, and what stays on the disk.

usage: boot_test.py ROOT BUILD
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host'), os.path.join(ROOT, 'tests', 'guest')]

import console  # noqa: E402
import tapcase  # noqa: E402
from tine import build, cli, disk, qemu, testrun, tools  # noqa: E402
from tine.say import Failed  # noqa: E402

tools.extend_path()
KERNEL = os.path.join(BUILD, 'tine.elf')
IMAGE = os.path.join(BUILD, 'disk.img')


class Boot(unittest.TestCase):
    def boot(self, *program, image=IMAGE, init='/bin/init', more=(), fork=None, **machine):
        """Boot to one program; gives the Outcome and the console's lines."""
        lines = []
        machine.setdefault('snapshot', image == IMAGE)
        described = qemu.Machine(KERNEL, disk=image, **machine,
                                 append=qemu.bootargs(fork, more, init=init, init_args=program))
        outcome = testrun.run(described, 120, 20, lambda line, _: lines.append(line), expect_tap=False)
        self.assertEqual(outcome.harts, [], '\n'.join(outcome.problems + lines[-30:] + outcome.harts))
        return outcome, lines

    def expect(self, status, *program, **more):
        outcome, lines = self.boot(*program, **more)
        text = '\n'.join(lines[-30:])
        self.assertIsNone(outcome.reader.panic, text)
        self.assertEqual(outcome.status, status, text)
        return lines

    def has(self, lines, piece):
        self.assertTrue(any(piece in line for line in lines), f'no line has "{piece}":\n' + '\n'.join(lines[-30:]))


class Machines(Boot):
    def test_32_mib_1_hart(self):
        self.expect(0, '/bin/true', mem='32M', harts=1)

    def test_32_mib_2_harts(self):
        self.expect(0, '/bin/true', mem='32M', harts=2)

    def test_256_mib_4_harts(self):
        self.expect(0, '/bin/true', mem='256M', harts=4)

    def test_256_mib_8_harts(self):
        self.expect(0, '/bin/true', mem='256M', harts=8)

    def test_4_gib_2_harts(self):
        self.expect(0, '/bin/true', mem='4G', harts=2)

    def test_maxharts(self):
        self.expect(0, '/bin/true', harts=4, more=['maxharts=1'])


class DeviceTree(Boot):
    """Machines that QEMU has not, from the device tree of one that it has with a number of it changed."""

    def changed(self, place, harts, node, name, last):
        """The options for a device tree in which `last` is the last cell of the node's property."""
        path = os.path.join(place, 'dtb')
        subprocess.run([qemu.PROGRAM, '-machine', f'virt,dumpdtb={path}', '-smp', str(harts), '-m', '256M'],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        with open(path, 'rb') as f:
            tree = bytearray(f.read())
        strings = int.from_bytes(tree[12:16], 'big')
        at = tree.index(node.encode() + b'\0')
        while True:     # a property: 3, length, name, value
            at = tree.index(b'\0\0\0\x03', at) + 12
            size, where = (int.from_bytes(tree[at - n:at - n + 4], 'big') for n in (8, 4))
            if tree[strings + where:].startswith(name.encode() + b'\0'):
                break
        tree[at + size - 4:at + size] = last.to_bytes(4, 'big')
        with open(path, 'wb') as f:
            f.write(tree)
        return '-dtb', path

    def test_no_thread_is_sent_to_a_hart_that_does_not_start(self):
        script = '/test/sched; echo "status $?"; cat /proc/stat /proc/loadavg'
        with tempfile.TemporaryDirectory(prefix='tine-') as place:
            # The firmware accepts the start of hart 9, and it never comes.
            extra = self.changed(place, 2, 'cpu@1', 'reg', 9)
            lines = self.expect(0, '/bin/sh', '-c', script, extra=extra)
        self.has(lines, 'hart 9 did not start')
        self.has(lines, 'status 0')
        self.assertFalse([line for line in lines if line.startswith('cpu1')])

    def test_memory_that_ends_within_a_page(self):
        with tempfile.TemporaryDirectory(prefix='tine-') as place:
            extra = self.changed(place, 2, 'memory@80000000', 'reg', (256 << 20) - 2048)
            self.expect(0, '/bin/true', extra=extra)

    def test_registers_that_reach_into_an_unmapped_gigabyte(self):
        with tempfile.TemporaryDirectory(prefix='tine-') as place:
            extra = self.changed(place, 2, 'rtc@101000', 'reg', 0xff000000)
            lines = self.expect(0, '/bin/true', extra=extra)
        self.has(lines, 'probe of rtc@101000 failed')


class Endings(Boot):
    def test_status_of_the_program_is_the_status_of_qemu(self):
        self.expect(1, '/bin/false')

    WORDS = ['two  blanks', '', "it's", '"', '$HOME `x` \\n', '--', '-- ', '*', 'tab\tend', '\u00e4']
    SHOW = 'for word; do echo "<$word>"; done; exit 7'

    def test_words_and_status_of_a_program_are_those_that_were_typed(self):
        with tempfile.TemporaryDirectory(prefix='tine-') as place:
            for path in (KERNEL, IMAGE):
                os.symlink(path, os.path.join(place, os.path.basename(path)))
            guest = console.Console([sys.executable, os.path.join(ROOT, 'tine'), 'qemu', '--build', place, '--',
                                     'sh', '-c', self.SHOW, 'sh', *self.WORDS])
            self.addCleanup(guest.close)
            status = guest.end(120)
        lines = console.plain(guest.all).splitlines()
        self.assertEqual([line[1:-1] for line in lines if line.startswith('<')], self.WORDS, lines[-20:])
        self.assertEqual(status, 7)

    def test_arguments_that_cannot_be_passed_on_are_said(self):
        for more, why in ((['--', "sh 'open"], 'unterminated quote after --'),
                          (['--'] + ['x'] * 65, 'more than 64 arguments after --'),
                          (['x' * 2048], '2063 bytes of boot arguments; the maximum is 2047')):
            with mock.patch.object(qemu, 'BOOTARGS_BYTES', 4096):       # else they do not come to the kernel
                outcome, lines = self.boot(more=more)
            self.has(lines, f'cannot start the first program: {why}')
            self.assertEqual(outcome.status, 1)

    def test_kill_of_all_where_there_is_nobody_else(self):
        self.has(self.expect(1, '-s', 'TERM', '--', '-1', init='/bin/kill'), 'No such process')

    def test_poweroff(self):
        self.expect(0, '/bin/poweroff')

    def test_no_such_init_is_said_and_fails(self):
        outcome, lines = self.boot(init='/no/such/init')
        self.assertNotIn(outcome.status, (0, None))
        self.has(lines, '/no/such/init')


class MissingCalls(Boot):
    """The log names a system call that Tine lacks, once for a program."""

    def named(self, *words):
        text = '\n'.join(self.expect(0, '/test/nocall', *words))
        return re.findall(r'nocall\[\d+\]: system call (.*) is not implemented', text)

    def test_each_is_named_once(self):
        self.assertEqual(self.named('425', '425', '600', '425', '26', '1000', '-1'),
                         ['425 (io_uring_setup)', '600 (unknown)', '26 (inotify_init1)'])

    def test_a_child_does_not_name_its_parents_again(self):
        self.assertEqual(self.named('425', 'fork', '425', '26'), ['425 (io_uring_setup)', '26 (inotify_init1)'])

    def test_exec_begins_anew(self):
        self.assertEqual(self.named('425', 'exec', '425', 'fork', 'exec', '425'), 3 * ['425 (io_uring_setup)'])

    def test_what_libraries_try_first_is_not_named(self):
        with open(os.path.join(ROOT, 'syscall', 'missing.def'), encoding='utf-8') as f:
            probed = re.findall(r'PROBED\((\d+),', f.read())
        self.assertLess({'293', '435', '283', '285', '12'}, set(probed))
        self.assertEqual(self.named(*probed, '26'), ['26 (inotify_init1)'])


class Counting(Boot):
    """Figures in instructions, where they are counted and only there."""
    THRICE = '; '.join(3 * ['forkctl compare forkdemo'])

    def compared(self, lines):
        """[{strategy: instructions}] of each forkctl compare."""
        runs = []
        for line in lines:
            if line.startswith('strategy '):
                runs.append({})
                columns = line.split()
            elif runs and line.split()[:1] and line.split()[0] in build.strategies_in_tree():
                row = dict(zip(columns, line.split()))
                runs[-1][row['strategy']] = int(row.get('instructions', 0))
        return runs

    def test_runs_cost_the_same(self):
        lines = self.expect(0, '/bin/sh', '-c', self.THRICE, icount=True)
        self.has(lines, 'instructions from entry to init')
        first, second, third = self.compared(lines)
        self.assertEqual(sorted(first), sorted(build.strategies_in_tree()))
        for name, cost in first.items():
            self.assertGreater(cost, 100_000, name)
            difference = tapcase.least_difference((cost, second[name], third[name]))
            self.assertLess(difference / cost, 0.005, name)

    def test_time_is_not_called_instructions(self):
        lines = self.expect(0, '/bin/sh', '-c', 'forkctl compare /bin/true; forkctl stat', harts=1)
        self.assertEqual(len(self.compared(lines)), 1)
        said = [line for line in lines if 'instructions' in line]
        self.assertEqual(said, ['Boot with ./tine run --count to count instructions, too.'])


class Keys(unittest.TestCase):
    """The terminal that ./tine run gives to the guest."""

    def test_ctrl_a_is_the_shells_and_ctrl_bracket_x_ends_the_machine(self):
        guest = console.Console(qemu.Machine(KERNEL, disk=IMAGE, snapshot=True).command())
        self.addCleanup(guest.close)
        guest.wait()
        guest.type('cho typed\x01e\r')         # Ctrl-A: to the start of the line
        guest.wait(r'\ntyped\s')
        guest.wait()
        guest.type('\x1d\x1d')                 # twice: one for the guest, which the editor does not show
        guest.type('\x1dx')                    # Ctrl-] x
        self.assertEqual(guest.end(), 0)
        self.assertIn('QEMU: Terminated', guest.all)

    def test_a_mistyped_command_is_answered_with_the_nearest(self):
        guest = console.Console(qemu.Machine(KERNEL, disk=IMAGE, snapshot=True).command())
        self.addCleanup(guest.close)
        guest.wait()
        guest.plain_input()
        self.assertEqual(guest.run('lls'), ['sh: lls: not found; did you mean ls?'])
        self.assertEqual(guest.run('xyzzy'), ['sh: xyzzy: not found'])
        guest.type('poweroff\r')
        self.assertEqual(guest.end(), 0)


class Window(Boot):
    """How large the terminal is."""

    def test_it_comes_with_the_boot_and_resize_asks_for_a_new_one(self):
        with tempfile.TemporaryDirectory(prefix='tine-') as place:
            for path in (KERNEL, IMAGE):
                os.symlink(path, os.path.join(place, os.path.basename(path)))
            guest = console.Console([sys.executable, os.path.join(ROOT, 'tine'), 'qemu', '--build', place], size=(50, 132))
            self.addCleanup(guest.close)
            guest.wait()
        guest.plain_input()
        self.assertEqual(guest.run('stty size'), ['50 132'])
        guest.type("sh -c 'trap \"echo told\" WINCH; resize; stty size'\r")
        guest.wait('\x1b7\x1b8')        # the question, but for the sequences that wait() leaves out
        guest.type('\x1b[40;100R')
        self.assertIn('COLUMNS=100;\nLINES=40;\nexport COLUMNS LINES;\ntold\n40 100\n', console.plain(guest.wait()))
        self.assertEqual(guest.run('stty cols 60; stty size'), ['40 60'])
        self.assertEqual(guest.run('resize; echo $?'), ['\x1b7\x1b8resize: the terminal did not report its size', '1'])
        self.assertEqual(guest.run('stty -a | head -n 1'), ['speed 38400 baud; rows 40; columns 60; line = 0;'])
        # The window changes while less shows text that does not come from the terminal.
        guest.type('(until ps | grep -q "[l]ess"; do :; done; stty -F /dev/tty rows 10) & seq 99 | less\r')
        guest.wait(r'\n9\s+:')
        guest.type('G')
        guest.wait(r'\n99\s+\(END\)')
        guest.type('q')
        guest.wait()
        self.assertEqual(guest.run('stty size'), ['10 60'])
        guest.type('poweroff\r')
        self.assertEqual(guest.end(), 0)

    def test_without_a_terminal_nothing_is_asked(self):
        lines = self.expect(0, '/bin/stty', 'size')
        self.assertIn('24 80', lines)
        self.assertEqual([line for line in lines if '\x1b' in line], [])

    def test_what_is_no_size_is_said(self):
        for word in ('10', '10x', 'x10', '10x20x', '1x70000'):
            self.has(self.expect(0, '/bin/true', more=[f'winsize={word}']), f'tty: window size "{word}" ignored')


class Strategy(Boot):
    def banner(self, lines):
        found = [line for line in lines if re.search(r'\d+ harts?, \d+ MiB RAM', line)]
        self.assertEqual(len(found), 1, 'no banner:\n' + '\n'.join(lines[-30:]))
        return found[0]

    def test_each_is_in_force_when_asked_for(self):
        for name in build.strategies_in_tree():
            lines = self.expect(0, '/bin/cat', '/proc/self/fork_strategy', fork=name)
            self.assertIn(name, lines)
            self.assertRegex(self.banner(lines), rf'\bfork={name} .*boot')

    def test_the_banner_says_when_the_build_chose(self):
        name = build.option(BUILD, 'fork')
        self.assertRegex(self.banner(self.expect(0, '/bin/true')), rf'\bfork={name} .*build')

    def test_a_word_nobody_knows_is_said(self):
        lines = self.expect(0, '/bin/true', fork='eager', more=['forks=cow', 'fork=cow'])
        for word in ('forks=cow', 'fork=cow'):
            self.has(lines, f'argument "{word}" ignored')
        self.assertIn('fork=eager ', self.banner(lines))
        for line in self.expect(0, '/bin/true', more=['loglevel=2', 'maxharts=1', 'overcommit=always']):
            self.assertNotIn('argument "', line)

    def test_an_unknown_one_is_said_and_not_fatal(self):
        lines = self.expect(0, '/bin/true', fork='no-such')
        self.assertTrue(any('no fork strategy' in line and 'no-such' in line for line in lines), lines[-30:])
        self.assertIn(f'fork={build.option(BUILD, "fork")} ', self.banner(lines))


class Memory(Boot):
    """How much is promised, and what is done when nothing is left."""

    def policy(self, word):
        lines = self.expect(0, '/bin/cat', '/proc/sys/vm/overcommit_memory', more=[f'overcommit={word}'])
        return next(line for line in lines if re.fullmatch(r'\d', line)), lines

    def test_the_policy_is_a_boot_argument(self):
        self.assertEqual(self.policy('strict')[0], '2')

    def test_an_unknown_one_is_said_and_not_fatal(self):
        number, lines = self.policy('no-such')
        self.has(lines, 'no overcommit policy "no-such"')
        self.assertEqual(number, '0')

    def test_init_waits_for_a_page_where_no_process_may_be_ended(self):
        lines = self.expect(0, '--alone', init='/test/shortage_m', mem='64M')
        self.has(lines, 'no process may be killed')
        self.has(lines, 'init has its')


class Debugger(unittest.TestCase):
    """What ./tine gdb and ./tine gdb --attach start."""

    COMMANDS = ('break process_clone', 'continue', 'backtrace 3', 'print *this_hart()', 'delete', 'kill')

    def test_gdb_stops_in_the_kernel_by_name(self):
        try:
            gdb = cli.gdb_command(BUILD)
        except Failed as why:
            self.skipTest(str(why))
        machine = qemu.Machine(KERNEL, disk=IMAGE, snapshot=True, gdb=True,
                               append=qemu.bootargs(init='/bin/init', init_args=('/bin/true',)))
        with subprocess.Popen(machine.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as guest:
            try:
                for command in self.COMMANDS:
                    gdb += ['-ex', command]
                done = subprocess.run([*gdb, '-batch'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
            finally:
                guest.kill()
        self.assertRegex(done.stdout, r'Breakpoint 1, .*process_clone \(', done.stdout)
        self.assertRegex(done.stdout, r'#1 .* sys_clone', done.stdout)


class Disk(Boot):
    WRITE = ('set -e\ncd /root\nmkdir -p one/two\necho first > one/a\necho second >> one/a\n'
             'cp /bin/true one/two/prog\nln one/a hard\nln -s one/a soft\nmv one/two two\n'
             'echo gone > b\nrm b\nmkdir empty\nrmdir empty\n')
    READ = 'set -e\ncd /root\ncat one/a soft hard\ntwo/prog\necho all there\n'

    def scratch_disk(self, scratch):
        image = os.path.join(scratch, 'disk.img')
        shutil.copyfile(IMAGE, image)
        scripts = os.path.join(scratch, 'scripts')
        os.makedirs(scripts)
        for name, text in (('write.sh', self.WRITE), ('read.sh', self.READ)):
            with open(os.path.join(scripts, name), 'w', encoding='utf-8') as f:
                f.write(text)
        disk.put(image, scripts, '/root/scripts')
        return image

    def clean(self, image):
        done = subprocess.run(['e2fsck', '-fn', image], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_what_is_written_stays_and_e2fsck_finds_nothing(self):
        with tempfile.TemporaryDirectory(prefix='tine-') as scratch:
            image = self.scratch_disk(scratch)
            self.expect(0, '/bin/sh', '/root/scripts/write.sh', image=image)
            self.clean(image)
            lines = self.expect(0, '/bin/sh', '/root/scripts/read.sh', image=image)
            self.has(lines, 'all there')
            self.assertEqual(sum(line == 'second' for line in lines), 3)
            self.clean(image)

    def test_a_damaged_superblock_is_refused_with_a_word(self):
        with tempfile.TemporaryDirectory(prefix='tine-') as scratch:
            image = self.scratch_disk(scratch)
            with open(image, 'r+b') as f:
                f.seek(1024 + 56)
                f.write(b'\0\0')            # the magic number
            outcome, lines = self.boot('/bin/true', image=image)
            self.assertNotIn(outcome.status, (0, None))
            self.has(lines, 'ext2')


if __name__ == '__main__':
    sys.exit(tapcase.main())
