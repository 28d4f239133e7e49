#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every text that people see is translated, and nothing else is; the formats
of a text and of its translation agree. (tools/texts update helps.)"""
import os
import subprocess

import tidy

tidy.tool('msgfmt')
result = subprocess.run([tidy.path('tools/texts'), 'check'], text=True,
                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                        check=False)
for line in result.stdout.splitlines():
    print(line)
if result.returncode != 0:
    tidy.complain('po', 'is not up to date')
for catalogue in tidy.files('po', suffixes=('.po',)):
    tidy.output('msgfmt', '--check', '-o', os.devnull, tidy.path(catalogue))
tidy.finish()
