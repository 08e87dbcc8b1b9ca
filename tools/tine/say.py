"""Talking to the person at the terminal: short lines, no decoration."""
import subprocess
import sys
import time


class Failed(Exception):
    """Something went wrong and the message says all there is to say."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


def say(text):
    print(f'tine: {text}', flush=True)


def complain(text):
    print(f'tine: {text}', file=sys.stderr, flush=True)


def cannot_start(command, why):
    """A sentence for the OSError of a program that was to be run."""
    if isinstance(why, FileNotFoundError):
        return f'{command[0]} is not installed; ./tine doctor says what to do'
    return f'{command[0]} does not start: {why.strerror}'


def step(text, command, log, env=None):
    """Run one step of work: a line on the terminal, everything else in the log.

    When it fails the last lines of its output are shown, from the first one
    that says what failed.
    """
    start = time.monotonic()
    print(f'tine: {text} ...', end='', flush=True)
    with open(log, 'a', encoding='utf-8') as f:
        f.write(f'\n$ {" ".join(map(str, command))}\n')
        f.flush()
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, env=env, text=True, errors='replace',
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        except OSError as why:
            print(' failed')
            raise Failed(cannot_start(command, why)) from None
        f.write(done.stdout)
    print(f' {"ok" if done.returncode == 0 else "failed"} ({time.monotonic() - start:.1f} s)', flush=True)
    if done.returncode != 0:
        raise Failed('\n'.join(important(done.stdout)) + f'\n(the whole output is in {log})')
    return done.stdout


def important(output, limit=30):
    lines = output.splitlines()
    for number, line in enumerate(lines):
        if line.startswith('FAILED:') or 'ERROR:' in line:
            return lines[number:number + limit]
    return lines[-limit:]
