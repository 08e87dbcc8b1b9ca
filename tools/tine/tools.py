# SPDX-License-Identifier: MIT
"""Which programs Tine needs, which are here, and how to get the others.

TOOLS lists them with the oldest version that will do.  `./tine doctor` prints the list, ensure()
checks it before a build, and installs packages unless it was told not to.
"""
import dataclasses
import glob
import os
import re
import shutil
import subprocess
import sys

from . import sites
from .say import Failed, say

# Debian's ordinary users do not have these in PATH, and e2fsprogs lives there.
SYSTEM_FOLDERS = ('/usr/sbin', '/sbin')


@dataclasses.dataclass(frozen=True)
class Tool:
    name: str
    why: str
    least: tuple                # the oldest version that will do, () for any
    probe: callable             # gives the version found, '' if it has none, None if missing
    debian: tuple
    fedora: str = ''
    arch: str = ''
    brew: str = ''
    kind: str = 'run'           # run: always; test: for ./tine test; extra: only by ./tine test --extras


def extend_path():
    for folder in SYSTEM_FOLDERS:
        if folder not in os.environ.get('PATH', '').split(':'):
            os.environ['PATH'] = os.environ.get('PATH', '') + ':' + folder


def parse_version(text):
    """The first dotted number of a text, as a tuple: "7.2.22 (Debian 1:7.2)" is (7, 2, 22).

    Numbers, not strings: 10 is newer than 7.  None when there is no number.
    """
    found = re.search(r'(?<![\w.])v?(\d+(?:\.\d+)+)', text) or re.search(r'(?<![\w.])v?(\d+)(?![\w.])', text)
    return tuple(int(part) for part in found.group(1).split('.')) if found else None


def format_version(version):
    return '.'.join(map(str, version))


def new_enough(found, least):
    """Is version `found` at least `least`?  (10, 0) is; (7,) is as good as (7, 0)."""
    width = max(len(found), len(least))
    def pad(version):
        return tuple(version) + (0,) * (width - len(version))
    return pad(found) >= pad(least)


class CannotStart(Exception):
    """A program is here, but does not start; the message says why."""


def run(command):
    """A command that has ended, both streams in stdout; None when it is not installed."""
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              text=True, errors='replace', timeout=30)
    except FileNotFoundError:
        if shutil.which(command[0]) is None:
            return None
        raise CannotStart('the interpreter or loader it needs does not exist') from None
    except OSError as why:
        raise CannotStart(why.strerror) from None
    except subprocess.TimeoutExpired as why:
        raise CannotStart(f'it timed out after {why.timeout} s') from None


def output_of(command):
    """What a command prints, both streams; None when it cannot be run."""
    try:
        done = run(command)
    except CannotStart:
        return None
    return done and done.stdout


def asks(*command):
    """A probe that runs a command and reads the version in its first line."""
    def probe():
        done = run(command)
        if done is None:
            return None
        first = done.stdout.split('\n', 1)[0]
        if done.returncode != 0:
            raise CannotStart(first or f'it exits with status {done.returncode}')
        # gcc's own name holds numbers too: look behind it.
        version = parse_version(first.replace(command[0], ''))
        return format_version(version) if version else ''
    return probe


def probe_python():
    return format_version(sys.version_info[:3])


def probe_static_libc():
    path = (output_of(['riscv64-linux-gnu-gcc', '-print-file-name=libc.a']) or '').strip()
    return '' if os.path.isabs(path) and os.path.exists(path) else None


def probe_native_cc():
    return asks('cc', '--version')() if glob.glob('/usr/include/stdio.h') or sys.platform == 'darwin' else None


def probe_libclang():
    return '' if sites.clang() is not None else None


def probe_firmware():
    """OpenSBI is a file that QEMU looks for in its data folders."""
    folders = (output_of(['qemu-system-riscv64', '-L', 'help']) or '').split('\n')
    for folder in folders + ['/usr/share/qemu', '/usr/local/share/qemu', '/opt/homebrew/share/qemu']:
        if folder and glob.glob(os.path.join(folder, 'opensbi-riscv64-generic-fw_dynamic.*')):
            return ''
    return None


def qemu_package():
    """Debian 13 split QEMU's RISC-V part into a package of its own."""
    shown = output_of(['apt-cache', 'show', 'qemu-system-riscv'])
    return ('qemu-system-riscv',) if shown and 'Package:' in shown else ('qemu-system-misc',)


