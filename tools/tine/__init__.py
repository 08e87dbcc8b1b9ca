# SPDX-License-Identifier: MIT
"""The host side of Tine: what the ./tine command is made of.

cli.py reads the words and calls the rest; meson calls testrun.py for the tests inside the machine.
"""
