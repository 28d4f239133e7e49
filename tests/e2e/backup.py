#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Backup and restore: all comes back, damaged ones restore nothing, and what
was revoked after the backup stays revoked. On files and on PostgreSQL."""
import contextlib
import json
import os
import sqlite3
import subprocess
import sys

from e2e import (BODY, ENV, ENVIRONMENT, INPUT, KEY, NO, OK, PASSWORD, USAGE, openssl,
                 party, path, read, run, sigill, write)

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import postgres  # noqa: E402
import service  # noqa: E402

NUMBER = 100      # those of services are below


def home(*options):
    """A new organisation with two people; the words that name it."""
    global NUMBER
    NUMBER += 1
    words = ['--home', path(f'home-{NUMBER}')]
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256', *options,
           *words).expect(OK)
    for person in ('alice', 'bob'):
        sigill('user', 'add', person + '@example.org', *words).expect(OK)
    return words


def officer():
    """A certificate to encrypt to, and words that give its key."""
    who = party('officer', kind='rsa')
    return who.pem, who.id()


def backup(words, name='home.backup', *options):
    out = path(name)
    pem, _ = officer()
    sigill('backup', '--to', pem, '-o', out, *options, *words).expect(
        OK, 'Backup of example.org')
    return out


def restore(file, *words):
    return sigill('restore', *officer()[1], *words, file)


def new_place():
    global NUMBER
    NUMBER += 1
    return ['--home', path(f'home-{NUMBER}')]


def serials(words):
    out = sigill('cert', 'list', '--json', *words).expect(OK).out
    return sorted(c['serial'] for c in json.loads(out)['certificates'])


def test_all_comes_back():
    old = home()
    write('mail.eml', b'From: alice@example.org\r\n' + BODY)
    sigill('encrypt', '--to', 'bob@example.org', *old, '-o',
           path('sealed.eml'), path('mail.eml')).expect(OK)
    file = backup(old)
    assert os.stat(file).st_mode & 0o777 == 0o600
    restore(file, '--rehearse').expect(OK, 'which all open')
    assert not [n for n in os.listdir(ENV.get('TMPDIR', '/var/tmp'))
                if n.startswith('sigill-')], 'a rehearsal left something'
    new = new_place()
    restore(file, '--no-last-crl', *new).expect(OK, 'Restored example.org')
    assert serials(new) == serials(old)
    # The keys open what was encrypted before, and new ones are made.
    sigill('open', '--key', 'bob@example.org', *new, '--accept', 'none',
           '-o', path('opened.eml'), path('sealed.eml')).expect(OK)
    sigill('user', 'add', 'carol@example.org', *new).expect(OK)
    sigill('cert', 'renew', 'alice@example.org', *new).expect(OK)
    for name in ('sigill.db', 'keys/master.key', 'sigilld.conf'):
        mode = os.stat(os.path.join(new[1], name)).st_mode & 0o777
        assert mode == 0o600, (name, oct(mode))


def test_a_password_opens_it_too():
    old = home()
    password = write('backup.password', PASSWORD + '\n')
    file = path('password.backup')
    sigill('backup', '--password-recipient', password, '-o', file,
           *old).expect(OK)
    sigill('restore', '--rehearse', '--password-recipient', password,
           file).expect(OK)
    wrong = write('wrong.password', 'not it\n')
    sigill('restore', '--rehearse', '--password-recipient', wrong,
           file).expect(KEY, 'wrong')
    restore(file, '--rehearse').expect(KEY, 'password')
    sigill('backup', '-o', path('never'), *old).expect(USAGE, '--to')
    assert not os.path.exists(path('never'))


def test_recovery_officers_open_it():
    old = home()
    pem, keys = officer()
    sigill('recovery', 'officer', 'add', 'one', '--certificate', pem,
           *old).expect(OK)
    file = path('officers.backup')
    sigill('backup', '-o', file, *old).expect(OK)
    sigill('restore', '--rehearse', *keys, file).expect(OK)


def test_codes_and_cases_do_not_come_back():
    """They may have been used, or ended, after the backup."""
    old, new = home(), new_place()
    pem, _ = officer()
    sigill('recovery', 'officer', 'add', 'one', '--certificate', pem,
           *old).expect(OK)
    sigill('recovery', 'officer', 'add', 'two', '--certificate',
           party('officer2', kind='rsa').pem, *old).expect(OK)
    sigill('recovery', 'set', '--threshold', '2', *old).expect(OK)
    sigill('admin', 'add', 'tester', '--uid', os.getuid(), '--office',
           'recovery-officer', *old).expect(OK)
    sigill('recovery', 'open', 'alice@example.org', '--case', 'HR-1',
           '--reason', 'left', *old).expect(OK)
    for person in ('alice', 'bob'):
        sigill('user', 'enrol-code', person + '@example.org', *old).expect(OK)
    file = backup(old, 'codes.backup')
    restore(file, '--rehearse').expect(OK)
    told = json.loads(restore(file, '--no-last-crl', '--json', *new).expect(
        OK).out)
    assert told['codes_withdrawn'] == 2, told
    assert told['requests_cancelled'] == 1, told
    listed = json.loads(sigill('recovery', 'list', '--json', *new).out)
    assert [r['state'] for r in listed['requests']] == ['cancelled'], listed
    with contextlib.closing(sqlite3.connect(
            os.path.join(new[1], 'sigill.db'))) as db:
        assert db.execute('SELECT count(*) FROM enrol_code').fetchone() == (0,)
    sigill('audit', 'list', *new).expect(OK, 'recovery.cancel')
    place = new_place()
    restore(file, '--no-last-crl', *place).expect(
        OK, 'Enrolment codes withdrawn: 2, recovery requests cancelled: 1')


def test_a_vault_with_a_passphrase():
    """The day on which the machine is gone, and with it all other ways."""
    old = home()
    passphrase = write('vault.passphrase', PASSWORD + '\n')
    env = {'SIGILL_PASSPHRASE_FILE': passphrase}
    sigill('key', 'protect', '--passphrase', '--password-file', passphrase,
           *old).expect(OK)
    file = path('protected.backup')
    sigill('backup', '--to', officer()[0], '-o', file, *old, env=env).expect(OK)
    words = ['restore', *officer()[1]]
    sigill(*words, '--rehearse', file).expect(KEY, 'SIGILL_PASSPHRASE_FILE')
    sigill(*words, '--rehearse', file, env=env).expect(OK, 'which all open')
    new = new_place()
    sigill(*words, '--no-last-crl', *new, file, env=env).expect(OK)
    sigill('user', 'add', 'carol@example.org', *new, env=env).expect(OK)


def test_what_is_damaged_restores_nothing():
    file = backup(home())
    whole = read(file)
    for name, content in (
            ('cut', whole[:len(whole) // 2]),
            ('short', whole[:40]),
            ('last', whole[:-1]),
            ('flipped', whole[:3000] + bytes([whole[3000] ^ 1])
             + whole[3001:]),
            ('tag', whole[:-1] + bytes([whole[-1] ^ 1])),
            ('other', b'not a backup at all' * 10)):
        place = new_place()
        result = restore(write(name + '.backup', content), '--no-last-crl',
                         *place)
        result.expect(INPUT)
        assert not os.path.exists(place[1]), name


def test_it_must_be_authentic_and_ours():
    """An encryption without a tag, and one that holds something else."""
    pem, _ = officer()
    content = write('foreign', BODY)
    for name, cipher in (('cbc', '-aes-256-cbc'), ('gcm', '-aes-256-gcm')):
        out = path(name + '.backup')
        openssl('cms', '-encrypt', '-binary', '-outform', 'DER', cipher,
                '-in', content, '-out', out, pem)
        place = new_place()
        restore(out, '--no-last-crl', *place).expect(INPUT, 'backup')
        assert not os.path.exists(place[1])


def test_nothing_is_overwritten():
    old = home()
    file = backup(old)
    restore(file, '--no-last-crl', *old).expect(USAGE, 'new folder')
    assert len(serials(old)) == 4
    other = path('documents')
    os.mkdir(other)
    write('documents/letter', b'dear')
    restore(file, '--no-last-crl', '--home', other).expect(USAGE)
    assert read('documents/letter') == b'dear'
    place = new_place()
    restore(file, *place).expect(USAGE, '--last-crl')
    assert not os.path.exists(place[1])


def published(words, name):
    """The issuing authority's newest CRL, as a file."""
    with sqlite3.connect(os.path.join(words[1], 'sigill.db')) as db:
        (number, der), = db.execute(
            'SELECT number, der FROM crl WHERE authority = 2'
            ' ORDER BY number DESC LIMIT 1')
    db.close()
    return write(name, der), number


