#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./tine sweep with a program of the user's: what it writes, and what it says when that goes wrong.

usage: sweep_test.py ROOT BUILD
"""
import contextlib
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
ROOT, BUILD = sys.argv[1:3]
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests', 'host')]

import tapcase  # noqa: E402
from tine import build, cli, manifest, plot, sweep, tools  # noqa: E402

tools.extend_path()

PROGRAM = r'''
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile char heap[64][4096];

/* What to do, and with how many pages: the child of a fork writes them. */
int
main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (strcmp(argv[1], "io") == 0)
		return read(0, argv[1], 1) == 0 && write(1, "x", 1) == 1 ? 0 : 4;
	if (strcmp(argv[1], "leave") == 0 && fork() == 0)
		for (;;)
			;
	for (int i = 0; i < n; i++)
		heap[i][0] = 1;
	if (n > 0 && fork() == 0) {
		for (int i = 0; i < n; i++)
			heap[i][0] = 2;
		_exit(0);
	}
	if (n > 0)
		wait(NULL);
	if (strcmp(argv[1], "crash") == 0)
		*(volatile int *)8 = 1;
	while (strcmp(argv[1], "spin") == 0)
		;
	if (strcmp(argv[1], "hang") == 0)
		pause();
	return strcmp(argv[1], "fail") == 0 ? 3 : 0;
}
'''


class Sweep(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix='tine-')
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.program = os.path.join(cls.scratch.name, 'my program')
        source = os.path.join(cls.scratch.name, 'program.c')
        with open(source, 'w', encoding='utf-8') as f:
            f.write(PROGRAM)
        subprocess.run([manifest.COMPILER, '-static', '-o', cls.program, source], check=True)

    def sweep(self, *words):
        """The status of ./tine sweep, what it said, its lines and its folder; the kernel is that of BUILD."""
        out = tempfile.mkdtemp(dir=self.scratch.name)
        with mock.patch.object(build, 'prepare', return_value=BUILD), mock.patch.object(tools, 'ensure'), \
                contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
            status = cli.main(['sweep', '--program', self.program, '--out', out, *words])
        with open(os.path.join(out, 'runs.jsonl'), encoding='utf-8') as f:
            return status, said.getvalue(), [json.loads(line) for line in f], out

    def test_a_line_for_each_run(self):
        status, said, runs, out = self.sweep('--args', 'fork 8', '--args=fork 64', '--strategies', 'cow,eager', '--repeat', '3')
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r'(?m)^tine: measuring: 0/4 \(log: .*runs\.jsonl\)$')
        self.assertEqual([(run['args'], run['strategy'], run['repeat']) for run in runs],
                         [(text, strategy, n) for text in ('fork 8', 'fork 64') for strategy in ('cow', 'eager') for n in (1, 2, 3)])
        for run in runs:
            pages = int(run['args'].split()[1])
            at_fork, later = run['pages_copied_at_fork'], run['break_copy']
            self.assertEqual((run['status'], run['signal'], run['cut_off'], run['forks']), (0, None, False, 1))
            if run['strategy'] == 'eager':
                self.assertTrue(at_fork >= pages and later == 0, run)
            else:
                self.assertTrue(at_fork == 0 and later >= pages, run)
            self.assertEqual(run['pages_copied'], at_fork + later)
            self.assertGreater(run['faults'], pages)
            self.assertGreater(run['peak_frames'], pages)
            self.assertEqual(run['flushes'], run['flush_local'] + run['flush_remote'])
        for three in zip(runs[::3], runs[1::3], runs[2::3]):
            counts = [run['instructions'] for run in three]
            self.assertLess(tapcase.least_difference(counts), counts[0] // 50)
        self.assertGreater(runs[6]['instructions'], runs[0]['instructions'] + 56 * 500)
        self.check_manifest(out)
        if tools.have('gnuplot'):
            self.check_pictures(runs, out)

    def check_manifest(self, out):
        with open(os.path.join(out, 'manifest.json'), encoding='utf-8') as f:
            made = json.load(f)
        self.assertEqual((made['harts'], made['memory'], made['repeat'], made['program']['name']), (1, '256M', 3, 'my program'))
        self.assertRegex(made['opensbi'], r'^\d+\.\d+')
        self.assertEqual(list(made['commands']), ['cow fork 8', 'eager fork 8', 'cow fork 64', 'eager fork 64'])
        self.assertIn("'\\''/root/my program'\\'' fork 64", made['commands']['cow fork 64'].replace("'\"'\"'", "'\\''"))
        self.assertNotIn(self.scratch.name, json.dumps(made))

    def check_pictures(self, runs, out):
        for quantity in sweep.PICTURES:
            with open(os.path.join(out, quantity.replace('_', '-') + '.svg'), encoding='utf-8') as f:
                self.assertRegex(f.read(), r'(?s)fork 8.*fork 64.*>cow<.*>eager<')
        drawn = []
        with mock.patch.object(plot, 'draw', side_effect=lambda path, text: drawn.append(text) or path), \
                contextlib.redirect_stdout(io.StringIO()):
            sweep.pictures(runs, mock.Mock(out=out, program=self.program))
        median = statistics.median(run['instructions'] for run in runs[9:])
        self.assertIn(f'\n1 {median:.12g}\n', drawn[0])

    def test_a_run_has_nothing_to_read_and_leaves_nothing_running(self):
        status, said, runs, _ = self.sweep('--args', 'io', '--args', 'leave', '--strategies', 'cow', '--repeat', '2')
        self.assertEqual((status, [run['status'] for run in runs]), (0, [0] * 4), said)
        self.assertLess(max(run['instructions'] for run in runs[2:]), 2 * runs[0]['instructions'])

    def test_a_program_that_is_killed(self):
        status, said, runs, _ = self.sweep('--args', 'crash', '--strategies', 'lazy')
        self.assertEqual((status, len(runs), runs[0]['signal'], runs[0]['status']), (1, 1, 'SIGSEGV', None))
        self.assertRegex(said, r'\ntine: my program crash under lazy: it was killed by SIGSEGV\n$')

    def test_a_program_that_never_ends(self):
        for how in ('spin', 'hang'):
            status, said, runs, _ = self.sweep('--args', how, '--strategies', 'cow', '--limit', '1')
            self.assertEqual((status, [run['cut_off'] for run in runs]), (1, [True]), said)
            self.assertRegex(said, rf'\ntine: my program {how} under cow: it did not exit within 1 s of the machine \(1 ')

    def test_a_program_that_fails_is_measured_all_the_same(self):
        status, said, runs, _ = self.sweep('--args', 'fail', '--strategies', 'cow', '--repeat', '2')
        self.assertEqual((status, [run['status'] for run in runs]), (1, [3, 3]))
        self.assertRegex(said, re.compile(r'^tine: 2 of 2 runs exited with a status other than 0; the first is my program fail '
                                          r'under cow: 3$', re.M))


if __name__ == '__main__':
    sys.exit(tapcase.main())
