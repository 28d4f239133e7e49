#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates in all the forms people have them, and passwords."""
import os
import pty
import select
import subprocess

from e2e import (BODY, ENV, FOLDER, INPUT, KEY, OK, PASSWORD, SIGILL, USAGE,
                 encrypted, leaks, openssl, party, path, read, run, sigill,
                 write)

TYPED = PASSWORD.encode() + b'\n'


def trust():
    return ['--trust', party('ca').pem]


def bob():
    return party('bob', kind='rsa')


def opens(*words):
    """These words give the key for a message to Bob."""
    return sigill('open', *words, '--accept', 'none',
                  encrypted(bob())).expect(OK, 'Hello, Bob')


def der_of(who):
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', who.key, '-outform', 'DER',
            '-out', who.name + '-key.der')
    openssl('x509', '-in', who.pem, '-outform', 'DER', '-out',
            who.name + '.der')
    return path(who.name + '-key.der'), path(who.name + '.der')


def test_forms():
    person = bob()
    password = ['--password-file', write('pw', PASSWORD + '\n')]
    key, cert = der_of(person)
    openssl('pkcs8', '-topk8', '-in', person.key, '-out', 'locked.pem',
            '-passout', 'pass:' + PASSWORD)
    openssl('rsa', '-in', person.key, '-traditional', '-out', 'pkcs1.pem')
    both = write('both.pem', read(person.pem) + read(person.key))
    openssl('crl2pkcs7', '-nocrl', '-certfile', person.pem, '-outform', 'DER',
            '-out', 'bob.p7b')
    opens('--key', both)
    opens('--key', person.key, '--key', person.pem)
    opens('--key', person.pem, '--key', person.key)
    opens('--key', key, '--key', cert)
    opens('--key', person.key, '--key', path('bob.p7b'))
    opens('--key', path('pkcs1.pem'), '--key', cert)
    opens('--key', path('locked.pem'), '--key', cert, *password)
    opens('--key', person.p12(), *password)
    opens('--key', person.p12(PASSWORD, '-legacy', name='legacy'), *password)
    opens('--key', person.p12(PASSWORD, '-certpbe', 'NONE', name='half'),
          *password)
    opens('--key', person.p12('', name='empty'))


def test_old_keys_open_old_mail():
    old, new = party('bob-old', kind='rsa', address='bob@example.org'), bob()
    message = encrypted(old)
    sigill('open', *new.id(), '--accept', 'none', message).expect(KEY)
    sigill('open', *new.id(), *old.id(), '--accept', 'none', message).expect(
        OK, 'Hello, Bob')


def test_kinds_of_keys():
    for kind in ('p256', 'p384', 'x25519'):
        person = party('bob-' + kind, kind=kind)
        made = path(f'to-{kind}.eml')
        sigill('encrypt', '--to', person.pem, '-o', made,
               write('m.eml', BODY)).expect(OK)
        sigill('open', *person.id(), '--accept', 'none', made).expect(
            OK, 'Hello, Bob')
    for kind in ('rsa', 'p256', 'p384', 'ed25519'):
        person = party('alice-' + kind, kind=kind, address='alice@example.org')
        made = path(f'by-{kind}.eml')
        sigill('sign', *person.id(), '-o', made,
               write('m.eml', b'From: alice@example.org\r\n' + BODY)).expect(OK)
        sigill('verify', *trust(), made).expect(OK, 'alice@example.org')


def test_wrong_passwords():
    message, p12 = encrypted(bob()), bob().p12()
    for word in ('wrong', PASSWORD.title(), PASSWORD + ' ', '', 'x' * 2000):
        result = sigill('open', '--key', p12, '--password-file',
                        write('pw', word + '\n'), message)
        result.expect(KEY)
        assert result.out == b''
    sigill('open', '--key', p12, message).expect(KEY, '--password-file')
    for content, status in ((b'', INPUT), (b'a\0b\n', INPUT)):
        sigill('open', '--key', p12, '--password-file', write('pw', content),
               message).expect(status)
    # Only the first line counts, and its line end does not.
    for end in ('', '\n', '\r\n', '\nother\n'):
        sigill('decrypt', '--key', p12, '--password-file',
               write('pw', PASSWORD + end), message).expect(OK)
    sigill('decrypt', '--key', p12, '--password-file', '-', message,
           stdin=PASSWORD.encode() + b'\n').expect(OK)


def test_passwords_beyond_ascii():
    word = 'l\u00f6senord\u20ac'
    p12 = bob().p12(word, name='unicode')
    sigill('decrypt', '--key', p12, '--password-file',
           write('pw', word + '\n'), encrypted(bob())).expect(OK)


def test_the_password_is_not_told():
    """Not on the command line, not in an error."""
    result = sigill('open', '--key', bob().p12(), '--password-file',
                    write('pw', 'MARKED-PASSWORD\n'), encrypted(bob()))
    result.expect(KEY)
    assert 'MARKED' not in result.err and b'MARKED' not in result.out


