#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reminders that keys end: who gets which, each once, also if sending is
killed."""
import base64
import collections
import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
from e2e import path, run, write  # noqa: E402
from people import add, export, home, password  # noqa: E402
from sigill import (SIGILL, answer, environment, good, later,  # noqa: E402
                    refused)

LIFE = 730
SEED = 20261127


class MailServer:
    """A sendmail that keeps what it is given."""
    number = 0

    def __init__(self, fails=False, pause=0.0):
        MailServer.number += 1
        self.folder = path(f'mail-{MailServer.number}')
        os.mkdir(self.folder)
        self.program = write(f'sendmail-{MailServer.number}', (
            '#!/bin/sh\nunset LD_PRELOAD\nset -e\n'
            + ('exit 75\n' if fails else '')
            + f'f=$(mktemp {self.folder}/XXXXXXXX)\n'
            f'{{ echo "$*"; cat; }} >"$f.part"\nsleep {pause}\n'
            'mv "$f.part" "$f.mail"\nrm -f "$f"\n'))
        os.chmod(self.program, 0o700)

    def mails(self):
        found = []
        for name in sorted(os.listdir(self.folder)):
            if name.endswith('.mail'):
                with open(os.path.join(self.folder, name),
                          encoding='utf-8') as file:
                    found.append(file.read())
        return found

    def send(self, where, days=0):
        """Not by answer(): the mails are files that nobody asked for."""
        done = subprocess.run(
            [SIGILL, 'reminders', 'send', '--sendmail', self.program, '--json'],
            env=later(days, where), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0 and done.stderr == b'', done
        return json.loads(done.stdout)


def field(mail, name):
    return re.search(rf'^{name}: (.*)$', mail, re.M).group(1)


def subject(mail):
    coded = re.fullmatch(r'=\?UTF-8\?B\?(.*)\?=', field(mail, 'Subject'))
    return base64.b64decode(coded.group(1)).decode()


def test_who_must_act_is_reminded_three_times():
    where, server = home(), MailServer()
    alice = add(where, 'alice')
    add(where, 'bob', '--custody', 'server')
    add(where, 'carol')                     # was not given any key
    dave = add(where, 'dave', '--language', 'sv')
    eve = add(where, 'eve')
    for one in (alice, 'bob@example.org', dave, eve):
        export(where, one)
    good('user', 'suspend', eve, home=where)
    good('reminders', 'set', '--from', 'helpdesk@example.org', home=where)
    for days, want in [(0, 0), (LIFE - 31, 0), (LIFE - 29, 2), (LIFE - 28, 0),
                       (LIFE - 7.5, 0), (LIFE - 6, 2), (LIFE - 0.9, 2),
                       (LIFE - 0.5, 0), (LIFE + 1, 0)]:
        assert server.send(where, days) == {'sent': want, 'failed': 0}, days
    mails = server.mails()
    assert collections.Counter(field(m, 'To') for m in mails) == {
        alice: 3, dave: 3}, mails
    assert len({field(m, 'Message-ID') for m in mails}) == 6
    for mail in mails:
        assert mail.startswith('-i -t -f helpdesk@example.org\n'), mail
        assert field(mail, 'From') == 'helpdesk@example.org', mail
        assert field(mail, 'Auto-Submitted') == 'auto-generated'
        assert re.match(r'\w{3}, \d+ \w{3} 20\d\d \d\d:\d\d:\d\d \+0000$',
                        field(mail, 'Date')), mail
        swedish = field(mail, 'To') == dave
        assert ('nycklar' in subject(mail)) is swedish, subject(mail)
        assert ('Installera' in mail) is swedish, mail
        assert ('Please install' in mail) is not swedish, mail
        assert field(mail, 'To') in mail.split('\n\n', 1)[1]
    listed = answer('reminders', 'list', home=where)['reminders']
    assert sorted((r['mailbox'], r['days']) for r in listed) == [
        (who, days) for who in (alice, dave) for days in (1, 7, 30)], listed
    assert all(r['sent'] for r in listed)
    text = good('reminders', 'list', home=where)
    assert text.count(alice) == 3 and 'not sent' not in text, text


def test_who_was_given_new_keys_is_left_alone():
    where, server = home(), MailServer()
    alice = add(where, 'alice')
    export(where, alice)
    days = LIFE - 40
    good('cert', 'renew', '--due', home=where, days=days)
    assert server.send(where, LIFE - 20)['sent'] == 1
    good('cert', 'export', alice, '--pkcs12', '--password-file', password(),
         '-o', path('again.p12'), home=where, days=LIFE - 20)
    assert server.send(where, LIFE - 5)['sent'] == 0


def test_who_holds_revoked_keys_is_told_of_the_new_ones():
    where, server = home(), MailServer()
    alice, dave = add(where, 'alice'), add(where, 'dave', '--language', 'sv')
    info = add(where, 'info', '--shared')
    for one in (alice, dave):
        good('user', 'holder', 'add', info, one, home=where)
        export(where, one)
    export(where, info, '--holder', alice)
    add(where, 'bob', '--custody', 'server')
    add(where, 'carol')                     # was never given any key
    everybody = (alice, dave, info, 'bob@example.org', 'carol@example.org')
    for one in everybody:
        good('cert', 'revoke', one, '--reason', 'keyCompromise', home=where)
    assert server.send(where) == {'sent': 0, 'failed': 0}, 'nothing to fetch'
    for one in everybody:
        good('cert', 'renew', one, home=where)
    assert server.send(where) == {'sent': 3, 'failed': 0}
    assert server.send(where, 1)['sent'] == 0
    mails = server.mails()
    assert sorted(field(m, 'To') for m in mails) == [alice, alice, dave], mails
    for mail in mails:
        swedish = field(mail, 'To') == dave
        assert ('Hämta' in subject(mail)) is swedish, subject(mail)
        assert ('install them now' in mail) is not swedish, mail
        assert field(mail, 'Auto-Submitted') == 'auto-generated'
    assert len({field(m, 'Message-ID') for m in mails}) == 3
    assert sum(info in m.split('\n\n', 1)[1] for m in mails) == 1
    kinds = {r['kind'] for r in answer('reminders', 'list', home=where)[
        'reminders']}
    assert kinds == {'fetch'}, kinds
    assert good('reminders', 'list', home=where).count('new keys wait') == 3
    export(where, alice)
    assert server.send(where, 2)['sent'] == 0


def test_addresses_that_are_not_ascii():
    where, server = home(), MailServer()
    name = add(where, 'älva')
    export(where, name)
    good('reminders', 'set', '--from', 'hjälp@example.org', home=where)
    assert server.send(where, LIFE - 20)['sent'] == 1
    mail, = server.mails()
    # RFC 6532: as UTF-8, where addresses of before would be encoded words.
    assert field(mail, 'To') == 'älva@example.org', mail
    assert mail.startswith('-i -t -f hjälp@example.org\n'), mail


def test_no_header_can_be_put_in():
    where, server = home(), MailServer()
    for evil in ('a@example.org\nBcc: eve@example.net', 'a@example.org\r\nX: y',
                 'a\t@example.org', '"a\nb"@example.org'):
        refused(2, 'sigill: ', 'reminders', 'set', '--from', evil, home=where)
        refused(2, 'sigill: ', 'user', 'add', evil, home=where)
    export(where, add(where, 'alice', '--name', 'A\u2028B'))
    assert server.send(where, LIFE - 20)['sent'] == 1
    mail, = server.mails()
    names = [line.split(':')[0] for line in
             mail.split('\n\n', 1)[0].splitlines()[1:]]
    assert names == ['From', 'To', 'Subject', 'Date', 'Message-ID',
                     'Auto-Submitted', 'MIME-Version', 'Content-Type',
                     'Content-Transfer-Encoding'], names


def recover(where, address, after):
    """By an officer whose approval is taken for granted: what is told of it is
    looked at here, not who may."""
    with contextlib.closing(sqlite3.connect(f'{where}/sigill.db')) as db, db:
        person, = db.execute('SELECT id FROM person WHERE address = ?',
                             (address,)).fetchone()
        now = int(time.time())
        db.execute(
            "INSERT INTO recovery_key (threshold, created) VALUES (2, ?)", (now,))
        return db.execute(
            'INSERT INTO recovery_request (recovery_key, person, address,'
            ' number, reason, opened_by, state, opened, expires, ended, tell)'
            " VALUES (1, ?, ?, 'HR-7', 'left suddenly', 'root', 'collected',"
            ' ?, ?, ?, ?)', (person, address, now, now + 86400, now + 60,
                             now + after * 86400)).lastrowid


def test_whose_keys_were_recovered_is_told_later():
    where, server = home(), MailServer()
    alice, eve = add(where, 'alice', '--custody', 'server'), add(where, 'eve')
    good('user', 'leave', eve, home=where)
    number = recover(where, alice, 5)
    recover(where, eve, 0)
    assert server.send(where, 1)['sent'] == 0
    assert server.send(where, 5.1)['sent'] == 1
    assert server.send(where, 6)['sent'] == 0
    mail, = server.mails()
    assert field(mail, 'To') == alice and subject(mail) == \
        'Your keys were recovered', mail
    assert f'request {number}' in mail and 'HR-7' not in mail, mail
    assert 'left suddenly' not in mail
    listed, = answer('reminders', 'list', home=where)['reminders']
    assert listed['kind'] == 'recovered' and listed['request'] == number
    assert f'recovered, request {number}' in good('reminders', 'list', home=where)


def test_holders_are_reminded():
    where, server = home(), MailServer()
    info = add(where, 'info', '--shared')
    alice, bob = add(where, 'alice'), add(where, 'bob')
    for one in (alice, bob):
        good('user', 'holder', 'add', info, one, home=where)
    export(where, info, '--holder', alice)
    assert server.send(where, LIFE - 20)['sent'] == 1
    mail, = server.mails()
    assert field(mail, 'To') == alice and info in mail, mail


def test_what_is_wrong_is_told_and_nothing_lost():
    where, server = home(), MailServer()
    export(where, add(where, 'alice'))
    for args in [['set'], ['set', '--from', 'x'], ['set', '--language', 'xx']]:
        refused(2, 'sigill: ', 'reminders', *args, home=where)
    for program, said in [(MailServer(fails=True).program, b'did not take'),
                          (path('no-such-program'), b'no such file')]:
        done = subprocess.run(
            [SIGILL, 'reminders', 'send', '--sendmail', program],
            env=later(LIFE - 20, where), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False)
        assert done.returncode == 5 and said in done.stderr, done
        assert b'not sent: 1' in done.stdout, done
    assert 'not sent' in good('reminders', 'list', home=where)
    assert server.send(where, LIFE - 20)['sent'] == 1


def left(where):
    with contextlib.closing(sqlite3.connect(
            f'file:{where}/sigill.db?mode=ro', uri=True)) as db:
        return db.execute('SELECT count(*) FROM reminder'
                          ' WHERE sent IS NULL').fetchone()[0]


def test_killed_at_any_time_each_is_sent_once():
    where, server = home(), MailServer(pause=0.02)
    names = [f'p{i}@example.org' for i in range(12)]
    for name in names:
        subprocess.run([SIGILL, 'user', 'add', name], check=True,
                       env=environment(where), stdout=subprocess.DEVNULL)
        good('cert', 'export', name, '--pkcs12', '--password-file',
             password(), '-o', path('some.p12'), home=where)
    chance = random.Random(SEED)
    for _ in range(12):
        child = subprocess.Popen(
            [SIGILL, 'reminders', 'send', '--sendmail', server.program],
            env=later(LIFE - 20, where), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(chance.uniform(0, 0.25))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    for _ in range(200):
        server.send(where, LIFE - 20)
        if left(where) == 0 and len(server.mails()) >= len(names):
            break
        time.sleep(0.1)
    time.sleep(0.5)
    sent = collections.Counter(field(m, 'To') for m in server.mails())
    assert sent == {name: 1 for name in names}, sent


def test_several_senders_at_once():
    where, server = home(), MailServer(pause=0.02)
    names = [add(where, f'p{i}') for i in range(6)]
    for name in names:
        export(where, name)
    senders = [subprocess.Popen(
        [SIGILL, 'reminders', 'send', '--sendmail', server.program],
        env=later(LIFE - 20, where), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL) for _ in range(4)]
    assert [s.wait(60) for s in senders] == [0] * 4
    sent = collections.Counter(field(m, 'To') for m in server.mails())
    assert sent == {name: 1 for name in names}, sent


if __name__ == '__main__':
    run(globals())