def revoked(words):
    out = sigill('cert', 'list', '--json', *words).expect(OK).out
    return sorted(c['serial'] for c in json.loads(out)['certificates']
                  if c['status'] == 'revoked')


def test_a_hold_that_became_more():
    old = home()
    sigill('user', 'suspend', 'alice@example.org', *old).expect(OK)
    file = backup(old, 'hold.backup')
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'keyCompromise',
           *old).expect(OK)
    crl, _ = published(old, 'compromised.crl')
    new = new_place()
    restore(file, '--last-crl', crl, *new).expect(OK)
    sigill('user', 'resume', 'alice@example.org', *new)
    assert len([s for s in revoked(new)]) == 2


def test_an_authority_that_was_revoked():
    password = write('root.password', PASSWORD + '\n')
    key = path('root.p12')
    where = new_place()
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           '--public-url', 'http://pki.example.org', '--root-key-out', key,
           '--password-file', password, *where).expect(OK)
    file = backup(where, 'authority.backup')
    root = ['--root-key', key, '--password-file', password]
    sigill('ca', 'replace-issuing', *root, *where).expect(OK)
    sigill('ca', 'revoke-issuing', '2', '--reason', 'cACompromise', *root,
           *where).expect(OK)
    crl = os.path.join(where[1], 'ca', '1-0.crl')
    new = new_place()
    restore(file, '--last-crl', crl, *new).expect(OK)
    out = sigill('ca', 'list', '--json', *new).expect(OK).out.decode()
    assert '"revoked"' in out, out
    assert read(os.path.join(new[1], 'ca', '1-0.crl')) == read(crl)
    sigill('user', 'add', 'eve@example.org', '--unchecked', *new).expect(
        NO, 'issuing')
    # One that was made and revoked since is on the next list, too.
    listed = openssl('crl', '-inform', 'DER', '-in', crl, '-noout', '-text')
    sigill('ca', 'replace-issuing', *root, *where).expect(OK)
    sigill('ca', 'revoke-issuing', '3', '--reason', 'superseded', *root,
           *where).expect(OK)
    later = new_place()
    restore(file, '--last-crl', crl, *later).expect(OK, 'not at all: 1')
    sigill('ca', 'root-crl', *root, *later).expect(OK)
    again = openssl('crl', '-inform', 'DER', '-in',
                    os.path.join(later[1], 'ca', '1-0.crl'), '-noout', '-text')
    assert again.count(b'Serial Number: ') == 2 == listed.count(
        b'Serial Number: ') + 1, again


