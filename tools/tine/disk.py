# SPDX-License-Identifier: MIT
"""The disk that `run` keeps between runs, and putting files on it.

The build makes a pristine image.  The first run copies it to run/disk.img and
from then on that copy belongs to the user: nothing replaces it unasked.
"""
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile

from .build import short
from .say import Failed, complain, say
from .tools import extend_path

import mkimage  # beside this package; .build has made it findable


EM_RISCV = 243
PT_INTERP = 3


def digest(path):
    total = hashlib.sha256()
    with open(path, 'rb') as f:
        while chunk := f.read(1 << 20):
            total.update(chunk)
    return total.hexdigest()


def prepare(build, fresh=False, update=False, add=()):
    """Give the path of the kept disk, made, checked and filled as asked."""
    extend_path()
    pristine = os.path.join(build, 'disk.img')
    kept = os.path.join(build, 'run', 'disk.img')
    origin = os.path.join(build, 'run', 'disk.from')
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    lock(kept)
    now = digest(pristine)
    if fresh or not os.path.exists(kept):
        copy(pristine, kept)
        write(origin, now)
        say('a fresh disk' if fresh else f'a new disk, kept between runs: {short(kept)}')
    else:
        check(kept)
        if update:
            update_programs(build, kept)
            write(origin, now)
        elif read(origin) != now:
            say('the programs on your disk are from another build; --update brings these ones, '
                '--fresh starts a new disk')
    for folder in add:
        add_folder(kept, folder)
    return kept


def copy(pristine, kept):
    try:
        shutil.copyfile(pristine, kept + '.new')
        os.replace(kept + '.new', kept)
    except OSError as why:
        if os.path.exists(kept + '.new'):
            os.remove(kept + '.new')
        raise Failed(f'cannot create {short(kept)}: {why.strerror}') from None


def lock(kept):
    """Take the disk for this process and the QEMU it becomes: e2fsck must not repair a disk in use."""
    fd = os.open(kept + '.lock', os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Failed(f'{short(kept)} is in use by another ./tine run; power that machine off first') from None
    os.set_inheritable(fd, True)


def read(path):
    try:
        with open(path, encoding='utf-8') as f:
            return f.read().strip()
    except OSError:
        return ''


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text + '\n')


def check(image):
    """Repair what an interrupted run left; the user's files matter more than a clean start.

    First what e2fsck does without a question, then what it would ask about: what it finds
    without a name goes to lost+found.  Its words are kept beside the image.
    """
    if os.path.exists(image + '.fsck'):
        os.remove(image + '.fsck')
    before = lost_and_found(image)
    found = fsck(image, '-fp')
    if found == 0:
        return
    # e2fsck may need several passes until one finds nothing.
    for _ in range(3):
        if found > 1:
            found = fsck(image, '-fy')
    if found > 1:
        raise Failed(f'{short(image)} is damaged and e2fsck cannot repair it (its output is in {short(image)}.fsck); '
                     'start over with --fresh')
    moved = [name for name in lost_and_found(image) if name not in before]
    said = 'the disk was not shut down cleanly; e2fsck has repaired it'
    if moved:
        names = ', '.join(moved[:5]) + (' ...' if len(moved) > 5 else '')
        said += f' and moved {len(moved)} without a name to /lost+found: {names} (more in {short(image)}.fsck)'
    say(said)


def fsck(image, how):
    """Check an image; gives e2fsck's exit status: 0 nothing found, 1 all repaired."""
    done = subprocess.run(['e2fsck', how, image], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors='replace')
    if done.returncode:
        with open(image + '.fsck', 'a', encoding='utf-8') as f:
            f.write(f'$ e2fsck {how} {image}\n{done.stdout}')
    return done.returncode


def lost_and_found(image):
    """The names in /lost+found; none if that cannot be read."""
    done = subprocess.run(['debugfs', '-R', 'ls -p /lost+found', image], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, errors='replace')
    fields = [line.split('/') for line in done.stdout.splitlines() if line.startswith('/')]
    return [entry[5] for entry in fields if len(entry) > 5 and entry[1] != '0' and entry[5] not in ('.', '..')]


def add_folder(image, folder):
    if not os.path.isdir(folder):
        raise Failed(f'--add {folder}: no such folder', 2)
    for full, path in mkimage.walk(folder):
        problem = not_runnable(full)
        if problem:
            complain(f'warning: {path.lstrip("/")}: {problem}')
    where = f'/root/{mkimage.added_name(folder)}'
    put(image, folder, where)
    say(f'your files are in {where}')


