#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Say in TAP that a test cannot run here, and why.

usage: skip.py REASON

meson runs it in place of a test when a tool was missing as the build folder was configured.
"""
import sys

print(f'1..0 # SKIP {sys.argv[1]}')
