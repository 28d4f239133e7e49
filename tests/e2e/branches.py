#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A branch of the organisation has an authority of its own below our root,
for its own domains: it issues with openssl; openssl, GnuTLS, NSS and sigill
believe what lies within the constraints, and nothing else."""
import functools
import json
import os
import subprocess

from e2e import (BODY, ENV, KEY, NO, OK, PASSWORD, USAGE, leaks, openssl,
                 path, read, run, sigill, write)
from service import Service, free_port

HOME = ['--home', path('organisation')]
PERMITS = ['--permit', 'se.example.org', '--permit', '.se.example.org',
           '--exclude', 'secret.se.example.org']


def org(*words, status=OK, home=None):
    words = list(words)
    return sigill(*words[:1], *(home or HOME), *words[1:]).expect(status) \
        if words[0] in ('verify', 'open') else \
        sigill(*words, *(home or HOME)).expect(status)


def answer(*words, **options):
    return json.loads(org(*words, '--json', **options).out)


def request(name, *key):
    openssl('req', '-new', '-newkey', *(key or ('EC', '-pkeyopt',
                                                'ec_paramgen_curve:P-256')),
            '-nodes', '-keyout', path(name + '.key'), '-out',
            path(name + '.csr'), '-subj', '/CN=whatever it says')
    leaks.hide_key(read(path(name + '.key')))
    return path(name + '.csr')


@functools.lru_cache(None)
def branch():
    """A trial's home with one branch; the branch's certificate."""
    org('init', '--domain', 'example.org', '--algorithm', 'p256')
    org('user', 'add', 'alice@example.org')
    org('ca', 'branch', 'add', '--csr', request('branch'), '--name',
        'Example Sweden', *PERMITS, '-o', path('branch-chain.pem'))
    org('trust', 'export', '-o', path('root.pem'))
    openssl('x509', '-in', path('branch-chain.pem'), '-out', path('branch.pem'))
    return path('branch.pem')


def leaf(name, alternative, below='branch'):
    """Issued by the branch, with openssl."""
    request(name)
    write('leaf.ext', f'''[x]
basicConstraints = CA:false
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
keyUsage = critical, digitalSignature
extendedKeyUsage = emailProtection
subjectAltName = {alternative}
''')
    openssl('x509', '-req', '-in', path(name + '.csr'), '-CA',
            path(below + '.pem'), '-CAkey', path(below + '.key'),
            '-set_serial', f'0x4{len(name):x}55', '-days', '30', '-extfile',
            path('leaf.ext'), '-extensions', 'x', '-out', path(name + '.pem'))
    return path(name + '.pem')


def judged_by_openssl(cert, *more):
    return subprocess.run(
        ['openssl', 'verify', '-CAfile', path('root.pem'), '-untrusted',
         path('branch.pem'), '-purpose', 'smimesign', *more, cert], env=ENV,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def judged_by_gnutls(cert):
    chain = write('chain', read(cert) + read(path('branch.pem'))
                  + read(path('root.pem')))
    return subprocess.run(['certtool', '--verify-chain', '--infile', chain],
                          env=ENV, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)


def judged_by_nss(name, cert):
    where = path('nss-' + name)
    os.makedirs(where)
    at = ['-d', 'sql:' + where]
    new = subprocess.run(['certutil', '-N', '--empty-password', *at], env=ENV,
                         check=False, stdout=subprocess.DEVNULL)
    assert new.returncode == 0
    for nick, trust, file in (('root', ',C,', path('root.pem')),
                              ('branch', ',,', path('branch.pem')),
                              ('leaf', ',,', cert)):
        subprocess.run(['certutil', '-A', '-n', nick, '-t', trust, '-a', '-i',
                        file, *at], env=ENV, check=True)
    return subprocess.run(['certutil', '-V', '-n', 'leaf', '-u', 'S', *at],
                          env=ENV, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)


def judged_by_us(name, sender):
    """A mail that openssl signs with it, the branch's certificate inside."""
    mail = path(name + '.eml')
    openssl('cms', '-sign', '-in', write('body', BODY), '-signer',
            path(name + '.pem'), '-inkey', path(name + '.key'), '-certfile',
            path('branch.pem'), '-from', sender, '-out', mail)
    return sigill('verify', '--trust', path('root.pem'), mail), mail


