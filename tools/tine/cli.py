# SPDX-License-Identifier: MIT
"""The ./tine command: a function command_NAME() for each word that may follow it.

They parse their options, refuse what cannot work before anything is built, and call the other
modules.  main() turns a Failed into one sentence and its status.
"""
import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys

from . import bench, build, checks, disk, mutate, qemu, suites, sweep, tools
from .say import Failed, cannot_start, complain, nearest, say

HELP = '''usage: ./tine COMMAND [OPTIONS]

  run       build everything and boot to a shell in this terminal
  test      build everything and run every test
  doctor    name each tool, the version found, the version needed, the fix
  bench     measure each fork strategy; Linux and xv6 beside it
  sweep     measure a program of yours under each fork strategy
  mutate    plant known bugs in a copy, one by one, and see a test fail
  gdb       boot and wait for a debugger
  build     build only
  image     build the disk image; with --output, one of your own
  format    format the C sources with clang-format
  clean     remove the build folders (and the disk that run keeps)

./tine COMMAND --help tells more.  The first run and test install the packages
that are missing, after saying which; --no-install never installs anything.
'''


LEAST_MEM = 32          # MiB; the smallest machine that is tested


def parser_for(command, description):
    parser = argparse.ArgumentParser(prog=f'./tine {command}', description=description)
    parser.add_argument('--no-install', action='store_true', help='never install packages; only name the missing ones')
    return parser


def flavour_options(parser):
    one = parser.add_mutually_exclusive_group()
    one.add_argument('--release', action='store_const', dest='flavour', const='release', default='debug',
                     help='the release build: no checks, faster')
    one.add_argument('--kasan', action='store_const', dest='flavour', const='kasan',
                     help='the KASAN build: every load and store is checked, slower')


def machine_options(parser):
    parser.add_argument('--harts', type=int, metavar='N', help='harts, 1 to 8 (default 2)')
    parser.add_argument('--mem', default='256M', metavar='M', help='memory, such as 32M or 4G (default 256M)')
    parser.add_argument('--fork', metavar='NAME', help='default fork strategy of this boot')
    parser.add_argument('--count', action='store_true',
                        help='one hart, and QEMU counts instructions: exact figures, slower')
    flavour_options(parser)
    parser.add_argument('--append', default='', metavar='ARGS', help='more boot arguments')


def disk_options(parser):
    parser.add_argument('--fresh', action='store_true', help='create a new disk first')
    parser.add_argument('--update', action='store_true',
                        help='update the programs on the kept disk; keep other files')
    parser.add_argument('--add', action='append', default=[], metavar='DIR',
                        help='copy a folder of yours to /root on the disk')
    parser.add_argument('init_args', nargs='*', metavar='-- ARGS', help='arguments for init: a program to run')


def core_option(parser):
    parser.add_argument('--core', action='store_true',
                        help='the core profile: the kernel of docs/reading.md, an initrd as root, forkdemo or the '
                        'program behind --')


def as_options(argv):
    """Turn fork=NAME, harts=N and mem=M, the words of ./tine test, into options."""
    words = []
    for word in argv:
        found = re.fullmatch(r'(fork|harts|mem)=(.*)', word)
        words += [f'--{found.group(1)}', found.group(2)] if found else [word]
    return words


def parse(parser, argv):
    """The options of a command that boots; the words behind -- stay as they are."""
    end = argv.index('--') if '--' in argv else len(argv)
    options = parser.parse_args(as_options(argv[:end]))
    options.init_args += argv[end + 1:]
    return options


def memory(text):
    """The size that --mem gives, as QEMU takes it."""
    size = re.fullmatch(r'(\d+)([KMG]?)', text.upper())
    if not size:
        raise Failed(f'--mem {text}: must be a number and M or G, such as 256M', 2)
    if int(size.group(1)) * {'K': 1, 'M': 1024, 'G': 1 << 20}[size.group(2) or 'M'] < LEAST_MEM << 10:
        raise Failed(f'--mem {text}: must be at least {LEAST_MEM}M', 2)
    return text.upper()