def read_in_time(terminal):
    """What it shows next; nothing when it is gone, or silent for long."""
    if not select.select([terminal], [], [], 20)[0]:
        return b''
    try:
        return os.read(terminal, 1000)
    except OSError:
        return b''


def at_terminal(words, typed):
    """(status, what the terminal showed) when a person types."""
    with leaks.watching(words) as call:
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(FOLDER)
            os.execve(SIGILL, [SIGILL, *words], ENV)
        for line in typed:
            while not call.err.endswith(b': '):
                chunk = read_in_time(master)
                assert chunk, f'nothing was asked: {call.err}'
                call.err += chunk
            os.write(master, line)
            call.err += b'|'
        while chunk := read_in_time(master):
            call.err += chunk
        os.close(master)
        call.status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return call.status, call.err


def test_passwords_are_asked_for():
    words = ['decrypt', '--key', bob().p12(), '-o', path('typed'),
             encrypted(bob())]
    status, shown = at_terminal(words, [TYPED])
    assert status == OK and b'bob.p12' in shown, (status, shown)
    assert b'Hello, Bob' in read('typed')
    status, shown = at_terminal(words, [b'no\n', TYPED])
    assert status == OK and shown.count(b'bob.p12') == 2, (status, shown)
    status, shown = at_terminal(words, [b'no\n'] * 3)
    assert status == KEY and shown.count(b'Password') == 3, (status, shown)
    status, shown = at_terminal(words, [b'\x03'])
    assert status == 130, (status, shown)
    # Typed once, used for all files that it fits.
    status, shown = at_terminal(
        words[:1] + ['--key', party('carol', kind='rsa').p12()] + words[1:],
        [TYPED])
    assert status == OK and shown.count(b'Password') == 1, (status, shown)


def test_files_without_what_is_needed():
    message = encrypted(bob())
    sigill('open', '--key', bob().pem, message).expect(KEY, 'no private key')
    sigill('sign', '--key', bob().pem, message).expect(KEY, 'no private key')
    sigill('sign', '--key', bob().key, message).expect(KEY, 'no certificate')
    # A key of one, the certificate of another.
    sigill('sign', '--key', bob().key, '--key', party('carol').pem,
           message).expect(KEY, 'no certificate')
    sigill('verify', '--trust', bob().key, message).expect(
        INPUT, 'no certificate')
    sigill('encrypt', '--to', bob().key, message).expect(KEY, 'no certificate')
    openssl('pkey', '-in', bob().key, '-pubout', '-out', 'public.pem')
    sigill('encrypt', '--to', path('public.pem'), message).expect(INPUT)
    sigill('encrypt', '--to', party('ca').crl(), message).expect(KEY)


def test_signing_certificates_that_will_not_do():
    message = write('m.eml', BODY)
    late = party('late', start='20100101000000Z', end='20110101000000Z')
    sigill('sign', *late.id(), message).expect(
        KEY, 'has expired: 2011-01-01', 'renew')
    early = party('early', start='20480101000000Z', end='20490101000000Z')
    sigill('sign', *early.id(), message).expect(KEY, 'not valid yet')
    for options in ({'usage': 'keyEncipherment'}, {'purpose': 'serverAuth'}):
        name = 'wrong-' + next(iter(options))
        sigill('sign', *party(name, **options).id(), message).expect(
            KEY, 'may sign mail')


def test_the_newest_certificate_signs():
    first = party('twice', address='alice@example.org')
    for start in ('20240101000000Z', '20220101000000Z'):
        party('twice-' + start[:4], key='twice', address='alice@example.org',
              start=start)
    words = []
    for name in ('twice-2022', 'twice-2024', 'twice'):
        words += ['--key', path(name + '.pem')]
    made = path('newest.eml')
    sigill('sign', '--key', first.key, *words, '-o', made,
           write('m.eml', BODY)).expect(OK)
    openssl('cms', '-verify', '-in', made, '-CAfile', party('ca').pem,
            '-signer', 'used.pem', '-out', '/dev/null')
    assert b'Twice 2024' in openssl('x509', '-in', 'used.pem', '-noout',
                                    '-subject')


def test_several_signers():
    alice, carol = party('alice'), party('carol', kind='rsa')
    made = path('two.eml')
    sigill('sign', *alice.id(), *carol.id(), '-o', made,
           write('m.eml', b'From: carol@example.org\r\n' + BODY)).expect(OK)
    result = sigill('verify', '--json', *trust(), made).expect(OK)
    assert result.out.count(b'"state": "valid-') >= 2, result
    assert b'alice@example.org' in result.out, result
    sigill('verify', *trust(), made).expect(OK, 'carol@example.org')
    openssl('cms', '-verify', '-in', made, '-CAfile', party('ca').pem, '-out',
            '/dev/null')