TOOLS = (
    Tool('python3', 'runs this command and the build', (3, 9), probe_python,
         ('python3',), 'python3', 'python', 'python'),
    Tool('riscv64-linux-gnu-gcc', 'compiles the kernel and its programs', (10,),
         asks('riscv64-linux-gnu-gcc', '--version'), ('gcc-riscv64-linux-gnu',), 'gcc-riscv64-linux-gnu',
         'riscv64-linux-gnu-gcc', 'riscv64-elf-gcc (kernel only: no C library for programs)'),
    Tool('static riscv64 glibc', 'the programs\' C library', (), probe_static_libc,
         ('libc6-dev-riscv64-cross',), '(not packaged: use a Debian container)', 'riscv64-linux-gnu-glibc', ''),
    Tool('qemu-system-riscv64', 'the machine the kernel runs on', (7, 0),
         asks('qemu-system-riscv64', '--version'), (), 'qemu-system-riscv', 'qemu-system-riscv', 'qemu'),
    Tool('OpenSBI firmware', 'the firmware that QEMU starts before the kernel', (), probe_firmware,
         ('opensbi',), 'qemu-system-riscv-core', 'qemu-system-riscv-firmware', 'qemu'),
    Tool('meson', 'describes the build', (1, 0), asks('meson', '--version'), ('meson',), 'meson', 'meson', 'meson'),
    Tool('ninja', 'runs the build', (1, 8), asks('ninja', '--version'), ('ninja-build',), 'ninja-build', 'ninja',
         'ninja'),
    Tool('mke2fs', 'makes the disk image', (1, 43), asks('mke2fs', '-V'), ('e2fsprogs',), 'e2fsprogs', 'e2fsprogs',
         'e2fsprogs'),
    Tool('cpio', 'makes the initrd of ./tine run --core', (), asks('cpio', '--version'), ('cpio',), 'cpio', 'cpio', 'cpio'),
    Tool('cc', 'builds parts of the kernel for this computer to test them', (), probe_native_cc,
         ('gcc', 'libc6-dev'), 'gcc', 'gcc', '(Xcode command line tools)', kind='test'),
    Tool('qemu-riscv64', 'runs test programs on Linux to compare the results', (7, 0), asks('qemu-riscv64', '--version'),
         ('qemu-user',), 'qemu-user', 'qemu-user', '(Linux only)', kind='test'),
    Tool('ccache', 'speeds up the builds of copies, which tests make', (4,), asks('ccache', '--version'),
         ('ccache',), 'ccache', 'ccache', 'ccache', kind='extra'),
    Tool('clang-14', 'compiles with a second compiler to find more warnings', (14,), asks('clang-14', '--version'), ('clang-14',), 'clang',
         'clang', 'llvm', kind='extra'),
    Tool('clang-format-14', 'checks the format of the sources', (14,), asks('clang-format-14', '--version'),
         ('clang-format-14',), 'clang-tools-extra', 'clang', 'clang-format', kind='extra'),
    Tool('libclang for python3', 'finds the checks in the sources: ./tine mutate --checks', (), probe_libclang,
         ('python3-clang-14',), 'python3-clang', 'python-clang', '(pip install libclang)', kind='extra'),
    Tool('spin', 'checks the models of races between harts', (6,), asks('spin', '-V'), ('spin',), '(not packaged)', '(not packaged: AUR spin)', 'spin',
         kind='extra'),
    Tool('gnuplot', 'draws figures: ./tine bench --plot, ./tine sweep', (5,), asks('gnuplot', '--version'),
         ('gnuplot-nox',), 'gnuplot', 'gnuplot', 'gnuplot', kind='extra'),
    Tool('gdb-multiarch', 'debugs the kernel: ./tine gdb', (), asks('gdb-multiarch', '--version'),
         ('gdb-multiarch',), 'gdb', 'gdb', 'riscv64-elf-gdb', kind='extra'),
)


@dataclasses.dataclass
class Finding:
    tool: Tool
    found: str                  # version, '' for present without one, None for missing or broken
    broken: str = ''            # why it does not start

    @property
    def good(self):
        if self.found is None:
            return False
        if not self.tool.least or self.found == '':
            return True
        return new_enough(parse_version(self.found), self.tool.least)

    @property
    def text(self):
        if self.found is None:
            return 'does not start' if self.broken else 'missing'
        return self.found or 'present'


def find(tool):
    try:
        return Finding(tool, tool.probe())
    except CannotStart as why:
        return Finding(tool, None, str(why))


def examine(kinds=('run', 'test', 'extra')):
    extend_path()
    return [find(tool) for tool in TOOLS if tool.kind in kinds]


def have(name):
    return all(find(tool).good for tool in TOOLS if tool.name == name)


def distribution(release=None):
    """One of debian, fedora, arch, brew, or '' for something else."""
    if sys.platform == 'darwin' and release is None:
        return 'brew'
    if release is None:
        try:
            with open('/etc/os-release', encoding='utf-8') as f:
                release = f.read()
        except OSError:
            return ''
    words = []
    for line in release.splitlines():
        key, _, value = line.partition('=')
        if key in ('ID', 'ID_LIKE'):
            words += value.strip('"\'').split()
    for name, known in (('debian', 'debian'), ('ubuntu', 'debian'), ('fedora', 'fedora'), ('rhel', 'fedora'),
                        ('arch', 'arch')):
        if name in words:
            return known
    return ''


def debian_packages(tool):
    return tool.debian or qemu_package()


