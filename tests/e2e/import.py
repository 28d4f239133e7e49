#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Certificates and keys that come from elsewhere: taken into a home, used
there, and refused in plain words where they do not fit."""
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import time

from e2e import (BODY, BUILD, ENV, INPUT, KEY, NO, OK, PASSWORD, USAGE,
                 encrypted, make_key, openssl, party, path, read, run, sigill,
                 write)

HOME = ['--home', path('organisation')]
ALICE = 'alice@example.org'


def org(*words, **options):
    if words[0] in ('sign', 'open', 'verify'):      # the message comes last
        return sigill(words[0], *HOME, *words[1:], **options)
    return sigill(*words, *HOME, **options)


def answer(*words, status=OK):
    return json.loads(org(*words, '--json').expect(status).out)


def password():
    return ['--password-file', write('word', PASSWORD + '\n')]


def home():
    """An organisation, made once, with some people."""
    if os.path.exists(HOME[1]):
        return
    org('init', '--domain', 'example.org', '--algorithm', 'p256').expect(OK)
    for name in 'alice', 'bob', 'carol', 'dave', 'erin':
        org('user', 'add', name + '@example.org').expect(OK)


def outside(name, **options):
    """Somebody with a certificate of a public authority's intermediate."""
    party('inter', is_ca=True)
    return party(name, 'inter', **options)


def above(*more):
    """The certificates above, in one file."""
    home()
    outside('alice')
    return write('above.pem', b''.join(read(party(n).pem)
                                       for n in ('inter', 'ca') + more))


def whole(who, *more):
    """A PKCS#12 of a person, with all that is above."""
    return who.p12(PASSWORD, '-certfile', above(), *more)


def imported(address, *files, status=OK, more=()):
    return answer('cert', 'import', address, *files, *password(), *more,
                  status=status)


def results(said):
    return [(c['purpose'], c['result']) for c in said['certificates']]


def serials(address, purpose):
    certs = answer('cert', 'list', address)['certificates']
    return [c['serial'] for c in certs if c['purpose'] == purpose]


# ------------------------------------------------------------- good ones ---

@functools.lru_cache(None)
def alice_signs():
    """Alice signs by another authority; a message of hers."""
    home()
    alice = outside('alice', usage='digitalSignature')
    said = imported(ALICE, whole(alice))
    assert results(said) == [('signing', 'taken')], said
    new, own = serials(ALICE, 'signing')
    assert said['signs_with'] == own and said['encrypted_to'], said
    org('cert', 'use', ALICE, new).expect(OK, f'signing: {new} is used')
    assert imported(ALICE, whole(alice))['signs_with'] == new
    mail = path('signed.eml')
    org('sign', '--key', ALICE, '-o', mail, write('plain', BODY)).expect(OK)
    openssl('cms', '-verify', '-in', mail, '-CAfile', party('ca').pem,
            '-purpose', 'smimesign', '-out', 'content')
    org('verify', mail).expect(NO)
    org('verify', '--trust', party('ca').pem, mail).expect(OK)
    told = answer('cert', 'use', ALICE, 'newest')
    assert told['used'][0] == {'purpose': 'signing', 'uses': 'newest'}, told
    org('cert', 'use', ALICE, new, '--purpose', 'signing').expect(OK)
    return mail


@functools.lru_cache(None)
def dave_reads_old_mail():
    home()
    old = party('dave-old', 'inter', kind='rsa', address='dave@example.org',
                start='20190101000000Z', end='20200101000000Z')
    mail = encrypted(old)
    org('open', '--key', 'dave@example.org', mail).expect(KEY)
    said = imported('dave@example.org', old.p12())    # nothing above it
    assert results(said) == [('signing', 'needless'),
                             ('encryption', 'history')], said
    org('open', '--key', 'dave@example.org', '--accept', 'none', mail).expect(
        OK, 'Hello, Bob')
    used = said['encrypted_to']
    assert used and used not in [c['serial'] for c in said['certificates']]
    again = imported('dave@example.org', old.p12())
    assert results(again)[1] == ('encryption', 'known'), again


def test_it_signs_beside_our_own_encryption():
    alice_signs()


def test_renewal_leaves_it_in_use():
    alice_signs()
    before = serials(ALICE, 'signing')
    org('cert', 'renew', ALICE).expect(OK)
    certs = answer('cert', 'list', ALICE)['certificates']
    assert [c['status'] for c in certs if c['serial'] == before[0]] == [
        'current'], certs


def test_the_organisation_believes_its_root():
    mail = alice_signs()
    listed = answer('trust', 'list')['certificates']
    assert [c['whose'] for c in listed] == ['own', 'own'], listed
    org('trust', 'add', party('inter').pem).expect(OK, 'its root')
    org('verify', mail).expect(NO)
    org('trust', 'add', party('ca').pem).expect(OK, 'is believed now')
    org('trust', 'add', party('ca').pem).expect(OK, 'is believed already')
    org('verify', mail).expect(OK)
    org('trust', 'list').expect(OK, 'root', 'intermediate', 'CN=Ca Example')
    added = [c for c in answer('trust', 'list')['certificates']
             if c['whose'] == 'added']
    root, = [c['sha256'] for c in added if c['root']]
    assert len(added) == 2, added
    org('trust', 'remove', root[:16]).expect(OK, 'no longer believed')
    org('verify', mail).expect(NO)
    org('trust', 'remove', root).expect(NO, 'trust list')
    org('trust', 'remove', '00').expect(NO, 'trust list')


