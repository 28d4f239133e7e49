#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An organisation that is no trial: its authorities and their keys."""
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time

from e2e import (ENV, ENVIRONMENT, FOLDER, KEY, NO, OK, PASSWORD, SIGILL,
                 USAGE, openssl, path, read, run, sigill, write)
import leaks  # found by e2e

URL = 'http://pki.example.org/sigill'
SIGILLD = os.path.join(os.path.dirname(SIGILL), 'sigilld')
MODULE = '/usr/lib/softhsm/libsofthsm2.so'


def password():
    return ['--password-file', write('root.password', PASSWORD + '\n')]


def make(name, *options, algorithm='p256', url=URL):
    """A home with the root's key in NAME.root.p12; its path."""
    home = path(name)
    told = json.loads(sigill(
        'init', '--domain', 'example.org', '--name', 'Example', '--public-url',
        url, '--algorithm', algorithm, '--root-key-out',
        path(name + '.root.p12'), *password(), '--home', home, '--json',
        *options).expect(OK).out)
    assert told['demo'] is False and told['public_url'] == url, told
    leaks.hide_key(openssl('pkcs12', '-in', path(name + '.root.p12'), '-nodes',
                           '-nocerts', '-passin', 'pass:' + PASSWORD))
    return home


def add(home, address='alice@example.org', *options):
    return sigill('user', 'add', address, '--unchecked', '--home', home,
                  *options).expect(OK)


def export(home, address='alice@example.org'):
    """(root, chain without root, leaf) as PEM files"""
    root, chain = path('root.pem'), path('chain.pem')
    sigill('trust', 'export', '--home', home, '-o', root).expect(OK)
    sigill('cert', 'export', address, '--chain', '--home', home, '-o',
           chain).expect(OK)
    certs = re.findall(rb'-----BEGIN.*?END CERTIFICATE-----\n', read(chain),
                       re.DOTALL)
    return root, write('issuing.pem', b''.join(certs[1:])), write(
        'leaf.pem', certs[0])


def shown(file):
    return openssl('x509', '-in', file, '-noout', '-text').decode()


def test_the_roots_key_is_in_its_file_alone():
    home = make('plain', '--domain', 'branch.example.org',
                algorithm='rsa-2048')
    file = path('plain.root.p12')
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    text = openssl('pkcs12', '-in', file, '-info', '-nokeys', '-passin', 'pass:'
                   + PASSWORD).decode()
    assert 'subject=O = Example, CN = Example Root CA' in text, text
    add(home)
    root, issuing, leaf = export(home)
    openssl('verify', '-CAfile', root, '-untrusted', issuing, '-purpose',
            'smimeencrypt', leaf)
    # hide_key said what is looked for; the issuing key is sealed there.
    for file in leaks.files_below(home):
        leaks.search(file)
    key = openssl('pkcs12', '-in', path('plain.root.p12'), '-nodes', '-nocerts',
                  '-passin', 'pass:' + PASSWORD)
    public = openssl('pkey', '-pubout', input=key)
    assert public == openssl('x509', '-in', root, '-noout', '-pubkey')
    constraints = shown(issuing)
    for name in ('email:example.org', 'email:.branch.example.org'):
        assert name in constraints, constraints


def test_certificates_say_where_to_look():
    home = make('urls', url='http://pki.example.org:8080')
    add(home)
    _, issuing, leaf = export(home)
    for file, names in ((leaf, ('/ca/2.cer', '/crl/2-0.crl', '/ocsp')),
                        (issuing, ('/ca/1.cer', '/crl/1-0.crl'))):
        text = shown(file)
        assert 'DEMO' not in text, text
        for name in names:
            assert 'URI:http://pki.example.org:8080' + name + '\n' in text, text
    for file in (leaf, issuing):
        sigill('cert', 'lint', '--private', file).expect(OK)
    with open(os.path.join(home, 'sigilld.conf'), encoding='utf-8') as file:
        assert '\nhttp = 127.0.0.1:8080\n' in file.read()


