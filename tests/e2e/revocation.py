#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is revoked is said at once, to everybody who asks and by every way."""
import json
import os
import re
import subprocess

from e2e import NO, OK, USAGE, openssl, path, run, sigill


def new_home(name, *words):
    home = ['--home', path(name)]
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256', *words,
           *home).expect(OK)
    return home


def certs_of(home, address='alice@example.org'):
    return json.loads(sigill('cert', 'list', address, '--json', *home).out)[
        'certificates']


def pem_of(home, purpose='signing', address='alice@example.org'):
    """The certificate in use, written while there is one."""
    name = path(f'{address}-{purpose}.pem')
    sigill('cert', 'export', address, '--purpose', purpose, '-o', name,
           *home).expect(OK)
    return name


def crl_number(file):
    text = openssl('crl', '-inform', 'DER', '-in', file, '-noout', '-crlnumber')
    return int(re.search(rb'=0x([0-9A-Fa-f]+)', text)[1], 16)


def openssl_says(home, cert, *lists):
    """What `openssl verify` makes of a certificate with these CRLs (DER)."""
    folder = home[-1]
    words = ['openssl', 'verify', '-crl_check', '-CAfile',
             os.path.join(folder, 'ca/root.pem'), '-untrusted',
             os.path.join(folder, 'ca/issuing.pem')]
    for number, name in enumerate(lists):
        pem = path(f'list-{number}.pem')
        openssl('crl', '-inform', 'DER', '-in', name, '-out', pem)
        words += ['-CRLfile', pem]
    done = subprocess.run(words + [cert], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 0:
        return 'good'
    return 'revoked' if 'certificate revoked' in done.stdout else done.stdout


def test_a_revocation_is_in_the_list_at_once():
    home = new_home('simple')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    sigill('user', 'add', 'bob@example.org', *home).expect(OK)
    alice = pem_of(home)
    bob = pem_of(home, address='bob@example.org')
    crl = os.path.join(home[-1], 'ca/2-0.crl')
    before = crl_number(crl)
    assert openssl_says(home, alice, crl) == 'good'
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'keyCompromise',
           '--invalid-since', '2026-01-01', *home).expect(
               OK, 'alice@example.org: revoked')
    assert openssl_says(home, alice, crl) == 'revoked'
    assert openssl_says(home, bob, crl) == 'good'
    assert crl_number(crl) > before
    text = openssl('crl', '-inform', 'DER', '-in', crl, '-noout', '-text')
    assert text.count(b'Key Compromise') == 2, text
    assert b'Invalidity Date' in text and b'Jan  1 00:00:00 2026' in text, text
    for cert in certs_of(home):
        assert cert['status'] == 'revoked', cert
        assert cert['reason'] == 'keyCompromise', cert
        assert cert['invalid_since'] == '2026-01-01T00:00:00Z', cert
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'superseded',
           *home).expect(NO, 'no certificate left to revoke')


def test_one_of_two_by_purpose_and_by_number():
    home = new_home('one')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    sigill('cert', 'revoke', 'alice@example.org', '--purpose', 'signing',
           '--reason', 'superseded', *home).expect(OK, 'signing')
    states = {c['purpose']: c['status'] for c in certs_of(home)}
    assert states == {'signing': 'revoked', 'encryption': 'current'}, states
    serial = next(c['serial'] for c in certs_of(home)
                  if c['purpose'] == 'encryption')
    colons = ':'.join(re.findall('..', serial.lower()))
    told = json.loads(sigill('cert', 'revoke', colons, '--reason',
                             'affiliationChanged', '--json', *home).out)
    assert [c['serial'] for c in told['certificates']] == [serial], told
    assert told['certificates'][0]['reason'] == 'affiliationChanged', told


def test_a_hold_is_taken_back_and_nothing_else():
    home = new_home('hold')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    alice = pem_of(home)
    crl = os.path.join(home[-1], 'ca/2-0.crl')
    sigill('cert', 'release', 'alice@example.org', *home).expect(
        NO, 'no certificate is on hold')
    sigill('cert', 'revoke', 'alice@example.org', '--reason',
           'certificateHold', *home).expect(OK)
    assert openssl_says(home, alice, crl) == 'revoked'
    sigill('cert', 'release', 'alice@example.org', *home).expect(
        OK, 'valid again')
    assert openssl_says(home, alice, crl) == 'good'
    assert {c['status'] for c in certs_of(home)} == {'current'}
    # From a hold there is a way on, but from there no way back.
    for reason in 'certificateHold', 'keyCompromise':
        sigill('cert', 'revoke', 'alice@example.org', '--reason', reason,
               *home).expect(OK)
    assert {c['reason'] for c in certs_of(home)} == {'keyCompromise'}
    serial = certs_of(home)[0]['serial']
    sigill('cert', 'release', serial, *home).expect(USAGE, 'not on hold')
    sigill('cert', 'revoke', serial, '--reason', 'certificateHold',
           *home).expect(USAGE, 'keyCompromise -> certificateHold')


def test_mistakes_are_told():
    home = new_home('mistakes')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    words = ('cert', 'revoke', 'alice@example.org')
    sigill(*words, *home).expect(USAGE, 'keyCompromise, affiliationChanged')
    sigill(*words, '--reason', 'lost', *home).expect(USAGE, 'is no reason')
    sigill(*words, '--reason', 'cACompromise', *home).expect(
        USAGE, 'for authorities alone')
    sigill(*words, '--reason', 'removeFromCRL', *home).expect(
        USAGE, 'cert release')
    sigill(*words, '--reason', 'superseded', '--invalid-since', 'soon',
           *home).expect(USAGE, 'no time')
    sigill(*words, '--reason', 'superseded', '--invalid-since', '2999-01-01',
           *home).expect(USAGE, 'a time to come')
    sigill('cert', 'revoke', 'nobody@example.org', '--reason', 'superseded',
           *home).expect(NO, 'nobody')
    sigill('cert', 'revoke', '4F4F', '--reason', 'superseded', *home).expect(
        NO, 'serial number')
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'lost', *home,
           env={'LANGUAGE': 'sv'}).expect(USAGE, 'är inget skäl')
    assert {c['status'] for c in certs_of(home)} == {'current'}


def test_lists_are_made_on_demand_and_numbers_rise():
    home = new_home('demand')
    seen = []
    for _ in range(3):
        lists = json.loads(sigill('ca', 'crl', '--json', *home).out)['crls']
        assert {c['file'] for c in lists} == {'1-0.crl', '2-0.crl'}, lists
        for made in lists:
            file = os.path.join(home[-1], 'ca', made['file'])
            assert crl_number(file) == made['number'], made
        seen.append([c['number'] for c in lists])
    assert seen == sorted(seen) and seen[0] < seen[1] < seen[2], seen
    sigill('ca', 'crl', '--shards', '2', *home).expect(USAGE, 'public URL')
    sigill('ca', 'crl', '--shards', 'x', *home).expect(USAGE, 'no number')


run(globals())
