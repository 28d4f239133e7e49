#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No source or test is forgotten: all stand in their meson.build."""
import os
import re

import tidy


def listed(folder):
    """The quoted names in a folder's meson.build."""
    name = os.path.join(folder, 'meson.build')
    if not os.path.exists(tidy.path(name)):
        return set()
    return set(re.findall(r"'([^'\n]+)'", tidy.read(name)))


for source in tidy.files('src', suffixes=('.c',)):
    folder, file = os.path.split(source)
    if file[:-2] not in listed(folder):
        tidy.complain(source, f'is not in {folder}/meson.build')

for suite in sorted(os.listdir(tidy.path('tests'))):
    folder = os.path.join('tests', suite)
    if suite in ('support', 'vectors') or not os.path.isdir(tidy.path(folder)):
        continue
    for file in sorted(os.listdir(tidy.path(folder))):
        is_script = file.endswith(('.sh', '.py', '.test'))
        executable = os.access(tidy.path(folder, file), os.X_OK)
        if is_script and executable and file not in listed(folder):
            tidy.complain(f'{folder}/{file}',
                          f'is not in {folder}/meson.build')

for page in tidy.files('docs/man', suffixes=('.scd',)):
    if os.path.basename(page)[:-4] not in listed('docs/man'):
        tidy.complain(page, 'is not in docs/man/meson.build')
tidy.finish()