# The letters beyond ASCII need an otherName: SmtpUTF8Mailbox.
UTF8 = '@alt\n[alt]\notherName.0 = 1.3.6.1.5.5.7.8.9;FORMAT:UTF8,UTF8:'
CASES = [('inside', 'email:anna@se.example.org', 'anna@se.example.org', True),
         ('below', 'email:bo@north.se.example.org', 'bo@north.se.example.org',
          True),
         ('secret', 'email:cia@secret.se.example.org',
          'cia@secret.se.example.org', False),
         ('main', 'email:alice@example.org', 'alice@example.org', False),
         ('other', 'email:x@example.com', 'x@example.com', False),
         ('both', 'email:anna@se.example.org,email:alice@example.org',
          'anna@se.example.org', False)]


def test_within_its_domains_and_nowhere_else():
    text = openssl('x509', '-in', branch(), '-noout', '-text').decode()
    for word in ('CA:TRUE, pathlen:0', 'Permitted:', 'email:.se.example.org',
                 'Excluded:', 'email:secret.se.example.org',
                 'DEMO Example Sweden CA', 'E-mail Protection',
                 'Name Constraints: critical'):
        assert word in text, text
    assert 'whatever' not in text
    openssl('verify', '-CAfile', path('root.pem'), path('branch.pem'))
    for name, alternative, sender, good in CASES:
        cert = leaf(name, alternative)
        ours, _ = judged_by_us(name, sender)
        assert ours.status == (OK if good else NO), (name, str(ours))
        for judge in (judged_by_openssl(cert), judged_by_gnutls(cert),
                      judged_by_nss(name, cert)):
            assert (judge.returncode == 0) == good, (name, judge)
        if not good:
            assert b'subtree' in judged_by_openssl(cert).stdout, name


def test_addresses_beyond_ascii_are_held_to_the_same():
    branch()
    for name, address, good in (('eva', 'ev\u00e5@se.example.org', True),
                                ('ove', '\u00f6ve@example.org', False),
                                ('ulf', '\u00fclf@secret.se.example.org',
                                 False)):
        judge = judged_by_openssl(leaf(name, UTF8 + address))
        assert (judge.returncode == 0) == good, (name, judge)
        ours, _ = judged_by_us(name, address)
        assert ours.status == (OK if good else NO), (name, str(ours))


def test_it_is_listed_and_watched():
    branch()
    one, = answer('ca', 'branch', 'list')['branches']
    assert (one['id'], one['state'], one['kind']) == (1, 'active', 'branch')
    told = answer('ca', 'list')
    assert len(told['authorities']) == 2 and len(told['branches']) == 1, told
    org('ca', 'list').expect(OK, 'b1', 'branch', 'Example Sweden CA')
    org('audit', 'list').expect(OK, 'branch.certify')
    # Nothing is issued by it, and no list of its own is made.
    assert sorted(f for f in os.listdir(path('organisation/ca'))
                  if f.endswith('.cer')) == ['1.cer', '2.cer']
    org('cert', 'renew', 'alice@example.org')


