#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run a test that needs a program, or say in TAP that the program is not installed.

usage: needs.py PROGRAM PACKAGE TEST.py [ARG...]

An ARG that is the program's name becomes its path: tests run programs with a PATH of their own.
"""
import os
import shutil
import sys

program, package, *words = sys.argv[1:]
path = shutil.which(program)
if path is None:
    print(f'1..0 # SKIP {program} is not installed: apt-get install {package}')
    sys.exit(0)
os.execv(sys.executable, [sys.executable, *(path if word == program else word for word in words)])
