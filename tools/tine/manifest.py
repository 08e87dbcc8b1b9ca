# SPDX-License-Identifier: MIT
"""How figures were made: what must be the same for the same figures to come again.

make() gives a dictionary for a JSON file; bench and sweep write it beside their figures.
docs/measure.md lists the keys.
"""
import dataclasses
import json
import os
import re
import subprocess

from . import qemu, testrun, tools
from .build import ROOT, known
from .say import Failed

COMPILER = 'riscv64-linux-gnu-gcc'
OPENSBI = re.compile(r'OpenSBI v(\S+)')
BOOT_TIME = 120         # seconds


def beside(path):
    """The manifest's path for a file of figures."""
    return (path[:-4] if path.endswith('.csv') else path) + '.json'


def git(*words):
    """What git says of this tree; None where it is no clone."""
    try:
        done = subprocess.run(['git', '-C', ROOT, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def first_line(*command):
    return (tools.output_of(command) or '').split('\n', 1)[0]


def opensbi(machine):
    """The version that the firmware prints when the machine boots."""
    seen = []
    machine = dataclasses.replace(machine, append=qemu.bootargs(init='/bin/init', init_args=['/bin/true']))
    testrun.run(machine, BOOT_TIME, BOOT_TIME, lambda line, _: seen.extend(OPENSBI.findall(line)), expect_tap=False)
    if not seen:
        raise Failed('the firmware does not print its version')
    return seen[0]


def options_of(place):
    """The options a build folder was configured with, but for meson's own."""
    return {entry['name']: entry['value'] for entry in known(place, 'buildoptions') if entry['section'] == 'user'}


def command_of(machine):
    """The QEMU command without the paths of this computer."""
    bare = dataclasses.replace(machine, kernel=os.path.basename(machine.kernel), disk=os.path.basename(machine.disk),
                               terminal=False)
    return qemu.shell_command(bare.command())


def make(place, machines, **more):
    """The manifest of a run of {name: Machine}, which differ in their boot arguments only."""
    machine = next(iter(machines.values()))
    status = git('status', '--porcelain', '--untracked-files=no')
    return {'commit': git('rev-parse', 'HEAD'), 'dirty': None if status is None else status != '',
            'compiler': first_line(COMPILER, '--version'), 'qemu': first_line(qemu.PROGRAM, '--version'),
            'opensbi': opensbi(machine), 'build': options_of(place), 'seed': machine.seed, 'memory': machine.mem,
            'harts': 1 if machine.icount else machine.harts,
            'commands': {name: command_of(each) for name, each in machines.items()}, **more}


def write(path, made):
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(made, f, indent=2)
        f.write('\n')
