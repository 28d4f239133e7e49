#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""clang-format has nothing to change in any C file."""
import subprocess

import tidy

NAMES = ('clang-format-14', 'clang-format')
result = subprocess.run(
    [tidy.tool(*NAMES), '--dry-run', '--Werror', '--ferror-limit=1']
    + [tidy.path(f) for f in tidy.c_files()],
    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    stderr=subprocess.STDOUT, check=False)
for line in result.stdout.splitlines():
    if 'error:' in line:
        tidy.complain(line.split(': error:')[0].removeprefix(tidy.SOURCE + '/'),
                      'clang-format -i would change it')
if result.returncode != 0 and not result.stdout:
    tidy.complain(NAMES[0], f'failed with status {result.returncode}')
tidy.finish()
