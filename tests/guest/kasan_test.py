#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the KASAN build says about each mistake with memory that /proc/kasan offers.

A report names the kind of mistake, the access and the function.  The nearest thing that is allowed
must pass in silence.

usage: kasan_test.py ROOT BUILD KERNEL
"""
import os
import sys

sys.dont_write_bytecode = True
ROOT, BUILD, KERNEL = sys.argv[1:4]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host'), os.path.join(ROOT, 'tests', 'guest')]

import panics  # noqa: E402
import tapcase  # noqa: E402
from tine import tools  # noqa: E402

tools.extend_path()
WORDS = ['slab', 'below', 'freed', 'twice', 'page', 'local', 'ended', 'global', 'copy']


class Kasan(panics.Panics):
    KERNEL, BUILD, FORK, PLACE = KERNEL, BUILD, 'cow', '/proc/kasan'

    def mistake(self, word, headline, *functions):
        self.panic(word, f'KASAN: {headline}',
                   [*functions, 'write_mistake', 'text_write', 'sys_write', 'syscall_dispatch', 'trap_from_user'])

    def test_one_byte_behind_a_slab_object(self):
        self.mistake('slab', 'out-of-bounds access to a slab object: write of 1 byte at 0x[0-9a-f]+', 'slab_byte')

    def test_one_byte_in_front_of_a_slab_object(self):
        self.mistake('below', 'out-of-bounds access to a slab object: read of 1 byte at 0x[0-9a-f]+', 'slab_below')

    def test_slab_object_used_after_it_was_freed(self):
        self.mistake('freed', 'use after free of a slab object: read of 4 bytes at 0x[0-9a-f]+', 'slab_freed')

    def test_slab_object_freed_twice(self):
        self.mistake('twice', r'use after free of a slab object: kfree\(0x[0-9a-f]+\)', 'kfree', 'slab_twice')

    def test_page_used_after_it_was_freed(self):
        self.mistake('page', 'use after free of a page: read of 8 bytes at 0x[0-9a-f]+', 'page_freed')

    def test_one_byte_behind_a_local_variable(self):
        self.mistake('local', 'out-of-bounds access to a local variable: write of 1 byte at 0x[0-9a-f]+',
                     'store_at', 'local_byte')

    def test_local_variable_after_its_block(self):
        self.mistake('ended', 'use after scope of a local variable: write of 1 byte at 0x[0-9a-f]+',
                     'store_at', 'local_ended')

    def test_one_byte_behind_a_global_variable(self):
        self.mistake('global', 'out-of-bounds access to a global variable: write of 1 byte at 0x[0-9a-f]+',
                     'store_at', 'global_byte')

    def test_copy_of_one_byte_too_many(self):
        self.mistake('copy', r'out-of-bounds access to a slab object: write of 41 bytes at 0x[0-9a-f]+, first bad byte at offset 40',
                     '__wrap_memcpy', 'copy_over')

    def test_what_is_allowed_is_not_reported(self):
        guest = self.boot()
        self.assertEqual([line.split()[0] for line in guest.run('cat /proc/kasan')], WORDS)
        for word in WORDS:
            self.assertEqual(guest.run(f'echo {word} ok > /proc/kasan; echo $?'), ['0'], word)
        self.assertEqual(guest.run('echo nosuch > /proc/kasan; echo $?'),
                         ['sh: echo: cannot write: Invalid argument', '1'])
        guest.type('poweroff\r')
        self.assertEqual(guest.end(), 0)

    def test_machines_from_32_mib_to_4_gib(self):
        for mem in '32M', '4G':
            guest = self.boot(mem=mem)
            self.assertEqual(guest.run('echo slab ok > /proc/kasan; echo $?'), ['0'], mem)
            guest.type('poweroff\r')
            self.assertEqual(guest.end(), 0, mem)


if __name__ == '__main__':
    sys.exit(tapcase.main())
