#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Secrets that passed through the processes of sigilld are not in their memory
any more when the call has ended: neither in what is used nor in what is free."""
import base64
import os
import re
import signal
import sys
import time

from enrol import Door, request
from e2e import OK, is_sanitized, openssl, path, read, run, sigill, write
from service import ROLES

# Not one of ours leaves a part of it behind, either.
PART = 12


def pages(pid):
    """What it may write, which is where it keeps what it was told."""
    with open(f'/proc/{pid}/maps', encoding='ascii') as maps, \
            open(f'/proc/{pid}/mem', 'rb', buffering=0) as memory:
        for line in maps:
            start, end, rights = re.match(
                r'(\w+)-(\w+) (\S+)', line).groups()
            if not rights.startswith('rw') or '[vvar]' in line:
                continue
            try:
                memory.seek(int(start, 16))
                yield memory.read(int(end, 16) - int(start, 16))
            except OSError:
                pass


def found_in(pid, secret):
    return any(secret in page for page in pages(pid))


def parts(secret):
    """What was freed may have other things in some of its bytes by now."""
    return {secret, secret[-PART:],
            *(secret[i:i + PART] for i in range(64, len(secret) - PART, 96))}


def expect_forgotten(s, what, secret):
    where = []
    for _ in range(20):
        where = [(role, part) for role in ROLES for part in parts(secret)
                 if found_in(s.pid_of(role), part)]
        if not where:
            return
        time.sleep(0.1)
    raise AssertionError((what, where))


def may_look():
    if os.getuid() != 0:
        print('     (needs root to look into a process)')
        return False
    if is_sanitized():
        print('     (a sanitized build keeps what was freed)')
        return False
    return True


def secret_of(name):
    """Long, so that what uses its place next leaves some of it."""
    return ('Qx7-' + os.urandom(400).hex() + '-' + name).encode()


def test_who_looks_can_see():
    """What is in memory for good is found: the path of the home."""
    if not may_look():
        return
    with Door() as s:
        for role in ROLES:
            assert found_in(s.pid_of(role), s.home.encode()), role
        s.stop()


def test_passphrases():
    if not may_look():
        return
    with Door() as s:
        secret = secret_of('passphrase')
        file = write('passphrase', secret + b'\n')
        sigill('key', 'protect', '--passphrase', '--password-file', file,
               *s.homed).expect(OK)
        s.sigill('key', 'lock').expect(OK)
        wrong = secret_of('wrong')
        s.sigill('key', 'unlock', '--password-file',
                 write('wrong', wrong + b'\n')).expect(3)
        s.sigill('key', 'unlock', '--password-file', file).expect(OK)
        expect_forgotten(s, 'passphrase', secret)
        expect_forgotten(s, 'wrong passphrase', wrong)
        s.stop()


def test_passwords_of_files():
    if not may_look():
        return
    with Door() as s:
        secret = secret_of('pkcs12')
        s.sigill('cert', 'export', 'alice@example.org', '--pkcs12',
                 '--password-file', write('p12', secret + b'\n'), '-o',
                 path('alice.p12')).expect(OK)
        expect_forgotten(s, 'password of a PKCS#12 file', secret)
        # The keys that are in it went to whoever asked.
        keys = openssl('pkcs12', '-in', path('alice.p12'), '-passin',
                       'file:' + path('p12'), '-nodes', '-nocerts')
        for pem in re.findall(rb'-----BEGIN PRIVATE KEY-----.*?-----END [^-]*'
                              rb'-----', keys, re.DOTALL):
            expect_forgotten(s, 'exported key', private_of(pem))
        s.stop()


def private_of(pem):
    """The 32 bytes of a P-256 key."""
    der = openssl('ec', '-in', write('key.pem', pem), '-outform', 'DER')
    assert der[5:7] == b'\x04\x20', der[:8]
    return der[7:39]


def test_imported_keys():
    if not may_look():
        return
    with Door() as s:
        curve = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
                 '-nodes')
        openssl('req', '-x509', *curve, '-keyout', path('ca.key'), '-out',
                path('ca.pem'), '-days', '30', '-subj', '/CN=Elsewhere')
        openssl('req', '-x509', *curve, '-keyout', path('own.key'), '-out',
                path('own.pem'), '-days', '30', '-subj', '/CN=Alice', '-CA',
                path('ca.pem'), '-CAkey', path('ca.key'), '-addext',
                'subjectAltName=email:alice@example.org', '-addext',
                'basicConstraints=critical,CA:FALSE', '-addext',
                'keyUsage=critical,digitalSignature', '-addext',
                'extendedKeyUsage=emailProtection')
        secret = secret_of('import')
        openssl('pkcs12', '-export', '-inkey', path('own.key'), '-in',
                path('own.pem'), '-certfile', path('ca.pem'), '-out',
                path('own.p12'), '-passout',
                'file:' + write('import', secret + b'\n'))
        s.sigill('cert', 'import', 'alice@example.org', path('own.p12'),
                 '--password-file', path('import')).expect(OK)
        key = private_of(read(path('own.key')))
        expect_forgotten(s, 'imported key', key)
        # As libcrypto keeps numbers.
        expect_forgotten(s, 'imported key, backwards', key[::-1])
        expect_forgotten(s, 'password of the import', secret)
        s.stop()


def test_codes_of_devices():
    if not may_look():
        return
    with Door() as s:
        code = s.code()
        login = base64.b64encode(f'alice@example.org:{code}'.encode())
        status, _, body = s.enrol(request('phone'), code)
        assert status == 200, body
        expect_forgotten(s, 'code', code.encode())
        expect_forgotten(s, 'code in base64', login)
        s.stop()


def test_they_still_work():
    """Who ends and begins anew while something is on its way."""
    if not may_look():
        return
    with Door() as s:
        os.kill(s.pid_of('front'), signal.SIGKILL)
        s.wait_for(lambda: s.enrol(request('tablet'), s.code())[0] == 200)
        s.stop()


if __name__ == '__main__':
    sys.exit(run(globals()))