def check_machine(options):
    """Refuse what cannot work before anything is built."""
    if options.harts is None:
        options.harts = 1 if options.count else 2
    if options.count and options.harts > 1:
        raise Failed(f'--count --harts {options.harts}: --count needs --harts 1', 2)
    if not 1 <= options.harts <= 8:
        raise Failed(f'--harts {options.harts}: must be 1 to 8', 2)
    options.mem = memory(options.mem)
    if getattr(options, 'core', False) and (options.add or options.fresh or options.update):
        raise Failed('--core has no disk: --add, --fresh and --update do not go with it', 2)
    for folder in options.add:
        if not os.path.isdir(folder):
            raise Failed(f'--add {folder}: no such folder', 2)
    boot_arguments(options)


def boot_arguments(options):
    return qemu.bootargs(options.fork, [options.append, qemu.window()], init_args=options.init_args)


def machine_from(options, place, **more):
    kept = disk.prepare(place, options.fresh, options.update, options.add)
    return qemu.Machine(kernel=os.path.join(place, 'tine.elf'), disk=kept, harts=options.harts, mem=options.mem,
                        icount=options.count, append=boot_arguments(options), **more)


def boot_core(options, place):
    program, *words = options.init_args or ['/bin/forkdemo']
    arguments = qemu.bootargs(options.fork, [options.append], init=program, init_args=words)
    boot(qemu.core_machine(place, harts=options.harts, mem=options.mem, icount=options.count, append=arguments),
         'booting; the machine stops when the program exits, or press Ctrl-] then X')


def boot(machine, how='booting; type poweroff in the shell to leave, or press Ctrl-] then X'):
    """Become QEMU: the terminal is the guest's until it powers off."""
    say(how)
    command = machine.command()
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)
    except OSError as why:
        raise Failed(cannot_start(command, why)) from None


def command_run(argv):
    parser = parser_for('run', 'Build everything and boot to a shell in this terminal.')
    machine_options(parser)
    disk_options(parser)
    core_option(parser)
    options = parse(parser, argv)
    check_machine(options)
    tools.ensure(('run',), not options.no_install)
    if options.core:
        boot_core(options, build.prepare(options.flavour, None, qemu.CORE_FILES))
    place = build.prepare(options.flavour, options.fork, ('tine.elf', 'disk.img'))
    boot(machine_from(options, place))


def command_qemu(argv):
    """For `ninja run`: everything is built already, nothing is installed."""
    parser = parser_for('qemu', 'Boot what a build folder holds.')
    parser.add_argument('--build', required=True)
    machine_options(parser)
    disk_options(parser)
    core_option(parser)
    options = parse(parser, argv)
    check_machine(options)
    if options.core:
        boot_core(options, options.build)
    boot(machine_from(options, options.build))


def command_gdb(argv):
    parser = parser_for('gdb', 'Boot the kernel stopped at its first instruction, waiting for a debugger; '
                        'with --attach, be that debugger (in a second terminal).')
    parser.add_argument('--attach', action='store_true', help='start gdb and connect')
    machine_options(parser)
    disk_options(parser)
    options = parse(parser, argv)
    tools.ensure(('run',), not options.no_install)
    check_machine(options)
    taken = qemu.gdb_port_taken()
    if options.attach:
        if not taken:
            raise Failed('no machine waits for a debugger; start one with ./tine gdb in another terminal')
        return attach(build.folder(options.flavour))
    if taken:
        raise Failed(f'port {qemu.GDB_PORT}, which the debugger needs, is in use, perhaps by another ./tine gdb')
    place = build.prepare(options.flavour, options.fork, ('tine.elf', 'disk.img'))
    say('waiting for a debugger; in another terminal:  ./tine gdb --attach')
    boot(machine_from(options, place, gdb=True))