def test_each_person_can_have_another_kind_of_key():
    home = make('kinds')
    add(home, 'alice@example.org', '--algorithm', 'rsa-2048')
    sigill('user', 'add', 'bob@example.org', '--algorithm', 'dsa', '--home',
           home).expect(USAGE, 'not a kind of key')
    add(home, 'bob@example.org')
    for who, kind in (('alice', 'rsaEncryption'), ('bob', 'id-ecPublicKey')):
        text = shown(export(home, who + '@example.org')[2])
        assert f'Public Key Algorithm: {kind}' in text, text
    sigill('user', 'set', 'alice@example.org', '--algorithm', 'default',
           '--home', home).expect(OK)
    sigill('cert', 'renew', 'alice@example.org', '--home', home).expect(OK)
    text = shown(export(home, 'alice@example.org')[2])
    assert 'Public Key Algorithm: id-ecPublicKey' in text, text


def test_addresses_of_all_domains():
    home = make('domains', '--domain', 'example.net')
    add(home, 'bob@example.net')
    sigill('user', 'add', 'bob@example.com', '--unchecked', '--home',
           home).expect(
               USAGE, "not in the organisation's domain")
    root, issuing, leaf = export(home, 'bob@example.net')
    openssl('verify', '-CAfile', root, '-untrusted', issuing, leaf)