def test_believing_what_is_no_authority():
    home()
    old = party('old', is_ca=True, end='20210101000000Z')
    for said, status, file in [
            ('is no certificate of an authority', USAGE, outside('bob').pem),
            ('has expired', USAGE, old.pem),
            ('no-such-file', 5, 'no-such-file'),
            ('no certificate is in it', INPUT, write('k.pem',
                                                     read(outside('bob').key))),
            ('', INPUT, write('nonsense', 'nonsense'))]:
        org('trust', 'add', file).expect(status, said)
    assert len(answer('trust', 'list')['certificates']) >= 2


def test_one_for_both_purposes():
    both = outside('bob', kind='rsa')
    said = imported('bob@example.org', whole(both))
    assert results(said) == [('signing', 'taken'), ('encryption', 'taken')]
    both_files = imported('carol@example.org', party(
        'carol', 'inter', kind='rsa').key, party('carol', 'inter').pem,
        above(), more=['--purpose', 'encryption'])
    assert results(both_files) == [('encryption', 'taken')], both_files


def test_an_old_one_opens_old_mail():
    dave_reads_old_mail()


def test_a_revoked_one_opens_old_mail_only():
    home()
    gone = outside('erin-gone', kind='rsa', address='erin@example.org',
                   usage='keyEncipherment')
    gone.revoke()
    said = imported('erin@example.org', whole(gone), party('inter').crl())
    assert results(said) == [('encryption', 'history')], said
    assert said['certificates'][0]['why'] == 'it has been revoked', said


def test_a_rehearsal_changes_nothing():
    home()
    before = answer('cert', 'list', 'erin@example.org')
    who = outside('erin-new', kind='rsa', address='erin@example.org')
    said = imported('erin@example.org', whole(who), more=['--dry-run'])
    assert ('encryption', 'taken') in results(said), said
    assert answer('cert', 'list', 'erin@example.org') == before


# ------------------------------------------------------------ wrong ones ---

def refused(said, address, *files):
    told = org('cert', 'import', address, *files, *password())
    told.expect(NO, said, 'refused')
    assert results(imported(address, *files, status=NO))[0][1] == 'refused'


def test_what_does_not_fit_is_told():
    home()
    bob, eve = outside('bob', kind='rsa'), outside('eve')
    weak = outside('weak', kind='rsa1024', address='erin@example.org',
                   usage='digitalSignature')
    web = outside('web', address='erin@example.org', purpose='serverAuth')
    refused('it is for another address', 'erin@example.org', whole(eve))
    refused('neither in the files nor here', 'erin@example.org',
            outside('erin', kind='rsa').pem, above())
    refused('neither to sign mail nor to encrypt', 'erin@example.org',
            whole(web))
    refused('a certificate above it is missing', 'erin@example.org',
            outside('erin').p12())
    refused('CN=Ca Example', 'erin@example.org', outside('erin').p12(
        PASSWORD, '-certfile', party('inter').pem, name='short'))
    told = imported('erin@example.org', whole(weak))
    assert results(told) == [('signing', 'needless')], told
    # One key is one person's.
    imported('bob@example.org', whole(bob))
    shared = party('shared', 'inter', key='bob', address='erin@example.org')
    refused("somebody else's", 'erin@example.org', shared.pem, above())


def test_nonsense_is_told():
    home()
    good = whole(outside('erin', kind='rsa'))
    cut = write('cut.p12', read(good)[:-40])
    for status, said, words in [
            (NO, 'nobody has this address', ['nobody@example.org', good]),
            (INPUT, 'cut.p12', ['erin@example.org', cut]),
            (INPUT, 'empty.p12', ['erin@example.org',
                                  write('empty.p12', b'')]),
            (5, 'none.p12', ['erin@example.org', path('none.p12')]),
            (INPUT, 'no certificate of a person',
             ['erin@example.org', above()])]:
        org('cert', 'import', *words, *password()).expect(status, said)
    wrong = ['--password-file', write('wrong', 'not this\n')]
    org('cert', 'import', 'erin@example.org', good, *wrong).expect(
        KEY, os.path.basename(good))
    org('cert', 'import', 'erin@example.org', good).expect(KEY)
    org('cert', 'import', 'erin@example.org').expect(USAGE, 'FILE')
    org('cert', 'use', 'erin@example.org', 'oldest').expect(USAGE, 'newest')
    org('cert', 'use', 'erin@example.org', '00ff').expect(NO, 'cert list')


def test_an_old_one_is_not_used():
    dave_reads_old_mail()
    certs = answer('cert', 'list', 'dave@example.org')['certificates']
    old = [c['serial'] for c in certs if c['status'] == 'expired']
    org('cert', 'use', 'dave@example.org', old[0]).expect(
        USAGE, 'is not in force')


