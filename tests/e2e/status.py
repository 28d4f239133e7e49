#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sigill status: what an administrator, a monitoring system and a program see,
with the service and without; sigill serve."""
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

from e2e import (ENV, ENVIRONMENT, OK, SIGILL, USAGE, openssl, path, run,
                 sigill)
from service import Service, free_port

WARNING, CRITICAL, UNKNOWN = 1, 2, 3
PERFDATA = re.compile(r"^(\w+=-?[\d.]+(s|c)?(;[\d:.]*){0,4})( \w+=-?[\d.]+(s|c)?"
                      r"(;[\d:.]*){0,4})*$")


def nagios(s, expected):
    result = s.sigill_at('status', '--nagios')
    result.expect(expected)
    line = result.out.decode()
    assert line.count('\n') == 1 and line.count('|') == 1, line
    text, numbers = line.rstrip('\n').split(' | ')
    assert PERFDATA.match(numbers), numbers
    return text


def status(s):
    return json.loads(s.sigill_at('status', '--json').expect(OK).out)


class Watched(Service):
    def sigill_at(self, verb, *words, **options):
        return sigill(verb, *self.homed, *words, **options)


def test_what_runs_is_shown():
    with Watched() as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        shown = s.sigill_at('status').expect(OK).out.decode()
        for word in ('Service', 'keyholder', 'control', 'front', 'example.org',
                     'Last backup', 'never', 'generation', 'To do'):
            assert word in shown, (word, shown)
        assert len(shown.splitlines()) < 24, shown
        told = status(s)
        processes = {p['name']: p for p in told['service']['processes']}
        assert processes['control']['pid'] == s.pid_of('control'), told
        assert processes['supervisor']['pid'] == s.process.pid, told
        assert all(p['running'] == p['needed'] for p in processes.values()), told
        assert told['people'] == 1 and told['certificates']['current'] == 2
        assert told['database']['kind'] == 'sqlite', told
        assert [d['name'] for d in told['to_do']] == ['no-backup'], told
        assert nagios(s, WARNING).startswith('SIGILL WARNING - there is no backup')
        s.stop()
        told = status(s)
        assert not told['service']['running'], told
        assert 'does not run' in s.sigill_at('status').out.decode()
        assert 'service does not run' in nagios(s, CRITICAL)


def test_a_restart_is_counted():
    with Watched() as s:
        before = s.pid_of('front')
        os.kill(before, signal.SIGKILL)

        def again():
            front = [p for p in status(s)['service']['processes']
                     if p['name'] == 'front'][0]
            return front['running'] and front['pid'] != before and front
        assert s.wait_for(again)['restarts'] == 1
        assert 'restarts: 1' in s.sigill_at('status').out.decode()
        s.stop()


def change(s, sql, *values):
    with sqlite3.connect(os.path.join(s.home, 'sigill.db')) as db:
        db.execute(sql, values)
        db.commit()
    db.close()


def duties(s):
    return {d['name']: d['state'] for d in status(s)['to_do']}


def test_what_has_to_be_done():
    with Watched() as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        now = int(time.time())
        change(s, 'UPDATE certificate SET not_after = ? WHERE id = 1', now - 5)
        change(s, 'UPDATE certificate SET not_after = ? WHERE id = 2',
               now + 86400)
        assert duties(s) == {'certificates-ended': 'CRITICAL',
                             'certificates-ending': 'WARNING',
                             'no-backup': 'WARNING'}
        counted = status(s)['certificates']
        assert counted == {'current': 1, 'ending': 1, 'ended': 1}, counted
        # Who has left is not renewed, and so is no duty.
        change(s, "UPDATE person SET state = 'left'")
        change(s, "INSERT INTO setting VALUES ('backup.last', ?)",
               str(now - 60))
        assert duties(s) == {}, duties(s)
        assert nagios(s, 0).startswith('SIGILL OK - ')
        change(s, "UPDATE setting SET value = ? WHERE name = 'backup.last'",
               str(now - 8 * 86400))
        assert duties(s) == {'backup-old': 'WARNING'}
        s.stop()


def test_crls_that_grow_old():
    with Watched() as s:
        now = int(time.time())
        change(s, 'DELETE FROM crl')
        change(s, "INSERT INTO crl VALUES (1, 0, 7, ?, ?, x'00')",
               now - 90, now + 10)
        assert duties(s)['crl-late'] == 'WARNING'
        assert [(c['number'], c['authority'], c['part'])
                for c in status(s)['crls']] == [(7, 1, 0)]
        change(s, 'UPDATE crl SET next_update = ?', now - 1)
        assert duties(s)['crl-stale'] == 'CRITICAL'
        text = nagios(s, CRITICAL)
        # The worst comes first.
        assert text.startswith('SIGILL CRITICAL - the CRL of authority 1'), text
        assert text.index('stale') < text.index('backup'), text
        s.stop()


class Secure(Watched):
    """With HTTPS, whose certificate ends after so many days."""

    def __init__(self, days):
        server_cert(days)
        super().__init__(settings=(
            f'https = 127.0.0.1:{free_port()}\n'
            f'https_certificate = {path("server.pem")}\n'
            f'https_key = {path("server.key")}\n'))

    def https(self):
        return {d['name']: (d['state'], d['text']) for d in status(self)['to_do']
                if d['name'].startswith('https')}


def server_cert(days):
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-keyout', path('server.key'),
            '-out', path('server.pem'), '-days', str(days), '-subj', '/CN=x')


def test_the_certificate_of_https():
    with Secure(90) as s:
        assert s.https() == {}
        until = status(s)['service']['https_until']
        ends = openssl('x509', '-in', path('server.pem'), '-noout', '-enddate',
                       '-dateopt', 'iso_8601').decode().split('=')[1].strip()
        assert until == ends.replace(' ', 'T'), (until, ends)
        assert 'HTTPS until' in s.sigill_at('status').out.decode()
        for days, state, said in ((29, 'WARNING', 'within 30 days'),
                                  (6, 'WARNING', 'within 7 days'),
                                  (1, 'CRITICAL', 'within a day')):
            server_cert(days)
            told = len(s.events('certificate'))
            s.process.send_signal(signal.SIGHUP)
            s.wait_for(lambda n=told: len(s.events('certificate')) > n)
            s.wait_for(lambda want=said: want in str(s.https()))
            assert s.https()['https-ending'][0] == state, s.https()
        s.stop()
        assert s.https() == {}, 'nobody knows without a service'


def test_nothing_there_is_unknown():
    result = sigill('status', '--home', path('nowhere'), '--nagios')
    result.expect(UNKNOWN)
    assert result.out.startswith(b'SIGILL UNKNOWN - '), result.out
    assert result.out.count(b'\n') == 1
    sigill('status', '--home', path('nowhere')).expect(ENVIRONMENT)
    sigill('status', '--home', path('nowhere'), '--nagios', '--json').expect(
        USAGE)


def test_serve():
    with Watched() as s:
        s.stop()
        with open(s.log_file, 'ab') as log, subprocess.Popen(
                [SIGILL, 'serve', '--home', s.home], env=ENV,
                cwd='/', stdin=subprocess.DEVNULL, stdout=log,
                stderr=log) as served:
            s.process = served
            s.wait_for(lambda: len(s.events('ready')) == 2)
            assert status(s)['service']['running']
            # It is sigilld itself, not its parent.
            served.send_signal(signal.SIGTERM)
            assert served.wait(timeout=30) == 0
        sigill('serve', '--home', path('nothing')).expect(
            ENVIRONMENT, 'no organisation')


def test_the_language_of_the_caller():
    with Watched() as s:
        shown = s.sigill_at('status', env={'LANGUAGE': 'sv'})
        assert 'Säkerhetskopia' in shown.expect(OK).out.decode(), shown.out
        s.stop()


if __name__ == '__main__':
    sys.exit(run(globals()))
