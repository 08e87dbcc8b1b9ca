# SPDX-License-Identifier: MIT
"""What Python asks of a kernel: processes, threads, pipes, signals, files.

usage: check.py FOLDER
"""
import os
import select
import signal
import subprocess
import sys
import threading
import time

os.chdir(sys.argv[1])
print(sys.version_info[:2], os.uname().machine)

sys.stdout.flush()
pid = os.fork()
if pid == 0:
    os._exit(7)
print('child', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

found, lock = [], threading.Lock()


def work(number):
    time.sleep(0.01 * (number % 3))
    with lock:
        found.append(number)


threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(found))

ready, full = threading.Event(), threading.Condition()
threading.Timer(0.05, ready.set).start()
print(ready.wait(5), ready.wait(0))
with full:
    print(full.wait(0.05))

print(subprocess.run(['/bin/echo', 'through a pipe'], capture_output=True, text=True).stdout.strip())
print(subprocess.check_output(['/bin/sh', '-c', 'cat | wc -c'], input=b'12345').strip())
print(subprocess.run('exit 3', shell=True).returncode)
try:
    subprocess.run(['/bin/sleep', '10'], timeout=0.1)
except subprocess.TimeoutExpired:
    print('timeout')

r, w = os.pipe()
print(select.select([r], [], [], 0.02)[0] == [])
os.write(w, b'a')
poll = select.poll()
poll.register(r)
print([(fd == r, events) for fd, events in poll.poll(1000)])
os.close(w)
print(os.read(r, 10), os.read(r, 10))

signal.signal(signal.SIGALRM, lambda *_: print('alarm'))
signal.setitimer(signal.ITIMER_REAL, 0.05)
time.sleep(0.2)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigwait([signal.SIGUSR1]).name)

os.makedirs('a/b/c')
os.rename('a', 'z')
print([folder for folder, _, _ in os.walk('z')])
with open('file', 'w+b') as f:
    f.write(b'x' * 100000)
    f.seek(0)
    print(len(f.read()), os.fstat(f.fileno()).st_size)
    f.truncate(10)
os.symlink('file', 'link')
os.link('file', 'other')
print(os.readlink('link'), os.stat('link').st_nlink, sorted(os.listdir('.')))
with os.scandir('.') as entries:
    print(sorted((e.name, e.is_dir(), e.is_symlink()) for e in entries))
os.utime('file', (1, 2))
print(os.stat('file').st_mtime, os.access('file', os.X_OK))
print(len(os.urandom(16)), hash(frozenset(range(1000))) != 0)
big = [bytearray(1 << 20) for _ in range(20)]
print(sum(len(b) for b in big))
sys.stdout.flush()
os.execv('/bin/echo', ['echo', 'the end'])
