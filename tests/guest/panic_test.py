#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page that a panic prints.

/proc/crash offers mistakes.  For each, the page must give the cause in words, the place and the
process, named functions from the mistake down through the trap, the last messages, and QEMU a
failing exit status.  The kernel's own tests also make the mistakes that they guard against: wrong
flushes (tests/kernel/tlb_test.c), writes to freed pages and addresses without a record
(tests/kernel/poison_test.c).

usage: panic_test.py ROOT BUILD TLBCHECK
"""
import os
import sys

sys.dont_write_bytecode = True
ROOT, BUILD, TLBCHECK = sys.argv[1], sys.argv[2], sys.argv[3] == 'true'
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host'), os.path.join(ROOT, 'tests', 'guest')]

import console  # noqa: E402
import panics  # noqa: E402
import tapcase  # noqa: E402
from tine import qemu, tools  # noqa: E402

tools.extend_path()
CALLERS = ('write_crash', 'text_write', 'sys_write', 'syscall_dispatch', 'trap_from_user', 'trap_entry')
LEAF = r'a space is unlocked, but hart {} may still use page 0x10000000, frame 0x[0-9a-f]+'
WRITTEN = r'frame 0x[0-9a-f]+ was written after it was freed \(last owner: thread \d+\)'
NO_RECORD = r'assertion failed: frame_valid_pa\(pa\), .*mm/frame\.h:\d+'
REGISTERS = r'pc  [0-9a-f]{16}  status [0-9a-f]{16}  cause \d+  tval [0-9a-f]{16}\n(?s:.*)t6  [0-9a-f]{16}\n'


class Panic(panics.Panics):
    KERNEL = os.path.join(BUILD, 'tine.elf')
    BUILD, FORK, PLACE = BUILD, 'eager', '/proc/crash'

    def mistake(self, row, word, what):
        """The row's test inside the kernel makes the mistake, and the kernel says this."""
        machine = qemu.Machine(self.KERNEL, append=f'ktest=conform.{row}_ mistake={word}')
        guest = console.Console(machine.command())
        self.addCleanup(guest.close)
        status = guest.end()
        self.assertRegex(console.plain(guest.all), rf'(?m)^panic: {what}$')
        self.assertEqual(status, 1)

    def tlb_mistake(self, row, word, what):
        if not TLBCHECK:
            self.skipTest('built with -Dtlbcheck=false')
        self.mistake(row, word, f'TLB: {what}')

    def crash(self, word, headline, *functions, registers=True, callers=CALLERS):
        page, names = self.panic(word, headline, functions + callers)
        (self.assertRegex if registers else self.assertNotRegex)(page, REGISTERS)
        self.assertNotIn('0x', ' '.join(names), page)           # every address has a name
        self.assertRegex(page, r'last messages:\n(\[ *\d+\.\d+\] .*\n)*.*\bmounting the root file system\n')
        self.assertTrue(page.rstrip().endswith('docs/panic.md explains each line.'), page)
        return page

    def test_null_pointer(self):
        self.crash('null', r'store page fault in the kernel, address 0x18 is a NULL pointer: .*', 'crash_null')

    def test_kernel_text(self):
        self.crash('text', r'store page fault in the kernel, address 0x[0-9a-f]+ is kernel text .*', 'crash_text')

    def test_stack_overflow(self):
        page = self.crash('stack', r'kernel stack overflow: sp 0x[0-9a-f]+ ran into the guard page',
                          'crash_stack_deeper', 'crash_stack_deeper', 'crash_stack')
        self.assertRegex(page, r'repeated \d\d+ more times')

    def test_lost_frame_pointer(self):
        self.crash('frame', r'store page fault in the kernel, address 0x18 is a NULL pointer: .*', 'crash_frame',
                   callers=('write_crash',))

    def test_assertion(self):
        self.crash('assert', r'assertion failed: truth != 0, check/crash\.c:\d+', 'crash_assert', registers=False)

    def test_undefined_behaviour(self):
        self.crash('shift', r'breakpoint in the kernel: undefined behavior, .*', 'crash_shift')

    def test_c13_user_memory_under_a_spin_lock(self):
        self.crash('copy', r'a function that may sleep was called with lock RANDOM held, acquired in crash_copy', 'crash_copy', registers=False)

    def test_sleep_under_a_spin_lock(self):
        self.crash('sleep', r'a function that may sleep was called with lock RANDOM held, acquired in crash_sleep', 'crash_sleep', registers=False)

    def test_wrong_order(self):
        self.crash('order', r'lock order: HOSTNAME acquired while RANDOM is held \(acquired in crash_order\)', 'crash_order',
                   registers=False)

    def test_allocation_under_a_lock_of_reclaim(self):
        self.crash('alloc', r'lock order: RECLAIM acquired while STOP is held \(acquired in crash_alloc\)', 'crash_alloc',
                   registers=False)

    def test_lock_kept(self):
        page = self.crash('lock', r'return to user mode with STOP held, acquired in crash_lock', callers=CALLERS[3:],
                          registers=False)
        self.assertNotIn('crash_lock+', page.split('backtrace:')[1])

    def test_panic_itself(self):
        self.crash('panic', r'a process wrote "panic" to /proc/crash', 'crash_panic', registers=False)

    def test_h6_no_flush(self):
        self.tlb_mistake('H6', 'none', LEAF.format(r'\d'))

    def test_h6_flush_of_the_next_page(self):
        self.tlb_mistake('H6', 'va', LEAF.format(r'\d'))

    def test_h6_flush_of_the_page_before(self):
        self.tlb_mistake('H6', 'below', LEAF.format(r'\d'))

    def test_h6_flush_of_another_asid(self):
        self.tlb_mistake('H6', 'asid', LEAF.format(r'\d'))

    def test_h6_flush_on_this_hart_only(self):
        self.tlb_mistake('H6', 'remote', LEAF.format(1))

    def test_h6_flush_of_a_leaf_after_a_slot_changed(self):
        self.tlb_mistake('H6', 'slot', r'a space is unlocked, but hart \d may still use table 0x[0-9a-f]+')

    def test_h6_share_given_back_before_the_flush(self):
        self.tlb_mistake('H6', 'share', r'a table share is dropped, but hart \d may still use table 0x[0-9a-f]+')

    def test_e8_frame_freed_before_the_flush(self):
        self.tlb_mistake('E8', 'free', r'a frame is freed, but hart \d may still use page 0x10000000, frame 0x[0-9a-f]+')

    def test_e6_first_byte_of_a_freed_page_written(self):
        self.mistake('E6', 'first', WRITTEN)

    def test_e6_last_byte_of_a_freed_page_written(self):
        self.mistake('E6', 'last', WRITTEN)

    def test_e10_record_of_a_device_register(self):
        self.mistake('E10', 'device', NO_RECORD)

    def test_e10_record_below_ram(self):
        self.mistake('E10', 'below', NO_RECORD)

    def test_e10_record_past_ram(self):
        self.mistake('E10', 'past', NO_RECORD)

    def test_another_word_is_refused(self):
        guest = self.boot()
        self.assertEqual(guest.run('echo nosuch > /proc/crash; echo $?'),
                         ['sh: echo: cannot write: Invalid argument', '1'])
        words = [line.split()[0] for line in guest.run('cat /proc/crash')]
        self.assertEqual(words, ['null', 'text', 'stack', 'frame', 'assert', 'shift', 'copy', 'sleep', 'order',
                                 'alloc', 'lock', 'panic'])
        guest.type('poweroff\r')
        self.assertEqual(guest.end(), 0)


if __name__ == '__main__':
    sys.exit(tapcase.main())
