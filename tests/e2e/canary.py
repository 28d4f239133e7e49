#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Marked content and marked keys, then a search: they are nowhere but where
they were asked for."""
import os
import re
import subprocess
import time

from e2e import (ENV, FOLDER, HOME, INPUT, KEY, NO, OK, SIGILL, TEMP, changed,
                 encrypted, openssl, party, path, read, run, sigill, signed,
                 write)

MARK = b'MARKED-CONTENT-%08x' % 0x5ea1ed
BODY = b'Content-Type: text/plain\r\n\r\n' + MARK + b'\r\n'
LARGE = b'Content-Type: text/plain\r\n\r\n' + (MARK + b'\r\n') * 200000
OUT = path('out')
os.mkdir(OUT)


def bob():
    return party('bob', kind='rsa')


def marks_of_key(who):
    """The secret numbers of an RSA key, in the forms they could leak in."""
    text = openssl('pkey', '-in', who.key, '-text', '-noout').decode()
    marks = []
    for name in ('privateExponent', 'prime1', 'prime2', 'exponent1'):
        found = re.search(
            name + r':\s*((?:[0-9a-f]{2}:?\s*)+)', text)
        found = found.group(1)
        raw = bytes.fromhex(''.join(found.split()).replace(':', ''))
        middle = raw[20:40]
        marks += [middle, middle.hex().encode(), middle[::-1]]
    lines = read(who.key).splitlines()
    return marks + lines[3:6]


def search(folders, marks):
    """Files that hold one of the marks."""
    found = []
    for folder in folders:
        for here, _, names in os.walk(folder):
            for name in names:
                with open(os.path.join(here, name), 'rb') as file:
                    content = file.read()
                if any(mark in content for mark in marks):
                    found.append(os.path.join(here, name))
    return found


def check_nowhere(result, marks):
    text = result.out + result.err.encode()
    assert not any(mark in text for mark in marks), result
    left = search([OUT, TEMP, HOME, '/var/tmp'], marks)
    assert not left, (result, left)


def failing_calls():
    """Calls that must not let the content out, and their statuses."""
    trust = ['--trust', party('ca').pem]
    out = ['-o', os.path.join(OUT, 'x')]
    tampered = changed(signed(party('alice'), body=BODY), b'MARKED', b'Marked',
                       'tampered.eml')
    opaque = signed(party('mallory', issuer='stranger'), '-nodetach',
                    body=BODY, name='opaque')
    unsigned = encrypted(bob(), body=BODY, name='unsigned')
    gcm = bytearray(read(encrypted(bob(), '-aes-256-gcm', '-outform', 'DER',
                                   body=BODY, headers=False, name='gcm')))
    gcm[-1] ^= 1
    gcm = write('gcm.p7m', bytes(gcm))
    large = bytearray(read(encrypted(bob(), '-aes-256-gcm', '-outform', 'DER',
                                     body=LARGE, headers=False, name='lgcm')))
    large[-1] ^= 1
    large = write('large.p7m', bytes(large))
    cut = write('cut.eml', read(encrypted(bob(), body=LARGE, name='cbc'))[:-300])
    wrong = ['--key', bob().p12(), '--password-file', write('pw', 'MARKED-PW\n')]
    for extra in ([], out):
        yield NO, ['verify', *trust, *extra, tampered]
        yield NO, ['open', *trust, *extra, opaque]
        yield NO, ['open', *trust, *bob().id(), *extra, unsigned]
        yield KEY, ['open', *trust, *extra, unsigned]
        yield KEY, ['open', *wrong, *extra, unsigned]
        yield KEY, ['decrypt', *party('carol').id(), *extra, unsigned]
        for broken in (gcm, large, cut):
            yield INPUT, ['decrypt', *bob().id(), *extra, broken]
            yield INPUT, ['open', *bob().id(), '--accept', 'none', *extra,
                          broken]
    yield 5, ['decrypt', *bob().id(), '-o', path('missing/x'), unsigned]
    plain = write('plain.eml', BODY)
    late = party('late', start='20100101000000Z', end='20110101000000Z')
    yield KEY, ['encrypt', '--to', late.pem, *out, plain]
    yield KEY, ['sign', *late.id(), *out, plain]


def test_failures_let_nothing_out():
    marks = [MARK, b'Marked-CONTENT', b'MARKED-PW', *marks_of_key(bob())]
    for status, words in failing_calls():
        result = sigill(*words).expect(status)
        check_nowhere(result, marks)
        assert os.listdir(OUT) == [], os.listdir(OUT)


def test_success_leaves_content_where_asked_only():
    keys = marks_of_key(bob())
    made = os.path.join(OUT, 'made.eml')
    for message in (BODY, LARGE):
        plain = write('plain.eml', message)
        check_nowhere(sigill('encrypt', '--to', bob().pem, '--sign', bob().key,
                             '--sign', bob().pem, '-o', made,
                             plain).expect(OK), [MARK, *keys])
        result = sigill('open', '--trust', party('ca').pem, '--from',
                        'bob@example.org', *bob().id(), made).expect(OK)
        assert result.out.count(MARK) == message.count(MARK)
        assert search([OUT, TEMP, HOME, '/var/tmp'], [MARK, *keys]) == []
        assert not any(k in result.err.encode() for k in [MARK, *keys])


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


def test_what_waits_on_disk_is_encrypted():
    """In the middle of a long message that goes to standard output."""
    large = read(encrypted(bob(), body=LARGE, name='waits'))
    process = subprocess.Popen(
        [SIGILL, 'decrypt', *bob().id()], env=ENV, cwd=FOLDER,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)
    process.stdin.write(large)
    process.stdin.flush()
    seen = {}
    limit = time.monotonic() + 10
    while not seen and time.monotonic() < limit:
        seen = {n: c for n, c in unnamed_files(process) if c}
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert seen, 'no temporary file was there to look into'
    for name, content in seen.items():
        assert MARK not in content, name


def test_content_that_waits_unencrypted_input():
    """Signing from a pipe reads twice: what is kept is encrypted too."""
    process = subprocess.Popen(
        [SIGILL, 'sign', *party('alice').id()], env=ENV, cwd=FOLDER,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)
    process.stdin.write(LARGE)
    process.stdin.flush()
    seen = {}
    limit = time.monotonic() + 10
    while not seen and time.monotonic() < limit:
        seen = {n: c for n, c in unnamed_files(process) if c}
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert seen, 'no temporary file was there to look into'
    for name, content in seen.items():
        assert MARK not in content, name


def test_an_organisations_home():
    """Neither content nor a private key lies in it in the clear."""
    home = path('organisation')
    env = {'SIGILL_HOME': home}

    def ours(*words, **options):
        return sigill(*words, env=env, **options).expect(OK)

    ours('init', '--domain', 'example.org', '--algorithm', 'rsa-2048')
    for name in ('alice', 'bob'):
        ours('user', 'add', name + '@example.org')
    plain = write('plain.eml', b'From: alice@example.org\r\n' + LARGE)
    sealed = os.path.join(OUT, 'sealed.eml')
    ours('encrypt', '--sign', 'alice@example.org', '--to', 'bob@example.org',
         '-o', sealed, plain)
    opened = ours('open', '--key', 'bob@example.org', sealed)
    assert opened.out.count(MARK) == LARGE.count(MARK)
    marks = [MARK]
    for purpose in ('signing', 'encryption'):
        ours('cert', 'export', 'bob@example.org', '--pkcs12', '--purpose',
             purpose, '--password-file', write('pw', 'secret\n'), '-o',
             path('exported.p12'))
        write('exported.key', openssl(
            'pkcs12', '-in', 'exported.p12', '-passin', 'pass:secret',
            '-nodes', '-nocerts'))
        marks += marks_of_key(Exported())
    found = search([home, OUT, TEMP, HOME, '/var/tmp'], marks)
    assert not found, found


class Exported:
    key = path('exported.key')


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
