#!/usr/bin/env python3
"""Run one entry of the test matrix in QEMU; see tine/testrun.py."""
import sys

sys.dont_write_bytecode = True

from tine import testrun  # noqa: E402

sys.exit(testrun.main())
