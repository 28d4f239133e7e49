#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two builds in two places have the same bytes."""
import os
import shutil
import tempfile

import tidy

PARTS = ('sigill', 'sigill-org', 'sigill-answer', 'libsigill.so', 'libsigill.a')


def build(source, where):
    shutil.copytree(tidy.path(), source,
                    ignore=shutil.ignore_patterns('.git', 'build'))
    result = os.path.join(source, where)
    tidy.output('meson', 'setup', result, source, '-Dtests=disabled')
    tidy.output('ninja', '-C', result)
    return result


def content(folder, name):
    with open(os.path.join(folder, name), 'rb') as file:
        return file.read()


with tempfile.TemporaryDirectory() as here:
    one = os.path.join(here, 'one')
    two = os.path.join(here, 'another', 'place')
    first, second = build(one, 'build'), build(two, 'out/of/the/way')
    for part in PARTS:
        if content(first, part) != content(second, part):
            tidy.complain(part, 'differs between two builds')
tidy.finish()
