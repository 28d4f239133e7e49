#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What certificates look like is the organisation's to decide: one for both
purposes (dual use), through a whole life, with openssl at the other end."""
import json
import os
import subprocess

from e2e import (BODY, ENV, KEY, NO, OK, PASSWORD, USAGE, leaks, openssl,
                 party, path, read, run, sigill, write)

ALICE, BOB = 'alice@example.org', 'bob@example.org'


class Home:
    def __init__(self, name, algorithm='p256', *more):
        self.at = path(name)
        self.words = ['--home', self.at]
        if not os.path.exists(self.at):
            sigill('init', '--domain', 'example.org', '--algorithm', algorithm,
                   *more, *self.words).expect(OK)

    def do(self, *words, status=OK):
        if words[0] in ('sign', 'open', 'verify', 'encrypt'):
            return sigill(words[0], *self.words, *words[1:]).expect(status)
        return sigill(*words, *self.words).expect(status)

    def answer(self, *words, status=OK):
        return json.loads(self.do(*words, '--json', status=status).out)

    def certs(self, address=ALICE):
        return self.answer('cert', 'list', address)['certificates']

    def serials(self, address=ALICE, status='current'):
        """By purpose, of the one that has this status."""
        return {c['purpose']: c['serial'] for c in self.certs(address)
                if c['status'] == status}

    def pem(self, address=ALICE, purpose='signing'):
        out = path('given.pem')
        self.do('cert', 'export', address, '--purpose', purpose, '-o', out)
        return out

    def keys(self, address=ALICE):
        """Hands the keys out; all of the PKCS#12, as PEM."""
        file, word = path('given.p12'), write('word', PASSWORD + '\n')
        if os.path.exists(file):
            os.unlink(file)
        self.do('cert', 'export', address, '--pkcs12', '--password-file', word,
                '-o', file)
        text = openssl('pkcs12', '-in', file, '-passin', 'pass:' + PASSWORD,
                       '-nodes')
        leaks.hide_key(text)
        return text

    def listed(self):
        """The serial numbers of the issuing authority's CRL."""
        file = os.path.join(self.at, 'ca', '2-0.crl')
        self.do('ca', 'crl')
        text = openssl('crl', '-inform', 'DER', '-in', file, '-noout', '-text')
        return [line.split(':')[1].strip().lower()
                for line in text.decode().splitlines()
                if 'Serial Number:' in line]

    def mail_to(self, address):
        """Encrypted by openssl to what the directory would show."""
        out = path('to.eml')
        openssl('cms', '-encrypt', '-binary', '-aes256', '-in',
                write('body', BODY), '-out', out, self.pem(address,
                                                           'encryption'))
        return read(out)

    def opens(self, address, mail, status=OK):
        words = [] if status else ['Hello, Bob']
        self.do('open', '--key', address, '--accept', 'none',
                write('to.eml', mail), status=status).expect(status, *words)


def usage(pem):
    return openssl('x509', '-in', pem, '-noout', '-ext',
                   'keyUsage,extendedKeyUsage').decode()


def test_one_certificate_signs_and_opens():
    for kind, named in (('p256', 'Digital Signature, Key Agreement'),
                        ('rsa-2048', 'Digital Signature, Key Encipherment')):
        home = Home('dual-' + kind, kind)
        told = home.answer('user', 'add', ALICE, '--profile', 'dual',
                           '--custody', 'server')
        assert len(told['certificates']) == 1 and told['profile'] == 'dual'
        serials = home.serials()
        assert serials['signing'] == serials['encryption'], serials
        signing = read(home.pem(purpose='signing'))
        assert signing == read(home.pem(purpose='encryption'))
        text = usage(home.pem())
        assert named in text and 'E-mail Protection' in text, text
        sigill('cert', 'lint', '--private', home.pem()).expect(OK)
        shown = home.do('cert', 'show', ALICE).out.decode()
        assert shown.count('signing') == 1, shown
        # What it signs openssl believes, and what openssl encrypts it opens.
        home.do('trust', 'export', '-o', path('root.pem'))
        home.do('sign', '--key', ALICE, '-o', path('signed.eml'),
                write('plain', BODY))
        openssl('cms', '-verify', '-in', path('signed.eml'), '-CAfile',
                path('root.pem'), '-purpose', 'smimesign', '-out',
                path('content'))
        home.opens(ALICE, home.mail_to(ALICE))
        assert home.answer('status')['certificates']['current'] == 1


