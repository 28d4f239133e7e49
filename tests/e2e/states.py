#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every state a message can be in, and the exit status of each command: as
the table in sigill(1) has it, row by row."""
import re

from e2e import (BODY, SOURCE, changed, encrypted, openssl, os, party, path,
                 read, run, sigill, signed, write)

COMMANDS = ('verify', 'open', 'decrypt')


def bob():
    return party('bob', kind='rsa')


def state_of(who, *options, **more):
    """(file, options) of a message signed by `who`."""
    return signed(who, *options, **more), []


def with_crl():
    lost = party('revoked', address='alice@example.org')
    lost.revoke()
    return signed(lost), ['--crl', party('ca').crl()]


def weak():
    return signed(party('alice'), '-md', 'sha1', name='weak'), []


def tampered():
    return changed(signed(party('alice')), b'Hello, Bob', b'Hello, Rob'), []


def unsupported():
    return signed(party('alice-rsa', kind='rsa', address='alice@example.org'),
                  '-md', 'md5', name='md5'), []


def chain_error():
    party('not-a-ca', usage='keyCertSign, digitalSignature')
    child = party('child', issuer='not-a-ca', address='alice@example.org')
    return signed(child, certs=[party('not-a-ca')]), []


def required():
    return signed(party('alice')), ['--require-revocation']


SIGNED = {
    'valid-trusted': lambda: state_of(party('alice')),
    'valid-address-mismatch': lambda: state_of(party('carol')),
    'valid-untrusted': lambda: state_of(
        party('mallory', issuer='stranger', address='alice@example.org')),
    'valid-revocation-unknown': required,
    'weak': weak,
    'revoked': with_crl,
    'expired': lambda: state_of(
        party('expired', address='alice@example.org',
              start='20100101000000Z', end='20110101000000Z')),
    'not-yet-valid': lambda: state_of(
        party('early', address='alice@example.org',
              start='20480101000000Z', end='20490101000000Z')),
    'wrong-usage': lambda: state_of(
        party('server', address='alice@example.org', purpose='serverAuth')),
    'chain-error': chain_error,
    'tampered': tampered,
    'unsupported': unsupported,
    'no-certificate': lambda: state_of(
        party('alice'), '-nocerts', name='nocerts'),
}


def entity_of(file):
    """A message as the MIME entity that encryption takes."""
    lines = read(file).splitlines(True)
    start = next(i for i, line in enumerate(lines)
                 if line.lower().startswith(b'mime-version'))
    return b''.join(lines[start:]).replace(b'\r\n', b'\n').replace(b'\n',
                                                                 b'\r\n')


def around(file, name):
    """That message inside an encryption to Bob."""
    return encrypted(bob(), body=entity_of(file), name=name)


def encrypted_then_signed(tamper=False):
    inner = entity_of(encrypted(bob(), name='inner'))
    file = signed(party('alice'), body=inner, name='outside')
    if tamper:
        file = changed(file, b'filename="smime.p7m"', b'filename="SMIME.p7m"',
                       'outside-changed.eml')
    return file, []


def broken_tag():
    file = encrypted(bob(), '-aes-256-gcm', '-outform', 'DER', headers=False,
                     name='gcm')
    content = bytearray(read(file))
    content[-3] ^= 1
    return write('gcm-changed.p7m', bytes(content)), []


def cut_short():
    content = read(signed(party('alice')))
    return write('cut.eml', content[:len(content) // 2]), []


def no_key_fits():
    return encrypted(party('carol'), name='to-carol'), []


OTHER = {
    'neither signed nor encrypted':
        lambda: (write('plain.eml', b'From: alice@example.org\r\n\r\nHello\r\n'), []),
    'encrypted': lambda: (encrypted(bob()), []),
    'encrypted, signed inside': lambda: (
        around(signed(party('alice')), 'inside'), []),
    'encrypted, changed inside': lambda: (
        around(tampered()[0], 'inside-changed'), []),
    'encrypted, signed outside': encrypted_then_signed,
    'encrypted, changed outside': lambda: encrypted_then_signed(True),
    'encrypted, no key fits': no_key_fits,
    'encrypted, tag wrong': broken_tag,
    'malformed or cut short': cut_short,
    'empty': lambda: (write('empty.eml', b''), []),
    'not a message': lambda: (write('noise.eml', bytes(range(128, 256))), []),
}


def table():
    """{row: {command: status}} of the manual."""
    with open(os.path.join(SOURCE, 'docs/man/sigill.1.scd'),
              encoding='utf-8') as page:
        text = page.read()
    rows = re.findall(r'^\|  (\S.*)\n:  (\d)\n:  (\d)\n:  (\d)$', text, re.M)
    return {row: dict(zip(COMMANDS, map(int, statuses)))
            for row, *statuses in rows}


def command(name, file, options):
    words = [name]
    if name != 'decrypt':
        words += ['--trust', party('ca').pem, *options]
    if name != 'verify':
        words += bob().id()
    return sigill(*words, file)


def check_row(row, file, options):
    for name in COMMANDS:
        result = command(name, file, options).expect(table()[row][name])
        if name != 'verify' and result.status != 0:
            assert result.out == b'', f'content came out:\n{result}'


def test_the_manual_has_every_row():
    assert set(table()) == set(SIGNED) | set(OTHER), \
        set(table()) ^ (set(SIGNED) | set(OTHER))


def test_signature_states():
    for state, make in SIGNED.items():
        file, options = make()
        result = sigill('verify', '--json', '--trust', party('ca').pem,
                        *options, file)
        assert f'"state": "{state}"'.encode() in result.out, \
            f'{state}:\n{result}'
        check_row(state, file, options)


def test_other_states():
    for row, make in OTHER.items():
        check_row(row, *make())


def test_accepting_one_state_accepts_no_other():
    """What hides behind the worst fact must be accepted too."""
    carol = signed(party('carol'))
    words = ['verify', '--trust', party('ca').pem, '--require-revocation',
             '-o', path('accepted-half')]
    unknown = ['--accept', 'valid-revocation-unknown']
    mismatch = ['--accept', 'valid-address-mismatch']
    result = sigill(*words, *unknown, carol).expect(1)
    assert '--accept valid-address-mismatch lets' in result.err, result.err
    assert not os.path.exists(path('accepted-half'))
    sigill(*words, *mismatch, carol).expect(1)
    sigill(*words, *mismatch, *unknown, carol).expect(0)
    sigill(*words, *unknown, weak()[0]).expect(1)


def test_accepted_states_pass():
    for state, make in SIGNED.items():
        file, options = make()
        sigill('verify', '--trust', party('ca').pem, '--accept', state,
               *options, file).expect(0)
        out = path('accepted')
        sigill('verify', '--trust', party('ca').pem, '--accept', 'none',
               '--accept', state, '-o', out, *options, file).expect(0)
        assert b'Hello' in read('accepted')
        os.unlink(out)


def test_released_though_unverified():
    file, options = tampered()
    words = ['verify', '--trust', party('ca').pem, '-o', path('released')]
    sigill(*words, file).expect(1, 'was not written')
    assert not os.path.exists(path('released'))
    sigill(*words, '--release-unverified', file).expect(1)
    assert read('released') == BODY.replace(b'Bob', b'Rob')
    sigill('open', '--trust', party('ca').pem, '--release-unverified',
           file).expect(1, 'Hello, Rob')
    file, options = encrypted_then_signed(True)
    sigill('decrypt', *bob().id(), '--release-unverified', file).expect(1)


def test_time_changes_the_verdict():
    file, _ = SIGNED['expired']()
    trust = ['--trust', party('ca').pem]
    sigill('verify', *trust, file).expect(1, '--at')
    for at in ('2010-06-01', '2010-06-01T12:00:00Z', '@1275393600'):
        result = sigill('verify', *trust, '--at', at, file)
        # The root begins in 2020: it is not valid in 2010 either.
        result.expect(1)
    sigill('verify', *trust, '--at', '2026-01-01',
           signed(party('alice'))).expect(0)


def test_from_overrides():
    file, _ = SIGNED['valid-address-mismatch']()
    trust = ['--trust', party('ca').pem]
    sigill('verify', *trust, file).expect(1, 'alice@example.org')
    sigill('verify', *trust, '--from', 'carol@example.org', file).expect(0)


def test_chain_through_an_intermediate():
    middle = party('middle', is_ca=True)
    leaf = party('leaf', issuer='middle', address='alice@example.org')
    trust = ['--trust', party('ca').pem]
    file = signed(leaf)
    sigill('verify', *trust, file).expect(1)
    sigill('verify', *trust, '--intermediate', middle.pem, file).expect(0)
    sigill('verify', *trust, signed(leaf, certs=[middle])).expect(0)


def test_revocation_lists():
    trust = ['--trust', party('ca').pem]
    file = signed(party('alice'))
    crl = party('ca').crl()
    sigill('verify', *trust, file).expect(0, 'not checked')
    result = sigill('verify', *trust, '--crl', crl, file).expect(0)
    assert b'not checked' not in result.out, result
    sigill('verify', *trust, '--crl', crl, '--require-revocation',
           file).expect(0)
    # A list that ran out says nothing.
    sigill('verify', *trust, '--crl', crl, '--require-revocation', '--at',
           '2040-01-01', file).expect(1)
    sigill('verify', *trust, '--crl', party('ca').pem, file).expect(4)


def test_wrong_micalg_is_the_same_verdict():
    file = changed(signed(party('alice'), '-md', 'sha512', name='sha512'),
                   b'micalg="sha-512"', b'micalg="sha-256"')
    words = ['verify', '--trust', party('ca').pem]
    sigill(*words, file).expect(0)
    sigill(*words, stdin=read(file)).expect(0)
    out = path('again')
    sigill(*words, '-o', out, stdin=read(file)).expect(0)
    assert read('again') == BODY


def test_bare_and_opaque_forms():
    alice, trust = party('alice'), ['--trust', party('ca').pem]
    for form in ('DER', 'PEM', 'SMIME'):
        file = signed(alice, '-nodetach', '-outform', form, name='o' + form,
                      headers=form == 'SMIME')
        sigill('verify', *trust, '-o', path('content'), file).expect(0)
        assert read('content') == BODY
    openssl('version')


run(globals())
