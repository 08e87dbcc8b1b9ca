# SPDX-License-Identifier: MIT
"""The in-kernel tests of one entry: a boot for each strategy, and after a panic one more for the rest.

Without the further boot, the tests after a panic would not run, and they would be blamed for what
a test leaves behind.  The guest (check/ktest.c) shuffles by a seed, so the order is the same in each
boot and ktestfrom=N begins with the Nth.
"""
import dataclasses
import re

from . import tap
from .build import strategies_in_tree

RUNNING = re.compile(r'# running (.*)')
ANOTHER = '# the tests behind it need another boot'
MOST_BOOTS = 40         # of one strategy: then nothing there works


@dataclasses.dataclass
class Boot:
    """What one boot did."""
    outcome: object             # testrun.Outcome
    running: str = None         # the test that began last
    left: bool = False          # the guest asks for another boot

    def take(self, line):
        found = RUNNING.fullmatch(line)
        if found:
            self.running = found.group(1)
        self.left |= line == ANOTHER


def parts(strategy):
    """What ktestfork= is in each boot: one strategy only, or each and those tests that need none."""
    return [strategy] if strategy else ['none', *strategies_in_tree()]


def run(boot, part, report):
    """Boot until all tests of a part have run.

    boot(arguments) gives a Boot, after it has reported the results that came; report(point, boot)
    takes what must be added.  True: each boot ended as it should.
    """
    done, well = 0, True
    for _ in range(MOST_BOOTS):
        this = boot(f'ktestfork={part} ktestfrom={done + 1}')
        reader = this.outcome.reader
        if reader.plan is None:
            report(tap.Point(False, f'the tests of part {part} begin'), this)
            return False
        done += len(reader.points)
        rest = reader.plan - len(reader.points)
        if rest <= 0:
            # The guest's status says that it had no test to run; that is no failure.
            if reader.plan > 0 and this.outcome.problems:
                report(tap.Point(False, f'the guest ends well after part {part}'), this)
                return False
            return well
        if not this.left:
            well = False
            report(tap.Point(False, this.running or f'the tests of part {part} begin'), this)
            done += 1
            rest -= 1
            if rest == 0:
                return well
    report(tap.Point(False, f'{rest} tests of part {part} did not run: {MOST_BOOTS} boots were not enough'), this)
    return False
