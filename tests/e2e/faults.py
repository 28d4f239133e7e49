#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each read, write and file operation failing in turn: never status 0 with
the wrong output, never half an output, nothing left behind."""
import os

from e2e import (BODY, ENV, FOLDER, PASSWORD, SIGILL, TEMP, encrypted, party, path,
                 run, signed, write)

import iofault

OUT = path('out')
os.mkdir(OUT)
TARGET = os.path.join(OUT, 'result')


def bob():
    return party('bob', kind='rsa')


def calls():
    trust = ['--trust', party('ca').pem]
    alice = party('alice')
    plain = write('plain.eml', b'From: alice@example.org\r\n' + BODY)
    yield ['sign', *alice.id(), plain], b'smime.p7s'
    yield ['sign', '--opaque', *alice.id(), plain], b'smime.p7m'
    yield ['encrypt', '--to', bob().pem, plain], b'smime.p7m'
    yield ['decrypt', *bob().id(), encrypted(bob())], b'Hello, Bob.\r\n'
    yield ['verify', *trust, signed(alice)], BODY
    yield ['open', *trust, signed(alice)], b'Hello, Bob.\r\n'
    yield ['decrypt', '--key', bob().p12(), '--password-file',
           write('pw', PASSWORD + '\n'), encrypted(bob())], b'Hello, Bob.\r\n'


def check_file(wanted):
    def check(fault, result):
        there = os.path.exists(TARGET)
        if there:
            with open(TARGET, 'rb') as file:
                assert wanted in file.read(), 'a wrong output'
            os.unlink(TARGET)
        assert result.returncode in (0, 1, 3, 4, 5), 'a strange status'
        assert there or result.returncode != 0, 'no output, yet status 0'
        # The folder's fsync may fail when the file has its name already.
        assert not there or result.returncode in (0, 5), 'output and failure'
        assert os.listdir(OUT) == [], 'something left'
        if fault.error in ('EINTR', 'SHORT'):
            assert result.returncode == 0, 'not tried again'
    return check


def check_stream(wanted):
    def check(fault, result):
        assert result.returncode in (0, 1, 3, 4, 5), 'a strange status'
        if result.returncode == 0:
            assert wanted in result.stdout, 'a wrong output'
        assert os.listdir(TEMP) == [], 'something left'
        if fault.error in ('EINTR', 'SHORT'):
            assert result.returncode == 0, 'not tried again'
    return check


def sweep(words, check):
    command = [SIGILL, *words]
    runs = iofault.sweep(command, ['EIO', 'ENOSPC', 'SHORT'], check, env=ENV,
                         cwd=FOLDER)
    # Only these can be interrupted.
    return runs + iofault.sweep(command, ['EINTR'], check, env=ENV, cwd=FOLDER,
                                calls='read,write,pread')


def test_to_a_file():
    for words, wanted in calls():
        runs = sweep([*words[:-1], '-o', TARGET, words[-1]],
                     check_file(wanted))
        print(f'  {words[0]}: {runs} faults')


def test_to_standard_output():
    for words, wanted in calls():
        out = ['-o', '-'] if words[0] == 'verify' else []
        runs = sweep([*words[:-1], *out, words[-1]], check_stream(wanted))
        print(f'  {words[0]}: {runs} faults')


def test_everything_after_fails():
    for words, wanted in calls():
        iofault.sweep([SIGILL, *words[:-1], '-o', TARGET, words[-1]],
                      ['EIO'], check_file(wanted), keep=True, env=ENV,
                      cwd=FOLDER)


run(globals())
