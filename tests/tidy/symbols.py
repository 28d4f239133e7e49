#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""libsigill: what it takes from outside, what it shows, what state it keeps."""
import fnmatch
import os
import re

import tidy

SHARED = tidy.built('libsigill.so')
ARCHIVE = tidy.built('libsigill.a')
DECLARED = re.compile(r'\bSGL_API\b[^;{]*?\b(\w+)\s*\((?!\()', re.S)


def symbols(*options):
    """Second-to-last and last words of nm's lines: (kind, name without @)."""
    found = []
    for line in tidy.output('nm', *options).splitlines():
        words = line.split()
        if len(words) >= 2 and len(words[-2]) == 1:
            found.append((words[-2], words[-1].split('@')[0]))
    return found


def libcrypto_names():
    place = tidy.output('gcc', '-print-file-name=libcrypto.so').strip()
    return {name for _, name in symbols('-D', '--defined-only', place)}


def check_imports():
    allowed, banned = set(), []
    for line in tidy.read('tools/libsigill-symbols.txt').split('\n'):
        if line.startswith('!'):
            banned.append(line[1:].strip())
        elif line.strip() and not line.startswith('#'):
            allowed.add(line.strip())
    own = {name for _, name in symbols('--defined-only', ARCHIVE)}
    wanted = {name for kind, name in symbols('--undefined-only', ARCHIVE)}
    wanted |= {name for kind, name in symbols('-D', '--undefined-only', SHARED)}
    crypto = libcrypto_names()
    for name in sorted(wanted - own - allowed):
        if name not in crypto:
            tidy.complain('libsigill', f'uses {name}, which '
                          'tools/libsigill-symbols.txt does not allow')
        elif any(fnmatch.fnmatchcase(name, p) for p in banned):
            tidy.complain('libsigill', f"uses libcrypto's {name}")


def declarations():
    """What the public headers of rooms that have sources declare."""
    found = set()
    for header in tidy.c_files('include'):
        room = os.path.basename(header)[:-2]
        if tidy.files(os.path.join('src', room), suffixes=('.c',)):
            text = tidy.without_comments(tidy.read(header))
            text = re.sub(r'^\s*#.*$', '', text, flags=re.M)
            found |= set(DECLARED.findall(text))
    return found


def check_exports():
    declared = declarations()
    exported = {name for _, name in symbols('-D', '--defined-only', SHARED)}
    for name in sorted(exported - declared):
        tidy.complain('libsigill.so', f'exports {name}, which no public header '
                      'declares with SGL_API')
    for name in sorted(declared - exported):
        tidy.complain('include/sigill', f'declares {name}, which libsigill.so '
                      'does not have')
    for name in sorted(exported | declared):
        if not name.startswith('sgl_'):
            tidy.complain('libsigill.so', f'{name} does not begin with sgl_')
    for kind, name in symbols('--defined-only', '--extern-only', ARCHIVE):
        if not name.startswith('sgl_'):
            tidy.complain('libsigill.a', f'{name} ({kind}) is visible outside '
                          'its file and does not begin with sgl_')


def check_state():
    """No object has anything that can be written to after it was loaded."""
    place = ''
    for line in tidy.output('objdump', '-h', '-w', ARCHIVE).splitlines():
        if 'file format' in line:
            place = line.split(':')[0]
        words = line.split()
        if len(words) > 2 and re.match(r'\.(data|bss|tdata|tbss)\b', words[1]) \
                and not words[1].startswith('.data.rel.ro') and int(words[2], 16):
            tidy.complain(place, f'has {int(words[2], 16)} bytes of changeable '
                          f'state ({words[1]})')


if not os.path.exists(SHARED):
    tidy.complain(tidy.BUILD, 'libsigill is not built')
    tidy.finish()
check_imports()
check_exports()
check_state()
tidy.finish()
