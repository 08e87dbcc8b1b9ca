# SPDX-License-Identifier: MIT
"""One package of Debian's riscv64 archive, fetched by apt beside this machine's own packages.

Nothing of the machine changes: the list of sources, the package lists and the package live
in a folder of the build.  The mirror is the one this machine uses itself.
"""
import fcntl
import glob
import os
import subprocess

from .say import Failed

SUITE = 'trixie'
KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
TIMEOUT = 120


def mirror(targets):
    """The Debian archive among what `apt-get indextargets` names, or None."""
    for uri in targets.split():
        if uri.rstrip('/').endswith('/debian'):
            return uri.rstrip('/')
    return None


def call(command, **more):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors='replace', timeout=TIMEOUT, **more)
    except FileNotFoundError:
        raise Failed(f'{command[0]} is not installed') from None
    except subprocess.TimeoutExpired:
        raise Failed(f'{command[0]} did not finish in {TIMEOUT} s') from None


def apt(place, *words):
    """Run apt-get with everything it reads and writes below `place`."""
    options = {'APT::Architecture': 'riscv64', 'APT::Architectures': 'riscv64', 'APT::Sandbox::User': 'root',
               'Dir::State': f'{place}/state', 'Dir::State::status': f'{place}/status', 'Dir::Cache': f'{place}/cache',
               'Dir::Etc::sourcelist': f'{place}/sources.list', 'Dir::Etc::sourceparts': '/dev/null',
               'Dir::Etc::preferencesparts': '/dev/null', 'Acquire::Languages': 'none', 'Acquire::Retries': '1',
               'Acquire::http::Timeout': '15'}
    done = call(['apt-get', '-q', *(f'-o{name}={value}' for name, value in options.items()), *words], cwd=place)
    if done.returncode != 0 or 'Err:' in done.stdout:
        lines = [line for line in done.stdout.splitlines() if line.startswith(('E:', 'W:', 'Err:'))]
        raise Failed(f'apt-get {words[0]} failed: {(lines or ["no reason given"])[0]}')


def fetch(package, path, place):
    """The file `path` of a riscv64 package, unpacked below `place`; fetched at most once.

    Tests that run at the same time wait for each other.
    """
    place = os.path.abspath(place)
    wanted = os.path.join(place, package, path)
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(place, 'lock'), 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(wanted):
            download(package, wanted, place)
    return wanted


def download(package, wanted, place):
    """Fetch and unpack a package, so that the file `wanted` exists.  The caller has the lock of `place`."""
    uri = mirror(call(['apt-get', 'indextargets', '--format', '$(REPO_URI)']).stdout)
    if uri is None:
        raise Failed('the apt sources of this machine list no Debian mirror')
    if not os.path.exists(KEYRING):
        raise Failed(f'{KEYRING} is missing (package debian-archive-keyring)')
    for folder in ('state/lists/partial', 'cache/archives/partial'):
        os.makedirs(os.path.join(place, folder), exist_ok=True)
    with open(os.path.join(place, 'sources.list'), 'w', encoding='utf-8') as f:
        f.write(f'deb [arch=riscv64 signed-by={KEYRING}] {uri} {SUITE} main\n')
    with open(os.path.join(place, 'status'), 'w', encoding='utf-8'):
        pass
    apt(place, 'update')
    apt(place, 'download', package)
    found = glob.glob(os.path.join(place, f'{package}_*_riscv64.deb'))
    if len(found) != 1:
        raise Failed(f'apt-get downloaded {len(found)} files for {package}')
    done = call(['dpkg-deb', '-x', found[0], os.path.join(place, package)])
    if done.returncode != 0 or not os.path.exists(wanted):
        raise Failed(f'{os.path.basename(found[0])} has no {os.path.basename(wanted)}: {done.stdout.strip()}')