def gdb_command(place):
    for name in ('gdb-multiarch', 'riscv64-linux-gnu-gdb', 'riscv64-elf-gdb'):
        if shutil.which(name):
            break
    else:
        raise Failed('no gdb for RISC-V here: apt-get install gdb-multiarch')
    return [name, '-q', os.path.join(place, 'tine.elf'), '-ex', 'set pagination off',
            '-ex', f'target remote localhost:{qemu.GDB_PORT}']


def attach(place):
    command = gdb_command(place)
    say(' '.join(command))
    sys.stdout.flush()
    os.execvp(command[0], command)


def command_test(argv):
    parser = parser_for('test', 'Build what the tests need and run them.  WORDS choose: a test or program name or a '
                        'part of it, fork=NAME, harts=N, seed=N.')
    parser.add_argument('words', nargs='*', metavar='WORDS')
    which = parser.add_mutually_exclusive_group()
    which.add_argument('--quick', dest='which', action='store_const', const='quick',
                       help='only the quick suite, less than a minute')
    which.add_argument('--all', dest='which', action='store_const', const='all',
                       help='also the long tests; after an interruption the next run continues')
    parser.add_argument('--list', action='store_true', help='list the tests and run nothing')
    parser.add_argument('--busy', action='store_true',
                        help='run one busy loop for each processor of the host, to find tests that depend on speed')
    flavour_options(parser)
    parser.add_argument('--targets', metavar='NAMES', help='build these targets instead of those the tests need')
    parser.add_argument('--extras', action='store_true',
                        help='install the optional tools, too, so that no test is skipped for a missing tool')
    options = parser.parse_args(argv)
    tools.ensure(('run', 'test'), not options.no_install)
    if options.extras:
        tools.ensure_extras(not options.no_install)
    place = build.folder(options.flavour)
    with build.alone(place):
        build.configure(place, build.options_of(options.flavour))
        build.refresh(place)
    if options.list:
        suites.show(place)
        return 0
    chosen = suites.choose(suites.listed(place), options.words) if options.words else None
    if options.targets:
        targets = options.targets.split()
    else:
        targets = suites.targets(place, chosen) if chosen else ('all', 'meson-test-prereq')
    if targets:
        build.prepare(options.flavour, None, targets)
    with suites.busy_loops() if options.busy else contextlib.nullcontext():
        return suites.run_selected(place, chosen) if chosen else suites.run_suites(place, options.which)


def command_doctor(argv):
    parser_for('doctor', 'Name each tool, the version found, the version needed and the fix; '
               'changes nothing.').parse_args(argv)
    return tools.doctor()


def command_bench(argv):
    parser = parser_for('bench', 'Boot the release build once for each strategy with QEMU counting instructions, '
                        'run forkbench and print the figures beside those of Linux and xv6.')
    bench.add_options(parser)
    options = parser.parse_args(argv)
    options.mem = memory(options.mem)
    wanted = bench.prepare(options)
    if options.source:
        return bench.draw(bench.read(options.source), options.plot)
    tools.ensure(('run',), not options.no_install)
    return bench.main(build.prepare('release', None, ('tine.elf', 'disk.img')), wanted, options)


def command_sweep(argv):
    parser = parser_for('sweep', 'Run a program of yours under each fork strategy in the release build, with QEMU '
                        'counting instructions, and write what each run cost.')
    sweep.add_options(parser)
    options = parser.parse_args(argv)
    options.mem = memory(options.mem)
    points = sweep.prepare(options)
    tools.ensure(('run',), not options.no_install)
    return sweep.main(build.prepare('release', None, ('tine.elf', 'disk.img')), points, options)