def test_an_authority_newer_than_the_backup():
    password = write('root.password', PASSWORD + '\n')
    key, where = path('root-2.p12'), new_place()
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           '--public-url', 'http://pki.example.org', '--root-key-out', key,
           '--password-file', password, *where).expect(OK)
    file = backup(where, 'older.backup')
    root = ['--root-key', key, '--password-file', password]
    sigill('ca', 'replace-issuing', *root, *where).expect(OK)
    for name in ('alice', 'bob'):
        sigill('user', 'add', name + '@example.org', '--unchecked', *where
               ).expect(OK)
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'keyCompromise',
           *where).expect(OK)
    before = revoked(where)
    assert len(before) == 2
    crls = [os.path.join(where[1], 'ca', f'{n}-0.crl') for n in (1, 2, 3)]
    certificate = os.path.join(where[1], 'ca', '3.cer')
    last = [w for crl in crls for w in ('--last-crl', crl)]
    new = new_place()
    restore(file, *last, *new).expect(USAGE, 'not signed', '--issuing')
    restore(file, *last, '--issuing', party('else').pem, *new).expect(
        USAGE, 'is not one of an issuing authority')
    assert not os.path.exists(new[1])
    restore(file, *last, '--issuing', certificate, *new).expect(
        OK, 'did not know: 1', 'not at all: 2')
    # Its number and its list are what they were, and the key is no other's.
    for name in ('3.cer', '3-0.crl'):
        assert read(os.path.join(new[1], 'ca', name)) == \
            read(os.path.join(where[1], 'ca', name)), name
    (issuing,) = [a for a in json.loads(sigill(
        'ca', 'list', '--json', *new).expect(OK).out)['authorities']
                  if a['id'] == 3]
    assert (issuing['state'], issuing['key']) == ('retired', 'lost'), issuing
    sigill('ca', 'list', *new).expect(OK, 'lost')
    sigill('status', *new).expect(OK, 'sigill ca revoke-issuing 3')
    # What there is is gone on with; then all of it is revoked at once.
    sigill('user', 'add', 'carol@example.org', '--unchecked', *new).expect(OK)
    sigill('ca', 'crl', *new).expect(OK)
    assert read(os.path.join(new[1], 'ca', '3-0.crl')) == read(crls[2])
    sigill('ca', 'revoke-issuing', '3', '--reason', 'superseded', *root,
           *new).expect(OK)
    assert 'revoke-issuing' not in sigill('status', *new).expect(
        OK).out.decode()
    # The next one has a name of its own.
    sigill('ca', 'replace-issuing', *root, *new).expect(OK)
    names = [a['certificate']['subject'] for a in json.loads(sigill(
        'ca', 'list', '--json', *new).out)['authorities']]
    assert len(set(map(str, names))) == 4, names


