#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What was done is recorded, and whoever changes the records is found out."""
import hashlib
import json
import os
import shutil
import sqlite3


from e2e import (INPUT, KEY, NO, OK, PASSWORD, USAGE, leaks, openssl, path,
                 read, run, sigill, write)

COUNT = 0


def make(people=1):
    global COUNT
    COUNT += 1
    home = path(f'home-{COUNT}')
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256', '--home',
           home).expect(OK)
    for name in ('alice', 'bob', 'carol')[:people]:
        sigill('user', 'add', f'{name}@example.org', '--home', home).expect(OK)
    return home


def records(home, *words):
    result = sigill('audit', 'list', '--json', '--home', home, *words)
    return json.loads(result.expect(OK).out)['records']


def verify(home, *words):
    result = sigill('audit', 'verify', '--json', '--home', home, *words)
    report = json.loads(result.out)
    assert result.status == (OK if report['whole'] else NO), result
    return report


def faults(home, *words):
    return [(f['sequence'], f['fault'])
            for f in verify(home, *words)['findings']]


def change(home, *statements):
    with sqlite3.connect(os.path.join(home, 'sigill.db')) as db:
        for sql in statements:
            db.execute(sql)
    db.close()


def copy_of(home):
    global COUNT
    COUNT += 1
    there = path(f'home-{COUNT}')
    shutil.copytree(home, there)
    return there


def test_what_was_done_is_told():
    home = make()
    sigill('cert', 'renew', 'alice@example.org', '--purpose', 'signing',
           '--home', home).expect(OK)
    password = write('password', PASSWORD + '\n')
    sigill('cert', 'export', 'alice@example.org', '--pkcs12',
           '--password-file', password, '-o', path('alice.p12'), '--home',
           home).expect(OK)
    done = records(home)
    assert [r['action'] for r in done][:8] == [
        'organisation.init', 'authority.make', 'authority.make', 'user.add',
        'cert.issue', 'cert.issue', 'cert.issue', 'key.export'], done
    assert [r['sequence'] for r in done] == list(range(1, len(done) + 1))
    assert all(r['who'].endswith(f'({os.getuid()})') for r in done), done
    # A renewal tells which certificate another took the place of.
    assert done[6]['before'] == done[4]['after'].split()[0], done
    assert done[6]['after'].split()[0] in done[7]['after'].split(), done
    sigill('audit', 'list', '--home', home).expect(
        OK, 'key.export', 'alice@example.org')
    report = verify(home)
    assert report['whole'] and report['last_signed'] == len(done), report
    sigill('audit', 'verify', '--home', home).expect(
        OK, f'as they were made: {len(done)}')


def test_looking_and_failing_change_nothing():
    home = make()
    before = records(home)
    sigill('user', 'list', '--home', home).expect(OK)
    sigill('user', 'add', 'alice@example.org', '--home', home).expect(USAGE)
    sigill('cert', 'export', 'alice@example.org', '-o', path('alice.pem'),
           '--home', home).expect(OK)
    assert records(home) == before


def test_every_command_that_changes_something_is_told():
    """Also one that records nothing itself; and no secret is in a record."""
    home = make()
    before = len(records(home))
    sigill('ca', 'crl', '--home', home).expect(OK)
    told = records(home)[before:]
    assert [(r['action'], r['after']) for r in told] == [
        ('command', 'ca crl')], told
    assert verify(home)['last_signed'] == before + 1


def test_records_are_found_by_object_and_time():
    home = make(2)
    assert {r['object'] for r in records(home, '--object', 'bob@example.org')
            } == {'bob@example.org'}
    assert len(records(home, '--object', 'bob@example.org')) == 3
    assert records(home, '--since', '2100-01-01') == []
    assert len(records(home, '--since', '2000-01-01')) == 9
    sigill('audit', 'list', '--since', 'yesterday', '--home', home).expect(USAGE)


