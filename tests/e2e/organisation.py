#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An organisation, from its making to renewal; openssl as the other side."""
import json
import os
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
import leaks  # noqa: E402
from sigill import (SIGILL, answer, environment, good,  # noqa: E402
                    hide_people, place, refused, run)


def openssl(*args, **options):
    return subprocess.run(['openssl', *args], stdout=subprocess.PIPE,
                          check=True, **options).stdout.decode()


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def make(home):
    made = answer('init', '--domain', 'example.org', '--name', 'Example',
                  '--algorithm', 'p256', home=home)
    assert made['home'] == home and made['demo'] is True, made
    assert made['root']['subject'].startswith('CN=DEMO Example Root CA'), made
    assert mode(home) == 0o700
    refused(2, 'there is an organisation already', 'init', '--domain',
            'example.net', home=home)


def refuse_what_is_wrong(home, empty):
    for status, said, args in [
            (2, '--domain DOMAIN is missing', ['init']),
            (2, 'is not a mail domain', ['init', '--domain', 'nonsense']),
            (2, 'where the root',
             ['init', '--domain', 'a.org', '--public-url', 'http://a.org']),
            (2, 'is not a kind of key', ['init', '--domain', 'a.org',
                                         '--algorithm', 'dsa']),
            (2, 'too many arguments: b', ['init', 'b']),
            (2, 'unknown option: --nonsense', ['init', '--nonsense']),
            (2, '--domain wants a value', ['init', '--domain']),
            (2, 'given more than once',
             ['init', '--name', 'a', '--name', 'b']),
            (2, '--json takes no value', ['user', 'list', '--json=yes']),
            (2, 'one of these must follow: add, list', ['user']),
            (2, 'unknown command: nonsense', ['nonsense']),
            (2, 'unknown command: add', ['add', 'nonsense']),
            (2, 'sigill init --parent-csr-out', ['ca', 'branch', 'add']),
            (2, 'the order is: sigill user add', [
                'add', 'user', 'a@example.org']),
            (2, 'something is missing: ADDRESS', ['user', 'add'])]:
        refused(status, said, *args, home=empty)
    assert not os.path.exists(empty)
    refused(5, 'there is no organisation here yet', 'user', 'list', home=empty)
    for status, said, args in [
            (2, 'is not a mail address', ['user', 'add', 'alice']),
            (2, "not in the organisation's domain",
             ['user', 'add', 'alice@example.com']),
            (1, 'nobody has this address', ['cert', 'list', 'x@example.org']),
            (1, 'nobody has this address', ['cert', 'show', 'x@example.org']),
            (1, "not in the organisation's domain",
             ['cert', 'show', 'x@example.com']),
            (1, 'nobody has this address',
             ['cert', 'export', 'x@example.org']),
            (1, 'nobody has this address', ['cert', 'renew', 'x@example.org']),
            (1, 'no certificate of this serial', ['cert', 'show', '00ff']),
            (5, 'no such file or folder', ['cert', 'show', 'no-such-file']),
            (2, '--purpose is signing, encryption or dual',
             ['cert', 'renew', 'x@example.org', '--purpose', 'fun']),
            (2, 'go with --pkcs12',
             ['cert', 'export', 'x@example.org', '--legacy'])]:
        refused(status, said, *args, home=home)


def add_people(home):
    assert 'Nobody yet' in good('user', 'list', home=home)
    alice = answer('user', 'add', 'alice@example.org', '--name', 'Alice',
                   '--custody', 'server', home=home)
    assert [c['purpose'] for c in alice['certificates']] == [
        'signing', 'encryption'], alice
    assert alice['certificates'][1]['key_usage'] == ['keyAgreement'], alice
    refused(2, 'is there already', 'user', 'add', 'ALICE@example.org',
            home=home)
    assert 'Added bob' in good('user', 'add', 'bob@example.org', home=home)
    people = answer('user', 'list', home=home)['people']
    assert [p['address'] for p in people] == [
        'alice@example.org', 'bob@example.org'], people
    assert all(p['signing_until'] and p['encryption_until'] for p in people)
    assert 'alice@example.org' in good('user', 'list', home=home)


def show(home):
    certs = answer('cert', 'show', 'alice@example.org', home=home)
    assert len(certs['certificates']) == 2
    for cert in certs['certificates']:
        found = answer('cert', 'show', cert['serial'], home=home)
        assert found['certificates'] == [cert], found
        colons = ':'.join(cert['serial'][i:i + 2].lower()
                          for i in range(0, len(cert['serial']), 2))
        assert answer('cert', 'show', colons, home=home) == found
    text = good('cert', 'show', 'alice@example.org', home=home)
    assert 'CN=DEMO Alice,O=DEMO Example' in text, text


def export(home, folder):
    leaf = os.path.join(folder, 'leaf.pem')
    root = os.path.join(folder, 'root.pem')
    good('trust', 'export', '-o', root, home=home)
    told = answer('cert', 'export', 'alice@example.org', '--purpose',
                  'signing', '--chain', '-o', leaf, home=home)
    assert told == {'file': leaf, 'format': 'pem'}, told
    openssl('verify', '-purpose', 'smimesign', '-CAfile', root, '-untrusted',
            leaf, leaf)
    assert good('collection', 'export', home=home) == good(
        'trust', 'export', home=home)
    both = run('trust', 'export', '--json', home=home)
    assert both.returncode == 0 and both.stdout.startswith(b'-----BEGIN'), both
    assert json.loads(both.stderr) == {'file': None, 'format': 'pem'}, both
    with open(leaf, encoding='ascii') as file:
        assert file.read().count('BEGIN CERTIFICATE') == 2
    shown = answer('cert', 'show', leaf)['certificates']
    assert [c['authority'] for c in shown] == [False, True], shown
    assert openssl('x509', '-noout', '-email', '-in', leaf) == \
        'alice@example.org\n'
    plain = good('cert', 'export', 'alice@example.org', home=home)
    assert plain.startswith('-----BEGIN CERTIFICATE-----\n'), plain
    assert 'Key Agreement' in openssl(
        'x509', '-noout', '-ext', 'keyUsage', input=plain.encode())


