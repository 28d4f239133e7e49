#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Licence lines, unfinished work, and the proportions of functions and files."""
import re
import statistics

import tidy

LICENCE = 'SPDX-License-Identifier: Apache-2.0'
UNFINISHED = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b')
MEDIAN_FUNCTION = 20    # half of all functions are shorter
LONG_FUNCTION = 60      # nine in ten are not longer
WORST_FUNCTION = 150
MEDIAN_FILE = 300
WORST_FILE = 1000


def functions(text):
    """(line, length) of each function: the lines between its outer braces."""
    start = None
    for number, line in enumerate(text.splitlines(), 1):
        if line == '{':
            start = number
        elif line == '}' and start is not None:
            yield start, number - start - 1
            start = None


def check_licences():
    names = tidy.c_files() + tidy.files(
        'tests', 'tools', 'packaging', 'docs', 'bench', 'po', 'webmail',
        suffixes=('.py', '.sh', '.test', 'meson.build', '.js', '.ts'))
    for name in names + ['meson.build', 'check']:
        if LICENCE not in ''.join(tidy.read(name).splitlines(True)[:3]):
            tidy.complain(name, f'does not begin with {LICENCE}')


def check_unfinished():
    for name in tidy.c_files('include', 'src'):
        for number, line in enumerate(tidy.read(name).splitlines(), 1):
            if UNFINISHED.search(line):
                tidy.complain(f'{name}:{number}', line.strip())


def check_proportions():
    lengths, sizes = [], []
    for name in tidy.c_files('src'):
        text = tidy.read(name)
        size = len(text.splitlines())
        if not name.endswith('_test.c'):
            sizes.append(size)
        if size > WORST_FILE:
            tidy.complain(name, f'has {size} lines')
        for line, length in functions(text):
            lengths.append(length)
            if length > WORST_FUNCTION:
                tidy.complain(f'{name}:{line}', f'function of {length} lines')
            elif length > LONG_FUNCTION:
                print(f'{name}:{line}: note: function of {length} lines')
    judge(lengths, sizes)


def judge(lengths, sizes):
    middle = statistics.median(lengths)
    long_ones = sum(n > LONG_FUNCTION for n in lengths)
    print(f'{len(lengths)} functions: median {middle:g} lines, '
          f'{long_ones} over {LONG_FUNCTION}; {len(sizes)} files: '
          f'median {statistics.median(sizes):g} lines')
    if middle >= MEDIAN_FUNCTION:
        tidy.complain('src', f'the median function has {middle:g} lines')
    if long_ones * 10 > len(lengths):
        tidy.complain('src', f'more than one function in ten is longer than '
                      f'{LONG_FUNCTION} lines')
    if statistics.median(sizes) > MEDIAN_FILE:
        tidy.complain('src', f'the median file is longer than {MEDIAN_FILE}')


check_licences()
check_unfinished()
check_proportions()
tidy.finish()