def test_every_column_is_protected():
    home = make()
    for column, value in (('at', 'at + 1'), ('who', "'root (0)x'"),
                          ('action', "'user.rename'"),
                          ('object', "'eve@example.org'"),
                          ('before', "'x'"), ('after', "'x'"),
                          ('previous', "x'" + '11' * 32 + "'"),
                          ('hash', "x'" + '22' * 32 + "'")):
        there = copy_of(home)
        change(there, f'UPDATE audit SET {column} = {value} WHERE sequence = 4')
        found = faults(there)
        assert (4, 'altered') in found, (column, found)
        sigill('audit', 'verify', '--home', there).expect(NO, 'record 4 ')
    there = copy_of(home)
    change(there, 'UPDATE audit SET sequence = 40 WHERE sequence = 4')
    assert {(4, 'missing'), (40, 'altered')} <= set(faults(there))


def test_what_is_taken_out_is_missed():
    home = make()
    there = copy_of(home)
    change(there, 'DELETE FROM audit WHERE sequence = 2')
    assert (2, 'missing') in faults(there), faults(there)
    # The rest moved up, so that no number is missing.
    change(there, 'UPDATE audit SET sequence = sequence - 1 WHERE sequence > 2')
    assert (2, 'altered') in faults(there), faults(there)
    # Nothing at all is what no organisation has.
    change(there, 'DELETE FROM audit', 'DELETE FROM audit_head')
    assert faults(there) == [(1, 'missing')], faults(there)


def test_what_is_swapped_or_put_in_is_found():
    home = make()
    there = copy_of(home)
    change(there, 'UPDATE audit SET sequence = 99 WHERE sequence = 4',
           'UPDATE audit SET sequence = 4 WHERE sequence = 5',
           'UPDATE audit SET sequence = 5 WHERE sequence = 99')
    assert {(4, 'altered'), (5, 'altered')} <= set(faults(there))
    there = copy_of(home)
    change(there, "INSERT INTO audit VALUES (7, 1, 'eve', 'user.add', 'x', '',"
           f" '', x'{'33' * 32}', x'{'44' * 32}')")
    assert {(7, 'altered'), (7, 'unlinked'), (7, 'unsigned')} <= set(
        faults(there))


def rewrite(home):
    """A chain with another past, whose hashes are all right."""
    with sqlite3.connect(os.path.join(home, 'sigill.db')) as db:
        rows = db.execute('SELECT sequence, at, who, action, object, before,'
                          ' after FROM audit ORDER BY sequence').fetchall()
        db.execute('DELETE FROM audit')
        previous = bytes(32)
        for row in rows:
            texts = list(row[2:])
            if row[0] == 4:
                texts[2] = 'eve@example.org'
            data = b'sigill audit record 1\n' + b''.join(
                n.to_bytes(8, 'big') for n in row[:2])
            for text in texts:
                data += len(text.encode()).to_bytes(4, 'big') + text.encode()
            digest = hashlib.sha256(data + previous).digest()
            db.execute('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
                       (*row[:2], *texts, previous, digest))
            previous = digest
    db.close()


def test_a_new_past_is_not_signed():
    home = make()
    sigill('audit', 'export', '-o', path('head'), '--home', home).expect(OK)
    there = copy_of(home)
    rewrite(there)
    assert faults(there) == [(6, 'bad-signature')], faults(there)
    change(there, 'DELETE FROM audit_head')
    assert faults(there) == [(1, 'unsigned')], faults(there)
    assert (6, 'different') in faults(there, '--head', path('head'))
    # Nor by another key, that is made when there seems to be none.
    change(there, "DELETE FROM setting WHERE name = 'audit.key'")
    sigill('user', 'add', 'bob@example.org', '--home', there).expect(OK)
    assert faults(there) == []
    assert {(6, 'different'), (6, 'other-key')} <= set(
        faults(there, '--head', path('head')))


