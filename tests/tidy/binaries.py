#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The built programs: which libraries they need, and how they are hardened."""
import os
import re

import tidy

LIBC = {'libc.so.6', 'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'}
LIBRARIES = {
    'sigill': {'libcrypto.so.3'} | LIBC,
    'sigill-org': {'libcrypto.so.3', 'libsqlite3.so.0', 'libargon2.so.1'} | LIBC,
    'sigill-answer': {'libcrypto.so.3', 'libsqlite3.so.0',
                      'libargon2.so.1'} | LIBC,
    'sigilld': {'libcrypto.so.3', 'libsqlite3.so.0', 'libevent-2.1.so.7',
                'libevent_openssl-2.1.so.7', 'libssl.so.3', 'libseccomp.so.2',
                'libargon2.so.1'} | LIBC,
    'libsigill.so': {'libcrypto.so.3'} | LIBC,
}


def check_libraries(name, dynamic):
    needed = set(re.findall(r'\(NEEDED\).*\[(.*)\]', dynamic))
    for library in sorted(needed - LIBRARIES[name]):
        tidy.complain(name, f'needs {library}')
    if re.search(r'\((RPATH|RUNPATH)\)', dynamic) and name != 'libsigill.so':
        tidy.complain(name, 'has a library path of its own')


def check_hardening(name, dynamic):
    file = tidy.built(name)
    header = tidy.output('readelf', '-hW', file)
    segments = tidy.output('readelf', '-lW', file)
    imports = tidy.output('nm', '-D', '--undefined-only', file)
    if not re.search(r'Type:\s+DYN', header):
        tidy.complain(name, 'is not position-independent')
    if 'GNU_RELRO' not in segments or 'BIND_NOW' not in dynamic:
        tidy.complain(name, 'is not linked with -z relro -z now')
    if re.search(r'\bRWE\b', segments):
        tidy.complain(name, 'has a segment that is writable and executable')
    if not re.search(r'GNU_STACK.* RW ', segments):
        tidy.complain(name, 'has an executable stack')
    if '__stack_chk_fail' not in imports:
        tidy.complain(name, 'has no stack protector')
    if '_chk@' not in imports:
        tidy.complain(name, 'is not fortified')


def check(name):
    dynamic = tidy.output('readelf', '-dW', tidy.built(name))
    check_libraries(name, dynamic)
    check_hardening(name, dynamic)


check('libsigill.so')
if tidy.has_programs():
    check('sigill')
    for program in ('sigill-org', 'sigill-answer', 'sigilld'):
        if os.path.exists(tidy.built(program)):
            check(program)
tidy.finish()