def kind_of(home, address=ALICE, purpose='signing'):
    return openssl('x509', '-noout', '-text', '-in', home.pem(
        address, purpose)).decode().split('Public Key Algorithm: ')[1].split(
            '\n')[0]


def test_another_kind_of_key():
    home = Home('other-kind', 'rsa-2048')
    home.do('user', 'add', ALICE, '--custody', 'server')
    home.do('user', 'add', BOB, '--algorithm', 'rsa-2048')
    assert kind_of(home) == 'rsaEncryption'
    assert home.answer('profile', 'show')['algorithm'] == 'rsa-2048'
    mail = home.mail_to(ALICE)
    home.do('profile', 'set', '--algorithm', 'p255', status=USAGE).expect(
        USAGE, 'not a kind of key', 'p256')
    told = home.do('profile', 'set', '--algorithm', 'p256').out.decode()
    assert 'New keys: p256' in told, told
    assert home.answer('status')['algorithm'] == 'p256'
    # What there is stays; what is renewed is of the new kind, and old mail
    # opens. Who has a kind of their own keeps that.
    assert kind_of(home) == 'rsaEncryption'
    home.opens(ALICE, mail)
    home.do('cert', 'renew', '--all')
    assert kind_of(home) == kind_of(home, purpose='encryption') == \
        'id-ecPublicKey'
    assert kind_of(home, BOB) == 'rsaEncryption'
    home.opens(ALICE, mail)
    home.opens(ALICE, home.mail_to(ALICE))
    home.do('ca', 'replace-issuing')
    home.do('user', 'add', 'carol@example.org')
    assert kind_of(home, 'carol@example.org') == 'id-ecPublicKey'
    (said,) = [r for r in home.answer('audit', 'list')['records']
               if r['action'] == 'profile.set']
    assert 'algorithm rsa-2048' in said['before'], said
    assert 'algorithm p256' in said['after'], said
    home.do('audit', 'verify')


def test_our_own_are_judged_as_private():
    home, other = Home('lint-ours'), Home('lint-other')
    home.do('user', 'add', ALICE)
    root, issuing = (os.path.join(home.at, 'ca', f'{n}.cer') for n in (1, 2))
    for file in home.pem(), root, issuing:
        home.do('cert', 'lint', file).expect(OK, 'keeps the rules')
    home.do('cert', 'lint', home.pem()).expect(OK, 'judged as with --private')
    (said,) = home.answer('cert', 'lint', home.pem())['certificates']
    assert said['private'] is True, said
    # To others it says nothing of itself.
    told = other.do('cert', 'lint', home.pem(), status=NO)
    told.expect(NO, 'br-policy-one', 'add --private')
    other.do('cert', 'lint', '--private', home.pem())