def test_an_authority_whose_key_was_prepared():
    password = write('root.password', PASSWORD + '\n')
    key, where = path('root-3.p12'), new_place()
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           '--public-url', 'http://pki.example.org', '--root-key-out', key,
           '--password-file', password, *where).expect(OK)
    sigill('ca', 'prepare', *where).expect(OK)
    file = backup(where, 'prepared.backup')
    sigill('ca', 'replace-issuing', '--root-key', key, '--password-file',
           password, *where).expect(OK)
    sigill('user', 'add', 'alice@example.org', '--unchecked', *where
           ).expect(OK)
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'keyCompromise',
           *where).expect(OK)
    folder, new = os.path.join(where[1], 'ca'), new_place()
    restore(file, '--last-crl', os.path.join(folder, '3-0.crl'), '--issuing',
            os.path.join(folder, '3.cer'), *new).expect(OK, 'not at all: 2')
    # It issues, and its next list has all that its last one had.
    sigill('ca', 'check', *new).expect(OK)
    sigill('ca', 'crl', *new).expect(OK)
    text = openssl('crl', '-inform', 'DER', '-in',
                   os.path.join(new[1], 'ca', '3-0.crl'), '-noout', '-text')
    for serial in revoked(where):
        assert serial.upper() in text.decode().upper(), text
    sigill('user', 'add', 'bob@example.org', '--unchecked', *new).expect(OK)