def fix(finding, system):
    """The exact thing to do about one tool."""
    tool = finding.tool
    if finding.broken:
        return f'repair it: {finding.broken}'
    if system == 'debian':
        packages = ' '.join(debian_packages(tool))
        if finding.found is not None:
            return f'needs a newer one: apt-get install {packages}, or a newer release of the distribution'
        return f'apt-get install {packages}'
    for name, command in (('fedora', 'dnf install'), ('arch', 'pacman -S'), ('brew', 'brew install')):
        if system == name:
            package = getattr(tool, name)
            return package if package.startswith('(') else f'{command} {package}'
    return f'install it (Debian: {" ".join(debian_packages(tool))})'


def table(findings, system):
    rows = [('tool', 'needed', 'found', 'what to do')]
    for finding in findings:
        tool = finding.tool
        needed = f'>= {format_version(tool.least)}' if tool.least else 'any'
        if tool.kind != 'run':
            needed += ' (tests)' if tool.kind == 'test' else ' (optional)'
        rows.append((tool.name, needed, finding.text, '' if finding.good else fix(finding, system)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [('  '.join(cell.ljust(width) for cell, width in zip(row, widths)) + '  ' + row[3]).rstrip()
            for row in rows]


def install_command(findings):
    packages = []
    for finding in findings:
        for package in debian_packages(finding.tool):
            if package not in packages:
                packages.append(package)
    words = ['apt-get', 'install', '-y', '--no-install-recommends', *packages]
    return words if os.geteuid() == 0 else ['sudo', *words]


def ensure(kinds, allow_install):
    """Make sure the tools of these kinds are here; install packages where we may.

    Missing tools of kind `test` never stop anything: the tests that need them
    are skipped and say so.
    """
    bad = [finding for finding in examine(kinds) if not finding.good]
    for finding in (finding for finding in bad if finding.broken):
        stop_if_needed([finding], f'{finding.tool.name} is installed and does not start: {finding.broken}')
    bad = [finding for finding in bad if not finding.broken]
    if not bad:
        return
    system = distribution()
    say('missing:')
    for finding in bad:
        version = f' (found {finding.found}, needed {format_version(finding.tool.least)})' if finding.found else ''
        print(f'  {finding.tool.name}{version}: {finding.tool.why}')
    if system != 'debian':
        for finding in bad:
            print(f'  -> {fix(finding, system)}')
        stop_if_needed(bad, 'install these and start again')
        return
    command = install_command(bad)
    if not allow_install:
        stop_if_needed(bad, f'not installing because of --no-install; the command is\n  {" ".join(command)}')
        return
    if command[0] == 'sudo' and not shutil.which('sudo'):
        stop_if_needed(bad, f'not root and no sudo here; as root run\n  {" ".join(command[1:])}')
        return
    install(command)
    still = [finding for finding in examine(kinds) if not finding.good]
    if still:
        print('\n'.join(table(still, system)))
        stop_if_needed(still, 'these are still missing or too old')


def ensure_extras(allow_install):
    """Install the optional tools, each by itself: another release may not have them all."""
    bad = [finding for finding in examine(('extra',)) if not finding.good]
    for finding in bad:
        try:
            ensure_one(finding, allow_install)
        except Failed as problem:
            say(f'continuing without {finding.tool.name}: {problem}')


def ensure_one(finding, allow_install):
    command = install_command([finding])
    if distribution() != 'debian' or not allow_install or finding.broken:
        raise Failed(fix(finding, distribution()))
    if command[0] == 'sudo' and not shutil.which('sudo'):
        raise Failed(f'not root and no sudo here; as root run  {" ".join(command[1:])}')
    install(command)


def stop_if_needed(bad, message):
    if any(finding.tool.kind == 'run' for finding in bad):
        raise Failed(message)
    say(message.replace('\n  ', ': '))
    say('continuing without: the tests that need it will be skipped')


def install(command):
    say(f'installing: {" ".join(command)}')
    environment = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    prefix = command[:command.index('apt-get')]
    for words in (prefix + ['apt-get', '-q', 'update'], command):
        try:
            done = subprocess.run(words, env=environment, text=True, errors='replace', stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
        except FileNotFoundError:
            raise Failed(f'{words[0]} is not installed; the command was\n  {" ".join(command)}') from None
        if done.returncode != 0 and words is command:
            print('\n'.join(done.stdout.splitlines()[-15:]))
            raise Failed(f'the installation failed; the command was\n  {" ".join(command)}')


def doctor():
    """Print the table; 0 when everything that run and test need is here."""
    findings = examine()
    system = distribution()
    print('\n'.join(table(findings, system)))
    bad = [finding for finding in findings if not finding.good and finding.tool.kind != 'extra']
    if not bad:
        print('\neverything that ./tine run and ./tine test need is here')
        return 0
    missing = [finding for finding in bad if not finding.broken]
    if system == 'debian' and missing:
        print(f'\nall at once:  {" ".join(install_command(missing))}')
    return 1