def test_recipients_that_will_not_do():
    message = write('m.eml', BODY)
    out = ['-o', path('never')]
    late = party('late', start='20100101000000Z', end='20110101000000Z')
    good = ['--to', bob().pem]
    sigill('encrypt', *good, '--to', late.pem, *out, message).expect(
        KEY, 'has expired: late@example.org, 2011-01-01', 'renewed')
    early = party('early', start='20480101000000Z', end='20490101000000Z')
    sigill('encrypt', *good, '--to', early.pem, *out, message).expect(
        KEY, 'not valid yet: early@example.org')
    signer = party('only-signs', usage='digitalSignature')
    sigill('encrypt', *good, '--to', signer.pem, *out, message).expect(
        KEY, 'no certificate here is for encrypting')
    sigill('encrypt', *good, '--to', party('ca').pem, *out, message).expect(
        KEY, 'no certificate here is for encrypting')
    sigill('encrypt', *good, '--to', path('missing'), *out, message).expect(5)
    assert not os.path.exists(path('never'))


def test_bundles_of_certificates():
    message = write('m.eml', BODY)
    late = party('bob-late', address='bob@example.org', kind='rsa',
                 start='20100101000000Z', end='20110101000000Z')
    carol = party('carol', kind='rsa')

    def bundle(name, *people):
        return write(name, b''.join(read(p.pem) for p in people))

    made = path('bundle.eml')
    sigill('encrypt', '--to', bundle('b1.pem', party('ca'), bob(), carol),
           '-o', made, message).expect(OK)
    for person in (bob(), carol):
        sigill('decrypt', *person.id(), made).expect(OK, 'Hello, Bob')
    # What was renewed since is passed over; nobody else is.
    sigill('encrypt', '--to', bundle('b2.pem', late, bob()), '-o', made,
           message).expect(OK)
    sigill('encrypt', '--to', bundle('b3.pem', late, carol), '-o', made,
           message).expect(KEY, 'bob@example.org')
    openssl('crl2pkcs7', '-nocrl', '-certfile', 'b1.pem', '-out', 'b1.p7b')
    sigill('encrypt', '--to', path('b1.p7b'), '-o', made, message).expect(OK)
    sigill('decrypt', *carol.id(), made).expect(OK)


def test_shared_secrets():
    message = write('m.eml', BODY)
    hexed = '00112233445566778899aabbccddeeff'
    secrets = {
        'raw16': bytes(range(16)), 'raw24': bytes(range(24)),
        'raw32': bytes(range(32)), 'named': 'office:' + hexed,
        'named-lf': 'office:' + hexed.upper() + '\n',
        'named32': 'office:' + hexed * 2}
    for name, content in secrets.items():
        leaks.hide('a shared secret', content[:16] if 'raw' in name else
                   bytes.fromhex(hexed))
        file, made = write(name, content), path('kek.eml')
        sigill('encrypt', '--kek', file, '-o', made, message).expect(OK)
        sigill('open', '--kek', file, '--accept', 'none', made).expect(
            OK, 'Hello, Bob')
        sigill('decrypt', '--kek', file, made).expect(OK)
        sigill('decrypt', *bob().id(), made).expect(KEY)
        other = write('other', bytes(32))
        sigill('decrypt', '--kek', other, made).expect(KEY)
    for bad in (b'short', b'office:0011', b':' + hexed.encode(),
                b'office:' + b'0g' * 16, b'x' * 70 + b':' + hexed.encode()):
        sigill('encrypt', '--kek', write('bad', bad), message).expect(
            INPUT, 'key-encryption key')
    word = write('word', 'correct horse\n')
    made = path('password.eml')
    sigill('encrypt', '--password-recipient', word, '--to', bob().pem, '-o',
           made, message).expect(OK)
    sigill('decrypt', '--password-recipient', word, made).expect(OK)
    sigill('decrypt', *bob().id(), made).expect(OK)
    wrong = sigill('decrypt', '--password-recipient',
                   write('wrong', 'wrong\n'), made)
    assert wrong.status in (KEY, INPUT) and wrong.out == b'', wrong
    sigill('encrypt', '--password-recipient', write('none', '\n'),
           message).expect(INPUT, 'empty')
    openssl('cms', '-decrypt', '-in', path('password.eml'), '-pwri_password',
            'correct horse', '-out', '/dev/null')


def test_garbage_as_key():
    message = encrypted(bob())
    for content in (b'\x30', b'\x30\x82\xff\xff', b'-----BEGIN CERTIFICATE-----\n',
                    b'-----BEGIN X-----\nAAAA\n-----END X-----\n',
                    read(bob().p12())[:500], b'\0' * 1000, BODY):
        result = sigill('open', '--key', write('garbage', content), message)
        assert result.status in (INPUT, KEY), (content[:20], result)
        assert result.out == b'' and result.err.count('\n') <= 2, result


def test_usage_of_standard_input_for_keys():
    sigill('open', '--key', '-', '--accept', 'none', encrypted(bob()),
           stdin=read(bob().key) + read(bob().pem)).expect(OK, 'Hello, Bob')
    sigill('open', '--key', '-').expect(USAGE)
    assert subprocess


run(globals())