def test_others_accept_the_chain():
    home = make('peers', algorithm='rsa-2048')
    add(home)
    root, issuing, leaf = export(home)
    chain = write('all.pem', read(leaf) + read(issuing) + read(root))
    done = subprocess.run(
        ['certtool', '--verify-chain', '--infile', chain], cwd=FOLDER, env=ENV,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert b'Chain verification output: Verified' in done.stdout, done


def gpgsm(home, *words):
    return subprocess.run(
        ['gpgsm', '--homedir', home, '--batch', '--disable-dirmngr', *words],
        cwd=FOLDER, env=dict(ENV, GNUPGHOME=home), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)


def test_gpgsm_accepts_the_chain():
    home = make('gnupg')
    add(home)
    root, issuing, leaf = export(home)
    gnupg = path('gnupg-home')
    os.mkdir(gnupg, 0o700)
    digest = openssl('x509', '-in', root, '-noout', '-fingerprint', '-sha1')
    with open(os.path.join(gnupg, 'trustlist.txt'), 'wb') as file:
        file.write(digest.split(b'=')[1].strip() + b' S relax\n')
    # It knows nothing of name constraints (RFC 5280 4.2.1.10).
    with open(os.path.join(gnupg, 'gpgsm.conf'), 'w', encoding='ascii') as file:
        file.write('ignore-cert-extension 2.5.29.30\n')
    gpgsm(gnupg, '--import', root, issuing, leaf)
    listed = gpgsm(gnupg, '--list-keys', '--with-validation',
                   'alice@example.org')
    subprocess.run(['gpgconf', '--homedir', gnupg, '--kill', 'all'],
                   check=False)
    shutil.rmtree(gnupg)
    assert b'[certificate is good]' in listed.stdout, listed.stdout.decode()


def refuse(status, said, *words, home='never'):
    sigill('init', '--domain', 'example.org', '--home', path(home),
           *words).expect(status, said)
    assert home != 'never' or not os.path.exists(path('never'))
    assert not os.path.exists(path('no.p12'))


def test_what_is_wrong_leaves_nothing():
    out = ['--root-key-out', path('no.p12')]
    real = ['--public-url', URL]
    write('taken.p12', b'precious')
    for status, said, words in (
            (USAGE, 'where the root', real),
            (USAGE, 'where the root', [*real, *out, '--root-key', 'pkcs11:a']),
            (USAGE, 'go with --public-url', [*out, *password()]),
            (USAGE, 'wants the name of a file',
             [*real, '--root-key-out', '-', *password()]),
            (USAGE, 'want a pkcs11: URI', [*real, '--root-key', 'key.pem']),
            (USAGE, 'holds a PIN',
             [*real, '--root-key', 'pkcs11:token=a?pin-value=1']),
            (USAGE, 'must begin with http://',
             ['--public-url', 'https://a.org', *out, *password()]),
            (USAGE, 'too short',
             [*real, *out, '--password-file', write('short', 'eleven-11..\n')]),
            (KEY, 'no terminal', [*real, *out]),
            (ENVIRONMENT, 'exists already',
             [*real, '--root-key-out', path('taken.p12'), *password()]),
            (ENVIRONMENT, 'no such file',
             [*real, '--root-key-out', path('none/no.p12'), *password()]),
            (USAGE, 'must not lie in the home',
             [*real, '--root-key-out', path('never/root.p12'), *password()])):
        refuse(status, said, *words)
    assert read('taken.p12') == b'precious'
    home = make('there')
    refuse(USAGE, 'there is an organisation already', *real, *out, *password(),
           home='there')
    assert os.path.exists(home)


# ----------------------------------------------------------- authorities ---

def authorities(home):
    """{id: (kind, state)}"""
    listed = json.loads(sigill('ca', 'list', '--home', home,
                               '--json').expect(OK).out)['authorities']
    return {a['id']: (a['kind'], a['state']) for a in listed}


def root_key(name):
    return ['--root-key', path(name + '.root.p12'), *password()]


def published(home, name):
    """A file as it is published, as PEM; its path."""
    kind = 'crl' if name.endswith('.crl') else 'x509'
    return write(name + '.pem', openssl(
        kind, '-inform', 'DER', '-in', os.path.join(home, 'ca', name)))


FIRST = {1: ('root', 'active'), 2: ('issuing', 'active')}
SECOND = {1: ('root', 'active'), 2: ('issuing', 'retired'),
          3: ('issuing', 'active')}


def test_the_issuing_authority_is_replaced():
    home = make('replaced')
    add(home)
    add(home, 'bob@example.org')
    root, issuing, leaf = export(home)
    os.rename(leaf, path('old-leaf.pem'))
    os.rename(issuing, path('old-issuing.pem'))
    assert authorities(home) == FIRST
    sigill('ca', 'replace-issuing', '--home', home).expect(
        USAGE, 'not in the home')
    assert authorities(home) == FIRST
    told = json.loads(sigill('ca', 'replace-issuing', '--home', home, '--json',
                             *root_key('replaced')).expect(OK).out)
    assert told['id'] == 3 and 'CA 2' in told['certificate']['subject'], told
    assert authorities(home) == SECOND
    # What it issued is looked up in its list, so that is watched as before.
    told = json.loads(sigill('status', '--json', '--home', home).expect(OK).out)
    assert {c['authority'] for c in told['crls']} == {1, 2, 3}, told
    for file in leaks.files_below(home):
        leaks.search(file)
    # Bob's two and Alice's two; then there is nothing left to do.
    sigill('ca', 'reissue', '--home', home, '--issued-by', '1').expect(
        OK, 'Nobody has a current certificate of this authority')
    sigill('ca', 'reissue', '--home', home, '--issued-by', '99').expect(
        NO, 'there is no such authority', '99')
    for number in (4, 0):
        told = json.loads(sigill('ca', 'reissue', '--home', home,
                                 '--json').expect(OK).out)
        assert told == {'renewed': number}, told
    again, issuing, leaf = export(home)
    assert read(again) == read(root)
    both = write('both.pem', read(issuing) + read(path('old-issuing.pem')))
    openssl('verify', '-CAfile', root, '-untrusted', both, leaf)
    openssl('verify', '-CAfile', root, '-untrusted', both, path('old-leaf.pem'))
    assert 'Issuing CA 20' in shown(leaf) and '/ca/3.cer' in shown(leaf)
    lists = [published(home, name) for name in ('1-0.crl', '2-0.crl',
                                                '3-0.crl')]
    crls = write('crls.pem', b''.join(map(read, lists)))
    for file in (leaf, path('old-leaf.pem')):
        openssl('verify', '-crl_check_all', '-CAfile', root, '-untrusted', both,
                '-CRLfile', crls, file)
    # Behind a certificate for a device's key is its own authority, no other.
    openssl('req', '-new', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=device',
            '-keyout', path('device.key'), '-out', path('device.csr'))
    told = sigill('cert', 'issue', 'alice@example.org', '--csr',
                  path('device.csr'), '--purpose', 'signing', '--home',
                  home).expect(OK).out
    assert told.count(b'BEGIN CERTIFICATE') == 2, told
    assert told.endswith(read(issuing)), told


def verify_with_lists(home, root, issuing, leaf):
    crls = write('crls.pem', b''.join(
        read(published(home, name)) for name in ('1-0.crl', '2-0.crl')))
    return subprocess.run(
        ['openssl', 'verify', '-crl_check_all', '-CAfile', root, '-untrusted',
         issuing, '-CRLfile', crls, leaf], cwd=FOLDER, env=ENV,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def test_a_revoked_authority_is_seen():
    home = make('revoked')
    add(home)
    root, issuing, leaf = export(home)
    sigill('ca', 'crl', '--home', home).expect(OK)
    done = verify_with_lists(home, root, issuing, leaf)
    assert done.returncode == 0, done
    words = ['ca', 'revoke-issuing', '2', '--home', home]
    sigill(*words, *root_key('revoked')).expect(USAGE, '--reason')
    sigill(*words, '--reason', 'keyCompromise', *root_key('revoked')).expect(
        USAGE, '--reason')
    words += ['--reason', 'cACompromise']
    sigill(*words).expect(USAGE, 'not in the home')
    sigill('ca', 'revoke-issuing', '1', '--reason', 'superseded', '--home', home,
           *root_key('revoked')).expect(USAGE, 'not certified by the root')
    assert authorities(home) == FIRST
    sigill(*words, *root_key('revoked')).expect(OK, 'cACompromise')
    assert authorities(home)[2] == ('issuing', 'revoked')
    done = verify_with_lists(home, root, issuing, leaf)
    assert b'certificate revoked' in done.stderr, done
    sigill(*words, *root_key('revoked')).expect(USAGE, 'revoked already')
    sigill('user', 'add', 'bob@example.org', '--home', home).expect(
        NO, 'no issuing authority')
    sigill('ca', 'replace-issuing', '--home', home,
           *root_key('revoked')).expect(OK)
    add(home, 'bob@example.org')
    assert authorities(home) == {**SECOND, 2: ('issuing', 'revoked')}


def test_the_roots_list_is_made_anew():
    home = make('listed')
    before = json.loads(sigill('ca', 'show', '1', '--home', home,
                               '--json').expect(OK).out)['crls'][0]
    sigill('ca', 'root-crl', '--home', home, *root_key('listed')).expect(
        OK, 'in a file', '1-0.crl: number 2, entries: 0, holds until')
    after = json.loads(sigill('ca', 'show', '1', '--home', home,
                              '--json').expect(OK).out)['crls'][0]
    assert after['number'] == before['number'] + 1, (before, after)
    text = openssl('crl', '-in', published(home, '1-0.crl'), '-noout', '-text',
                   '-CAfile', published(home, '1.cer')).decode()
    assert 'No Revoked Certificates' in text, text


def test_what_is_no_key_of_the_root():
    home, _ = make('right'), make('wrong')
    for verb in (['replace-issuing'], ['root-crl'],
                 ['revoke-issuing', '2', '--reason', 'superseded']):
        for status, said, words in (
                (NO, 'not the key of', root_key('wrong')),
                (KEY, 'wrong password',
                 ['--root-key', path('right.root.p12'), '--password-file',
                  write('other', 'not-that-password\n')]),
                (KEY, 'no terminal', ['--root-key', path('right.root.p12')]),
                (ENVIRONMENT, 'no such file', ['--root-key', path('nothing')]),
                (NO, 'no private key',
                 ['--root-key', os.path.join(home, 'ca/root.pem')])):
            sigill('ca', *verb, '--home', home, *words).expect(status, said)
    assert authorities(home) == FIRST
    sigill('ca', 'show', '7', '--home', home).expect(NO, 'of this number')
    sigill('ca', 'show', 'x', '--home', home).expect(USAGE, 'no number')


def test_while_the_service_runs():
    """The root's key is used by the command line; the service takes what was
    signed."""
    home = make('served')
    write(os.path.join(home, 'sigilld.conf'), 'sandbox = best-effort\n')
    with open(os.path.join(home, 'service.log'), 'wb') as log:
        service = subprocess.Popen(
            [SIGILLD, '--home', home], env=ENV, cwd='/', stdout=log,
            stdin=subprocess.DEVNULL, stderr=log)
        try:
            while b'"ready"' not in read(log.name):
                assert service.poll() is None, read(log.name)
                time.sleep(0.02)
            add(home)
            sigill('ca', 'replace-issuing', '--home', home,
                   *root_key('served')).expect(OK)
            assert authorities(home) == SECOND
            sigill('ca', 'reissue', '--home', home).expect(OK, 'anew: 2')
            sigill('ca', 'revoke-issuing', '2', '--reason', 'superseded',
                   '--home', home, *root_key('served')).expect(OK)
            assert b'ca replace-issuing' in read(log.name), read(log.name)
        finally:
            service.terminate()
            service.wait()
    root, issuing, leaf = export(home)
    openssl('verify', '-CAfile', root, '-untrusted', issuing, leaf)


def test_killed_at_any_moment():
    """Either nothing has happened, or all of it."""
    home = make('killed')
    for milliseconds in (20, 60, 100, 130, 160, 190, 220, 260, 300, 340):
        words = ['ca', 'replace-issuing', '--home', home, *root_key('killed')]
        with leaks.watching(words, asked=()):
            child = subprocess.Popen(
                [SIGILL, *words], env=ENV, cwd=FOLDER, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(milliseconds / 1000)
            child.kill()
            child.wait()
        found = authorities(home)
        active = [i for i, a in found.items() if a == ('issuing', 'active')]
        assert len(active) == 1 and active[0] == max(found), found
        add(home, f'user{milliseconds}@example.org')
    sigill('ca', 'replace-issuing', '--home', home,
           *root_key('killed')).expect(OK)
    assert len(authorities(home)) > 2


def test_a_trial_replaces_by_itself():
    home = path('trial')
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256', '--home',
           home).expect(OK)
    sigill('ca', 'replace-issuing', '--home', home).expect(OK)
    assert authorities(home) == SECOND
    sigill('ca', 'revoke-issuing', '2', '--reason', 'superseded', '--home',
           home).expect(OK)


# ----------------------------------------------------------------- tokens ---

def tool(*words):
    done = subprocess.run(words, env=ENV, cwd=FOLDER, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done


def tokens():
    """Two keys on a token: pkcs11: URIs without a PIN."""
    uris = [f'pkcs11:token=authority;object={name}?module-path={MODULE}'
            for name in ('root', 'issuing')]
    if 'SOFTHSM2_CONF' in ENV:
        return uris
    # The token keeps its keys in files; they are not ours to search.
    folder = leaks.tempfile.mkdtemp(prefix='sigill-tokens-')
    leaks.atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ENV['SOFTHSM2_CONF'] = write('softhsm2.conf', (
        f'directories.tokendir = {folder}\nobjectstore.backend = file\n'
        'log.level = ERROR\n'))
    tool('softhsm2-util', '--init-token', '--free', '--label', 'authority',
         '--pin', '123456', '--so-pin', '567890')
    for number, name in ((1, 'root'), (2, 'issuing')):
        openssl('genpkey', '-algorithm', 'EC', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-out', path('on-token'))
        tool('softhsm2-util', '--import', path('on-token'), '--token',
             'authority', '--label', name, '--id', f'{number:02}', '--pin',
             '123456')
        os.unlink(path('on-token'))
    return uris


def test_keys_on_tokens():
    root_uri, issuing_uri = tokens()
    pin = write('token.pin', '123456')
    home = path('on-tokens')
    issuing_uri += '&pin-source=file:' + pin
    sigill('init', '--domain', 'example.org', '--public-url', URL, '--algorithm',
           'p256', '--root-key', root_uri, '--password-file', pin,
           '--issuing-key', issuing_uri, '--home', home).expect(
               OK, 'Made an organisation')
    add(home)
    root, issuing, leaf = export(home)
    openssl('verify', '-CAfile', root, '-untrusted', issuing, leaf)
    for file in leaks.files_below(home):
        with open(file, 'rb') as opened:
            assert b'123456' not in opened.read(), file
    os.rename(pin, pin + '.away')
    sigill('user', 'add', 'bob@example.org', '--home', home).expect(
        ENVIRONMENT, 'token.pin')
    os.rename(pin + '.away', pin)
    add(home, 'bob@example.org')
    sigill('ca', 'replace-issuing', '--home', home, '--root-key', root_uri,
           '--password-file', pin).expect(OK)
    sigill('ca', 'replace-issuing', '--home', home, '--root-key', root_uri,
           '--password-file', pin, '--issuing-key', issuing_uri).expect(OK)
    add(home, 'carol@example.org')
    root, issuing, leaf = export(home, 'carol@example.org')
    openssl('verify', '-CAfile', root, '-untrusted', issuing, leaf)
    refuse(USAGE, 'the same key', '--public-url', URL, '--root-key', root_uri,
           '--password-file', pin, '--issuing-key',
           root_uri + '&pin-source=file:' + pin)


if __name__ == '__main__':
    sys.exit(run(globals()))
