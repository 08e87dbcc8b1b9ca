#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Disks that are damaged, disks that fail, and power cuts.

usage: disk_test.py ROOT BUILD [SEED]

Damaged: a disk is broken in one place.  A superblock or root that cannot be used ends the
machine with a message and a failing status.  Any other damage is an error for the command that
meets it and one line in the log, and the system goes on.  Errors: QEMU's blkdebug fails
requests.  Each error reaches the program, data that could not be written stays in memory, and
fsync() tells.  Power: a guest that writes and syncs is killed, or its writes are recorded and cut
off anywhere.  Then e2fsck must repair the disk without a question, and every file that fsync()
promised must be there.
"""
import json
import os
import random
import re
import shutil
import signal
import struct
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host'), os.path.join(ROOT, 'tests', 'guest')]

import console  # noqa: E402
import tapcase  # noqa: E402
from tine import disk, qemu, tools  # noqa: E402

import ext2image as ext2  # noqa: E402

tools.extend_path()
KERNEL = os.path.join(BUILD, 'tine.elf')
PRISTINE = os.path.join(BUILD, 'disk.img')
WILD = 0xfffffff0
DAMAGED, IO_ERROR = 'Structure needs cleaning', 'Input/output error'
LOG = re.compile(r'^\[ *\d+\.\d{3}\] ')
LINES_A_SECOND = 10         # of errors, in the kernel's log; the rest is dropped
KEEP, MARK = 16, 0x544e     # as in tests/user/diskio.c


def u16(value):
    return struct.pack('<H', value)


def u32(value):
    return struct.pack('<I', value)


def blockdev(**options):
    return ['-blockdev', json.dumps(options)]


def failing(path, *errors, states=()):
    """Arguments of a disk on which blkdebug makes some requests fail."""
    rules = {'inject-error': list(errors), **({'set-state': list(states)} if states else {})}
    return (blockdev(driver='file', filename=path, **{'node-name': 'file'})
            + blockdev(driver='blkdebug', image='file', **{'node-name': 'debug', **rules})
            + blockdev(driver='raw', file='debug', **{'node-name': 'raw'})
            + ['-device', 'virtio-blk-device,drive=raw,werror=report,rerror=report'])


def fail(kind, block, once=False):
    """A rule: reading or writing a block fails; by its last sector, for QEMU itself reads sector 0."""
    return {'event': 'none', 'iotype': kind, 'errno': 5, 'sector': block * ext2.SECTORS + 7, 'once': once}


class Guest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix='tine-')
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name

    def path(self, name):
        return os.path.join(self.scratch, name)

    def start(self, image=PRISTINE, init=None, **machine):
        described = qemu.Machine(KERNEL, disk=image, snapshot=image == PRISTINE, append=qemu.bootargs(init=init),
                                 **machine)
        guest = console.Console(described.command(), silence=10)
        self.addCleanup(guest.close)
        return guest

    def boot(self, *args, **more):
        guest = self.start(*args, **more)
        guest.wait()
        guest.plain_input()
        return guest

    def power_off(self, guest, status=0):
        guest.type('poweroff\r')
        self.assertEqual(guest.end(), status, console.plain(guest.all)[-2000:])
        self.assertNotIn('panic', console.plain(guest.all))

    def run_in(self, guest, line, *says):
        """Run a command; each of `says` must be in what it printed.  Gives (its lines, the log's)."""
        printed = guest.run(line)
        for piece in says:
            self.assertIn(piece, '\n'.join(printed), line)
        return ([text for text in printed if not LOG.match(text)], [text for text in printed if LOG.match(text)])


class Damaged(Guest):
    def copy(self):
        image = self.path('disk.img')
        shutil.copyfile(PRISTINE, image)
        return image

    def refused(self, image, says):
        guest = self.start(image, init='/bin/true')
        status = guest.end()
        text = console.plain(guest.all)
        self.assertNotEqual(status, 0, text)
        self.assertNotIn('panic: assert', text)
        self.assertNotIn('in the kernel', text)
        self.assertRegex(text, says)

    def test_a_superblock_that_cannot_be_used_is_refused_with_words(self):
        for at, data, says in (
                (56, u16(0), 'not an ext2 file system: magic'), (0, u32(WILD), 'bad number of inodes'),
                (0, u32(0), 'bad number of inodes'), (4, u32(WILD), 'bad number of blocks'),
                (4, u32(0), 'bad number of blocks'), (20, u32(WILD), 'bad first block'),
                (24, u32(31), 'block size is not 4096 bytes'), (32, u32(0), 'bad group size'),
                (32, u32(WILD), 'bad group size'), (40, u32(0), 'bad inodes per group'),
                (40, u32(WILD), 'bad inodes per group'), (76, u32(WILD), 'unknown revision'),
                (84, u32(WILD), 'bad first inode'), (88, u16(0), 'bad inode size'),
                (88, u16(0xffff), 'bad inode size'), (96, u32(WILD), 'unknown incompatible features')):
            with self.subTest(field=at, data=data):
                image = self.copy()
                with ext2.Image(image) as i:
                    i.put(ext2.SUPER + at, data)
                self.refused(image, rf'ext2 \(vda\): not mounted: {says}')

    def test_a_root_that_cannot_be_used_is_refused_with_words(self):
        with ext2.Image(PRISTINE) as i:
            root, names = i.inode(ext2.ROOT), i.block(ext2.ROOT, 0) * ext2.BLOCK
        for at, data, says in (
                (ext2.GROUPS, u32(WILD), 'metadata outside its group'),
                (ext2.GROUPS + 4, u32(WILD), 'metadata outside its group'),
                (ext2.GROUPS + 8, u32(WILD), 'metadata outside its group'),
                (ext2.GROUPS + 8, u32(2), 'metadata overlaps'),
                (root + ext2.MODE, u16(0), 'inode 2: mode 0'),
                (root + ext2.MODE, u16(0o100755), 'the root inode is not a root directory'),
                (root + ext2.SIZE, u32(WILD), 'inode 2: mode'),
                (root + ext2.LINKS, u16(0), 'root directory missing'),
                (root + ext2.POINTERS, u32(WILD), 'inode 2: invalid block number'),
                (root + ext2.POINTERS, u32(0), 'directory 2: block 0 is missing'),
                (root, bytes(256), 'root directory missing'), (root, b'\xff' * 256, 'inode 2: '),
                (names + ext2.REC_LEN, u16(0), 'directory 2: invalid entry in block 0 at byte 0'),
                (names, u32(WILD), 'directory 2: invalid entry in block 0 at byte 0')):
            with self.subTest(at=at - root, data=data[:8]):
                image = self.copy()
                with ext2.Image(image) as i:
                    i.put(at, data)
                self.refused(image, says)

    def test_an_image_cut_short_is_refused_with_words(self):
        for size, says in ((os.path.getsize(PRISTINE) // 2, r'ext2 \(vda\): not mounted: bad number of blocks'),
                           (4096, r'ext2 \(vda\): not mounted'), (1536, 'cannot mount vda as ext2'),
                           (0, 'cannot mount vda as ext2')):
            with self.subTest(size=size):
                image = self.copy()
                os.truncate(image, size)
                self.refused(image, says)

    # What is broken: a name in /v; how: (image, inode number, place of its entry); then what is
    # done with it, and what the log says.
    def pointer(n, value=WILD):         # noqa: N805  a table's helper, not a method
        return lambda i, ino, at: i.put(i.inode(ino) + ext2.POINTERS + 4 * n, u32(value))

    def field(at, data):                # noqa: N805
        return lambda i, ino, entry: i.put(i.inode(ino) + at, data)

    def in_block(at, data):             # noqa: N805
        return lambda i, ino, entry: i.put(i.block(ino, 0) * ext2.BLOCK + at, data)

    def entry_to(number):               # noqa: N805
        return lambda i, ino, at: i.put(at, u32(number))

    BROKEN = (
        ('file-pointer', pointer(0), 'cat', 'inode .*: invalid block number 4294967280'),
        ('file-in-table', pointer(0, 4), 'cat', 'inode .*: invalid block number 4$'),
        ('file-over-super', pointer(0, 1), 'echo changed 1<>', 'inode .*: invalid block number 1$'),
        ('file-indirect', pointer(12), 'cat', 'inode .*: invalid block number'),
        ('file-mode', field(ext2.MODE, u16(0)), 'cat', 'inode .*: mode 00 does not'),
        ('file-type', field(ext2.MODE, u16(0o170777)), 'cat', 'inode .*: mode 0170777 does not'),
        ('file-size', field(108, u32(0x7fffffff)), 'cat', 'inode .*: mode 0100644 does not allow size'),
        ('file-unlinked', field(ext2.LINKS, u16(0)), 'cat', 'directory .*: an entry names invalid inode'),
        ('file-number', entry_to(3), 'cat', 'inode number 3 is out of range'),
        ('dir-length', in_block(ext2.REC_LEN, u16(0)), 'ls', 'directory .*: invalid entry in block 0 at byte 0'),
        ('dir-odd-length', in_block(ext2.REC_LEN, u16(13)), 'ls', 'directory .*: invalid entry in block 0 at byte 0'),
        ('dir-long-length', in_block(12 + ext2.REC_LEN, u16(0xfff0)),
         'ls', 'directory .*: invalid entry in block 0 at byte 12'),
        ('dir-name', in_block(24 + ext2.NAME_LEN, b'\xff'), 'ls', 'directory .*: invalid entry in block 0 at byte 24'),
        ('dir-inode', in_block(24, u32(WILD)), 'ls', 'directory .*: invalid entry in block 0 at byte 24'),
        ('dir-no-parent', in_block(12 + ext2.NAME, b'xx'), 'ls', 'directory .* has no ".."'),
        ('dir-parent', in_block(12, u32(2)), 'ls', 'directory .*: an entry names invalid inode'),
        ('dir-pointer', pointer(0), 'ls', 'inode .*: invalid block number'),
        ('dir-hole', pointer(0, 0), 'ls', 'directory .*: block 0 is missing'),
        ('dir-size', field(ext2.SIZE, u32(WILD)), 'ls', 'inode .*: mode 040755 does not allow size'),
        ('dir-loop', entry_to(ext2.ROOT), 'ls', 'directory .*: an entry names invalid inode 2'),
        ('link-size', field(ext2.SIZE, u32(WILD)), 'cat', 'inode .*: mode 0120777 does not allow size'),
        ('link-empty', field(ext2.SIZE, u32(0)), 'cat', 'inode .*: mode 0120777 does not allow size 0'),
        ('link-pointer', pointer(0), 'cat', 'inode .*: invalid block number'),
        ('prog-pointer', pointer(0), '', 'inode .*: invalid block number'),
    )
    del pointer, field, in_block, entry_to

    def victims(self):
        """A folder with something for each row of BROKEN to break."""
        folder = self.path('victims')
        os.mkdir(folder)
        for name, *_ in self.BROKEN:
            place = os.path.join(folder, name)
            if name.startswith('dir'):
                os.mkdir(place)
                for inside in ('one', 'two'):
                    shutil.copyfile(__file__, os.path.join(place, inside))
            elif name.startswith('link'):
                os.symlink('/' + 'x' * 100 if name == 'link-pointer' else 'good', place)
            elif name.startswith('prog'):
                # A script would be read by the shell.
                shutil.copyfile(KERNEL, place)
                os.chmod(place, 0o755)
            else:
                with open(place, 'wb') as f:
                    f.write(b'x' * 60000)
        with open(os.path.join(folder, 'good'), 'w', encoding='utf-8') as f:
            f.write('the good file\n')
        return folder

    def test_deeper_damage_is_an_error_and_a_line_and_life_goes_on(self):
        image = self.copy()
        disk.put(image, self.victims(), '/v')
        with ext2.Image(image) as i:
            for name, damage, _, _ in self.BROKEN:
                damage(i, *i.entry('/v/' + name))
            # A program of which only a page further in is lost.
            pointers = i.inode(i.find('/bin/hexdump')) + ext2.POINTERS
            for n in range(1, 12):
                i.put(pointers + 4 * n, u32(WILD))
        guest = self.boot(image)
        start, lines = time.monotonic(), 0
        for name, _, command, says in self.BROKEN:
            with self.subTest(name):
                time.sleep(max(0.0, start + lines / LINES_A_SECOND * 1.5 - time.monotonic()))
                output, log = self.run_in(guest, f'{command} /v/{name}; echo status $?')
                lines += max(1, len(log))
                self.assertNotEqual(output[-1], 'status 0')
                self.assertIn(DAMAGED, '\n'.join(output))
                # ls asks up to three times, and reading ahead meets it first.
                most = 3 if command == 'ls' else 2 if name == 'file-indirect' else 1
                self.assertIn(len(log), range(1, most + 1), output[-1:] + log)
                for line in log:
                    self.assertRegex(line, rf'ext2 \(vda\): {says}')
        self.life_goes_on(guest, image)

    def life_goes_on(self, guest, image):
        output, _ = self.run_in(guest, '/bin/hexdump /v/good; echo status $?')
        self.assertNotEqual(output[-1], 'status 0')
        # What is broken may be taken away, or not: nothing worse than an error.
        for name, *_ in self.BROKEN:
            guest.run(f'echo more >> /v/{name}/new; mv /v/{name} /v/moved; rm -r /v/moved /v/{name}')
        self.run_in(guest, 'cat /v/good', 'the good file')
        self.assertEqual(self.run_in(guest, 'mkdir /v/n; cp /v/good /v/n/f; cat /v/n/f; rm -r /v/n; echo $?')[0],
                         ['the good file', '0'])
        self.power_off(guest)
        with ext2.Image(image) as i:
            self.assertEqual(i.u16(ext2.SUPER + 58) & 2, 2, 'e2fsck is not told')
        self.assertLess(ext2.fsck(image, '-fy')[0], 4)
        self.assertEqual(ext2.fsck(image, '-fn')[0], 0)

    def test_a_disk_that_is_not_clean_is_read_only(self):
        """One that was not unmounted and not checked, and one on which the kernel found damage."""
        for state, says in ((0, 'was not unmounted cleanly'), (3, 'is damaged')):
            with self.subTest(says):
                image = self.copy()
                with ext2.Image(image) as i:
                    i.put(ext2.SUPER + 58, u16(state))
                before = disk.digest(image)
                guest = self.boot(image)
                log = [line for line in console.plain(guest.all).splitlines() if LOG.match(line) and 'vda' in line]
                self.assertRegex('\n'.join(log), rf'ext2 \(vda\): {says}: mounted read-only until e2fsck -f repairs it')
                self.assertNotIn('error', '\n'.join(log))
                self.run_in(guest, 'echo text > /root/new', 'Read-only file system')
                self.run_in(guest, 'echo text > /tmp/new; cat /tmp/new', 'text')
                self.run_in(guest, 'mount | grep " / "; cat /proc/mounts', 'ro')
                self.power_off(guest)
                self.assertEqual(disk.digest(image), before)

    def test_a_disk_that_cannot_be_written_is_read_only(self):
        guest = self.boot(disk2=self.copy(), disk2_read_only=True)
        self.run_in(guest, 'echo text > /dev/vdb', 'Read-only file system')
        self.run_in(guest, 'head -c 4 /dev/vdb | wc -c', '4')
        self.run_in(guest, 'mkdir /mnt; mount /dev/vdb /mnt; grep vdb /proc/mounts', ' ro')
        self.run_in(guest, 'cat /mnt/etc/passwd', 'root')
        self.run_in(guest, 'echo text > /mnt/new', 'Read-only file system')
        self.run_in(guest, 'umount /mnt; echo $?', '0')
        self.power_off(guest)

    def test_bitmaps_that_lie_cannot_give_metadata_away(self):
        for name, fill, says in (('free', b'\0', 'marks metadata as free'), ('full', b'\xff', 'but the bitmap is full')):
            with self.subTest(name):
                os.mkdir(self.path(name))
                image = self.path(name + '.img')
                ext2.make(image, self.path(name))
                with ext2.Image(image) as i:
                    i.put(i.u32(ext2.GROUPS) * ext2.BLOCK, fill * ext2.BLOCK)
                    before = i.bytes(0, 2 * ext2.BLOCK)
                guest = self.boot(disk2=image)
                self.run_in(guest, 'mount /dev/vdb /mnt')
                output, log = self.run_in(guest, 'cp /bin/true /mnt/x; echo status $?')
                self.assertEqual(output[-1], 'status 1')
                self.assertRegex('\n'.join(log), rf'ext2 \(vdb\): group 0: .*{says}')
                self.run_in(guest, 'umount /mnt')
                self.power_off(guest)
                with ext2.Image(image) as i:
                    self.assertEqual(i.bytes(ext2.GROUPS, 12), before[ext2.GROUPS:ext2.GROUPS + 12])


class Errors(Guest):
    """A small second disk with a file, or a directory, or a link for each error."""

    def setUp(self):
        super().setUp()
        folder = self.path('files')
        for place in ('dir', 'full', 'good'):
            os.makedirs(os.path.join(folder, place))
        for n in range(200):
            with open(os.path.join(folder, 'full', f'n{n}'), 'w', encoding='utf-8') as f:
                f.write(f'number {n}\n')
        for name in ('once', 'always', 'late', 'other'):
            with open(os.path.join(folder, name), 'wb') as f:
                f.write(b'o' * 100000)
        self.image = self.path('second.img')
        ext2.make(self.image, folder)
        with ext2.Image(self.image) as i:
            self.data = {name: i.block(i.find(name), 0) for name in ('once', 'always', 'late', 'dir', 'full')}
            self.indirect = i.u32(i.inode(i.find('late')) + ext2.POINTERS + 4 * 12)
            # A block of the inode table with the inodes of small files only, and one of these.
            used = {i.inode(ino) // ext2.BLOCK for ino, _ in i.entries(ext2.ROOT).values()}
            small = {i.inode(ino) // ext2.BLOCK: name for name, (ino, _) in i.entries(i.find('full')).items()
                     if name[0] == 'n'}
            self.table = min(set(small) - used)
            self.small, self.number = 'full/' + small[self.table], small[self.table][1:]
            self.root_table = i.inode(ext2.ROOT) // ext2.BLOCK
            self.bitmap = i.u32(ext2.GROUPS)

    def boot_with(self, *errors, states=(), mount=True):
        guest = self.boot(extra=tuple(failing(self.image, *errors, states=states)))
        if mount:
            self.run_in(guest, 'mount /dev/vdb /mnt')
        return guest

    def met(self, guest, line, what, block, *says, most=1):
        """A command meets an I/O error of one block: the log says so in one line.  Gives the output."""
        output, log = self.run_in(guest, line, *says)
        self.assertIn(len(log), range(1, most + 1), (line, output, log))
        for text in log:
            self.assertRegex(text, rf'vdb: {what} error at sector {block * ext2.SECTORS}$')
        return output

    def contents(self, name):
        with ext2.Image(self.image) as i:
            return i.data(i.find(name))

    def finish(self, guest):
        self.run_in(guest, 'cd /; umount /mnt && echo unmounted', 'unmounted')
        self.power_off(guest)
        status, said = ext2.fsck(self.image, '-fn')
        self.assertEqual(status, 0, said)

    def test_reading(self):
        guest = self.boot_with(fail('read', self.data['once'], once=True), fail('read', self.data['always']),
                               fail('read', self.indirect), fail('read', self.data['dir'], once=True),
                               fail('read', self.table, once=True), fail('read', self.bitmap, once=True))
        self.met(guest, 'cat /mnt/once', 'read', self.data['once'], IO_ERROR)
        self.run_in(guest, 'head -c 3 /mnt/once; echo', 'ooo')
        for _ in range(2):
            self.met(guest, 'cat /mnt/always', 'read', self.data['always'], IO_ERROR)
        # Reading ahead meets it, too.
        self.met(guest, 'tail -c 9 /mnt/late', 'read', self.indirect, IO_ERROR, most=8)
        self.run_in(guest, 'head -c 3 /mnt/late; echo', 'ooo')
        self.met(guest, 'cat /mnt/dir/none', 'read', self.data['dir'], IO_ERROR)
        self.assertEqual(guest.run('ls /mnt/dir; echo $?'), ['0'])
        self.met(guest, f'cat /mnt/{self.small}', 'read', self.table, IO_ERROR)
        self.run_in(guest, f'cat /mnt/{self.small}', f'number {self.number}')
        self.met(guest, 'echo new > /mnt/good/new', 'read', self.bitmap, IO_ERROR)
        self.run_in(guest, 'echo newer > /mnt/good/new && cat /mnt/good/new', 'newer')
        self.finish(guest)
        self.assertEqual(self.contents('good/new'), b'newer\n')

    def test_reading_while_mounting(self):
        guest = self.boot_with(fail('read', 0, once=True), fail('read', self.root_table, once=True), mount=False)
        self.met(guest, 'mount /dev/vdb /mnt', 'read', 0, IO_ERROR)
        self.met(guest, 'mount /dev/vdb /mnt', 'read', self.root_table, IO_ERROR)
        self.run_in(guest, 'mount /dev/vdb /mnt && cat /mnt/full/n7', 'number 7')
        self.finish(guest)

    def test_writing_data_once(self):
        """fsync() tells of a failed write, once; the data is kept and written by the next."""
        guest = self.boot_with(fail('write', self.data['once'], once=True))
        output = self.met(guest, '/test/diskio /mnt/once write=n fsync fsync read', 'write', self.data['once'])
        self.assertEqual(output, ['write 8192', f'fsync: {IO_ERROR}', 'fsync 0', f'read {ord("n")}'])
        self.finish(guest)
        self.assertEqual(self.contents('once')[:8193], b'n' * 8192 + b'o')

    def test_writing_metadata_once(self):
        guest = self.boot_with(fail('write', self.table, once=True))
        output = self.met(guest, f'/test/diskio /mnt/{self.small} write=m fsync fsync', 'write', self.table)
        self.assertEqual(output, ['write 8192', f'fsync: {IO_ERROR}', 'fsync 0'])
        self.finish(guest)
        self.assertEqual(self.contents(self.small), b'm' * 8192)

    def test_writing_never(self):
        """Data that cannot be written stays in memory, every sync says so, and the machine can end."""
        guest = self.boot_with(fail('write', self.data['always']))
        told = f'fsync: {IO_ERROR}'
        output, log = self.run_in(guest, '/test/diskio /mnt/always write=k fsync both fdatasync')
        self.assertEqual(output, ['write 8192', told, told, told, f'fdatasync: {IO_ERROR}'])
        self.assertIn(len(log), (3, 4))
        self.run_in(guest, 'echo 1 > /proc/sys/vm/drop_caches; /test/diskio /mnt/always read', f'read {ord("k")}')
        self.run_in(guest, '/test/diskio /mnt/other write=k fsync', 'fsync 0')
        self.run_in(guest, 'umount /mnt', IO_ERROR)
        self.run_in(guest, 'head -c 1 /mnt/always; echo', 'k')
        self.power_off(guest, status=1)
        self.assertIn('sync failed, or a disk stays marked as not clean', console.plain(guest.all))
        self.assertEqual(self.contents('other')[:8193], b'k' * 8192 + b'o')
        self.assertLess(ext2.fsck(self.image, '-fy')[0], 4)

    def test_flushing(self):
        """The flush of an fsync() fails; the first flush is that of mounting."""
        guest = self.boot_with({'event': 'flush_to_disk', 'state': 2, 'iotype': 'flush', 'errno': 5, 'once': True},
                               states=[{'event': 'flush_to_disk', 'state': n, 'new_state': n + 1} for n in (1, 2)])
        output, log = self.run_in(guest, '/test/diskio /mnt/once write=f fsync fsync')
        self.assertEqual(output, ['write 8192', f'fsync: {IO_ERROR}', 'fsync 0'])
        self.assertEqual(len(log), 1, log)
        self.assertRegex(log[0], 'vdb: flush error')
        self.finish(guest)
        self.assertEqual(self.contents('once')[:8192], b'f' * 8192)


def words_of(k):
    """What diskio writes into file k."""
    return struct.pack(f'<{1 + k * 7919 % 7500}Q', *(MARK << 48 | k << 32 | i for i in range(1 + k * 7919 % 7500)))


class Power(Guest):
    def repaired(self, image, where):
        status, said = ext2.fsck(image, '-fy')
        self.assertLess(status, 4, f'{where}\n{said}')

    def kept(self, image, folder, last, where):
        """Every file is there that was promised by the time of file `last` and not removed since."""
        with ext2.Image(image) as i:
            names = i.entries(i.find(folder) if folder != '/' else ext2.ROOT)
            for k in range(max(0, last - KEEP + 2), last + 1):
                self.assertIn(f'f{k}', names, where)
                self.assertEqual(i.data(names[f'f{k}'][0]), words_of(k), f'{where}: f{k}')

    def test_the_machine_is_killed_while_it_writes(self):
        chance = random.Random(SEED)
        image, lasts = self.path('disk.img'), []
        shutil.copyfile(PRISTINE, image)
        os.mkdir(self.path('work'))
        for n in range(5):
            disk.put(image, self.path('work'), f'/work{n}')
            guest = self.boot(image)
            last, pause = chance.randrange(5, 60), chance.random() * 0.02
            guest.type(f'/test/diskio -l /work{n}\r')
            guest.wait(rf'done {last}\s')
            time.sleep(pause)
            os.kill(guest.process.pid, signal.SIGKILL)
            guest.end()
            last = max(int(k) for k in re.findall(r'done (\d+)\s', guest.all))
            where = f'seed {SEED}, boot {n}: after f{last} and {pause:.4f} s'
            print(f'# {where}', flush=True)
            self.repaired(image, where)
            lasts.append(last)
            for m, last in enumerate(lasts):
                self.kept(image, f'/work{m}', last, where)

    def test_killed_right_after_fsync_in_a_new_folder(self):
        """What Ctrl-] x does.  e2fsck asks nothing, the file is there, and the disk boots."""
        image = self.path('disk.img')
        shutil.copyfile(PRISTINE, image)
        for n in range(2):
            guest = self.boot(image)
            guest.type(f'mkdir -p /root/a{n}/b; /test/diskio /root/a{n}/b/f write=y fsync; echo ready\r')
            guest.wait(r'\nready\s')
            os.kill(guest.process.pid, signal.SIGKILL)
            guest.end()
            status, said = ext2.fsck(image, '-fp')
            self.assertLess(status, 2, said)
            with ext2.Image(image) as i:
                for m in range(n + 1):
                    self.assertEqual(i.data(i.find(f'/root/a{m}/b/f')), b'y' * 8192)

    # ---- every write, recorded by QEMU's blklogwrites ----

    def record(self, image, log, least):
        """Let a guest write to `image`; its state before, and the requests: (first byte, data), None for a flush."""
        before = self.path('before.img')
        shutil.copyfile(image, before)
        with open(log, 'wb') as f:
            f.truncate(256 << 20)
        extra = (blockdev(driver='file', filename=image, **{'node-name': 'file', 'cache': {'no-flush': True}})
                 + blockdev(driver='raw', file='file', **{'node-name': 'raw'})
                 + blockdev(driver='file', filename=log, **{'node-name': 'logfile', 'cache': {'no-flush': True}})
                 + blockdev(driver='blklogwrites', file='raw', log='logfile',
                            **{'node-name': 'log', 'log-sector-size': 512, 'log-super-update-interval': 1})
                 + ['-device', 'virtio-blk-device,drive=log'])
        guest = self.boot(extra=tuple(extra))
        self.run_in(guest, 'mount /dev/vdb /mnt')
        guest.type('/test/diskio -l /mnt\r')
        guest.wait(rf'done {least}\s')
        os.kill(guest.process.pid, signal.SIGKILL)
        guest.end()
        return before, self.requests(log)

    def requests(self, log):
        with open(log, 'rb') as f:
            magic, _, count, size = struct.unpack('<QQQI', f.read(28))
            self.assertEqual((magic, size), (0x6a736677736872, 512))
            f.seek(size)
            found = []
            for _ in range(count):
                sector, sectors, flags, _ = struct.unpack('<QQQQ', f.read(size)[:32])
                if flags & 1:
                    found.append(None)
                if sectors:
                    found.append((sector * size, f.read(sectors * size)))
        return found

    def files_in(self, data):
        """Numbers of the files with blocks in a request."""
        heads = (struct.unpack_from('<Q', data, at)[0] for at in range(0, len(data), ext2.BLOCK))
        return [head >> 32 & 0xffff for head in heads if head >> 48 == MARK]

    def crash(self, before, requests, end, chance):
        """The disk after a power cut at request `end`: all before the last flush, and some blocks of the rest."""
        flushed = max((n for n in range(end) if requests[n] is None), default=0)
        keep = chance.choice((0.1, 0.5, 0.9))
        state = bytearray(before)
        for n, request in enumerate(requests[:end]):
            if request is None:
                continue
            at, data = request
            for piece in range(0, len(data), ext2.BLOCK):
                if n < flushed or chance.random() < keep:
                    state[at + piece:at + piece + ext2.BLOCK] = data[piece:piece + ext2.BLOCK]
        return state

    def test_any_cut_in_the_recorded_writes(self):
        os.mkdir(self.path('empty'))
        image, log = self.path('second.img'), self.path('log.img')
        ext2.make(image, self.path('empty'))
        before, requests = self.record(image, log, 60)
        with open(before, 'rb') as f:
            before = f.read()
        self.assertGreater(requests.count(None), 120)
        # The first write of a file means that the file before it had been promised.
        promised, last = [], -1
        for request in requests:
            promised.append(last)
            last = max([last] + [k - 1 for k in (self.files_in(request[1]) if request else [])])
        chance = random.Random(SEED)
        state = self.path('state.img')
        for end in sorted(chance.sample(range(8, len(requests)), 150)):
            with open(state, 'wb') as f:
                f.write(self.crash(before, requests, end, chance))
            where = f'seed {SEED}, cut at request {end} of {len(requests)}'
            status, said = ext2.fsck(state, '-fp')
            self.assertLess(status, 2, f'{where}\n{said}')
            if promised[end] >= 0:
                self.kept(state, '/', promised[end], where)
        print(f'# 150 cuts in {len(requests)} requests, {promised[-1] + 1} files promised', flush=True)


if __name__ == '__main__':
    sys.exit(tapcase.main())