def test_renewal_takes_the_place_of_both_and_old_mail_opens():
    home = Home('renewed')
    home.do('user', 'add', ALICE, '--custody', 'server', '--profile', 'dual')
    old, mail = home.serials(), home.mail_to(ALICE)
    home.do('cert', 'renew', ALICE)
    new = home.serials()
    assert set(home.serials(status='superseded').values()) == \
        set(old.values()), home.certs()
    assert new['signing'] == new['encryption'] != old['signing'], new
    home.opens(ALICE, mail)
    home.opens(ALICE, home.mail_to(ALICE))
    home.do('cert', 'renew', '--all')
    assert home.serials()['signing'] == home.serials()['encryption']
    assert len(home.certs()) == 6, home.certs()
    # To two and back: the next renewal gives what is said now.
    home.do('user', 'set', ALICE, '--profile', 'separate')
    home.do('cert', 'renew', ALICE)
    apart = home.serials()
    assert apart['signing'] != apart['encryption'], apart
    home.do('user', 'set', ALICE, '--profile', 'dual')
    home.do('cert', 'renew', '--all')
    assert home.serials()['signing'] == home.serials()['encryption']
    home.opens(ALICE, mail)
    home.do('user', 'set', ALICE, '--profile', 'both',
            status=USAGE).expect(USAGE, '--profile is separate')


def test_it_is_revoked_as_a_whole_and_listed_once():
    home = Home('revoked')
    home.do('user', 'add', ALICE, '--profile', 'dual')
    serial = home.serials()['signing']
    for purpose in 'signing', 'encryption':
        home.do('cert', 'revoke', ALICE, '--purpose', purpose, '--reason',
                'certificateHold')
        assert {c['status'] for c in home.certs()} == {'revoked'}
        assert home.listed() == [serial.lower()], home.listed()
        home.do('cert', 'release', ALICE)
        assert {c['status'] for c in home.certs()} == {'current'}
        assert home.listed() == []
    home.do('user', 'suspend', ALICE)
    assert home.listed() == [serial.lower()]
    home.do('user', 'resume', ALICE)
    assert home.listed() == []
    told = home.answer('cert', 'revoke', ALICE, '--reason', 'superseded')
    assert len(told['certificates']) == 1, told
    assert home.listed() == [serial.lower()]
    home.do('cert', 'renew', ALICE)
    home.do('user', 'leave', ALICE)
    assert len(home.listed()) == 2, home.listed()
    audit = home.do('audit', 'list').out.decode()
    assert audit.count('cert.revoke') == 5, audit
    home.do('audit', 'verify')


def test_a_key_that_signs_is_not_kept():
    home = Home('custody')
    said = home.do('user', 'add', ALICE, '--profile', 'dual')
    said.expect(OK, 'nor can it be')
    mail = home.mail_to(ALICE)
    home.opens(ALICE, mail)         # not handed out yet
    home.keys()
    home.opens(ALICE, mail, status=KEY)
    home.do('cert', 'export', ALICE, '--pkcs12', '--password-file',
            path('word'), '-o', path('again.p12'), status=NO).expect(
                NO, 'not kept here')
    # Unless the organisation accepts just that, in so many words.
    home.do('profile', 'set', '--dual-keys', 'kept', status=USAGE).expect(
        USAGE, 'can sign')
    home.do('profile', 'set', '--dual-keys', 'kept', '--acknowledge-signing')
    home.do('user', 'add', BOB, '--profile', 'dual')
    mail = home.mail_to(BOB)
    home.keys(BOB)
    home.opens(BOB, mail)
    home.do('audit', 'list').expect(OK, 'profile.set', 'dual keys kept')


def test_everybody_by_default():
    home = Home('everybody')
    home.do('user', 'add', ALICE)
    home.do('profile', 'set', status=USAGE)
    home.do('profile', 'set', '--people', 'some', status=USAGE)
    told = home.answer('profile', 'set', '--people', 'dual')
    assert (told['people'], told['dual_keys']) == ('dual', 'wiped'), told
    assert len(told['profiles']) == 8, told
    home.do('profile', 'show').expect(OK, 'one certificate', 'keyAgreement')
    home.do('user', 'add', BOB)
    assert len(set(home.serials(BOB).values())) == 1
    assert len(set(home.serials(ALICE).values())) == 2
    home.do('cert', 'renew', '--all')
    assert len(set(home.serials(ALICE).values())) == 1
    write('people.csv', 'address,purpose\ncarol@example.org,dual\n'
          'dave@example.org,signing\nerin@example.org,both\n')
    home.do('profile', 'set', '--people', 'separate')
    home.do('user', 'add', '--from', path('people.csv'))
    assert len(set(home.serials('carol@example.org').values())) == 1
    assert list(home.serials('dave@example.org')) == ['signing']
    assert len(set(home.serials('erin@example.org').values())) == 2


