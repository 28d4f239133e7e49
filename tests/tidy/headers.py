#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every header stands alone; the public ones in plain C and in C++ too.

Tables that are included for their rows (x_table.h) are not meant.
"""
import subprocess

import tidy

ALL = [('gcc', 'c', 'gnu17')]
PUBLIC = ALL + [('gcc', 'c', 'c99'), ('clang-14', 'c++', 'c++11')]


# Those of some libraries lie in folders of their own.
OUTSIDE = subprocess.run(
    ['pkg-config', '--cflags-only-I', 'p11-kit-1', 'libpq'], text=True,
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.split()


def check(header, compiler, language, standard):
    command = [compiler, '-x', language, '-std=' + standard, '-fsyntax-only',
               '-Wall', '-Wextra', '-pedantic-errors', '-Werror', '-I',
               tidy.path('include'), '-']
    if standard.startswith('gnu'):
        command.remove('-pedantic-errors')
        command += ['-D_GNU_SOURCE', '-I', tidy.path('src'),
                    '-I', tidy.path('tests'), *OUTSIDE]
    result = subprocess.run(
        command, input=f'#include "{tidy.path(header)}"\n', text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode != 0:
        tidy.complain(header, f'alone, {compiler} {standard}:\n{result.stdout}')


tidy.tool('clang-14')
for name in tidy.files('include', 'src', 'tests', suffixes=('.h',)):
    if name.endswith('_table.h'):
        continue
    for way in PUBLIC if name.startswith('include/') else ALL:
        check(name, *way)
tidy.finish()
