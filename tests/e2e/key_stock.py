#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""RSA keys are made ahead, by a process of its own: whoever needs one has it at
once, and whoever needs many keeps nobody else waiting. Processes that are killed
lose no person, and no key is given to two."""
import collections
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time

import service
from e2e import BUILD, ENV, OK, USAGE, is_sanitized, openssl, path, read, run, \
    sigill, write

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import postgres  # noqa: E402

# What nobody should wait for; a machine that is loaded with other things has
# some room.
AT_ONCE = 2.0
KILLS = 4


class Service(service.Service):
    def __init__(self, algorithm='rsa-3072', url=None, settings=''):
        self.algorithm, self.url = algorithm, url
        super().__init__(settings=settings)

    def make(self, settings):
        database = ['--database', self.url] if self.url else []
        sigill('init', '--domain', 'example.org', '--algorithm',
               self.algorithm, *database, *self.homed).expect(OK)
        conf = os.path.join(self.home, 'sigilld.conf')
        text = read(conf).decode() if self.url else ''
        write(conf, '\n'.join(line for line in text.splitlines()
                              if not line.startswith('http'))
              + f'\nhttp = 127.0.0.1:{self.port}\n' + settings)

    def spare(self):
        out = self.sigill('status', '--json').out
        return json.loads(out)['spare_keys']


class Asker:
    """OCSP with a nonce, as often as one likes."""

    def __init__(self, s, who):
        self.port = s.port
        cert = path('asked.pem')
        s.sigill('cert', 'export', who, '--purpose', 'signing', '-o',
                 cert).expect(OK)
        self.request = path('asked.der')
        openssl('ocsp', '-issuer', os.path.join(s.home, 'ca/issuing.pem'),
                '-cert', cert, '-reqout', self.request)

    def ask(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.port,
                                                timeout=30)
        connection.request('POST', '/ocsp', read(self.request), {
            'Content-Type': 'application/ocsp-request'})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200 and len(body) > 200, (answer.status, body)
        connection.close()


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_a_person_is_added_at_once():
    with Service(settings='spare_keys = 2\n') as s:
        s.wait_for(lambda: s.spare() == 2, 120)
        assert seconds(lambda: s.sigill('user', 'add', 'alice@example.org')
                       .expect(OK)) < AT_ONCE
        assert s.spare() < 2
        s.stop()


def table(name, num):
    return write(name, 'address,name\n' + ''.join(
        f'p{i}@example.org,Person {i}\n' for i in range(num)))


def test_others_are_answered_while_keys_are_made():
    num = 2 if is_sanitized() else 5
    with Service(settings='spare_keys = 1\n') as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        asker = Asker(s, 'alice@example.org')
        asker.ask()
        people = [f'r{i}@example.org' for i in range(3)]
        for who in people:
            s.sigill('user', 'add', who).expect(OK)
        bulk = subprocess.Popen(
            [os.path.join(BUILD, 'sigill'), 'user', 'add', '--home', s.home,
             '--from', table('people.csv', num), '--unchecked'], env=ENV,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        took = collections.defaultdict(list)
        while bulk.poll() is None:
            took['status'].append(seconds(
                lambda: s.sigill('status').expect(OK)))
            took['ocsp'].append(seconds(asker.ask))
            if people:
                who = people.pop()
                took['revoke'].append(seconds(lambda: s.sigill(
                    'cert', 'revoke', who, '--reason', 'superseded')
                    .expect(OK)))
        assert bulk.returncode == OK, bulk.stdout.read()
        print('     (%s)' % ', '.join(
            f'{what}: median {statistics.median(t) * 1000:.0f} ms, longest '
            f'{max(t) * 1000:.0f} ms, {len(t)} times'
            for what, t in took.items()))
        for what, t in took.items():
            assert statistics.median(t) < AT_ONCE, (what, t)
        out = json.loads(s.sigill('user', 'list', '--json').out)
        assert len(out['people']) == num + 4
        s.stop()


def test_issuing_for_all_ends_before_who_must_wait():
    """What is made is kept, and the others are ordered again."""
    names = [f'w{i}@example.org' for i in range(4)]
    with Service(settings='spare_keys = 2\n') as s:
        people = write('waiting.csv', 'address\n' + '\n'.join(names) + '\n')
        s.sigill('user', 'add', '--from', people, '--no-issue').expect(OK)
        told = json.loads(s.sigill('cert', 'issue', '--all', '--json',
                                   timeout=200).expect(OK).out)
        assert told == {'failed': [], 'people': 4, 'certificates': 8}, told
        found = json.loads(s.sigill('cert', 'list', '--json').out)
        held = collections.Counter(
            (c['address'], c['purpose']) for c in found['certificates'])
        assert len(held) == 8 and set(held.values()) == {1}, held
        s.stop()


def test_callers_take_turns():
    """Each is done, also who came while another waited; and who went away in
    between has left nothing behind."""
    with Service('rsa-2048', settings='spare_keys = 0\n') as s:
        calls = [subprocess.Popen(
            [os.path.join(BUILD, 'sigill'), 'user', 'add', '--home', s.home,
             f'c{i}@example.org'], env=ENV, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT) for i in range(6)]
        calls[3].kill()
        for i, call in enumerate(calls):
            said = call.communicate()[0]
            assert call.returncode == (-signal.SIGKILL if i == 3 else OK), said
        # Of another kind than all others have.
        s.sigill('user', 'set', 'c0@example.org', '--algorithm',
                 'rsa-4096').expect(OK)
        s.sigill('cert', 'renew', 'c0@example.org', '--purpose',
                 'signing').expect(OK)
        check(s, [f'c{i}@example.org' for i in range(6) if i != 3])
        s.stop()


def check(s, added):
    """No half person, and no key twice."""
    out = json.loads(s.sigill('cert', 'list', '--json').expect(OK).out)
    of = collections.defaultdict(list)
    keys = []
    for c in out['certificates']:
        of[c['address']].append(c['serial'])
    for number, who in enumerate(of):
        for purpose in 'signing', 'encryption':
            file = path(f'{purpose}-{number}.pem')
            s.sigill('cert', 'export', who, '--purpose', purpose, '-o',
                     file).expect(OK)
            keys.append(openssl('x509', '-in', file, '-noout', '-pubkey'))
            os.unlink(file)
    assert len(set(keys)) == len(keys), 'one key was given twice'
    for who in added:
        assert len(of[who]) >= 2, (who, of[who])
    assert all(len(of[who]) >= 2 for who in of), 'somebody is half there'


class Adder(threading.Thread):
    def __init__(self, s, number):
        super().__init__()
        self.s, self.number = s, number
        self.ends = False
        self.added, self.failed = [], 0

    def run(self):
        turn = 0
        while not self.ends:
            turn += 1
            who = f'u{self.number}x{turn}@example.org'
            if self.s.sigill('user', 'add', who).status == OK:
                self.added.append(who)
            else:
                self.failed += 1
                time.sleep(0.05)


def kill_some(s):
    chance = random.Random(int(os.environ.get('SIGILL_SEED', time.time())))
    adders = [Adder(s, n) for n in range(2)]
    for adder in adders:
        adder.start()
    try:
        for turn in range(KILLS):
            time.sleep(chance.uniform(0.1, 1.0))
            role = ('maker', 'keyholder', 'control')[turn % 3]
            try:
                os.kill(s.pid_of(role), signal.SIGKILL)
            except ProcessLookupError:
                pass
            before = sum(len(a.added) for a in adders)
            s.wait_for(lambda: sum(len(a.added) for a in adders)
                       > before, 120)
    finally:
        for adder in adders:
            adder.ends = True
        for adder in adders:
            adder.join()
    print('     (added %d, failed %d)' % (
        sum(len(a.added) for a in adders), sum(a.failed for a in adders)))
    check(s, [who for a in adders for who in a.added])
    s.stop()


def test_killed_while_keys_are_made():
    with Service('rsa-2048') as s:
        kill_some(s)


def test_killed_with_records_in_postgresql():
    if postgres.programs() is None:
        print('     (PostgreSQL is not installed)')
        return
    with postgres.Cluster() as cluster:
        cluster.make('one')
        with Service('rsa-2048', cluster.url('one')) as s:
            kill_some(s)


def test_a_worker_that_is_killed_is_replaced():
    with Service('rsa-2048', settings='spare_keys = 2\nkey_makers = 2\n') as s:
        maker = s.pid_of('maker')
        workers = subprocess.run(['pgrep', '-P', str(maker)],
                                 stdout=subprocess.PIPE, check=True)
        assert len(workers.stdout.split()) == 2
        os.kill(int(workers.stdout.split()[0]), signal.SIGKILL)
        s.wait_for(lambda: s.pid_of('maker') != maker)
        s.wait_for(lambda: s.spare() == 2, 60)
        s.stop()


def is_alive(pid):
    """Whoever's parent is gone is taken away by somebody else."""
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
            return stat.read().rsplit(') ', 1)[1][0] != 'Z'
    except FileNotFoundError:
        return False