def test_for_the_key_of_a_device():
    home = Home('device')
    home.do('user', 'add', ALICE)
    for kind in 'EC', 'RSA':
        option = ('ec_paramgen_curve:P-256' if kind == 'EC'
                  else 'rsa_keygen_bits:2048')
        openssl('req', '-new', '-newkey', kind, '-pkeyopt', option, '-nodes',
                '-keyout', path('device.key'), '-out', path('device.csr'),
                '-subj', '/CN=device', '-addext',
                'keyUsage=digitalSignature,keyAgreement,keyEncipherment')
        leaks.hide_key(read(path('device.key')))
        home.do('cert', 'issue', ALICE, '--csr', path('device.csr'),
                status=USAGE).expect(USAGE, '--purpose dual')
        home.do('cert', 'issue', ALICE, '--csr', path('device.csr'),
                '--purpose', 'dual', '-o', path('device.pem'))
        assert 'Digital Signature, Key' in usage(path('device.pem'))
        serials = home.serials()
        assert serials['signing'] == serials['encryption'], serials
        body = home.mail_to(ALICE)
        content = openssl('cms', '-decrypt', '-in', write('to.eml', body),
                          '-recip', path('device.pem'), '-inkey',
                          path('device.key'))
        assert b'Hello, Bob' in content
    for purpose in 'signing', 'encryption':
        told = home.answer('cert', 'list', ALICE, '--purpose', purpose)
        assert serials[purpose] in [c['serial'] for c in told['certificates']]
        assert {c['purpose'] for c in told['certificates']} == {purpose}
        home.do('cert', 'show', ALICE, '--purpose', purpose).expect(
            OK, purpose + ' (current)')
    home.do('cert', 'list', ALICE, '--purpose', 'dual', status=USAGE)


def test_one_of_another_authority_is_kept_as_its_key_says():
    home = Home('foreign')
    home.do('user', 'add', BOB)
    inter = party('inter', is_ca=True)
    both = party('bob', 'inter', kind='rsa')
    above = write('above.pem', read(inter.pem) + read(party('ca').pem))
    os.makedirs(path('old'), exist_ok=True)
    write('old/bob@example.org.p12', read(both.p12(PASSWORD, '-certfile',
                                                   above)))
    write('passwords.csv', f'file,password\nbob@example.org.p12,{PASSWORD}\n')
    home.do('migrate', path('old'), '--passwords', path('passwords.csv'))
    found = {}
    for c in home.certs(BOB):
        found.setdefault(c['serial'], []).append((c['purpose'], c['status']))
    serial = next(s for s, uses in found.items() if len(uses) == 2)
    assert sorted(found[serial]) == [('encryption', 'current'),
                                     ('signing', 'current')], found
    home.do('cert', 'use', BOB, serial)
    for purpose in 'signing', 'encryption':
        pem = openssl('x509', '-in', home.pem(BOB, purpose))
        assert pem == openssl('x509', '-in', both.pem), purpose
    home.do('cert', 'revoke', serial, '--reason', 'superseded')
    assert {c['status'] for c in home.certs(BOB) if c['serial'] == serial} == \
        {'revoked'}


def verify_policy(home, policy):
    home.do('trust', 'export', '-o', path('root.pem'))
    home.do('cert', 'export', ALICE, '--purpose', 'signing', '--chain', '-o',
            path('chain.pem'))
    return subprocess.run(
        ['openssl', 'verify', '-CAfile', path('root.pem'), '-untrusted',
         path('chain.pem'), '-policy', policy, '-explicit_policy',
         path('chain.pem')], env=ENV, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)


