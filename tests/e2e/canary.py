#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Marked content and marked keys where it matters most: calls that fail, long
content, what waits on disk, an organisation's home. That they are nowhere but
where they were asked for is looked after by leaks.py in every test."""
import os
import subprocess
import time

from e2e import (BODY, ENV, FOLDER, INPUT, KEY, MARK, NO, OK, PASSWORD, SIGILL,
                 changed, encrypted, leaks, may_look_into_processes, party, path, read,
                 run, sigill, signed, write)
from sigill import hide_people

LARGE = b'Content-Type: text/plain\r\n\r\n' + (MARK + b'\r\n') * 80000
OUT = path('out')
os.mkdir(OUT)
# Bytes that were changed on their way are content all the same.
TAMPERED = MARK.replace(b'canary', b'Canary')
leaks.mark_content(TAMPERED)


def bob():
    return party('bob', kind='rsa')


def broken_messages():
    """Encrypted to Bob, and no longer whole."""
    for body, name in ((BODY, 'gcm'), (LARGE, 'large')):
        message = bytearray(read(encrypted(
            bob(), '-aes-256-gcm', '-outform', 'DER', body=body, headers=False,
            name=name)))
        message[-1] ^= 1
        yield write(name + '.p7m', bytes(message))
    yield write('cut.eml',
                read(encrypted(bob(), body=LARGE, name='cbc'))[:-300])


def failing_calls():
    """Calls that must not let the content out, and their statuses."""
    trust = ['--trust', party('ca').pem]
    out = ['-o', os.path.join(OUT, 'x')]
    tampered = changed(signed(party('alice')), MARK, TAMPERED, 'tampered.eml')
    opaque = signed(party('mallory', issuer='stranger'), '-nodetach',
                    name='opaque')
    unsigned = encrypted(bob(), name='unsigned')
    wrong = ['--key', bob().p12(), '--password-file',
             write('pw', PASSWORD.upper() + '\n')]
    broken = list(broken_messages())
    for extra in ([], out):
        yield NO, ['verify', *trust, *extra, tampered]
        yield NO, ['open', *trust, *extra, opaque]
        yield NO, ['open', *trust, *bob().id(), *extra, unsigned]
        yield KEY, ['open', *trust, *extra, unsigned]
        yield KEY, ['open', *wrong, *extra, unsigned]
        yield KEY, ['decrypt', *party('carol').id(), *extra, unsigned]
        for message in broken:
            yield INPUT, ['decrypt', *bob().id(), *extra, message]
            yield INPUT, ['open', *bob().id(), '--accept', 'none', *extra,
                          message]
    yield 5, ['decrypt', *bob().id(), '-o', path('missing/x'), unsigned]
    plain = write('plain.eml', BODY)
    late = party('late', start='20100101000000Z', end='20110101000000Z')
    yield KEY, ['encrypt', '--to', late.pem, *out, plain]
    yield KEY, ['sign', *late.id(), *out, plain]


def test_failures_let_nothing_out():
    leaks.hide('a wrong password', PASSWORD.upper().encode())
    for status, words in failing_calls():
        sigill(*words).expect(status)
        assert os.listdir(OUT) == [], os.listdir(OUT)


def test_success_leaves_content_where_asked_only():
    made = os.path.join(OUT, 'made.eml')
    for message in (BODY, LARGE):
        plain = write('plain.eml', message)
        sigill('encrypt', '--to', bob().pem, '--sign', bob().key, '--sign',
               bob().pem, '-o', made, plain).expect(OK)
        result = sigill('open', '--trust', party('ca').pem, '--from',
                        'bob@example.org', *bob().id(), made).expect(OK)
        assert result.out.count(MARK) == message.count(MARK)


def unnamed_files(process):
    """What the files without a name that a process holds open contain."""
    folder = f'/proc/{process.pid}/fd'
    for name in os.listdir(folder):
        file = os.path.join(folder, name)
        try:
            if '(deleted)' in os.readlink(file):
                with open(file, 'rb') as content:
                    yield os.readlink(file), content.read()
        except OSError:
            continue


def check_what_waits(words, content):
    """Stops in the middle, with content in a file without a name."""
    if not may_look_into_processes():
        return
    with leaks.watching(words):
        process = subprocess.Popen(
            [SIGILL, *words], env=ENV, cwd=FOLDER, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        process.stdin.write(content)
        process.stdin.flush()
        seen = {}
        limit = time.monotonic() + 20
        while not seen and time.monotonic() < limit:
            seen = {n: c for n, c in unnamed_files(process) if c}
            time.sleep(0.02)
        process.kill()
        process.communicate()
    assert seen, 'no temporary file was there to look into'
    for name, waiting in seen.items():
        assert not leaks.found_in(waiting), name


def test_what_waits_on_disk_is_encrypted():
    """In the middle of a long message that goes to standard output."""
    check_what_waits(['decrypt', *bob().id()],
                     read(encrypted(bob(), body=LARGE, name='waits')))


def test_content_that_waits_unencrypted_input():
    """Signing from a pipe reads twice: what is kept is encrypted too."""
    check_what_waits(['sign', *party('alice').id()], LARGE)


def test_an_organisations_home():
    """Neither content nor a private key lies in it in the clear."""
    def ours(*words):
        return sigill(*words, env={'SIGILL_HOME': home}).expect(OK)

    for algorithm in ('rsa-2048', 'p256'):
        home = path('organisation-' + algorithm)
        ours('init', '--domain', 'example.org', '--algorithm', algorithm)
        for name in ('alice', 'bob'):
            ours('user', 'add', name + '@example.org')
        hide_people(home, 'alice@example.org', 'bob@example.org')
        plain = write('plain.eml', b'From: alice@example.org\r\n' + LARGE)
        sealed = os.path.join(OUT, 'sealed.eml')
        ours('encrypt', '--sign', 'alice@example.org', '--to',
             'bob@example.org', '-o', sealed, plain)
        opened = ours('open', '--key', 'bob@example.org', sealed)
        assert opened.out.count(MARK) == LARGE.count(MARK)


def test_a_debugger_cannot_look():
    """Other programs of the same user cannot read our memory."""
    if os.getuid() == 0 or 'libasan' in ENV.get('SIGILL_IOFAULT', ''):
        return
    process = subprocess.Popen([SIGILL, 'verify'], env=ENV,
                               stdin=subprocess.PIPE)
    time.sleep(0.3)
    try:
        with open(f'/proc/{process.pid}/mem', 'rb'):
            raise AssertionError('memory can be opened')
    except PermissionError:
        pass
    finally:
        process.kill()
        process.wait()


run(globals())
