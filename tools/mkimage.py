#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Build the root disk, an ext2 image made by mke2fs, or an initrd (IMAGE.cpio), made by cpio, from a folder.

usage: mkimage.py --output IMAGE [--size MIB] [--root DIR] [--bin FILE...]
                  [--test FILE...] [--add DIR]... [--busybox FILE]

Programs are stripped on the way in: --bin ones go to /bin, --test ones to
/test.  --root is a folder of ready files (/etc and the like), --add puts a copy
of a folder of yours below /root.  The same input gives the same image: owners,
times, identifiers and the order of files are all fixed.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

# An ordinary user's PATH may lack the folders where e2fsprogs lives.
os.environ['PATH'] = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'

MIB = 1 << 20
BLOCK = 4096
DEFAULT_SIZE = 64
FOLDERS = ('bin', 'dev', 'etc', 'home', 'home/student', 'lib', 'mnt', 'proc', 'root', 'test', 'tmp')
UUID = '74696e65-0000-4000-8000-000000000001'
HASH_SEED = '74696e65-0000-4000-8000-000000000002'
SET_ID = {'/bin/su': 0o104755}
OWNERS = {'/home/student': 1001}     # user and group, as in userland/rootfs/etc/passwd
FEATURES = 'none,filetype,sparse_super,large_file'


def stamp():
    """The one time every file gets: SOURCE_DATE_EPOCH, or 2024-01-01."""
    return int(os.environ.get('SOURCE_DATE_EPOCH', '1704067200'))


def environment():
    """The e2fsprogs take their clock from these."""
    return {**os.environ, 'E2FSPROGS_FAKE_TIME': str(stamp()),
            'SOURCE_DATE_EPOCH': str(stamp())}


def put_program(source, folder, strip):
    target = os.path.join(folder, os.path.basename(source))
    if strip:
        subprocess.run([strip, '-o', target, source], check=True)
    else:
        shutil.copyfile(source, target)
    os.chmod(target, 0o755)


def put_tree(source, target):
    """Copy a folder, names in order, so that the image does not depend on the order of readdir."""
    os.makedirs(target, exist_ok=True)
    for name in sorted(os.listdir(source)):
        here, there = os.path.join(source, name), os.path.join(target, name)
        if os.path.islink(here):
            os.symlink(os.readlink(here), there)
        elif os.path.isdir(here):
            put_tree(here, there)
        elif os.path.isfile(here):
            shutil.copyfile(here, there)
            os.chmod(there, 0o755 if os.access(here, os.X_OK) else 0o644)
        else:
            print(f'mkimage.py: {here}: ignored: not a regular file, folder or symbolic link',
                  file=sys.stderr)


def added_name(folder):
    """Where --add puts a folder: /root/NAME."""
    return os.path.basename(os.path.abspath(folder))


def stage(options, root):
    for name in FOLDERS:
        os.makedirs(os.path.join(root, name))
    if options.root and os.path.isdir(options.root):
        put_tree(options.root, root)
    for source in sorted(options.bin, key=os.path.basename):
        put_program(source, os.path.join(root, 'bin'), options.strip)
    for source in sorted(options.test, key=os.path.basename):
        put_program(source, os.path.join(root, 'test'), options.strip)
    if options.busybox:
        target = os.path.join(root, 'bin', 'busybox')
        shutil.copyfile(options.busybox, target)
        os.chmod(target, 0o755)
    for folder in options.add:
        put_tree(folder, os.path.join(root, 'root', added_name(folder)))


def walk(root):
    """Every path of the tree as the image will see it, in order."""
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(folders + files):
            full = os.path.join(folder, name)
            yield full, '/' + os.path.relpath(full, root)