def test_what_cannot_be():
    branch()
    csr = request('second')
    for words, said in (
            (['--name', 'Example Sweden', '--permit', 'a.example.org'],
             'has this name'),
            (['--name', 'Second'], '--permit'),
            (['--permit', 'a.example.org'], '--name'),
            (['--name', 'Second', '--permit', 'a b'], 'name constraint'),
            (['--name', 'Second', '--permit', 'a.example', '--path-length',
              'x'], '--path-length'),
            (['--name', 'x' * 44, '--permit', 'a.example.org'], 'name')):
        org('ca', 'branch', 'add', '--csr', csr, *words,
            status=USAGE).expect(USAGE, said)
    weak = request('weak', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024')
    org('ca', 'branch', 'add', '--csr', weak, '--name', 'Weak', '--permit',
        'a.example.org', status=USAGE).expect(USAGE, 'too weak')
    openssl('req', '-in', csr, '-outform', 'DER', '-out', path('bad.csr'))
    content = bytearray(read(path('bad.csr')))
    content[-1] ^= 1
    org('ca', 'branch', 'add', '--csr', write('bad.csr', bytes(content)),
        '--name', 'Bad', '--permit', 'a.example.org', status=KEY)
    assert len(answer('ca', 'branch', 'list')['branches']) == 1
    # The same branch with the same key gets another certificate.
    org('ca', 'branch', 'add', '--csr', path('branch.csr'), '--name',
        'Example Sweden', '--permit', 'se.example.org', '--path-length', '1',
        '-o', path('again.pem'))
    assert 'pathlen:1' in openssl('x509', '-in', path('again.pem'), '-noout',
                                  '-text').decode()


def test_it_is_revoked_by_the_root():
    branch()
    cert = leaf('late', 'email:late@se.example.org')
    assert judged_by_us('late', 'late@se.example.org')[0].status == OK
    org('ca', 'branch', 'revoke', 'x', '--reason', 'superseded', status=USAGE)
    org('ca', 'branch', 'revoke', '77', '--reason', 'superseded', status=NO)
    org('ca', 'branch', 'revoke', 'b1', status=USAGE).expect(USAGE, '--reason')
    told = answer('ca', 'branch', 'revoke', 'b1', '--reason',
                  'cessationOfOperation')
    assert (told['state'], told['reason']) == ('revoked',
                                               'cessationOfOperation'), told
    org('ca', 'branch', 'revoke', '1', '--reason', 'superseded',
        status=USAGE).expect(USAGE, 'already')
    serial = openssl('x509', '-in', branch(), '-noout', '-serial').decode()
    serial = serial.strip().split('=')[1]
    for _ in range(2):      # and in every later list
        org('ca', 'root-crl')
        file = path('organisation/ca/1-0.crl')
        text = openssl('crl', '-inform', 'DER', '-in', file, '-noout', '-text')
        assert serial.encode() in text, text
        assert b'Cessation' in text, text
    openssl('crl', '-inform', 'DER', '-in', file, '-out', path('root.crl'))
    done = judged_by_openssl(cert, '-crl_check_all', '-CRLfile',
                             path('root.crl'), '-partial_chain')
    assert done.returncode != 0, done
    mail = path('late.eml')
    org('verify', mail, status=NO).expect(NO, 'revoked')
    org('ca', 'list').expect(OK, 'revoked')
    org('audit', 'list').expect(OK, 'branch.revoke')
    org('audit', 'verify')


def test_a_root_that_is_elsewhere():
    home = ['--home', path('real')]
    word = ['--password-file', write('word', PASSWORD + '\n')]
    org('init', '--domain', 'example.net', '--public-url',
        'http://pki.example.net', '--algorithm', 'p256', '--root-key-out',
        path('root.p12'), *word, home=home)
    leaks.hide_key(openssl('pkcs12', '-in', path('root.p12'), '-nodes',
                           '-nocerts', '-passin', 'pass:' + PASSWORD))
    wish = ['ca', 'branch', 'add', '--csr', request('third'), '--name', 'Third',
            '--permit', 'third.example.net']
    org(*wish, home=home, status=USAGE).expect(USAGE, '--root-key')
    org(*wish, '--root-key', path('root.p12'), *word, '-o', path('third.pem'),
        home=home)
    text = openssl('x509', '-in', path('third.pem'), '-noout', '-text').decode()
    for word_ in ('http://pki.example.net/ca/1.cer',
                  'http://pki.example.net/crl/1-0.crl', 'CN = Third CA'):
        assert word_ in text, text
    assert 'DEMO' not in text
    told = answer('ca', 'branch', 'revoke', '1', '--reason', 'superseded',
                  '--root-key', path('root.p12'), *word, home=home)
    assert told['state'] == 'revoked', told


def below(name, domain, *options):
    """A home below the one of branch(), not certified yet."""
    home = ['--home', path(name)]
    told = json.loads(org('init', '--domain', domain, '--algorithm', 'p256',
                          '--parent-csr-out', path(name + '.csr'), '--json',
                          *options, home=home).out)
    assert told['root'] is None, told
    return home


def test_a_home_below_another():
    branch()
    home = below('home', 'north.example.org')
    org('user', 'add', 'nora@north.example.org', status=NO, home=home).expect(
        NO, 'no issuing authority')
    sigill('status', *home).expect(sigill('status', *home).status)
    org('ca', 'install', path('root.pem'), home=home, status=NO).expect(
        NO, 'ca request')
    wish = ['ca', 'branch', 'add', '--csr', path('home.csr'), '--name']
    org(*wish, 'Wrong', '--permit', 'south.example.org', '-o',
        path('wrong.pem'))
    org('ca', 'install', path('wrong.pem'), home=home, status=KEY).expect(
        KEY, 'does not permit')
    org(*wish, 'North', '--permit', 'north.example.org', '-o',
        path('north-chain.pem'))
    openssl('x509', '-in', path('north-chain.pem'), '-out', path('north.pem'))
    org('ca', 'install', path('north.pem'), home=home, status=NO).expect(
        NO, 'root')
    org('ca', 'install', path('north.pem'), path('root.pem'),
        home=home).expect(OK, 'DEMO North CA')
    org('ca', 'list', home=home).expect(OK, "parent's", 'DEMO North CA')
    org('user', 'add', 'nora@north.example.org', '--custody', 'server',
        home=home)
    mail = path('nora.eml')
    sigill('sign', *home, '--key', 'nora@north.example.org', '-o', mail,
           write('plain', BODY)).expect(OK)
    # Believed below the root: by the organisation above, by openssl, here.
    org('verify', mail)
    sigill('verify', '--trust', path('root.pem'), mail).expect(OK)
    sigill('verify', *home, mail).expect(OK)
    openssl('cms', '-verify', '-in', mail, '-CAfile', path('root.pem'),
            '-purpose', 'smimesign', '-out', path('content'))
    # It revokes what it issued, by its own list.
    org('cert', 'revoke', 'nora@north.example.org', '--purpose', 'signing',
        '--reason', 'superseded', home=home)
    crl = path('home/ca/2-0.crl')
    openssl('crl', '-inform', 'DER', '-in', crl, '-out', path('north.crl'))
    assert b'Revoked Certificates:' in openssl(
        'crl', '-in', path('north.crl'), '-noout', '-text')
    sigill('verify', '--trust', path('root.pem'), '--crl', path('north.crl'),
           mail).expect(NO, 'revoked')
    # Nothing here asks for the root's key, or makes the root's list.
    for words in (['ca', 'replace-issuing'], ['ca', 'root-crl']):
        org(*words, home=home, status=USAGE).expect(USAGE, 'ca request')
    assert not os.path.exists(path('home/ca/1-0.crl'))
    org('audit', 'verify', home=home)


def test_its_next_authority():
    home = ['--home', path('home')]
    org('ca', 'request', '-o', path('next.csr'), home=home)
    org('ca', 'branch', 'add', '--csr', path('next.csr'), '--name', 'North 2',
        '--permit', 'north.example.org', '-o', path('next.pem'))
    org('ca', 'install', path('next.pem'), home=home)
    told = answer('ca', 'list', home=home)['authorities']
    assert [(a['kind'], a['state']) for a in told] == [
        ('root', 'active'), ('issuing', 'retired'), ('issuing', 'active')], told
    org('cert', 'renew', 'nora@north.example.org', home=home)
    org('ca', 'request', status=USAGE).expect(USAGE, 'a root of its own')


def test_what_init_refuses_below():
    for words in (['--root-key-out', path('x')], ['--issuing-key', 'pkcs11:x'],
                  ['--password-file', path('word')]):
        org('init', '--domain', 'a.example.org', '--parent-csr-out',
            path('a.csr'), *words, home=['--home', path('no-home')],
            status=USAGE).expect(USAGE, '--parent-csr-out')
    assert not os.path.exists(path('no-home'))


def test_the_service_does_it_too():
    """Control has no file of the caller's, and the keys are elsewhere."""
    with Service() as s:
        def do(*words, status=OK):
            return sigill(*words, '--home', s.home).expect(status)

        s.wait_for(lambda: sigill('user', 'add', 'alice@example.org', '--home',
                                  s.home).status == OK)
        do('profile', 'set', '--people', 'dual')
        do('domain', 'add', 'example.net').expect(OK, 'replace-issuing')
        do('user', 'add', 'bob@example.net', status=USAGE)
        do('ca', 'replace-issuing')
        told = json.loads(do('user', 'add', 'bob@example.net', '--json').out)
        assert len(told['certificates']) == 1, told
        do('domain', 'remove', 'example.net', status=USAGE)
        do('profile', 'set', '--policy', '1.3.6.1.4.1.99999.1')
        do('ca', 'branch', 'add', '--csr', request('served'), '--name', 'Served',
           '--permit', 'served.example.org', '-o', path('served.pem'))
        do('ca', 'branch', 'revoke', '1', '--reason', 'superseded').expect(
            OK, 'revoked')
        do('ca', 'request', status=USAGE)
        do('audit', 'verify')
        s.stop()


def test_a_service_below_another():
    home = below('served', 'served.example.org')
    write(os.path.join(path('served'), 'sigilld.conf'),
          f'http = 127.0.0.1:{free_port()}\n')
    with Service(init=False, home=path('served')) as s:
        org('doctor', home=home, status=NO).expect(NO, 'no authority')
        org('ca', 'branch', 'add', '--csr', path('served.csr'), '--name',
            'Served', '--permit', 'served.example.org', '-o',
            path('served.pem'))
        s.wait_for(lambda: sigill('ca', 'install', path('served.pem'),
                                  *home).status == OK)
        org('user', 'add', 'sven@served.example.org', home=home)
        assert 'no authority' not in str(sigill('doctor', *home))
        org('ca', 'request', '-o', path('served-next.csr'), home=home)
        org('cert', 'revoke', 'sven@served.example.org', '--reason',
            'superseded', home=home)
        s.stop()


run(globals())
