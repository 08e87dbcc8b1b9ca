#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run one entry of the test matrix in QEMU.

meson calls this file, with a kernel and the programs to run; tine/testrun.py does the work.
"""
import sys

sys.dont_write_bytecode = True

from tine import testrun  # noqa: E402

sys.exit(testrun.main())