# ------------------------------------------------------------- requests ---

def request(name, kind='p256', usage=None, subject='/CN=Somebody Else'):
    """A PKCS#10 request of a device, which keeps the key."""
    make_key(name, kind)
    more = ['-addext', 'keyUsage = ' + usage] if usage else []
    openssl('req', '-new', '-key', name + '.key', '-subj', subject, '-addext',
            'subjectAltName = email:eve@example.net', '-out', name + '.csr',
            *more)
    return path(name + '.csr')


def test_a_device_gets_a_certificate_for_its_key():
    home()
    csr = request('device', usage='digitalSignature')
    out = path('device.pem')
    told = answer('cert', 'issue', 'carol@example.org', '--csr', csr, '-o', out)
    assert told == {'file': out, 'format': 'pem'}, told
    text = openssl('x509', '-in', out, '-noout', '-subject', '-email',
                   '-pubkey').decode()
    assert 'Carol' in text or 'carol' in text, text
    assert 'carol@example.org' in text and 'eve' not in text, text
    public = openssl('pkey', '-in', 'device.key', '-pubout').decode()
    assert public in text, text
    assert serials('carol@example.org', 'signing')
    # Whoever has the key can sign; we cannot.
    sigill('sign', '--key', path('device.key'), '--key', out, '-o',
           path('by-device.eml'), write('plain', BODY)).expect(OK)
    org('verify', path('by-device.eml')).expect(OK)
    org('sign', '--key', 'carol@example.org', '-o', path('never.eml'),
        write('plain', BODY)).expect(KEY)
    org('cert', 'export', 'carol@example.org', '--pkcs12', '--purpose',
        'signing', *password(), '-o', path('never.p12')).expect(
            NO, 'the private key is not')


def test_requests_in_every_form():
    home()
    csr = request('forms')
    openssl('req', '-in', csr, '-outform', 'DER', '-out', 'forms.der')
    old = write('forms.old', read(csr).replace(
        b'CERTIFICATE REQUEST', b'NEW CERTIFICATE REQUEST'))
    bare = write('forms.b64', b''.join(
        line for line in read(csr).splitlines(True) if b'-----' not in line))
    for file in csr, path('forms.der'), old, bare:
        got = org('cert', 'issue', 'carol@example.org', '--csr', file,
                  '--purpose', 'encryption').expect(OK).out
        assert got.count(b'BEGIN CERTIFICATE') == 2, got


def test_requests_that_are_refused():
    home()
    der = bytearray(read('forms.der'))
    der[-3] ^= 1
    forged = write('forged.der', bytes(der))
    for said, status, words in [
            ('--purpose signing', USAGE, ['--csr', path('forms.csr')]),
            ('not signed with its own key', KEY,
             ['--csr', forged, '--purpose', 'signing']),
            ('too weak', USAGE, ['--csr', request('short', 'rsa1024'),
                                 '--purpose', 'signing']),
            ('not of a kind', USAGE, ['--csr', request('ed', 'ed25519'),
                                      '--purpose', 'encryption']),
            ('whom this key belongs to', USAGE,
             ['--csr', path('device.csr'), '--purpose', 'signing']),
            ('no certification request', INPUT,
             ['--csr', party('ca').pem]),
            ('is empty', INPUT, ['--csr', write('empty', '')]),
            ('no-such', 5, ['--csr', 'no-such']),
            ('--csr FILE is missing', USAGE, [])]:
        org('cert', 'issue', 'erin@example.org', *words).expect(status, said)
    for cut in range(0, len(der), 37):
        org('cert', 'issue', 'erin@example.org', '--csr',
            write('cut.der', bytes(der[:cut]) or b'x'), '--purpose',
            'signing').expect(INPUT)


# ---------------------------------------------------------- the service ---

def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def service():
    """sigilld for the organisation."""
    home()
    program = os.path.join(os.path.abspath(BUILD), 'sigilld')
    write(os.path.join(HOME[1], 'sigilld.conf'),
          f'http = 127.0.0.1:{free_port()}\n')
    log = os.path.join(HOME[1], 'service.log')
    with open(log, 'wb') as file:
        process = subprocess.Popen(
            [program, *HOME], env=ENV, cwd='/', stdin=subprocess.DEVNULL,
            stdout=file, stderr=file)
    while b'"ready"' not in read(log):
        assert process.poll() is None, read(log)
        time.sleep(0.02)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0, read(log)


def test_the_service_does_it_too():
    who = outside('erin-far', kind='rsa', address='erin@example.org')
    with service():
        said = imported('erin@example.org', whole(who))
        assert ('encryption', 'taken') in results(said), said
        org('cert', 'use', 'erin@example.org', 'newest').expect(OK)
        assert results(imported('erin@example.org', whole(who)))[0] == (
            'signing', 'known')
        org('trust', 'add', party('stranger').pem).expect(OK)
    org('open', '--key', 'erin@example.org', '--accept', 'none',
        encrypted(who)).expect(OK, 'Hello, Bob')


run(globals())