def test_policies_of_the_organisation():
    home = Home('policies')
    own = '1.3.6.1.4.1.99999.1'
    home.do('user', 'add', ALICE, '--custody', 'server')
    assert verify_policy(home, own).returncode != 0
    for words, said in ((['--cps', 'https://example.org/cps'], '--policy'),
                        (['--policy', '1.2.x'], 'object identifier'),
                        (['--policy', '2.5.29.32.0'], 'no policy'),
                        (['--policy', own, '--cps', 'ftp://x'], '--cps'),
                        (['--policy', '2.23.140.1.5.2.2'], 'more of people'),
                        (['--policy', '2.23.140.1.5.1.2'], 'trial'),
                        (['--policy', own, '--acknowledge-audit'],
                         'Baseline')):
        home.do('profile', 'set', *words, status=USAGE).expect(USAGE, said)
    home.do('profile', 'set', '--policy', own, '--cps',
            'https://example.org/cps').expect(OK, 'ca replace-issuing', own)
    told = home.answer('profile', 'show')
    assert (told['policies'], told['cps']) == (
        [own], 'https://example.org/cps'), told
    home.do('cert', 'renew', ALICE)
    assert verify_policy(home, own).returncode != 0   # not all the way up yet
    home.do('ca', 'replace-issuing')
    home.do('cert', 'renew', ALICE)
    assert verify_policy(home, own).returncode == 0
    assert verify_policy(home, own + '9').returncode != 0
    text = openssl('x509', '-in', path('chain.pem'), '-noout', '-text').decode()
    assert 'CPS: https://example.org/cps' in text, text
    sigill('cert', 'lint', '--private', path('chain.pem')).expect(OK)
    home.do('profile', 'set', '--no-policies')
    home.do('cert', 'renew', ALICE)
    assert verify_policy(home, own).returncode != 0


def test_a_policy_of_the_baseline_requirements():
    """Only by explicit choice; then the certificates keep what it says."""
    home = Home('baseline', 'p256', '--public-url', 'http://pki.example.org',
                '--root-key-out', path('root.p12'), '--password-file',
                write('word', PASSWORD + '\n'))
    leaks.hide_key(openssl('pkcs12', '-in', path('root.p12'), '-nodes',
                           '-nocerts', '-passin', 'pass:' + PASSWORD))
    wish = ['profile', 'set', '--policy', '2.23.140.1.5.1.2']
    home.do(*wish, status=USAGE).expect(USAGE, 'auditors')
    wish.append('--acknowledge-audit')
    home.do(*wish, status=USAGE).expect(USAGE, 'say --country too')
    home.do(*wish, '--country', 'SX9', status=USAGE).expect(USAGE, 'ISO 3166')
    home.do(*wish, '--country', 'SE').expect(OK, 'Nobody trusts yours',
                                             'replace-issuing')
    root = ['--root-key', path('root.p12'), '--password-file', path('word')]
    home.do('ca', 'replace-issuing', *root)
    # The authority says it as well, and nobody has to be told of --private.
    issuing = os.path.join(home.at, 'ca', '3.cer')
    assert json.loads(sigill('cert', 'lint', '--json', '--home',
                             path('nowhere'), issuing).expect(OK).out)[
                                 'errors'] == 0
    text = openssl('x509', '-noout', '-text', '-in', issuing).decode()
    assert 'Subject: C = SE, O = ' in text, text
    assert 'Policy: 2.23.140.1.5.1.2' in text, text
    home.do('user', 'add', ALICE, '--name', 'Alice', '--unchecked')
    subject = openssl('x509', '-in', home.pem(), '-noout', '-subject').decode()
    assert subject.strip() == f'subject=CN = {ALICE}', subject
    sigill('cert', 'lint', home.pem()).expect(OK)
    sigill('cert', 'lint', home.pem(purpose='encryption')).expect(OK)
    assert verify_policy(home, '2.23.140.1.5.1.2').returncode == 0


run(globals())
