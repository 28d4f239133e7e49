#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Scripts: shellcheck has nothing to say, and Python compiles."""
import os

import tidy

FOLDERS = ('tools', 'tests', 'packaging', 'bench', 'docs', '.ci', '.')


def scripts():
    """(file, first line) of what begins with #!."""
    for folder in FOLDERS:
        for here, below, names in os.walk(tidy.path(folder)):
            below[:] = [] if folder == '.' else sorted(below)
            for name in sorted(names):
                full = os.path.join(here, name)
                with open(full, 'rb') as file:
                    first = file.readline(80).decode('ascii', 'replace')
                if first.startswith('#!'):
                    yield full, first.strip()


shellcheck = tidy.tool('shellcheck')
for script, interpreter in scripts():
    label = os.path.relpath(script, tidy.SOURCE)
    if not os.access(script, os.X_OK):
        tidy.complain(label, 'is a script that cannot be executed')
    if 'python' in interpreter:
        with open(script, encoding='utf-8') as text:
            compile(text.read(), label, 'exec')
    elif interpreter.endswith('sh'):
        tidy.output(shellcheck, '-x', script)
tidy.finish()
