#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every #include against the table of rooms, tools/layers.txt."""
import fnmatch
import os
import re

import tidy

C_HEADERS = set('''assert.h ctype.h errno.h float.h inttypes.h limits.h math.h
    setjmp.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h
    stdio.h stdlib.h stdnoreturn.h string.h time.h uchar.h wchar.h'''.split())
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:<([^>]+)>|"([^"]+)")', re.M)


def read_table():
    """[(room, rooms it may include, outside patterns, is in libsigill)]"""
    table, in_library = [], True
    for line in tidy.read('tools/layers.txt').splitlines():
        if line.startswith('#') or not line.strip():
            continue
        if line.startswith('---'):
            in_library = False
            continue
        room, may, outside = (part.split() for part in line.split(':'))
        table.append((room[0], may, outside, in_library))
    return table


TABLE = read_table()
ROOMS = [row[0] for row in TABLE]
MAY = {room: set(may) for room, may, _, _ in TABLE}
OUTSIDE = {room: patterns for room, _, patterns, _ in TABLE}
IN_LIBRARY = {room: in_library for room, _, _, in_library in TABLE}


def check_table():
    for i, room in enumerate(ROOMS):
        for other in MAY[room]:
            if other not in ROOMS[:i]:
                tidy.complain('tools/layers.txt',
                              f'{other} does not stand above {room}')
    for folder in os.listdir(tidy.path('src')):
        if os.path.isdir(tidy.path('src', folder)) and folder not in ROOMS:
            tidy.complain('tools/layers.txt', f'src/{folder} is not in it')


def room_of_include(name):
    """The room that "room/x.h" or "sigill/room.h" belongs to, or None."""
    first, _, rest = name.partition('/')
    if first == 'sigill':
        return rest[:-2] if rest.endswith('.h') else None
    return first if rest else None


def may_use_outside(room, name, is_test):
    if is_test and (name == 'cmocka.h' or name.startswith('openssl/')):
        return True      # tests may ask libcrypto, as a peer
    for other, patterns in OUTSIDE.items():
        if any(fnmatch.fnmatchcase(name, p) for p in patterns):
            # Rooms above libsigill that list a narrower pattern of it.
            if other == room or any(fnmatch.fnmatchcase(name, p)
                                    for p in OUTSIDE[room]):
                return True
            return False
    return name in C_HEADERS or not IN_LIBRARY[room]


def check_file(name, room):
    is_test = name.endswith(('_test.c', '_test.h'))
    for outside, ours in INCLUDE.findall(tidy.read(name)):
        if outside:
            if not may_use_outside(room, outside, is_test):
                tidy.complain(name, f'{room} may not include <{outside}>')
            continue
        if is_test and ours.startswith('support/'):
            continue
        other = room_of_include(ours)
        if other not in ROOMS:
            tidy.complain(name, f'"{ours}" is not "room/x.h" or "sigill/x.h"')
        elif other != room and other not in MAY[room]:
            tidy.complain(name, f'{room} may not include {other} ("{ours}")')


def check_umbrella(headers):
    listed = {ours for _, ours in INCLUDE.findall(
        tidy.read('include/sigill/sigill.h'))}
    for header in headers:
        if f'sigill/{header}' not in listed and header != 'sigill.h':
            tidy.complain('include/sigill/sigill.h', f'lacks sigill/{header}')


check_table()
for file in tidy.c_files('src'):
    check_file(file, file.split('/')[1])
public = [os.path.basename(f) for f in tidy.c_files('include')]
check_umbrella(public)
for header in public:
    room_name = header[:-2]
    if header == 'sigill.h':
        continue
    if not IN_LIBRARY.get(room_name):
        tidy.complain(f'include/sigill/{header}',
                      'is not named after a room of libsigill')
    else:
        check_file(f'include/sigill/{header}', room_name)
tidy.finish()