def test_a_worker_that_hangs_is_replaced():
    with Service('rsa-2048', settings='spare_keys = 2\nkey_makers = 2\n'
                 'patience = 10s\n') as s:
        s.wait_for(lambda: s.spare() == 2, 60)
        maker = s.pid_of('maker')
        hung = [int(w) for w in subprocess.run(
            ['pgrep', '-P', str(maker)], stdout=subprocess.PIPE,
            check=True).stdout.split()]
        for worker in hung:
            os.kill(worker, signal.SIGSTOP)
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        s.wait_for(lambda: s.pid_of('maker') != maker, 60)
        assert len(s.events('worker-hangs')) == 1, s.text()
        s.wait_for(lambda: s.spare() == 2, 60)
        s.wait_for(lambda: not any(is_alive(w) for w in hung))
        s.stop()


def test_another_kind_than_before():
    with Service('rsa-2048', settings='spare_keys = 1\n') as s:
        s.wait_for(lambda: s.spare() == 1, 60)
        s.sigill('profile', 'set', '--algorithm', 'p256').expect(OK)
        assert s.spare() == 0
        s.sigill('profile', 'set', '--algorithm', 'rsa-2048').expect(OK)
        s.wait_for(lambda: s.spare() == 1, 60)
        s.stop()


def test_settings():
    with Service('p256') as s:
        assert s.spare() == 0
        for wrong in ('spare_keys = many', 'spare_keys = -1',
                      'key_makers = 0', 'key_makers = 1000'):
            write(os.path.join(s.home, 'sigilld.conf'), wrong + '\n')
            done = subprocess.run([service.SIGILLD, '--home', s.home, '-t'],
                                  env=ENV, stderr=subprocess.PIPE, check=False)
            assert done.returncode == USAGE, wrong
            assert b'bounds' in done.stderr, done.stderr
        s.stop()


if __name__ == '__main__':
    run(globals())
