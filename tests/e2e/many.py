#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Many people at once, from tables as programs export them: what is wrong is
told before anything is done, and an interruption loses nothing."""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time

from e2e import (ENV, FOLDER, INPUT, OK, SIGILL, USAGE, leaks, path, run,
                 sigill, write)

HOME = ['--home', path('organisation')]


def org(*words, **options):
    return sigill(*words, *HOME, **options)


def answer(*words, status=OK):
    return json.loads(org(*words, '--json').expect(status).out)


def added(table, *more, status=OK):
    return answer('user', 'add', '--from', write('people.csv', table), *more,
                  status=status)


def people():
    return {p['address']: p for p in answer('user', 'list')['people']}


def test_init():
    org('init', '--domain', 'example.org', '--algorithm', 'p256').expect(OK)


def test_a_plain_table():
    said = added('address,name\nalice@example.org,Alice\nbob@example.org,\n')
    assert (said['added'], said['there'], said['wrong']) == (2, 0, []), said
    assert people()['alice@example.org']['name'] == 'Alice'
    assert people()['bob@example.org']['name'] == 'bob'
    again = added('address,name\nbob@example.org,Bob\ncarl@example.org,Carl\n')
    assert (again['added'], again['there']) == (1, 1), again
    assert people()['bob@example.org']['name'] == 'bob'


def test_as_excel_writes_it():
    said = added('\ufeffNAME;Address;Alias 1;alias2;Purpose;Custody;Room\r\n'
                 '"Åsa ""A"" Ek; the first";asa@example.org;a@example.org;'
                 'aa@example.org, aaa@example.org;encryption;server;7\r\n'
                 '\r\n'
                 'Örjan;orjan@example.org;;;both;;"a\r\nb"\r\n')
    assert said['added'] == 2, said
    asa = answer('user', 'show', 'asa@example.org')
    assert asa['name'] == 'Åsa "A" Ek; the first', asa
    assert asa['custody'] == 'server', asa
    org('user', 'alias', 'list', 'asa@example.org').expect(
        OK, 'a@example.org', 'aa@example.org', 'aaa@example.org')
    found = people()
    assert found['asa@example.org']['signing_until'] is None, found
    assert found['asa@example.org']['encryption_until'], found
    assert found['orjan@example.org']['signing_until'], found


def test_wrong_lines_are_told_and_nothing_is_done():
    before = people()
    table = ('address,name,custody,purpose,alias\n'
             'fine@example.org,Fine,,,\n'
             'nonsense,,,,\n'
             'x@example.net,,,,\n'
             'FINE@example.org,,,,\n'
             ',No Address,,,\n'
             'y@example.org,,somebody,,\n'
             'y@example.org,,,reading,\n'
             'y@example.org,' + 70 * 'n' + ',,,\n'
             'y@example.org,,,,fine@example.org\n'
             'z@example.org,,,,alice@example.org\n'
             'z"z@example.org,,,,\n')
    file = write('wrong.csv', table)
    told = org('user', 'add', '--from', file).expect(
        USAGE, 'line 3: is not a mail address: nonsense',
        "line 4: the address is not in the organisation's domain",
        'line 5: the same address stands in an earlier line: '
        'fine@example.org (2)', 'line 6: the address is missing',
        'line 7: the custody is user, server or sealed: somebody',
        'line 8: the purpose is signing, encryption, both or dual: reading',
        'line 9: cannot be a name', 'line 10: the same address',
        'line 11: is an address of somebody else', 'line 12: a quote stands inside',
        'wrong lines: 10; nothing was done')
    assert b'line 2' not in told.out, told
    said = answer('user', 'add', '--from', file, status=USAGE)
    # In the order of the table, whoever found them.
    assert [w['line'] for w in said['wrong']] == list(range(3, 13)), said
    lines = [l.split('line ')[1].split(':')[0] for l in told.out.decode().split(
        '\n') if ': line ' in l]
    assert lines == [str(n) for n in range(3, 13)], told
    assert people() == before


def test_a_rehearsal():
    before = people()
    file = write('new.csv', 'address\nnew@example.org\nalice@example.org\n')
    org('user', 'add', '--from', file, '--dry-run').expect(
        OK, 'People to be added: 1; there already: 1')
    assert people() == before


def test_what_is_no_table():
    for said, status, content in [
            ('is empty', INPUT, b''),
            ('must name the columns', INPUT, b'alice@example.org\n'),
            ('must name the columns', INPUT, b'\x00\x01\x02'),
            ('must name the columns', INPUT, b'"address\nalice'),
            ('nobody is in the table', INPUT, b'address,name\r\n\r\n'),
            ('is not UTF-8', USAGE, b'address\n\xff@example.org\n')]:
        org('user', 'add', '--from', write('none.csv', content)).expect(
            status, said)
    org('user', 'add', '--from', 'no-such-file').expect(5, 'no-such-file')
    for words in [['--from', path('new.csv'), 'x@example.org'],
                  ['--from', path('new.csv'), '--name', 'X'],
                  ['x@example.org', '--dry-run'], []]:
        org('user', 'add', *words).expect(USAGE)


def num_people():
    with contextlib.closing(sqlite3.connect(
            os.path.join(HOME[1], 'sigill.db'))) as db:
        return db.execute("SELECT count(*) FROM person"
                          " WHERE address LIKE 'p%'").fetchone()[0]


def test_killed_it_goes_on():
    names = [f'p{i}@example.org' for i in range(4000)]
    file = write('all.csv', 'address\n' + '\n'.join(names) + '\n')
    with leaks.watching(['user', 'add', '--from', file, *HOME]):
        process = subprocess.Popen(
            [SIGILL, 'user', 'add', '--from', file, *HOME], env=ENV,
            cwd=FOLDER, stdout=subprocess.DEVNULL)
        while num_people() < 100 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    half = [a for a in people() if a in set(names)]
    assert 0 < len(half) < len(names), f'{len(half)} of {len(names)}'
    said = answer('user', 'add', '--from', file)
    assert said['there'] == len(half), (said, len(half))
    assert said['added'] == len(names) - len(half), said
    whole = people()
    assert all(whole[a]['signing_until'] and whole[a]['encryption_until']
               for a in names)
    assert answer('audit', 'verify'), 'the chain of records'


run(globals())
