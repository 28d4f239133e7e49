#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sigilld with its records in PostgreSQL: shut in, it still comes back to a
server that was away; and a second writer is noticed."""
import json
import os
import shutil
import signal
import sys

import service
from e2e import ENVIRONMENT, OK, PASSWORD, read, run, sigill, write

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import postgres  # noqa: E402


class Service(service.Service):
    """One with its records at a URL."""

    def __init__(self, url):
        self.url = url
        super().__init__()

    def make(self, settings):
        sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
               '--database', self.url, *self.homed).expect(OK)
        conf = os.path.join(self.home, 'sigilld.conf')
        text = read(conf).decode()
        assert '\ndatabase = ' in text, text
        write(conf, text.replace('127.0.0.1:8080', f'127.0.0.1:{self.port}'))

    def people(self):
        out = self.sigill('user', 'list', '--json').expect(OK).out
        return [p['address'] for p in json.loads(out)['people']]


def serve(test):
    if postgres.programs() is None:
        print('     (PostgreSQL is not installed)')
        return
    with postgres.Cluster() as cluster:
        cluster.make('one')
        for url in (cluster.url('one'), cluster.tls_url('one').replace(
                '127.0.0.1', 'localhost')):
            with Service(url) as s:
                test(cluster, s)
                s.stop()
                assert PASSWORD not in s.text()
            cluster.sql('DROP DATABASE one')
            cluster.make('one')


def test_a_server_that_was_away():
    def away(cluster, s):
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        cluster.stop()
        result = s.sigill('user', 'add', 'bob@example.org')
        result.expect(ENVIRONMENT, 'database server')
        assert PASSWORD not in result.err
        cluster.start()
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        assert s.people() == ['alice@example.org', 'bob@example.org']
        assert len(s.events('started')) == len(service.ROLES), s.text()
    serve(away)


def test_control_is_killed():
    def killed(_, s):
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        os.kill(s.pid_of('control'), signal.SIGKILL)
        s.wait_for(lambda: len(s.events('started'))
                   == len(service.ROLES) + 1)
        s.wait_for(lambda: s.sigill('user', 'list').status == OK)
        assert s.people() == ['alice@example.org']
        s.sigill('cert', 'renew', 'alice@example.org').expect(OK)
    serve(killed)


def test_a_second_writer_is_noticed():
    def second(_, s):
        there = s.home + '-2'
        shutil.copytree(s.home, there,
                        ignore=lambda *_: ['run', 'service.log', 'lock'])
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        s.sigill('user', 'list').expect(OK)
        # What it changed itself is no news.
        assert not s.events('changed-elsewhere'), s.text()
        sigill('user', 'add', 'bob@example.org', '--home', there).expect(OK)
        assert s.people() == ['alice@example.org', 'bob@example.org']
        s.sigill('user', 'list').expect(OK)
        (noticed,) = s.events('changed-elsewhere')
        began = [e['generation'] for e in s.events('command')]
        assert began == sorted(began) and began[-2] == noticed['generation']
        s.sigill('audit', 'verify').expect(OK)
        shutil.rmtree(there)
    serve(second)


if __name__ == '__main__':
    run(globals())