def test_who_has_a_key_of_the_vault_cannot_sign_the_end():
    """Alice has her own key, and writes the database."""
    home = make()
    password = write('password', PASSWORD + '\n')
    sigill('cert', 'export', 'alice@example.org', '--pkcs12', '--purpose',
           'encryption', '--password-file', password, '-o', path('own.p12'),
           '--home', home).expect(OK)
    openssl('pkcs12', '-in', path('own.p12'), '-passin', 'file:' + password,
            '-nodes', '-nocerts', '-out', path('own.pem'))
    leaks.hide_key(read('own.pem'))
    spki = openssl('pkey', '-in', path('own.pem'), '-pubout', '-outform', 'DER')
    there = copy_of(home)
    rewrite(there)
    with sqlite3.connect(os.path.join(there, 'sigill.db')) as db:
        (key,), = db.execute('SELECT id FROM key WHERE spki_digest = ?',
                             (hashlib.sha256(spki).digest(),))
        last, digest = db.execute('SELECT sequence, hash FROM audit ORDER BY '
                                  'sequence DESC LIMIT 1').fetchone()
        write('end', b'sigill audit head 1\n%d\n' % last + digest)
        signature = openssl('dgst', '-sha256', '-sign', path('own.pem'),
                            path('end'))
        db.execute('DELETE FROM audit_head')
        db.execute('INSERT INTO audit_head VALUES (?, ?, ?)',
                   (last, key, signature))
        db.execute("UPDATE setting SET value = ? WHERE name = 'audit.key'",
                   (str(key),))
    db.close()
    assert faults(there) == [(last, 'bad-signature')], faults(there)
    # Nor by calling it an audit key.
    with sqlite3.connect(os.path.join(there, 'sigill.db')) as db:
        (sealed,), = db.execute('SELECT sealed FROM key WHERE id = ?', (key,))
        db.execute('UPDATE key SET sealed = ? WHERE id = ?',
                   (b'\2' + sealed[1:], key))
    db.close()
    assert faults(there) == [(last, 'bad-signature')], faults(there)
    # And what is done next is not signed by it either.
    sigill('user', 'add', 'bob@example.org', '--home', there).expect(KEY)


def test_what_is_cut_off_is_missed_where_an_end_was_kept():
    home = make()
    sigill('audit', 'export', '-o', path('head'), '--home', home).expect(OK)
    assert faults(home, '--head', path('head')) == []
    there = copy_of(home)
    change(there, 'DELETE FROM audit WHERE sequence > 3')
    assert (6, 'cut-off') in faults(there), faults(there)
    change(there, 'DELETE FROM audit_head WHERE sequence > 3')
    assert (6, 'cut-off') in faults(there, '--head', path('head'))
    # Number and hash, as a log has them, are enough.
    short = b''.join(read('head').splitlines(True)[:2])
    write('short', short)
    assert faults(home, '--head', path('short')) == []
    assert (6, 'cut-off') in faults(there, '--head', path('short'))
    # And the chain that goes on behind is another one.
    for name in ('bob', 'carol'):
        sigill('user', 'add', f'{name}@example.org', '--home', there).expect(OK)
    assert (6, 'different') in faults(there, '--head', path('head'))


def test_an_end_is_signed_so_that_others_can_check_it():
    home = make()
    sigill('audit', 'export', '-o', path('head'), '--home', home).expect(OK)
    end = dict(line.split() for line in read('head').decode().splitlines())
    write('key.der', bytes.fromhex(end['key']))
    write('signature', bytes.fromhex(end['signature']))
    write('signed', b'sigill audit head 1\n' + end['sequence'].encode() + b'\n'
          + bytes.fromhex(end['hash']))
    assert b'Verified OK' in openssl(
        'dgst', '-sha256', '-verify', path('key.der'), '-keyform', 'DER',
        '-signature', path('signature'), path('signed'))


def test_what_is_no_end_is_told():
    home = make(0)
    sigill('audit', 'export', '-o', path('head'), '--home', home).expect(OK)
    good = read('head')
    for wrong in (b'x', good[:-2], good + b'x', good.replace(b'hash', b'hush'),
                  good.replace(b'sequence 3', b'sequence 0'), good * 40,
                  good.replace(b'\n', b'\0'), good[:10]):
        sigill('audit', 'verify', '--home', home, '--head',
               write('wrong', wrong)).expect(INPUT)
    sigill('audit', 'verify', '--home', home, '--head',
           path('absent')).expect(5)
    forged = good.replace(b'signature 30', b'signature 31')
    assert faults(home, '--head', write('forged', forged)) == [
        (3, 'bad-signature')]



run(globals())
