# SPDX-License-Identifier: MIT
"""Run unittest cases and print TAP, one result for each test method.

A test script ends with sys.exit(tapcase.main()).  A failure prints its traceback as remarks.
"""
import sys
import traceback
import unittest


def least_difference(counts):
    """Between any two of the counts.

    QEMU answers a request to the disk at a time that it takes from this computer, so the instructions of
    a run vary with its load.  Two of three runs are without such an answer at an unusual moment.
    """
    in_order = sorted(counts)
    return min(two - one for one, two in zip(in_order, in_order[1:]))


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = 0

    def _say(self, test, ok, remark='', detail=''):
        self.count += 1
        for line in detail.splitlines():
            print(f'# {line}')
        name = test.id().replace('__main__.', '')
        print(f'{"ok" if ok else "not ok"} {self.count} - {name}{remark}', flush=True)

    def addSuccess(self, test):
        self._say(test, True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._say(test, False, detail=''.join(traceback.format_exception(*err)))

    def addError(self, test, err):
        super().addError(test, err)
        self._say(test, False, detail=''.join(traceback.format_exception(*err)))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._say(subtest, False, detail=''.join(traceback.format_exception(*err)))

    def addSkip(self, test, reason):
        self._say(test, True, f' # SKIP {reason}')


def main(module='__main__'):
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])
    result = Result()
    print(f'1..{suite.countTestCases()}', flush=True)
    suite.run(result)
    return 0 if result.wasSuccessful() else 1
