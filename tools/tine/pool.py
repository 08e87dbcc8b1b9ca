# SPDX-License-Identifier: MIT
"""Trying many changes at once, for mutate.py and checks.py.

There is a worker for each copy of the tree, and each works on one thing at a time.
"""
import concurrent.futures
import queue
import time


def each(things, workers, work):
    """Give (thing, work(worker, thing), seconds) as they end.  An exception in work() ends it all."""
    idle = queue.SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def one(thing):
        worker, began = idle.get(), time.monotonic()
        try:
            return work(worker, thing), time.monotonic() - began
        finally:
            idle.put(worker)

    with concurrent.futures.ThreadPoolExecutor(len(workers)) as pool:
        tries = {pool.submit(one, thing): thing for thing in things}
        try:
            for done in concurrent.futures.as_completed(tries):
                yield (tries[done], *done.result())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
