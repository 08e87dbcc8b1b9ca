# SPDX-License-Identifier: MIT
"""Verdicts that outlive a run, for mutate.py and checks.py: a run that was broken off goes on where it was."""
import json
import os


class Verdicts(dict):
    """{key: [verdict, sentence]}, as the file has it; set() writes each new one at once."""

    def __init__(self, path, forget=False):
        super().__init__()
        self.path = path
        if not forget:
            try:
                with open(path, encoding='utf-8') as f:
                    self.update(json.load(f))
            except (OSError, ValueError):
                pass        # none yet, or a file cut short

    def set(self, key, verdict, sentence):
        self[key] = [verdict, sentence]
        self.write()

    def write(self):
        with open(self.path + '.new', 'w', encoding='utf-8') as f:
            json.dump(self, f, indent=1, sort_keys=True)
        os.replace(self.path + '.new', self.path)

    def is_caught(self, key):
        return self.get(key, [''])[0] == 'caught'
