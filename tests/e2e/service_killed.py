#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Processes of sigilld are killed at random while two callers issue and
revoke. What was answered with success is kept; what was not is there as a whole
or not at all."""
import collections
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time

from e2e import OK, SOURCE, openssl, run, write
from service import Service

KILLS = 20
KILLS_PER_SERVICE = 4       # who is killed again and again comes back slowly
CALLERS = 2


class Caller(threading.Thread):
    """Adds people and revokes what they have; remembers what was answered."""

    def __init__(self, service, number):
        super().__init__()
        self.service, self.number = service, number
        self.ends = False
        self.added, self.revoked, self.tried = [], [], []
        self.failures = collections.Counter()
        self.turn = 0

    def call(self, *words):
        result = self.service.sigill(*words)
        if result.status == OK:
            return True
        self.failures[result.status] += 1
        assert result.status in (3, 5, 137), str(result)
        time.sleep(0.05)
        return False

    def run(self):
        while not self.ends:
            self.turn += 1
            who = f'u{self.number}x{self.turn}@example.org'
            self.tried.append(who)
            if self.call('user', 'add', who):
                self.added.append(who)
                if self.call('cert', 'revoke', who, '--reason', 'superseded'):
                    self.revoked.append(who)


def kill_one(service, chance):
    """One of the processes, or all of them at once."""
    if chance.random() < 0.2:
        service.process.kill()
        service.process.wait()
        return True
    children = {e['name']: e['pid'] for e in service.events('started')}
    try:
        os.kill(children[chance.choice(sorted(children))], signal.SIGKILL)
    except ProcessLookupError:
        pass
    return False


def records(home):
    """Read by a process that does nothing else: one that closes a database's
    file gives up all its locks on it, whoever holds them (POSIX), and here the
    files of the home are looked through for leaks."""
    done = subprocess.run(
        [sys.executable, os.path.join(SOURCE, 'tests/support/killed.py'), home],
        stdout=subprocess.PIPE, check=True)
    return pickle.loads(done.stdout)


def check_records(service, callers):
    certs, people, keys, crls = records(service.home)
    serials = [c[1] for c in certs]
    assert len(set(serials)) == len(serials), 'a serial number was given twice'
    assert all(c[3] in keys for c in certs), 'a certificate without a key'
    of = collections.defaultdict(list)
    for address, _, status, _, purpose in certs:
        of[address].append((purpose, status))
    for caller in callers:
        for who in caller.added:
            assert len(of[who]) == 2, f'{who} was added: {of[who]}'
        for who in caller.revoked:
            assert all(s == 'revoked' for _, s in of[who]), \
                f'{who} was revoked: {of[who]}'
        for who in caller.tried:
            assert (who in people) == (len(of[who]) == 2), \
                f'{who} is half there: {of[who]}'
    return crls


def serial_text(serial):
    return serial.hex().upper()


def check_crl(service):
    """The CRL of now has every revocation, under the highest number."""
    service.sigill('ca', 'crl').expect(OK)
    certs, _, _, crls = records(service.home)
    listed = ''
    for authority, shard, _, der in crls:
        listed += openssl('crl', '-inform', 'DER', '-noout', '-text', '-in',
                          write(f'{authority}-{shard}.crl', der)).decode()
    missing = [c[1] for c in certs if c[2] == 'revoked'
               and serial_text(c[1]) not in listed]
    assert not missing, f'{len(missing)} revocations are on no CRL'


def numbers_rise(before, after):
    highest = {}
    for authority, shard, number, _ in before:
        key = authority, shard
        highest[key] = max(highest.get(key, 0), number)
    for authority, shard, number, _ in after:
        assert number >= highest.get((authority, shard), 0), 'a number fell'


def kill_some(service, callers, kills, chance):
    """Until one ends the whole service, or it were too many for one."""
    crls = []
    for done in range(1, min(kills, KILLS_PER_SERVICE) + 1):
        time.sleep(chance.uniform(0.05, 0.6))
        ended = kill_one(service, chance)
        crls_now = records(service.home)[3]
        numbers_rise(crls, crls_now)
        crls = crls_now
        if ended:
            return done
        last = [len(c.added) for c in callers]
        service.wait_for(lambda: all(
            len(c.added) > n for c, n in zip(callers, last)), 60)
    service.process.kill()
    service.process.wait()
    return done


def test_what_was_answered_is_kept():
    seed = int(os.environ.get('SIGILL_SEED', time.time()))
    print(f'     (SIGILL_SEED={seed}, {KILLS} kills)')
    chance = random.Random(seed)
    with Service() as service:
        callers = [Caller(service, n) for n in range(CALLERS)]
        for caller in callers:
            caller.start()
        try:
            left = KILLS
            while left > 0:
                left -= kill_some(service, callers, left, chance)
                service.start()
        finally:
            for caller in callers:
                caller.ends = True
            for caller in callers:
                caller.join()
        check_records(service, callers)
        check_crl(service)
        result = service.sigill('audit', 'verify', '--json')
        assert result.status == OK, str(result)
        for caller in callers:
            assert caller.added and caller.revoked
        print('     (added %d, revoked %d, failed calls %s)' % (
            sum(len(c.added) for c in callers),
            sum(len(c.revoked) for c in callers),
            sum((c.failures for c in callers), collections.Counter())))
        service.stop()


if __name__ == '__main__':
    run(globals())