class Restored(service.Service):
    """The service of what was restored."""

    def make(self, settings):
        file, crl = settings
        restore(file, '--last-crl', crl, *self.homed).expect(OK)
        conf = os.path.join(self.home, 'sigilld.conf')
        text = read(conf).decode()
        write(conf, text.replace('127.0.0.1:8080', f'127.0.0.1:{self.port}'))


def tell_the_world(file, crl, late):
    """Of a certificate that the backup does not know, OCSP says revoked."""
    with Restored(settings=(file, crl)) as s:
        issuing = os.path.join(s.home, 'ca', 'issuing.pem')
        root = os.path.join(s.home, 'ca', 'root.pem')

        def says():
            return subprocess.run(
                ['openssl', 'ocsp', '-issuer', issuing, '-cert', late, '-url',
                 f'http://127.0.0.1:{s.port}/ocsp', '-CAfile', root],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                env=ENV).stdout
        s.wait_for(lambda: b': revoked' in says())
        s.stop()


def test_nothing_becomes_unrevoked():
    old = home()
    file = backup(old)
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'keyCompromise',
           *old).expect(OK)
    sigill('user', 'add', 'late@example.org', *old).expect(OK)
    late = path('late.pem')
    sigill('cert', 'export', 'late@example.org', '-o', late, *old).expect(OK)
    sigill('cert', 'revoke', 'late@example.org', '--reason', 'superseded',
           *old).expect(OK)
    crl, number = published(old, 'last.crl')
    before = revoked(old)
    assert len(before) == 4, before
    new = new_place()
    restore(file, '--last-crl', crl, *new).expect(
        OK, 'last CRLs revoke: 4; ', 'as revoked: 2, not at all: 2')
    assert set(revoked(new)) < set(before) and len(revoked(new)) == 2
    # The next CRL lists all four, under a number never used.
    sigill('ca', 'crl', *new).expect(OK)
    again, higher = published(new, 'again.crl')
    assert higher > number + 1000
    text = openssl('crl', '-inform', 'DER', '-in', again, '-noout',
                   '-text').decode()
    for serial in before:
        assert serial.upper() in text.upper(), (serial, text)
    tell_the_world(file, crl, late)
    # A stranger's list is none of ours.
    foreign = party('stranger').crl()
    place = new_place()
    restore(file, '--last-crl', foreign, *place).expect(
        USAGE, 'not signed', 'but by: CN=Stranger')
    assert not os.path.exists(place[1])


def test_from_a_file_to_a_server_and_back():
    if postgres.programs() is None:
        print('     (PostgreSQL is not installed)')
        return
    with postgres.Cluster() as cluster:
        cluster.make('one')
        cluster.make('two')
        old = home()
        file = backup(old)
        new = new_place()
        url = cluster.tls_url('one')
        restore(file, '--no-last-crl', '--database', url, *new).expect(OK)
        assert not os.path.exists(os.path.join(new[1], 'sigill.db'))
        assert serials(new) == serials(old)
        sigill('user', 'add', 'carol@example.org', *new).expect(OK)
        back = new_place()
        other = backup(new, 'server.backup')
        restore(other, '--no-last-crl', *new_place()).expect(
            USAGE, 'holds an organisation already')
        restore(other, '--no-last-crl', '--database', 'file', *back).expect(OK)
        assert serials(back) == serials(new)
        assert b'\ndatabase =' not in read(os.path.join(back[1], 'sigilld.conf'))
        born = new_place()
        sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
               '--database', cluster.url('two'), *born).expect(OK)
        sigill('user', 'add', 'dora@example.org', *born).expect(OK)
        assert len(serials(born)) == 2
        sigill('init', '--domain', 'example.org', '--database',
               cluster.url('two'), *new_place()).expect(USAGE, 'already')
        cluster.stop()
        result = sigill('user', 'list', *born)
        result.expect(ENVIRONMENT, 'database server')
        assert PASSWORD not in result.err


if __name__ == '__main__':
    run(globals())