def command_mutate(argv):
    parser = parser_for('mutate', 'Plant each known bug in a scratch copy, build it and run the tests that must '
                        'notice.  Continues an interrupted run.  NAMES choose: parts of names.')
    parser.add_argument('names', nargs='*', metavar='NAMES')
    parser.add_argument('--checks', action='store_true',
                        help='remove instead each check that ends in -EPERM, -EACCES, -ESRCH, -EBUSY or -EROFS; '
                        'NAMES: a file, file:line or function')
    parser.add_argument('--again', action='store_true', help='forget what earlier runs found')
    parser.add_argument('--list', action='store_true', help='with --checks: only list them')
    options = parser.parse_args(argv)
    if options.list and not options.checks:
        raise Failed('--list needs --checks', 2)
    tools.ensure(('run', 'test'), not options.no_install)
    if options.checks:
        return checks.main(options.names, options.list, options.again)
    return mutate.main(options.names, options.again)


def command_build(argv):
    parser = parser_for('build', 'Configure and build what ./tine run boots; ./tine test builds the tests.')
    flavour_options(parser)
    options = parser.parse_args(argv)
    tools.ensure(('run',), not options.no_install)
    build.prepare(options.flavour, None, ('tine.elf', 'disk.img'))
    return 0


def command_image(argv):
    parser = parser_for('image', 'Build the disk image.  With --output, write one of your own: the programs of '
                        'this build and your files.')
    parser.add_argument('--output', metavar='FILE')
    parser.add_argument('--add', action='append', default=[], metavar='DIR', help='copy a folder to /root')
    parser.add_argument('--busybox', metavar='FILE', help='a riscv64 static busybox, for /bin/busybox')
    parser.add_argument('--release', action='store_const', dest='flavour', const='release', default='debug')
    options = parser.parse_args(argv)
    if (options.add or options.busybox) and not options.output:
        raise Failed('--add and --busybox need --output FILE', 2)
    tools.ensure(('run',), not options.no_install)
    place = build.prepare(options.flavour, None, ('disk.img',))
    if not options.output:
        say(f'the image is {build.short(os.path.join(place, "disk.img"))}')
        return 0
    shutil.copyfile(os.path.join(place, 'disk.img'), options.output)
    for folder in options.add:
        disk.add_folder(options.output, folder)
    if options.busybox:
        disk.add_file(options.output, options.busybox, '/bin', 'busybox')
    say(f'the image is {options.output}')
    return 0


def command_format(argv):
    parser = parser_for('format', 'Format the C sources with clang-format 14.')
    parser.add_argument('--check', action='store_true', help='only list the files that differ')
    options = parser.parse_args(argv)
    return subprocess.call([sys.executable, os.path.join(build.ROOT, 'tests/host/format_test.py'), build.ROOT,
                            *([] if options.check else ['--fix'])])


def command_clean(argv):
    parser_for('clean', 'Remove the build folders.').parse_args(argv)
    build.clean()
    return 0


def command_help(argv):
    print(HELP, end='')
    return 0


COMMANDS = {name[len('command_'):]: function for name, function in list(globals().items())
            if name.startswith('command_')}
HIDDEN = ('qemu',)


def unknown(word):
    visible = [name for name in COMMANDS if name not in HIDDEN]
    near = nearest(word, visible)
    complain(f'there is no command "{word}"' + (f'; did you mean ./tine {near}?' if near else ''))
    complain(f'commands: {" ".join(visible)}')
    return 2


def main(argv):
    argv = list(argv)
    early = '--no-install' in argv[:1]      # ./tine --no-install run is understood too
    if early:
        argv = argv[1:2] + ['--no-install'] + argv[2:]
    if not argv or argv[0] in ('-h', '--help') or (early and len(argv) == 1):
        print(HELP, end='')
        return 0
    if argv[0] not in COMMANDS:
        return unknown(argv[0])
    try:
        return COMMANDS[argv[0]](argv[1:]) or 0
    except Failed as problem:
        complain(str(problem))
        return problem.status
    except KeyboardInterrupt:
        print()
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1                # the reader of a pipe has seen enough
    except OSError as why:
        complain(f'{why.filename}: {why.strerror}' if why.filename else str(why))
        return 1
