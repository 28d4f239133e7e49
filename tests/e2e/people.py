#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The life of a mailbox: other names, away for a while, gone; who has its keys,
and what of them is in the database."""
import contextlib
import os
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
import leaks  # noqa: E402
from e2e import BODY, path, read, run, write  # noqa: E402
from sigill import answer, good, hide_people, refused  # noqa: E402

DOMAIN = 'example.org'
_made = [0]


def home():
    """A new organisation."""
    _made[0] += 1
    made = path(f'organisation{_made[0]}')
    good('init', '--domain', DOMAIN, '--algorithm', 'p256', home=made)
    return made


def add(where, name, *options):
    address = f'{name}@{DOMAIN}'
    answer('user', 'add', address, *options, home=where)
    hide_people(where, address) if '--shared' not in options else None
    return address


def show(where, address):
    return answer('user', 'show', address, home=where)


def certs(where, address, purpose=None):
    return [c for c in show(where, address)['certificates']
            if purpose in (None, c['purpose'])]


def password():
    return write('password', leaks.PASSWORD + '\n')


def export(where, address, *options, to='keys.p12'):
    """Hands the keys out; how many private keys there are in the file."""
    good('cert', 'export', address, '--pkcs12', '--password-file', password(),
         '-o', path(to), *options, home=where)
    keys = subprocess.run(
        ['openssl', 'pkcs12', '-in', path(to), '-passin',
         'pass:' + leaks.PASSWORD, '-nodes', '-nocerts'],
        stdout=subprocess.PIPE, check=True).stdout
    leaks.hide_key(keys)
    return keys.count(b'BEGIN PRIVATE KEY')


def sealed(where):
    """{serial number of a certificate: the sealed bytes of its key}"""
    with contextlib.closing(sqlite3.connect(
            f'file:{where}/sigill.db?mode=ro', uri=True)) as db:
        return {serial.hex().upper(): bytes(key) for serial, key in db.execute(
            'SELECT c.serial, k.sealed FROM certificate c JOIN key k'
            ' ON k.id = c.key')}


def is_in_files(where, secret):
    """Whether these bytes are anywhere in the files of the home."""
    for folder, _, names in os.walk(where):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as file:
                if secret in file.read():
                    return True
    return False


def sign(where, address):
    return good('sign', '--key', address, '-o', path('signed.eml'),
                write('mail', BODY), home=where)


def encrypt(where, address, to='encrypted.eml'):
    good('encrypt', '--cipher', 'aes-256-gcm', '--to', address, '-o', path(to), write('mail', BODY),
         home=where)
    return path(to)


def decrypt(where, address, file):
    good('decrypt', '--key', address, '-o', path('opened'), file, home=where)
    assert leaks.MARK in read('opened')


def actions(where):
    with contextlib.closing(sqlite3.connect(
            f'file:{where}/sigill.db?mode=ro', uri=True)) as db:
        return [a for a, in db.execute(
            'SELECT action FROM audit ORDER BY sequence')]


# ------------------------------------------------------------- show, set ---

def test_show_says_who_has_the_keys():
    where = home()
    alice = add(where, 'alice', '--name', 'Alice')
    shown = show(where, alice)
    assert shown['state'] == 'active' and shown['custody'] == 'user', shown
    assert shown['signs'] == shown['opens'] == 'service', shown
    assert export(where, alice) == 2
    shown = show(where, alice)
    assert shown['signs'] == 'person' and shown['opens'] == 'both', shown
    text = good('user', 'show', alice, home=where)
    assert 'Alice <alice@example.org>' in text, text
    assert 'Only the person can sign' in text, text
    assert 'The person can open the mail, and so can this' in text, text
    refused(1, 'nobody has this address', 'user', 'show',
            'bob@example.org', home=where)
    refused(2, 'something is missing', 'user', 'show', home=where)


def test_set_changes_what_certificates_say():
    where = home()
    alice = add(where, 'alice', '--name', 'Alice')
    for said, *args in [
            ('nothing is to be set', alice),
            ('exclude each other', alice, '--protected', '--not-protected'),
            ('--language is en or sv', alice, '--language', 'xx'),
            ('--custody is user, server or sealed', alice, '--custody', 'me'),
            ('say --acknowledge-loss too', alice, '--custody', 'sealed'),
            ('goes with --custody sealed', alice, '--acknowledge-loss',
             '--name', 'A'),
            ('cannot be a name', alice, '--name', 'x' * 60)]:
        refused(2, said, 'user', 'set', *args, home=where)
    assert certs(where, alice)[0]['subject'].startswith('CN=DEMO Alice')
    good('user', 'set', alice, '--protected', '--language', 'sv', home=where)
    good('cert', 'renew', alice, home=where)
    hide_people(where, alice)
    assert show(where, alice)['protected'] is True
    for cert in certs(where, alice)[:2]:
        assert cert['subject'].startswith(f'CN=DEMO {alice}'), cert
    good('user', 'set', alice, '--not-protected', '--name', 'Eve', home=where)
    assert show(where, alice)['name'] == 'Eve'
    assert 'user.set' in actions(where)


def test_aliases():
    where = home()
    alice, bob = add(where, 'alice'), add(where, 'bob')
    alias = 'al@example.org'
    good('user', 'alias', 'add', alice, alias, home=where)
    for status, said, *args in [
            (2, 'is an address of somebody else', 'add', bob, alias),
            (2, 'is an address of somebody else', 'add', alice, bob),
            (2, 'is an address of this person already', 'add', alice, alias),
            (2, 'is not a mail address', 'add', alice, 'nonsense'),
            (2, "not in the organisation's domain", 'add', alice,
             'alice@example.com'),
            (1, 'is not a further address', 'remove', bob, alias),
            (1, 'is not a further address', 'remove', alice, alice),
            (1, 'nobody has this address', 'list', 'x@example.org')]:
        refused(status, said, 'user', 'alias', *args, home=where)
    refused(2, 'one of these must follow', 'user', 'alias', home=where)
    refused(1, 'is not a further address', 'user', 'set', bob,
            '--certify-alias', alias, home=where)
    decrypt(where, alice, encrypt(where, alias))
    assert certs(where, alice)[0]['addresses'] == [alice]
    good('user', 'set', alice, '--certify-alias', alias, home=where)
    good('cert', 'renew', alice, home=where)
    hide_people(where, alice)
    assert certs(where, alice)[0]['addresses'] == [alice, alias]
    assert answer('user', 'alias', 'list', alice, home=where) == {
        'aliases': [{'alias': alias, 'certified': True}]}
    good('user', 'alias', 'remove', alice, alias, home=where)
    assert good('user', 'alias', 'list', alice, home=where) == ''
    refused(1, 'nobody has this address', 'user', 'show', alias, home=where)


# ---------------------------------------------------------------- states ---

def test_rename_keeps_old_mail_and_the_old_address():
    where = home()
    old, new = add(where, 'alice'), 'alice.b@example.org'
    add(where, 'bob')
    mail = encrypt(where, old)
    for status, said, *args in [
            (2, 'is an address of somebody else', old, 'bob@example.org'),
            (2, 'is not a mail address', old, 'nonsense'),
            (2, "not in the organisation's domain", old, 'a@example.com'),
            (2, "is this person's address already", old, old),
            (2, "is this person's address already", old, old.upper()),
            (1, 'nobody has this address', 'x@example.org', new)]:
        refused(status, said, 'user', 'rename', *args, home=where)
    assert answer('user', 'rename', old, new, home=where)['address'] == new
    hide_people(where, new)
    shown = show(where, old)
    assert shown['address'] == new and shown['aliases'] == [old], shown
    assert [(c['purpose'], c['status'], c['addresses'])
            for c in shown['certificates']] == [
        ('encryption', 'current', [new]), ('signing', 'current', [new]),
        ('encryption', 'superseded', [old]), ('signing', 'revoked', [old])]
    decrypt(where, new, mail)
    decrypt(where, old, encrypt(where, old))
    sign(where, old)
    # And back, which swaps the two; and what was kept is not revoked.
    good('user', 'rename', new, old, '--keep-signing', home=where)
    hide_people(where, old)
    states = [c['status'] for c in certs(where, old, 'signing')]
    assert states == ['current', 'superseded', 'revoked'], states
    assert show(where, new)['aliases'] == [new]
    assert actions(where).count('user.rename') == 2


def test_suspended_people_do_not_sign():
    where = home()
    alice = add(where, 'alice')
    mail = encrypt(where, alice)
    refused(2, 'is not suspended', 'user', 'resume', alice, home=where)
    good('user', 'suspend', alice, home=where)
    refused(2, 'is suspended already', 'user', 'suspend', alice, home=where)
    assert [c['status'] for c in certs(where, alice)] == [
        'current', 'revoked']
    refused(3, 'the mailbox is suspended', 'sign', '--key', alice, '-o',
            path('no'), write('mail', BODY), home=where)
    for said, *args in [
            ('no keys are handed out', 'cert', 'export', alice, '--pkcs12',
             '--password-file', password(), '-o', path('no.p12')),
            ('the mailbox is suspended', 'cert', 'renew', alice),
            ('the mailbox is suspended', 'user', 'rename', alice,
             'b@example.org')]:
        refused(2, said, *args, home=where)
    assert not os.path.exists(path('no.p12'))
    # Mail goes on, and can be opened.
    decrypt(where, alice, mail)
    decrypt(where, alice, encrypt(where, alice))
    assert show(where, alice)['signs'] == 'nobody'
    good('user', 'resume', alice, home=where)
    assert [c['status'] for c in certs(where, alice)] == [
        'current', 'current']
    sign(where, alice)


def test_who_left_is_revoked_and_then_deleted():
    where = home()
    alice, bob = add(where, 'alice'), add(where, 'bob')
    mail = encrypt(where, alice)
    refused(2, 'only who has left can be deleted', 'user', 'delete', alice,
            home=where)
    good('user', 'suspend', alice, home=where)
    good('user', 'leave', alice, home=where)
    for said, verb in [('has left already', 'leave'),
                       ('has left', 'suspend'), ('has left', 'resume')]:
        refused(2, said, 'user', verb, alice, home=where)
    assert {c['status'] for c in certs(where, alice)} == {'revoked'}
    refused(3, 'has left', 'sign', '--key', alice, '-o', path('no'),
            write('mail', BODY), home=where)
    refused(3, 'has left', 'encrypt', '--to', alice, '-o', path('no'),
            write('mail', BODY), home=where)
    decrypt(where, alice, mail)
    refused(2, 'has left', 'cert', 'renew', alice, home=where)
    for said, *options in [('say --acknowledge-loss too', '--destroy-keys'),
                           ('goes with --destroy-keys', '--acknowledge-loss')]:
        refused(2, said, 'user', 'delete', alice, *options, home=where)
    before = sealed(where)
    good('user', 'delete', alice, home=where)
    assert sealed(where) == before
    refused(1, 'nobody has this address', 'user', 'show', alice, home=where)
    assert [p['address'] for p in answer(
        'user', 'list', home=where)['people']] == [bob]
    # The address is free, and the new owner has nothing of the old one.
    add(where, 'alice')
    refused(3, 'no key', 'decrypt', '--key', alice, '-o', path('no'), mail,
            home=where)


def test_destroyed_keys_are_in_no_file():
    where = home()
    alice = add(where, 'alice')
    keys = list(sealed(where).values())
    assert all(is_in_files(where, key) for key in keys)
    good('user', 'leave', alice, home=where)
    good('user', 'delete', alice, '--destroy-keys', '--acknowledge-loss',
         home=where)
    assert not any(is_in_files(where, key) for key in keys)
    assert set(sealed(where).values()) == {b''}
    assert 'user.delete' in actions(where)


# --------------------------------------------------------------- custody ---

def test_what_is_handed_out_is_kept_as_the_custody_says():
    for custody, kept, signs, opens in [
            ('server', (True, True), 'both', 'both'),
            ('user', (False, True), 'person', 'both'),
            ('sealed', (False, False), 'person', 'person')]:
        where = home()
        extra = ['--acknowledge-loss'] if custody == 'sealed' else []
        alice = add(where, 'alice', '--custody', custody, *extra)
        before = sealed(where)
        mail = encrypt(where, alice)
        sign(where, alice)
        assert export(where, alice) == 2
        shown = show(where, alice)
        assert (shown['signs'], shown['opens']) == (signs, opens), shown
        by_purpose = {c['purpose']: c for c in shown['certificates']}
        for purpose, keeps in zip(('signing', 'encryption'), kept):
            serial = by_purpose[purpose]['serial']
            assert by_purpose[purpose]['key_here'] is keeps, shown
            assert is_in_files(where, before[serial]) is keeps, purpose
        if kept[1]:
            decrypt(where, alice, mail)
        else:
            refused(3, 'holds no private key', 'decrypt', '--key', alice, '-o',
                    path('no'), mail, home=where)
        if kept[0]:
            sign(where, alice)
        else:
            refused(3, 'it signs where it was taken to', 'sign', '--key',
                    alice, '-o', path('no'), write('mail', BODY), home=where)
            refused(1, 'is not kept here', 'cert', 'export', alice,
                    '--pkcs12', '--purpose', 'signing', '--password-file',
                    password(), '-o', path('no.p12'), home=where)


def test_a_file_that_is_not_written_loses_no_key():
    where = home()
    alice = add(where, 'alice', '--custody', 'sealed', '--acknowledge-loss')
    refused(5, 'no space left', 'cert', 'export', alice, '--pkcs12',
            '--password-file', password(), '-o', '/dev/full', home=where)
    assert all(sealed(where).values())
    assert export(where, alice) == 2
    assert set(sealed(where).values()) == {b''}


def test_another_custody_is_true_or_refused():
    where = home()
    alice = add(where, 'alice', '--custody', 'server')
    key = sealed(where)[certs(where, alice, 'signing')[0]['serial']]
    export(where, alice)
    assert is_in_files(where, key)
    good('user', 'set', alice, '--custody', 'user', home=where)
    assert not is_in_files(where, key)
    for custody in ('server',):
        refused(2, 'is not here any more', 'user', 'set', alice, '--custody',
                custody, home=where)
    good('user', 'set', alice, '--custody', 'sealed', '--acknowledge-loss',
         home=where)
    assert set(sealed(where).values()) == {b''}
    refused(2, 'is not here any more', 'user', 'set', alice, '--custody',
            'user', home=where)
    good('cert', 'renew', alice, home=where)
    hide_people(where, alice)
    good('user', 'set', alice, '--custody', 'server', home=where)
    assert show(where, alice)['custody'] == 'server'
    sign(where, alice)
    decrypt(where, alice, encrypt(where, alice))


# --------------------------------------------------------------- holders ---

def test_a_shared_mailbox_has_holders():
    where = home()
    info = add(where, 'info', '--shared', '--name', 'Information')
    alice, bob, carol = (add(where, n) for n in ('alice', 'bob', 'carol'))
    assert show(where, info)['custody'] == 'server'
    for status, said, *args in [
            (2, 'is not a shared mailbox', 'add', alice, bob),
            (1, 'nobody has this address', 'add', info, 'x@example.org'),
            (2, 'holds no keys itself', 'add', info, info),
            (1, 'is not a holder', 'remove', info, alice)]:
        refused(status, said, 'user', 'holder', *args, home=where)
    refused(2, 'they are kept here', 'user', 'set', info, '--custody', 'user',
            home=where)
    for one in (alice, bob, carol):
        good('user', 'holder', 'add', info, one, home=where)
    refused(2, 'is a holder already', 'user', 'holder', 'add', info, bob,
            home=where)
    key = ['cert', 'export', info, '--pkcs12', '--password-file', password(),
           '-o', path('no.p12')]
    refused(2, 'say with --holder', *key, home=where)
    refused(2, 'leave out --holder', 'cert', 'export', alice, *key[3:],
            '--holder', bob, home=where)
    for one in (alice, bob):
        assert export(where, info, '--holder', one) == 2
    listed = answer('user', 'holder', 'list', info, home=where)['holders']
    assert [(h['address'], h['handed'] is not None) for h in listed] == [
        (alice, True), (bob, True), (carol, False)], listed
    assert show(where, bob)['holds'] == [info]
    mail = encrypt(where, info)
    # Who never had the key takes nothing along.
    out = answer('user', 'holder', 'remove', info, carol, home=where)
    assert out['rotated'] is False, out
    assert len(certs(where, info)) == 2
    # Who had it does.
    out = answer('user', 'holder', 'remove', info, alice, home=where)
    assert out['rotated'] is True, out
    assert [c['status'] for c in certs(where, info)] == [
        'current', 'current', 'revoked', 'revoked']
    decrypt(where, info, mail)
    assert export(where, info, '--holder', bob) == 3
    # Whoever leaves is no holder any more.
    good('user', 'leave', bob, home=where)
    assert len(certs(where, info)) == 6
    assert answer('user', 'holder', 'list', info, home=where) == {
        'holders': []}
    assert actions(where).count('cert.rotate') == 2


if __name__ == '__main__':
    run(globals())
