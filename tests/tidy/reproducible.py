#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two builds in two places have the same bytes."""
import os
import shutil
import tempfile

import tidy

PARTS = ('sigill', 'sigill-org', 'libsigill.so', 'libsigill.a')
SOURCES = ('meson.build', 'meson_options.txt', 'include', 'src', 'docs', 'po',
           'packaging', 'tests', 'tools')


def copy_to(place):
    for name in SOURCES:
        if os.path.isdir(tidy.path(name)):
            shutil.copytree(tidy.path(name), os.path.join(place, name))
        elif os.path.exists(tidy.path(name)):
            shutil.copy2(tidy.path(name), place)


def build(source, where):
    copy_to(source)
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
    os.makedirs(one)
    os.makedirs(two)
    first, second = build(one, 'build'), build(two, 'out/of/the/way')
    for part in PARTS:
        if not os.path.exists(os.path.join(first, part)):
            continue
        if content(first, part) != content(second, part):
            tidy.complain(part, 'differs between two builds')
tidy.finish()
