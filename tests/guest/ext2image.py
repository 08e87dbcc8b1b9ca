# SPDX-License-Identifier: MIT
"""An ext2 image of this computer, byte for byte: find things in it, read and damage them.

Only what Tine's own images have: 4096-byte blocks, files of direct and indirect blocks.
"""
import os
import struct
import subprocess

import mkimage

BLOCK = 4096
SECTORS = BLOCK // 512
SUPER = 1024
GROUPS = BLOCK                  # the group descriptors
ROOT = 2
# Places in an inode.
MODE, SIZE, LINKS, SECTOR_COUNT, POINTERS = 0, 4, 26, 28, 40
# Places in a directory entry.
REC_LEN, NAME_LEN, NAME = 4, 6, 8


def make(path, folder, mib=8):
    """A new image with the contents of a folder, as the build makes its disk."""
    with open(path, 'wb') as f:
        f.truncate(mib << 20)
    subprocess.run(['mke2fs', '-q', '-F', '-t', 'ext2', '-b', str(BLOCK), '-I', '256', '-m', '0',
                    '-O', mkimage.FEATURES, '-d', folder, path], check=True, env=mkimage.environment())


def fsck(path, how):
    """e2fsck's exit status and what it said."""
    done = subprocess.run(['e2fsck', how, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace')
    return done.returncode, done.stdout


class Image:
    """`with Image(path) as image:`; changes are in the file when it ends."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = open(self.path, 'r+b', buffering=0)
        return self

    def __exit__(self, *_):
        self.file.close()

    def bytes(self, at, n):
        return os.pread(self.file.fileno(), n, at)

    def put(self, at, data):
        os.pwrite(self.file.fileno(), data, at)

    def u32(self, at):
        return struct.unpack('<I', self.bytes(at, 4))[0]

    def u16(self, at):
        return struct.unpack('<H', self.bytes(at, 2))[0]

    def inode(self, ino):
        """Where an inode begins."""
        group, index = divmod(ino - 1, self.u32(SUPER + 40))
        return self.u32(GROUPS + group * 32 + 8) * BLOCK + index * self.u16(SUPER + 88)

    def block(self, ino, n):
        """The number of block n of a file, 0 for a hole."""
        pointers = self.inode(ino) + POINTERS
        if n < 12:
            return self.u32(pointers + 4 * n)
        indirect = self.u32(pointers + 4 * 12)
        return indirect and self.u32(indirect * BLOCK + 4 * (n - 12))

    def data(self, ino):
        size = self.u32(self.inode(ino) + SIZE)
        numbers = [self.block(ino, n) for n in range((size + BLOCK - 1) // BLOCK)]
        return b''.join(self.bytes(n * BLOCK, BLOCK) if n else bytes(BLOCK) for n in numbers)[:size]

    def entries(self, ino):
        """{name: (inode number, where the entry begins)} of a directory."""
        found = {}
        for n in range(self.u32(self.inode(ino) + SIZE) // BLOCK):
            start = self.block(ino, n) * BLOCK
            block, at = self.bytes(start, BLOCK), 0
            while at < BLOCK:
                number, length, name_len = struct.unpack_from('<IHB', block, at)
                if number:
                    found[block[at + NAME:at + NAME + name_len].decode()] = (number, start + at)
                at += length
        return found

    def entry(self, path):
        """Inode number and place of the entry of an absolute path."""
        ino, at = ROOT, 0
        for name in path.strip('/').split('/'):
            ino, at = self.entries(ino)[name]
        return ino, at

    def find(self, path):
        return self.entry(path)[0]
