#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Renewal: planned, spread, by hand and by the service, interrupted, and with
new keys that wait until they were handed out."""
import collections
import contextlib
import datetime
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
from e2e import BODY, is_sanitized, path, run, write  # noqa: E402
from people import (actions, add, certs, export, home, password,  # noqa: E402
                    show)
from service import Service  # noqa: E402
from sigill import (SIGILL, answer, environment, good, later,  # noqa: E402
                    refused)

SEED = 20261127
LIFE = 730


def crowd(where, number):
    """So many people, fast."""
    names = [f'p{i:03}@example.org' for i in range(number)]
    for name in names:
        subprocess.run([SIGILL, 'user', 'add', name], env=environment(where),
                       stdout=subprocess.DEVNULL, check=True)
    return names


def purposes(where):
    """{(address, purpose): [status, newest first]}"""
    found = collections.defaultdict(list)
    with contextlib.closing(sqlite3.connect(
            f'file:{where}/sigill.db?mode=ro', uri=True)) as db:
        for address, purpose, status in db.execute(
                'SELECT p.address, c.purpose, c.status FROM certificate c'
                ' JOIN person p ON p.id = c.person ORDER BY c.id DESC'):
            found[address, purpose].append(status)
    return found


def day_of(text):
    return datetime.date.fromisoformat(text[:10])


def renewed(where, how, days=0):
    return answer('cert', 'renew', how, home=where, days=days)['renewed']


# ------------------------------------------------------------------ when ---

def test_the_plan_spreads_people_over_weeks():
    where = home()
    names = crowd(where, 40)
    plan = answer('cert', 'renew', '--plan', home=where)
    assert len(plan['certificates']) == 80, plan
    assert {c['address'] for c in plan['certificates']} == set(names)
    early = [(day_of(c['not_after']) - day_of(c['renewal'])).days
             for c in plan['certificates']]
    assert min(early) >= 60 and max(early) <= 89, early
    days = {d['day']: d['certificates'] for d in plan['days']}
    assert sum(days.values()) == 80 and max(days.values()) <= 12, days
    assert list(days) == sorted(days) and len(days) >= 15, days
    text = good('cert', 'renew', '--plan', home=where)
    assert text.count('p001@example.org') == 2, text
    # What is due is what the plan says, and no more.
    when = sorted(c['renewal'] for c in plan['certificates'])
    middle = when[39]
    now = datetime.datetime.now(datetime.timezone.utc)
    days = (datetime.datetime.fromisoformat(middle.replace('Z', '+00:00'))
            - now).total_seconds() / 86400 + 0.01
    want = sum(w <= (now + datetime.timedelta(days=days)).strftime(
        '%Y-%m-%dT%H:%M:%SZ') for w in when)
    assert renewed(where, '--due') == 0
    assert renewed(where, '--due', days=days) == want
    assert renewed(where, '--due', days=days) == 0
    # Also what has ended long ago, because nobody looked.
    assert renewed(where, '--due', days=LIFE + 200) == 80 - want
    assert renewed(where, '--due', days=LIFE + 200) == 0


def test_who_is_not_renewed():
    where = home()
    add(where, 'alice')
    for name, verb in [('bob', 'suspend'), ('carol', 'leave')]:
        good('user', verb, add(where, name), home=where)
    plan = answer('cert', 'renew', '--plan', home=where)['certificates']
    assert {c['address'] for c in plan} == {'alice@example.org'}, plan
    assert renewed(where, '--all') == 2
    for args in [['--plan', '--due'], ['--all', '--due'],
                 ['--all', 'alice@example.org'], ['--plan', 'alice@example.org'],
                 ['--due', '--purpose', 'signing']]:
        refused(2, 'stand alone', 'cert', 'renew', *args, home=where)
    refused(2, 'give an ADDRESS', 'cert', 'renew', home=where)
    refused(1, 'nobody has this address', 'cert', 'confirm',
            'x@example.org', home=where)


# --------------------------------------------------------------- waiting ---

def states(where, address, days):
    shown = answer('user', 'show', address, home=where, days=days)
    return [c['status'] for c in shown['certificates']
            if c['purpose'] == 'encryption']


def recipient(where, address, days):
    """The number of the certificate that senders would use then."""
    pem = good('cert', 'export', address, home=where, days=days)
    shown = answer('cert', 'show', write('used.pem', pem))
    return shown['certificates'][0]['serial']


def test_a_new_key_waits_until_the_person_has_it():
    where = home()
    alice = add(where, 'alice')
    assert export(where, alice) == 2
    first = recipient(where, alice, 0)
    days = LIFE - 50
    assert renewed(where, '--due', days=days) == 2
    assert states(where, alice, days) == ['pending', 'current']
    assert recipient(where, alice, days) == first
    # Handed out again, and confirmed.
    good('cert', 'export', alice, '--pkcs12', '--password-file', password(),
         '-o', path('again.p12'), home=where, days=days)
    assert answer('cert', 'confirm', alice, home=where,
                  days=days)['confirmed'] == 2
    assert states(where, alice, days) == ['current', 'superseded']
    assert recipient(where, alice, days) != first
    assert answer('cert', 'confirm', alice, home=where,
                  days=days)['confirmed'] == 0


def test_it_does_not_wait_for_ever():
    where = home()
    alice = add(where, 'alice')
    export(where, alice)
    first = recipient(where, alice, 0)
    assert renewed(where, '--due', days=LIFE - 50) == 2
    assert recipient(where, alice, LIFE - 8) == first
    assert recipient(where, alice, LIFE - 6.9) != first
    assert renewed(where, '--due', days=LIFE - 6) == 0
    assert states(where, alice, LIFE - 6) == ['current', 'superseded']
    assert renewed(where, '--due', days=2 * LIFE - 100) == 2


def test_nothing_waits_where_the_server_has_the_keys():
    where = home()
    bob = add(where, 'bob', '--custody', 'server')
    carol = add(where, 'carol')     # nobody was given her keys
    export(where, bob)
    before = {a: recipient(where, a, 0) for a in (bob, carol)}
    assert renewed(where, '--due', days=LIFE - 50) == 4
    for address, serial in before.items():
        assert states(where, address, LIFE - 50) == ['current', 'superseded']
        assert recipient(where, address, LIFE - 50) != serial


def test_a_second_renewal_leaves_one_waiting():
    where = home()
    alice = add(where, 'alice')
    export(where, alice)
    for _ in range(2):
        good('cert', 'renew', alice, home=where)
    assert [c['status'] for c in certs(where, alice, 'encryption')] == [
        'pending', 'superseded', 'current']
    good('user', 'set', alice, '--custody', 'server', home=where)
    assert [c['status'] for c in certs(where, alice, 'encryption')] == [
        'current', 'superseded', 'superseded']
    assert show(where, alice)['signs'] == 'service'
    good('sign', '--key', alice, '-o', path('signed'), write('mail', BODY),
         home=where)


# ----------------------------------------------------------- interrupted ---

def check_renewed_once(where, names):
    found = purposes(where)
    for name in names:
        for purpose in ('signing', 'encryption'):
            assert found[name, purpose] == ['current', 'superseded'], (
                name, purpose, found[name, purpose])
    with contextlib.closing(sqlite3.connect(
            f'file:{where}/sigill.db?mode=ro', uri=True)) as db:
        (sound,), = db.execute('PRAGMA integrity_check')
        assert sound == 'ok', sound


def is_finished(where):
    """Begun, and nobody is left: it may have been killed on its way out."""
    with contextlib.closing(sqlite3.connect(
            f'file:{where}/sigill.db?mode=ro', uri=True)) as db:
        left = db.execute('SELECT value FROM setting WHERE name = ?',
                          ('renewal.up_to',)).fetchall()
    return 'renewal.all' in actions(where) and left == [('0',)]


def test_two_hundred_are_renewed_once_each_though_killed():
    where = home()
    names = crowd(where, 40 if is_sanitized() else 200)
    chance = random.Random(SEED)
    kills = 0
    for _ in range(1000):
        child = subprocess.Popen([SIGILL, 'cert', 'renew', '--all'],
                                 env=environment(where),
                                 stdout=subprocess.DEVNULL,
                                 start_new_session=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(chance.uniform(0.05, 0.6))
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            kills += 1
        if is_finished(where):
            break
    assert kills > 2, kills
    check_renewed_once(where, names)
    assert actions(where).count('renewal.all') == 1
    # It is finished: the next one begins anew.
    few = renewed(where, '--due')
    assert few == 0, few


def test_the_service_renews_by_itself_though_killed():
    if is_sanitized():
        return
    with Service() as s:
        s.stop()
        names = crowd(s.home, 12)
        days = LIFE - 50
        for turn in range(3):
            s.starts = len(s.events('ready'))
            s.start({k: v for k, v in later(days).items()
                     if k in ('SIGILL_CLOCK', 'LD_PRELOAD')})
            want = (6, 14, 24)[turn]
            s.wait_for(lambda n=want: len(
                [1 for k in purposes(s.home).values() if len(k) > 1]) >= n,
                60)
            if turn < 2:
                s.process.kill()
                s.process.wait()
                time.sleep(0.5)
        check_renewed_once(s.home, names)
        # The keyholder may be seen to end before control does, or in the
        # middle of an answer.
        assert all(re.search('has ended|conversation', e['error'])
                   for e in s.events('renewal')), s.events('renewal')
        s.stop()


if __name__ == '__main__':
    run(globals())