def needed_mib(root, least):
    """Room for the tree, its tables and as much again to work in."""
    used = sum(os.lstat(full).st_size + 2 * BLOCK for full, _ in walk(root))
    return max(least, 16 + 2 * used // MIB)


def quoted(path):
    return '"' + path.replace('"', '""') + '"'


def debugfs(image, commands, write=True, env=None):
    """Run debugfs commands on an image; give its output and its complaints."""
    with tempfile.NamedTemporaryFile('w', suffix='.debugfs') as script:
        script.write('\n'.join(commands) + '\n')
        script.flush()
        done = subprocess.run(['debugfs', *(['-w'] if write else []), '-f', script.name, image],
                              env=env, text=True, errors='replace',
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    errors = [line for line in done.stderr.splitlines()
              if line and not line.startswith(('debugfs 1', 'Allocated inode'))]
    return done.stdout, errors


def normalise(image, root):
    """Give every inode the one time, and root or the user of OWNERS as owner: the builder must not show."""
    commands = []
    paths = ['/'] + [path for _, path in walk(root)] + ['/lost+found']
    for path in paths:
        owner = OWNERS.get(path, 0)
        for field, value in (('uid', owner), ('gid', owner), ('atime', f'@{stamp()}'),
                             ('mtime', f'@{stamp()}'), ('ctime', f'@{stamp()}'),
                             ('crtime', f'@{stamp()}')):
            commands.append(f'sif {quoted(path)} {field} {value}')
    commands += [f'sif {path} mode 0{mode:o}' for path, mode in SET_ID.items() if path in paths]
    commands += ['sif /tmp mode 041777', 'sif /root mode 040755']
    _, errors = debugfs(image, commands, env=environment())
    if errors:
        sys.exit('mkimage.py: debugfs: ' + '\n'.join(errors[:5]))


def build(options):
    image = options.output
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(image))) as scratch:
        root = os.path.join(scratch, 'root')
        stage(options, root)
        for full, _ in walk(root):
            if not os.path.islink(full) and os.path.isdir(full):
                os.chmod(full, 0o755)
        size = needed_mib(root, options.size)
        draft = os.path.join(scratch, 'disk.img')
        # A configuration of our own, so that no distribution's defaults count.
        config = os.path.join(scratch, 'mke2fs.conf')
        with open(config, 'w', encoding='utf-8') as f:
            f.write('[defaults]\n\tinode_ratio = 8192\n[fs_types]\n')
            for name in ('ext2', 'small', 'floppy', 'default'):
                f.write(f'\t{name} = {{\n\t\tinode_ratio = 8192\n\t}}\n')
        subprocess.run(['mke2fs', '-q', '-F', '-t', 'ext2', '-b', str(BLOCK), '-I', '256', '-m', '0',
                        '-O', FEATURES, '-U', UUID, '-L', 'tine', '-E',
                        f'lazy_itable_init=0,nodiscard,root_owner=0:0,hash_seed={HASH_SEED}',
                        '-d', root, draft, f'{size}M'], check=True,
                       stdout=subprocess.DEVNULL, env={**environment(), 'MKE2FS_CONFIG': config})
        normalise(draft, root)
        done = subprocess.run(['e2fsck', '-fn', draft], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False, env=environment())
        if done.returncode != 0:
            sys.exit(f'mkimage.py: e2fsck found errors in the new image:\n{done.stdout}')
        os.replace(draft, image)


def build_initrd(options):
    """An archive in cpio's newc format, with names in order, one time, and root as owner."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(options.output))) as scratch:
        root = os.path.join(scratch, 'root')
        stage(options, root)
        names = []
        for full, path in walk(root):
            if not os.path.islink(full) and os.path.isdir(full):
                os.chmod(full, 0o1777 if path == '/tmp' else 0o755)
            elif path in SET_ID:
                os.chmod(full, SET_ID[path] & 0o7777)
            os.utime(full, (stamp(), stamp()), follow_symlinks=False)
            names.append(path[1:])
        draft = os.path.join(scratch, 'initrd')
        with open(draft, 'wb') as out:
            subprocess.run(['cpio', '--quiet', '-o', '-H', 'newc', '-R', '+0:+0', '--reproducible'], cwd=root, check=True,
                           input='\n'.join(names).encode() + b'\n', stdout=out)
        os.replace(draft, options.output)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--output', required=True)
    parser.add_argument('--depfile')
    parser.add_argument('--size', type=int, default=DEFAULT_SIZE)
    parser.add_argument('--strip')
    parser.add_argument('--root')
    parser.add_argument('--bin', nargs='*', default=[])
    parser.add_argument('--test', nargs='*', default=[])
    parser.add_argument('--add', action='append', default=[])
    parser.add_argument('--busybox')
    options = parser.parse_args()
    if options.output.endswith('.cpio'):
        build_initrd(options)
    else:
        build(options)
    if options.depfile:
        inputs = [os.path.abspath(__file__)]
        for folder in [options.root, *options.add]:
            if folder and os.path.isdir(folder):
                inputs.append(folder)
                inputs += [full for full, _ in walk(folder)]
        with open(options.depfile, 'w', encoding='utf-8') as f:
            f.write(f'{options.output}: ' + ' '.join(path.replace(' ', '\\ ') for path in inputs) + '\n')


if __name__ == '__main__':
    main()
