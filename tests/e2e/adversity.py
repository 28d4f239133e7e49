#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong around an organisation: its disk may only be read, the clock
jumps, two administrators do the same thing at once."""
import json
import os
import re
import struct
import subprocess
import threading
import time

from e2e import (BODY, ENVIRONMENT, MARK, NO, OK, SIGILL, USAGE,
                 is_sanitized, leaks, openssl, path, run, sigill, write)
from service import SIGILLD, Service

ALICE, BOB = 'alice@example.org', 'bob@example.org'
DAY = 86400


# --------------------------------------------------------------- read-only ---

def reading_only(home, program):
    """A script that runs a program for which the home may only be read, even
    by root; None where we may not do that."""
    file = write('read-only-' + os.path.basename(program), f'''#!/bin/sh
exec unshare -m sh -c 'mount --bind {home} {home} &&
    mount -o remount,bind,ro {home} && exec "$0" "$@"' {program} "$@"
''')
    os.chmod(file, 0o755)
    done = subprocess.run(['unshare', '-m', 'mount', '--bind', home, home],
                          stderr=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        print('     (needs the right to mount)')
        return None
    return file


def whole(folder):
    """All that is in a home, with its contents."""
    return {os.path.join(at, name): open(os.path.join(at, name), 'rb').read()
            for at, _, names in os.walk(folder) for name in names}


def test_a_home_that_may_only_be_read():
    home = ['--home', path('organisation')]
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           *home).expect(OK)
    sigill('user', 'add', BOB, '--custody', 'server', *home).expect(OK)
    plain = write('plain.eml', f'From: {BOB}\r\nTo: {BOB}\r\n'.encode() + BODY)
    program = reading_only(home[1], SIGILL)
    if program is None:
        return
    before = whole(home[1])
    how = {'program': program}
    out = path('sealed.eml')
    sigill('encrypt', *home, '--to', BOB, '--sign', BOB, '-o', out, plain,
           **how).expect(OK)
    sigill('open', *home, '--key', BOB, out, **how).expect(OK, MARK.decode())
    for words in (['user', 'list'], ['user', 'show', BOB], ['cert', 'list'],
                  ['status'], ['audit', 'verify'], ['audit', 'list'],
                  ['trust', 'list'], ['ca', 'list'],
                  ['cert', 'export', BOB, '-o', path('bob.pem')]):
        sigill(*words, *home, **how).expect(OK)
    key = write('unlocking.key', 'k' * 64)
    os.chmod(key, 0o600)
    leaks.hide('unlocking.key', b'k' * 64)
    for words in (['user', 'add', ALICE], ['user', 'leave', BOB],
                  ['cert', 'revoke', BOB, '--reason', 'superseded'],
                  ['cert', 'renew', BOB], ['ca', 'crl'],
                  ['user', 'set', BOB, '--name', 'Bob'],
                  ['key', 'protect', '--key-file', key],
                  ['cert', 'export', BOB, '--pkcs12', '--password-out',
                   path('bob.pw'), '-o', path('bob.p12')]):
        result = sigill(*words, *home, **how)
        if words[1] == 'export' and result.status == OK:
            continue     # custody stays as it is: nothing is to be recorded
        result.expect(ENVIRONMENT, 'read-only')
    assert not os.path.exists(path('bob.p12')), 'handed out without a record'
    service = reading_only(home[1], SIGILLD)
    done = subprocess.run([service, *home], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    assert done.returncode != 0 and b'read-only' in done.stdout, done
    assert whole(home[1]) == before


# ------------------------------------------------------------------- clock ---

class Clock:
    """Of a service, to be set while it runs."""

    def __init__(self):
        with open(write('clock', bytes(8)), 'r+b') as file:
            self.fd = os.dup(file.fileno())
        self.env = {'SIGILL_CLOCK': path('clock'),
                    'LD_PRELOAD': os.environ['SIGILL_CLOCK_SHIM']}

    def ahead(self, days):
        os.pwrite(self.fd, struct.pack('=q', int(days * DAY)), 0)


def crl_of(service, name='2-0.crl'):
    """Its number, and from when to when it holds, in days from now."""
    text = openssl('crl', '-inform', 'DER', '-in',
                   os.path.join(service.home, 'ca', name), '-noout',
                   '-crlnumber', '-lastupdate', '-nextupdate').decode()
    number = int(re.search('crlNumber=0x([0-9A-F]+)', text)[1], 16)
    times = [(time.mktime(time.strptime(t, '%b %d %H:%M:%S %Y %Z'))
              - time.mktime(time.gmtime())) / DAY
             for t in re.findall('Update=(.*)', text)]
    return (number, *times)


def follows(service, days, at_least):
    """The CRL is one of that day, with a higher number."""
    def is_there():
        number, since, until = crl_of(service)
        return number > at_least and since < days + 0.01 < until
    service.wait_for(is_there)
    return crl_of(service)[0]


def alarms(service):
    told = json.loads(service.sigill('status', '--json').out)
    return {a['name'] for a in told['to_do']}


def test_the_clock_jumps():
    if is_sanitized():
        return
    clock = Clock()
    with Service(env=clock.env) as s:
        s.sigill('user', 'add', ALICE).expect(OK)
        number = crl_of(s)[0]
        # Ahead: it is made anew, and again when the clock is right again: a
        # list of a time to come is believed by nobody.
        clock.ahead(40)
        number = follows(s, 40, number)
        s.sigill('user', 'add', BOB).expect(OK)
        clock.ahead(0)
        number = follows(s, 0, number)
        assert 'certificates-early' in alarms(s), alarms(s)
        # Before the authority was: nothing can be issued, and that is said.
        clock.ahead(-3000)
        s.sigill('user', 'add', 'carol@example.org').expect(
            NO, 'not valid yet', 'clock')
        s.sigill('user', 'show', 'carol@example.org').expect(NO)
        clock.ahead(0)
        follows(s, 0, number - 1)
        s.sigill('user', 'add', 'carol@example.org').expect(OK)
        s.sigill('audit', 'verify').expect(OK)
        clock.ahead(4000)
        s.sigill('user', 'add', 'dave@example.org').expect(NO, 'has expired')
        s.stop()


# ------------------------------------------------------ two administrators ---

def together(*calls):
    """Each in a thread of its own, as nearly at once as can be; their
    results."""
    results = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def one(i):
        gate.wait()
        results[i] = calls[i]()
    threads = [threading.Thread(target=one, args=(i,))
               for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def conflicts(call):
    """What two do at once: one wins, the other is told, nothing is half."""
    def names():
        return [p['address'] for p in json.loads(
            call('user', 'list', '--json').out)['people']]

    def certs(address):
        return json.loads(call('cert', 'list', address, '--json').out)[
            'certificates']
    for i in range(5):
        who = f'p{i}@example.org'
        added = together(lambda: call('user', 'add', who),
                         lambda: call('user', 'add', who))
        assert sorted(r.status for r in added) == [OK, USAGE], added
        assert len(certs(who)) == 2, certs(who)
        renamed = together(
            lambda: call('user', 'rename', who, f'a{i}@example.org'),
            lambda: call('user', 'rename', who, f'b{i}@example.org'))
        won = [r.status for r in renamed].index(OK)
        now = f'{"ab"[won]}{i}@example.org'
        # The old address stays an alias, so the other may follow.
        assert sum(n[1:] == f'{i}@example.org' for n in names()) == 1, names()
        now = next(n for n in names() if n[1:] == f'{i}@example.org')
        serial = next(c['serial'] for c in certs(now)
                      if c['status'] == 'current')
        revoked = together(
            lambda: call('cert', 'revoke', serial, '--reason',
                         'keyCompromise'),
            lambda: call('cert', 'revoke', serial, '--reason', 'superseded'),
            lambda: call('cert', 'renew', now))
        assert OK in [r.status for r in revoked[:2]], revoked
        assert all(r.status in (OK, USAGE, NO) for r in revoked), revoked
        left = together(lambda: call('user', 'leave', now),
                        lambda: call('user', 'delete', now))
        assert OK in [r.status for r in left], left
        assert all(r.status in (OK, USAGE, NO) for r in left), left
    every = [c['serial'] for c in json.loads(
        call('cert', 'list', '--json').out)['certificates']]
    assert len(set(every)) == len(every), every
    call('audit', 'verify').expect(OK)


def test_two_administrators_with_the_service():
    with Service() as s:
        conflicts(s.sigill)
        s.stop()


def test_two_administrators_without():
    home = ['--home', path('two')]
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           *home).expect(OK)
    conflicts(lambda *words: sigill(*words, *home))


if __name__ == '__main__':
    run(globals())
