#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Private keys of the organisation stay in sigill-answer: the process that reads
a stranger's message never has them, and nothing is left when either ends."""
import functools
import os
import re
import select
import signal
import stat
import subprocess
import sys
import time

from e2e import (ENV, ENVIRONMENT, FOLDER, MARK, OK, PASSWORD, SIGILL,
                 is_sanitized, leaks, may_look_into_processes, openssl, path,
                 read, run, sigill, write)
from mail_service import Service

PLACE = path('organisation')
HOMED = ['--home', PLACE]
MAIL = (b'From: alice@example.org\r\nTo: bob@example.org\r\n'
        b'Content-Type: text/plain\r\n\r\n' + (MARK + b'\r\n') * 150000)


def organisation():
    if not os.path.exists(PLACE):
        sigill('init', '--domain', 'example.org', *HOMED).expect(OK)
        for who in ('alice', 'bob'):
            sigill('user', 'add', f'{who}@example.org', *HOMED).expect(OK)
        sigill('encrypt', *HOMED, '--to', 'bob@example.org', '--sign',
               'alice@example.org', '-o', path('sealed'),
               write('plain', MAIL)).expect(OK)
    return PLACE


@functools.lru_cache
def prime_of_bob():
    """As libcrypto keeps it in memory: least significant byte first."""
    sigill('cert', 'export', 'bob@example.org', *HOMED, '--pkcs12',
           '--password-file', write('pw', PASSWORD + '\n'), '-o',
           path('bob.p12')).expect(OK)
    text = openssl('pkcs12', '-in', path('bob.p12'), '-passin',
                   'pass:' + PASSWORD,
                   '-nodes', '-nocerts')
    primes = []
    for pem in re.findall(
            rb'-----BEGIN.*?-----END PRIVATE KEY-----\n', text, re.S):
        shown = openssl('pkey', '-text', '-noout', input=pem).decode()
        number = re.search(r'prime1:\s*((?:[0-9a-f]{2}:?\s*)+)', shown)[1]
        primes.append(
            bytes.fromhex(''.join(number.split()).replace(':', ''))[::-1][:64])
    return primes


def memory_of(pid):
    found = b''
    with open(f'/proc/{pid}/maps', encoding='ascii') as maps, \
            open(f'/proc/{pid}/mem', 'rb') as mem:
        for line in maps:
            place, rights = line.split()[:2]
            if 'rw' not in rights:
                continue
            begin, end = (int(x, 16) for x in place.split('-'))
            mem.seek(begin)
            try:
                found += mem.read(end - begin)
            except OSError:
                pass  # a page of the kernel
    return found


def children_of(pid):
    with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
        return [int(x) for x in file.read().split()]


class Opening:
    """sigill open, which has opened the message but finds nobody to take all of
    its content: the key was used, and is still there."""
    WORDS = ['open', *HOMED, '--key', 'bob@example.org', path('sealed')]

    def __init__(self):
        organisation()
        self.process = subprocess.Popen(
            [SIGILL, *self.WORDS], env=ENV, cwd=FOLDER,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        assert select.select([self.process.stdout], [], [], 60)[0]
        children = children_of(self.process.pid)
        self.other = children[0] if children else None

    def end(self):
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err.decode()


def is_gone(pid):
    for _ in range(200):
        try:
            with open(f'/proc/{pid}/stat', encoding='ascii') as file:
                if file.read().rsplit(')', 1)[1].split()[0] == 'Z':
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_the_reading_process_has_no_key():
    if is_sanitized() or not may_look_into_processes():
        print('     (needs a plain build, and the right to look)')
        return
    organisation()
    primes = prime_of_bob()
    assert primes
    with leaks.watching(Opening.WORDS) as call:
        look_into_both(primes, call)


def look_into_both(primes, call, other=lambda opening: opening.other):
    opening = Opening()
    here, there = memory_of(opening.process.pid), memory_of(other(opening))
    assert any(prime in there for prime in primes), 'found nowhere'
    assert not any(prime in here for prime in primes)
    status, out, err = opening.end()
    call.status = status
    assert status == OK, (out, err)
    assert out.endswith(MAIL[-17:])
    assert opening.other is None or is_gone(opening.other)


def test_nor_has_any_but_the_keyholder_where_the_service_runs():
    if is_sanitized() or not may_look_into_processes():
        return
    organisation()
    primes = prime_of_bob()
    with Service(PLACE) as s, leaks.watching(Opening.WORDS) as call:
        look_into_both(primes, call, lambda _: s.pid_of('keyholder'))
        assert not any(prime in memory_of(s.pid_of('control'))
                       for prime in primes)
        assert [r['object'] for r in s.records('mail.open')] == [
            'bob@example.org']
        opening = Opening()
        assert opening.other is None, 'a process of its own was started'
        assert opening.end()[0] == OK


def test_the_home_is_not_held_open():
    if not may_look_into_processes():
        return
    opening = Opening()
    for pid in (opening.process.pid, opening.other):
        names = [os.readlink(f'/proc/{pid}/fd/{fd}')
                 for fd in os.listdir(f'/proc/{pid}/fd')]
        assert not any('sigill.db' in name for name in names), names
    assert opening.end()[0] == OK


def test_the_keys_go_away():
    """Before the message asks for one: it cannot be opened any more."""
    organisation()
    with subprocess.Popen(
            [SIGILL, 'open', *HOMED, '--key', 'bob@example.org', '-o',
             path('never')], env=ENV, cwd=FOLDER, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        for _ in range(200):
            others = children_of(process.pid)
            if others:
                break
            time.sleep(0.02)
        time.sleep(0.3)
        os.kill(others[0], signal.SIGKILL)
        _, err = process.communicate(read('sealed'), timeout=60)
    assert process.returncode == ENVIRONMENT, (process.returncode, err)
    assert b'another process of ours has ended' in err, err
    assert not os.path.exists(path('never'))


def test_interrupted_at_the_terminal():
    """Both get the signal; one of them ends by it."""
    opening = Opening()
    os.killpg(opening.process.pid, signal.SIGINT)
    _, err = opening.process.communicate(timeout=60)
    assert opening.process.returncode == 128 + signal.SIGINT, err
    assert is_gone(opening.other)


def test_killed():
    opening = Opening()
    opening.process.kill()
    opening.process.communicate(timeout=60)
    assert is_gone(opening.other)


def test_an_answer_that_is_none():
    """Something else is installed in the place of sigill-answer."""
    organisation()
    os.makedirs(path('else'), exist_ok=True)
    for answer in ('', 'x', '\\0\\0\\0\\0\\0\\21', '\\0\\0\\0\\4\\0\\25abcd',
                   '\\377\\377\\377\\377\\0\\25', '\\0\\0\\0\\1\\0\\1a'):
        program = write('else/sigill-answer',
                        f'#!/bin/sh\nprintf \'{answer}\' >&3\n')
        os.chmod(program, stat.S_IRWXU)
        result = sigill('open', *HOMED, '--key', 'bob@example.org',
                        path('sealed'), env={'SIGILL_EXEC_PATH': path('else')})
        result.expect(ENVIRONMENT, 'process')
        assert result.out == b'' and len(result.err.splitlines()) == 1, result


if __name__ == '__main__':
    sys.exit(run(globals()))