def add_file(image, path, where, name):
    """Put one program into a folder of an image under a name."""
    if not os.path.isfile(path):
        raise Failed(f'{path}: no such file', 2)
    problem = not_runnable(path)
    if problem:
        complain(f'warning: {path}: {problem}')
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copyfile(path, os.path.join(scratch, name))
        os.chmod(os.path.join(scratch, name), 0o755)
        put(image, scratch, where)


def update_programs(build, image):
    """Copy the pristine image's programs over the kept disk's."""
    scratch = os.path.join(build, 'run', 'update')
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    pristine = os.path.join(build, 'disk.img')
    _, errors = mkimage.debugfs(pristine, [f'rdump /bin /test {mkimage.quoted(scratch)}'], write=False)
    for name in ('bin', 'test'):
        if os.path.isdir(os.path.join(scratch, name)):
            put(image, os.path.join(scratch, name), f'/{name}')
    shutil.rmtree(scratch)
    say('the programs on your disk are those of this build')


def put(image, source, where):
    """Copy a folder of this computer into an image, over what is there."""
    room(image, source)
    folders, files, links = [where], [], []
    for full, path in mkimage.walk(source):
        if '\n' in path:
            raise Failed(f'{full}: a newline in a file name', 2)
        entry = (full, where + path)
        if os.path.islink(full):
            links.append(entry)
        elif os.path.isdir(full):
            folders.append(where + path)
        elif os.path.isfile(full):
            files.append(entry)
    quoted = mkimage.quoted
    # Old files go and folders come first; "not found" and "exists" are fine here.
    mkimage.debugfs(image, [f'rm {quoted(path)}' for _, path in files + links] +
                    [f'mkdir {quoted(path)}' for path in folders])
    commands = []
    for full, path in files:
        parent, name = os.path.split(path)
        mode = '0100755' if os.access(full, os.X_OK) else '0100644'
        commands += [f'cd {quoted(parent)}', f'write {quoted(full)} {quoted(name)}']
        commands += [f'sif {quoted(path)} {field} {value}' for field, value in
                     (('mode', mode), ('uid', 0), ('gid', 0))]
    commands += [f'symlink {quoted(path)} {quoted(os.readlink(full))}' for full, path in links]
    _, errors = mkimage.debugfs(image, commands)
    if errors:
        raise Failed(f'cannot copy {source} to the disk: ' + '; '.join(errors[:3]))


def room(image, source):
    """Grow the image when the files of `source` may not fit."""
    done = subprocess.run(['dumpe2fs', '-h', image], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    fields = dict(line.split(':', 1) for line in done.stdout.splitlines() if ':' in line)
    try:
        free = int(fields['Free blocks']) * int(fields['Block size'])
    except (KeyError, ValueError):
        raise Failed(f'{short(image)} is not an ext2 image; start over with --fresh') from None
    need = sum(os.lstat(full).st_size + 2 * mkimage.BLOCK for full, _ in mkimage.walk(source))
    if need + (4 << 20) < free:
        return
    size = (os.path.getsize(image) + need * 5 // 4 + (16 << 20)) >> 20
    check(image)
    done = subprocess.run(['resize2fs', image, f'{size}M'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        raise Failed(f'cannot enlarge {short(image)}: {done.stdout.strip()}')
    say(f'the disk has grown to {size} MiB')


def not_runnable(path):
    """Why an ELF file will not run in Tine, or None; None for all other files."""
    if not os.path.isfile(path):
        return None
    with open(path, 'rb') as f:
        head = f.read(4096)
    if head[:4] != b'\x7fELF' or len(head) < 64:
        return None
    kind = int.from_bytes(head[16:18], 'little')
    if kind not in (2, 3):
        return None             # an object file or a core: not meant to be run
    if head[4] != 2 or int.from_bytes(head[18:20], 'little') != EM_RISCV:
        return 'not a 64-bit RISC-V program; build it with riscv64-linux-gnu-gcc -static'
    table = int.from_bytes(head[32:40], 'little')
    size, count = (int.from_bytes(head[at:at + 2], 'little') for at in (54, 56))
    for number in range(count):
        at = table + number * size
        if int.from_bytes(head[at:at + 4], 'little') == PT_INTERP:
            return 'dynamically linked; build it with -static'
    return None