def export_keys(home, folder):
    keys = os.path.join(folder, 'keys.p12')
    password = os.path.join(folder, 'password')
    with open(password, 'w', encoding='ascii') as file:
        file.write(leaks.PASSWORD + '\nnot this\n')
    args = ['cert', 'export', 'alice@example.org', '--pkcs12',
            '--password-file', password, '-o', keys]
    for more, num in [([], 3), (['--purpose', 'signing'], 1),
                      (['--purpose', 'encryption'], 2), (['--legacy'], 3)]:
        good(*args, *more, home=home)
        assert mode(keys) == 0o600
        old = ['-legacy'] if more == ['--legacy'] else []
        text = openssl('pkcs12', '-in', keys, '-passin', 'pass:' + leaks.PASSWORD,
                       '-nodes', *old)
        assert text.count('BEGIN PRIVATE KEY') == num, (more, text)
        shown = answer('cert', 'show', keys, '--password-file', password)
        with_key = [c for c in shown['certificates'] if c['private_key']]
        assert len(with_key) == num, shown
    refused(3, 'password', 'cert', 'show', keys)
    refused(5, 'no such file', *args[:-3], folder + '/none', '-o', keys,
            home=home)
    empty = os.path.join(folder, 'empty')
    with open(empty, 'w', encoding='ascii') as file:
        file.write('\n')
    unmade = os.path.join(folder, 'unmade.p12')
    refused(4, 'the password is empty', *args[:-3], empty, '-o', unmade,
            home=home)
    assert not os.path.exists(unmade)
    # Nobody is there to be asked.
    refused(3, '--password-file', *args[:4], '-o', keys, home=home,
            start_new_session=True)


def renew(home):
    said = answer('cert', 'renew', 'alice@example.org', '--purpose',
                  'encryption', home=home)['certificates']
    assert len(said) == 1 and said[0]['purpose'] == 'encryption', said
    certs = answer('cert', 'list', 'alice@example.org', home=home)
    states = [(c['purpose'], c['status']) for c in certs['certificates']]
    assert states == [('encryption', 'current'), ('encryption', 'superseded'),
                      ('signing', 'current')], states
    text = good('cert', 'renew', 'bob@example.org', home=home)
    assert text.count('\n') == 2 and 'signing' in text, text
    assert good('cert', 'list', home=home).count('\n') == 1 + 3 + 4


def refuse_damage(home, folder):
    broken = os.path.join(folder, 'broken')
    for damage, status, said in [
            (lambda: os.unlink(broken + '/keys/master.key'), 3,
             'the master key is missing'),
            (lambda: os.chmod(broken + '/keys/master.key', 0o644), 3,
             'others may read the master key'),
            (lambda: spoil(broken + '/sigill.db', b'x' * 100, 0), 5,
             'not a database of ours'),
            (lambda: spoil(broken + '/sigill.db', b'\x55' * 40000, 4096), 5,
             'the database is damaged')]:
        shutil.copytree(home, broken)
        damage()
        refused(status, said, 'user', 'add', 'eve@example.org', home=broken)
        shutil.rmtree(broken)


def spoil(path, with_bytes, at):
    with open(path, 'r+b') as file:
        file.seek(at)
        file.write(with_bytes)


def write_nowhere(home):
    full = run('cert', 'export', 'alice@example.org', '-o', '/dev/full',
               home=home)
    assert full.returncode == 5 and b'no space left' in full.stderr, full
    refused(5, 'no such file or folder', 'trust', 'export', '-o',
            '/nowhere/at/all', home=home)
    closed = subprocess.run(
        ['sh', '-c', '"$0" user list --home "$1" >&-', SIGILL, home],
        stderr=subprocess.PIPE, env=environment(), check=False)
    assert closed.returncode == 5 and b'is closed' in closed.stderr, closed
    with open('/dev/full', 'wb') as full:
        result = subprocess.run(
            [SIGILL, 'user', 'list', '--home', home], stdout=full,
            stderr=subprocess.PIPE, env=environment(), check=False)
    assert result.returncode == 5, result


def help_is_there(home):
    for words in [['--help'], ['help'], ['user', 'add', '--help'], ['user', '--help'],
                  ['cert', 'export', '-h'], ['--version']]:
        assert good(*words, home=home).count('\n') > 0
    assert '--pkcs12' in good('cert', 'export', '--help')
    assert not os.path.exists('--help')


with place() as top:
    here = os.path.join(top, 'data', 'home')
    make(here)
    refuse_what_is_wrong(here, os.path.join(top, 'none'))
    add_people(here)
    show(here)
    hide_people(here, 'alice@example.org', 'bob@example.org')
    export(here, top)
    renew(here)
    hide_people(here, 'alice@example.org', 'bob@example.org')
    export_keys(here, top)
    refuse_damage(here, top)
    write_nowhere(here)
    help_is_there(here)
