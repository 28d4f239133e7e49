#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A folder of PKCS#12 files from another system, with a table of passwords:
told before, taken, told after; again it does nothing, and what is damaged does
not stop the others."""
import json
import os
import shutil
import signal
import subprocess
import time

from e2e import (ENV, FOLDER, INPUT, NO, OK, PASSWORD, SIGILL, USAGE,
                 encrypted, leaks, party, path, read, run, sigill, write)

HOME = ['--home', path('organisation')]
OLD = path('old')
PEOPLE = 'alice', 'bob', 'carol'


def org(*words, **options):
    if words[0] == 'open':
        return sigill(words[0], *HOME, *words[1:], **options)
    return sigill(*words, *HOME, **options)


def migrated(*more, status=OK):
    return json.loads(org('migrate', OLD, '--passwords', path('words.csv'),
                          '--json', *more).expect(status).out)


def by_file(told):
    return {f['file']: f for f in told['files']}


def results(file):
    return [(c['purpose'], c['result']) for c in file['certificates']]


def old_key(name):
    return party(name + '-old', 'inter', kind='rsa',
                 address=name + '@example.org', start='20180101000000Z',
                 end='20200101000000Z', usage='keyEncipherment')


def put(name, content):
    with open(os.path.join(OLD, name), 'wb') as file:
        file.write(content)


def test_prepare():
    org('init', '--domain', 'example.org', '--algorithm', 'p256').expect(OK)
    os.mkdir(OLD)
    party('inter', is_ca=True)
    for name in PEOPLE:
        org('user', 'add', name + '@example.org').expect(OK)
        new = party(name, 'inter', kind='rsa')
        put(name + '@example.org.p12', read(new.p12()))
        put(name + '-2018.pfx', read(old_key(name).p12('Ö' + PASSWORD)))
    put('above.pem', read(party('inter').pem) + read(party('ca').pem))
    write('words.csv', '\ufeffFile;Address;Password\r\n' + ''.join(
        f'{name}-2018.pfx;;Ö{PASSWORD}\r\n;{name}@example.org;{PASSWORD}\r\n'
        for name in PEOPLE))


def test_it_is_told_before_anything_is_done():
    before = org('cert', 'list').out
    said = migrated('--dry-run')
    files = by_file(said['before'])
    assert set(files) == {f'{n}{e}' for n in PEOPLE
                          for e in ('@example.org.p12', '-2018.pfx')}, files
    assert said['before']['taken'] == 6 and said['before']['history'] == 3
    assert 'after' not in said and org('cert', 'list').out == before
    told = org('migrate', OLD, '--passwords', path('words.csv'), '--dry-run')
    told.expect(OK, 'alice-2018.pfx: alice@example.org', 'it has expired',
                'Files: 7; found to be taken: 6, to read old mail: 3')


def test_all_is_taken_and_again_it_does_nothing():
    mail = encrypted(old_key('bob'))
    said = migrated()
    files = by_file(said['after'])
    assert results(files['bob-2018.pfx']) == [('encryption', 'history')], files
    assert results(files['bob@example.org.p12']) == [
        ('signing', 'taken'), ('encryption', 'taken')], files
    assert files['bob-2018.pfx']['address'] == 'bob@example.org'
    org('open', '--key', 'bob@example.org', '--accept', 'none', mail).expect(
        OK, 'Hello, Bob')
    before = org('cert', 'list').out
    again = migrated()
    assert again['after']['taken'] == again['after']['history'] == 0, again
    assert again['after']['known'] == 9, again
    assert org('cert', 'list').out == before


def test_what_is_damaged_stops_nobody():
    whole = read(os.path.join(OLD, 'alice@example.org.p12'))
    put('0-empty.p12', b'')
    put('0-cut.p12', whole[:-100])
    put('0-text.p12', b'this is no key\n')
    put('0-nobody.p12', read(party('eve', 'inter').p12()))
    put('0-wrong.p12', whole)
    put('0-swapped.der', read(party('ca').key))
    os.mkdir(os.path.join(OLD, '0-folder'))
    org('user', 'add', 'dave@example.org').expect(OK)
    put('dave@example.org.p12', read(party('dave', 'inter', kind='rsa').p12()))
    words = read('words.csv').decode()
    write('words.csv', words + f';dave@example.org;{PASSWORD}\r\n'
          f'0-nobody.p12;;{PASSWORD}\r\n0-wrong.p12;;not this\r\n')
    said = migrated(status=NO)
    files = by_file(said['after'])
    for name, why in [('0-empty.p12', 'is empty'),
                      ('0-cut.p12', ''), ('0-text.p12', ''),
                      ('0-wrong.p12', 'password'),
                      ('0-nobody.p12', 'nobody here has this address'),
                      ('0-swapped.der', 'no certificate of a person'),
                      ('0-folder', '')]:
        assert files[name]['why'] and why in files[name]['why'], files[name]
    assert said['after']['failed_files'] == 7, said['after']
    assert results(files['dave@example.org.p12'])[1] == (
        'encryption', 'taken'), files
    for name in list(files):
        if name.startswith('0-') and name != '0-folder':
            os.unlink(os.path.join(OLD, name))
    os.rmdir(os.path.join(OLD, '0-folder'))
    # The table still has two of them, and somebody whose file nobody made.
    write('words.csv', read('words.csv').decode() +
          f';frank@example.org;{PASSWORD}\r\n')
    files = by_file(migrated('--dry-run', status=NO)['before'])
    assert {n for n, f in files.items() if f['why']} == {
        '0-nobody.p12', '0-wrong.p12', 'frank@example.org'}, files
    assert 'not in the folder' in files['frank@example.org']['why'], files
    write('words.csv', words + f';dave@example.org;{PASSWORD}\r\n')


def test_wrong_calls():
    for said, status, words in [
            ('--passwords FILE', USAGE, [OLD]),
            ('DIR', USAGE, ['--passwords', path('words.csv')]),
            ('no-such', 5, [path('no-such'), '--passwords',
                            path('words.csv')]),
            ('no-such', 5, [OLD, '--passwords', path('no-such')]),
            ('must name the columns', INPUT,
             [OLD, '--passwords', write('bad1.csv', 'a,b\n1,2\n')]),
            ('neither a file nor an address', INPUT,
             [OLD, '--passwords', write('bad2.csv', 'file,password\n,x\n')]),
            ('is not closed', INPUT,
             [OLD, '--passwords', write('bad.csv', 'file,password\n"x,x\n')])]:
        org('migrate', *words).expect(status, said)


def test_killed_it_goes_on():
    shutil.rmtree(HOME[1])
    org('init', '--domain', 'example.org', '--algorithm', 'p256').expect(OK)
    for name in (*PEOPLE, 'dave'):
        org('user', 'add', name + '@example.org').expect(OK)
    words = ['migrate', OLD, '--passwords', path('words.csv'), *HOME]
    with leaks.watching(words):
        for wait in (0.05, 0.2, 0.4):
            process = subprocess.Popen([SIGILL, *words], env=ENV, cwd=FOLDER,
                                       stdout=subprocess.DEVNULL)
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.wait()
    said = migrated()
    assert said['after']['failed_files'] == 0, said
    total = sum(said['after'][k] for k in ('taken', 'history', 'known'))
    assert total == 11, said['after']
    mail = encrypted(old_key('carol'))
    org('open', '--key', 'carol@example.org', '--accept', 'none', mail).expect(
        OK, 'Hello, Bob')


run(globals())
