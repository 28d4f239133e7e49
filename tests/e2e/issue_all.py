#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sigill cert issue --all: everybody who lacks a certificate gets one, and
nobody two."""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

from e2e import ENV, KEY, NO, OK, SIGILL, USAGE, path, run, sigill, write
from service import Service


def new_home(name):
    home = ['--home', path(name)]
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           *home).expect(OK)
    return home


def issue(home, *words, status=OK):
    return json.loads(sigill('cert', 'issue', '--all', '--json', *words,
                             *home).expect(status).out)


def plan(home):
    return {m['address']: m['purposes']
            for m in issue(home, '--plan')['missing']}


def current(home):
    """{address: purposes of the current certificates}"""
    told = json.loads(sigill('cert', 'list', '--json', *home).out)
    found = {}
    for c in told['certificates']:
        if c['status'] == 'current':
            found.setdefault(c['address'], []).append(c['purpose'])
    return {a: sorted(p) for a, p in found.items()}


def add(home, name, *words):
    return sigill('user', 'add', f'{name}@example.org', *words, *home)


BOTH = ['signing', 'encryption']


def test_who_lacks_some_gets_them():
    home = new_home('simple')
    add(home, 'alice').expect(OK)
    add(home, 'bob', '--no-issue').expect(OK, 'without certificates',
                                          'cert issue --all')
    assert current(home) == {'alice@example.org': sorted(BOTH)}
    add(home, 'carol').expect(OK)
    sigill('cert', 'revoke', 'carol@example.org', '--purpose', 'signing',
           '--reason', 'keyCompromise', *home).expect(OK)
    for name, reason in (('dave', 'certificateHold'),
                         ('erin', 'privilegeWithdrawn'),
                         ('fred', 'cessationOfOperation')):
        add(home, name).expect(OK)
        sigill('cert', 'revoke', f'{name}@example.org', '--reason', reason,
               *home).expect(OK)
    for name, verb in (('gina', 'suspend'), ('hugo', 'leave')):
        add(home, name, '--no-issue').expect(OK)
        sigill('user', verb, f'{name}@example.org', *home).expect(OK)
    people = write('people.csv', 'address,name\nivar@example.org,Ivar\n')
    sigill('user', 'add', '--from', people, '--no-issue', *home).expect(OK)
    want = {'bob@example.org': BOTH, 'carol@example.org': ['signing'],
            'ivar@example.org': BOTH}
    before = current(home)
    assert plan(home) == want, plan(home)
    sigill('cert', 'issue', '--all', '--plan', *home).expect(
        OK, 'carol@example.org', 'People who lack certificates: 3')
    assert current(home) == before, 'a plan changes nothing'
    told = issue(home)
    assert told == {'failed': [], 'people': 3, 'certificates': 5}, told
    assert plan(home) == {}, plan(home)
    for name in want:
        assert current(home)[name] == sorted(BOTH), current(home)
    for name in ('dave', 'erin', 'fred', 'gina', 'hugo'):
        assert f'{name}@example.org' not in current(home), name
    assert issue(home)['certificates'] == 0
    records = json.loads(sigill('audit', 'list', '--json', *home).out)['records']
    assert any('ivar' in r['object'] + r['after'] for r in records), records[-3:]


def test_what_has_expired_is_missing():
    home = new_home('expired')
    add(home, 'alice').expect(OK)
    with contextlib.closing(sqlite3.connect(
            os.path.join(home[1], 'sigill.db'))) as db, db:
        db.execute('UPDATE certificate SET not_after = ? WHERE purpose ='
                   " 'signing'", (int(time.time()) - 1,))
    assert plan(home) == {'alice@example.org': ['signing']}


def test_a_failure_of_one_is_told_and_holds_up_no_other():
    home = new_home('failing')
    for name in ('alice', 'bob', 'carol'):
        add(home, name, '--no-issue').expect(OK)
    # A kind of key that nobody makes: bob's alone cannot be.
    with contextlib.closing(sqlite3.connect(
            os.path.join(home[1], 'sigill.db'))) as db, db:
        db.execute("UPDATE person SET algorithm = 'none-such'"
                   " WHERE address LIKE 'bob%'")
    told = issue(home, status=NO)
    assert told['people'] == 2 and [f['address'] for f in told['failed']] == [
        'bob@example.org'], told
    assert told['failed'][0]['why'], told
    assert list(plan(home)) == ['bob@example.org']
    sigill('cert', 'issue', '--all', *home).expect(
        NO, 'bob@example.org: ', 'people who could not: 1')


def test_interrupted_it_goes_on():
    with Service() as s:
        names = [f'p{i:03}@example.org' for i in range(600)]
        people = write('many.csv', 'address\n' + '\n'.join(names) + '\n')
        s.sigill('user', 'add', '--from', people, '--no-issue').expect(OK)

        def done():
            return sum(e['command'] == 'cert issue' for e in s.events('command'))

        for _ in range(4):
            before = done()
            with subprocess.Popen(
                    [SIGILL, 'cert', 'issue', '--all', *s.homed], env=ENV,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL) as child:
                s.wait_for(lambda begun=before: done() > begun + 2)
                child.send_signal(signal.SIGKILL)
        left = len(plan(s.homed))
        assert 0 < left < 600, left
        # Two at once do not give anybody two.
        both = [subprocess.Popen(
            [SIGILL, 'cert', 'issue', '--all', *s.homed], env=ENV,
            stdout=subprocess.DEVNULL) for _ in range(2)]
        assert [c.wait(60) for c in both] == [OK, OK]
        assert current(s.homed) == {n: sorted(BOTH) for n in names}
        told = json.loads(s.sigill('cert', 'list', '--json').out)
        assert len(told['certificates']) == 1200, len(told['certificates'])
        s.stop()


def test_a_locked_vault_stops_it():
    with Service() as s:
        for name in ('alice', 'bob'):
            add(s.homed, name, '--no-issue').expect(OK)
        s.stop()
        sigill('key', 'protect', '--passphrase', '--password-file',
               write('phrase', 'correct horse battery\n'), *s.homed).expect(OK)
        s.start()
        sigill('cert', 'issue', '--all', *s.homed).expect(
            KEY, 'sigill key unlock')
        assert len(plan(s.homed)) == 2
        s.stop()


def test_usage():
    home = new_home('usage')
    for words, said in ((['--plan'], '--plan goes with --all'),
                        (['--all', 'a@example.org'], '--all stands alone'),
                        (['--all', '--purpose', 'signing'], '--all stands'),
                        ([], 'ADDRESS')):
        sigill('cert', 'issue', *words, *home).expect(USAGE, said)


def test_what_comes_next_for_a_shared_mailbox():
    home = new_home('shared')
    add(home, 'info', '--shared').expect(
        OK, 'Next: sigill user holder add info@example.org')


if __name__ == '__main__':
    sys.exit(run(globals()))
