#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Keys on a PKCS#11 token (SoftHSM), named by URI."""
import atexit
import os
import shutil
import subprocess
import sys
import tempfile

from e2e import (ENV, FOLDER, KEY, MARK, OK, USAGE, openssl, party, path, run,
                 sigill, write)

MODULE = '/usr/lib/softhsm/libsofthsm2.so'
# The token keeps its keys in files; they are not ours to search.
TOKENS = tempfile.mkdtemp(prefix='sigill-tokens-')
atexit.register(shutil.rmtree, TOKENS, ignore_errors=True)
# SoftHSM reads where its tokens are from a file that this names.
ENV['SOFTHSM2_CONF'] = write('softhsm2.conf', (
    f'directories.tokendir = {TOKENS}\nobjectstore.backend = file\n'
    'log.level = ERROR\n'))
BODY = b'Content-Type: text/plain\r\n\r\n' + MARK + b' from a token.\r\n'
MAIL = b'From: alice@example.org\r\n' + BODY


def tool(*words):
    done = subprocess.run(words, env=ENV, cwd=FOLDER, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done
    return done


def uri(rest=''):
    return f'pkcs11:token=alice{rest}?module-path={MODULE}'


def token(who, number):
    """A token with the key; its certificate comes as a file."""
    if not os.path.exists(path('token-there')):
        tool('softhsm2-util', '--init-token', '--free', '--label', 'alice',
             '--pin', '1234', '--so-pin', '5678')
        write('token-there', b'')
    if os.path.exists(path(f'token-has-{number}')):
        return
    write(f'token-has-{number}', b'')
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', who.key, '-out',
            path('pkcs8'))
    tool('softhsm2-util', '--import', path('pkcs8'), '--token', 'alice',
         '--label', f'key{number}', '--id', f'{number:02}', '--pin', '1234')
    os.unlink(path('pkcs8'))


def pin(text='1234'):
    return ['--password-file', write('pin-' + text, text + '\n')]


def test_a_token_signs_and_opens():
    alice = party('alice')
    token(alice, 1)
    mail = write('mail', MAIL)
    trust = ['--trust', party('ca').pem]
    keys = ['--key', uri(), '--key', alice.pem, *pin()]
    for more in ([], ['--opaque'], ['--digest', 'sha512']):
        sigill('sign', *keys, *more, '-o', path('signed'), mail).expect(OK)
        sigill('verify', *trust, path('signed')).expect(OK)
        openssl('cms', '-verify', '-in', path('signed'), '-CAfile',
                party('ca').pem, '-out', path('content'))
    bob = party('bob', kind='rsa')
    token(bob, 2)
    for more in ([], ['--oaep'], ['--cipher', 'aes-256-gcm']):
        sigill('encrypt', '--to', bob.pem, '--sign', uri(';object=key1'),
               '--sign', alice.pem, *pin(), *more, '-o', path('sealed'),
               mail).expect(OK)
        result = sigill('open', *trust, '--key', uri(';id=%02'), '--key',
                        bob.pem, *pin(), path('sealed'))
        result.expect(OK)
        assert result.out.endswith(b' from a token.\r\n'), result


def test_one_key_by_two_names():
    """Each of the other keys must stay what it is."""
    alice, bob = party('alice'), party('bob', kind='rsa')
    token(alice, 1)
    token(bob, 2)
    certs = ['--key', alice.pem, '--key', bob.pem, *pin()]
    mail = write('mail', MAIL)
    sealed = path('to-bob')
    sigill('encrypt', '--to', bob.pem, '-o', sealed, mail).expect(OK)
    for first in (';object=key1', ';object=key2', ''):
        keys = ['--key', uri(first), '--key', uri(), *certs]
        sigill('decrypt', *keys, sealed).expect(OK)
        sigill('sign', *keys, '-o', path('signed-twice'), mail).expect(OK)
        sigill('verify', '--trust', party('ca').pem,
               path('signed-twice')).expect(OK)


def test_what_goes_wrong():
    mail = write('mail', MAIL)
    alice = party('alice')
    for words, status, said in (
            (['--key', uri(), *pin('9999')], KEY, 'wrong PIN'),
            (['--key', uri()], KEY, 'no terminal'),
            (['--key', 'pkcs11:token=nobody?module-path=' + MODULE, *pin()],
             KEY, 'no token matches'),
            (['--key', uri(';object=missing'), *pin()], KEY, ''),
            (['--key', 'pkcs11:colour=red', *pin()], USAGE, '')):
        result = sigill('sign', *words, '--key', alice.pem, '-o',
                        path('never'), mail)
        result.expect(status, said)
        assert '1234' not in result.err and '9999' not in result.err, result
        assert not os.path.exists(path('never'))


if __name__ == '__main__':
    sys.exit(run(globals()))
