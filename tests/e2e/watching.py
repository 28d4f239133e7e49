#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The service looks from outside at what it publishes, and tells what fails
there, since when, until it is well again."""
import contextlib
import http.client
import http.server
import json
import os
import re
import signal
import sys
import threading
import time

import service
from e2e import NO, OK, PASSWORD, is_sanitized, path, run, sigill, write


class Way(http.server.BaseHTTPRequestHandler):
    """What stands between the world and sigilld, with faults."""
    port, fault, asked = None, None, []

    def log_message(self, *words):
        pass

    def pass_on(self):
        length = int(self.headers.get('Content-Length', '0'))
        body = self.rfile.read(length)
        Way.asked.append((self.command, self.path))
        if Way.fault and Way.fault(self):
            return
        there = http.client.HTTPConnection('127.0.0.1', Way.port, timeout=20)
        with contextlib.closing(there):
            there.request(self.command, self.path, body, {
                'Content-Type': self.headers.get('Content-Type', '')})
            answer = there.getresponse()
            self.answer(answer.status, answer.read())

    def answer(self, status, body=b''):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = pass_on  # pylint: disable=invalid-name


@contextlib.contextmanager
def way():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Way)
    server.handle_error = lambda *words: None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Way.fault, Way.asked = None, []
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Service(service.Service):
    """One that publishes behind a way of ours."""

    def __init__(self, way_port, settings='watch = 1s\n', host='127.0.0.1',
                 env=None):
        self.url = f'http://{host}:{way_port}'
        super().__init__(env, settings)

    def make(self, settings):
        sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
               '--public-url', self.url, '--root-key-out',
               path(f'root-{service.Service.number}.p12'), '--password-file',
               write('password', PASSWORD + '\n'), *self.homed).expect(OK)
        sigill('user', 'add', 'alice@example.org', '--unchecked',
               *self.homed).expect(OK)
        write(os.path.join(self.home, 'sigilld.conf'),
              f'http = 127.0.0.1:{self.port}\n{settings}')
        Way.port = self.port

    def status(self):
        return json.loads(self.sigill('status', '--json').out)

    def seen(self, want=lambda p: True):
        """What it knows after its next look from now on."""
        now = time.time()
        while True:
            p = self.status()['publication']
            if p and p['looked'] and want(p):
                return p
            assert time.time() - now < 40, (p, self.text())
            time.sleep(0.2)

    def failing(self):
        return self.seen(lambda p: p['failing'])['failing']


def sigill_status(s, *words):
    return sigill('status', *words, *s.homed)


def test_all_is_seen_to_be_well():
    with way() as port, Service(port) as s:
        seen = s.seen()
        assert seen['failing'] == [] and seen['seen'] == 6, seen
        asked = set(Way.asked)
        assert {p for c, p in asked if c == 'GET' and 'ocsp' not in p} == {
            '/ca/1.cer', '/ca/2.cer', '/crl/1-0.crl', '/crl/2-0.crl'}, asked
        assert ('POST', '/ocsp') in asked, asked
        assert [p for c, p in asked if c == 'GET' and p.startswith('/ocsp/')
                and '=' not in p and '+' not in p], asked
        s.sigill('status').expect(OK, 'seen from outside at', 'good: 6')
        # The process that did it is gone, and nobody minds.
        s.wait_for(lambda: s.events('ended'))
        assert s.events('ended')[-1]['level'] == 'info', s.text()
        assert 'process-down' not in s.sigill('status', '--json').out.decode()
        s.stop()


def test_what_fails_is_told_until_it_is_well():
    with way() as port, Service(port) as s:
        s.seen()
        Way.fault = lambda h: h.command == 'POST' and (
            h.answer(405) or True)
        (told,) = s.failing()
        assert told['url'] == s.url + '/ocsp' and 'HTTP 405' in told[
            'detail'], told
        s.sigill('status').expect(OK, s.url + '/ocsp', '(1 of 6)')
        sigill_status(s, '--nagios').expect(2, 'SIGILL CRITICAL', '/ocsp')
        duty = [d for d in s.status()['to_do'] if d['name'] == 'unpublished']
        assert len(duty) == 1 and told['since'] in duty[0]['text'], duty
        (logged,) = s.events('unpublished')
        assert logged['level'] == 'error' and logged['url'] == told['url']
        time.sleep(2.5)  # later looks tell the same beginning, once in the log
        assert s.failing() == [told]
        assert len(s.events('unpublished')) == 1, s.text()
        sigill('doctor', *s.homed).expect(NO, '/ocsp: ', 'HTTP 405')
        Way.fault = None
        s.seen(lambda p: not p['failing'])
        assert [e['url'] for e in s.events('published-again')] == [told['url']]
        assert 'unpublished' not in s.sigill('status', '--json').out.decode()
        s.stop()


def test_what_comes_is_judged():
    """As sigill doctor does."""
    with way() as port, Service(port) as s:
        s.seen()
        Way.fault = lambda h: h.path.endswith('.cer') and (
            h.answer(200, b'hello') or True)
        told = s.failing()
        assert {f['url'][-5:] for f in told} == {'1.cer', '2.cer'}, told
        assert all('no certificate' in f['error'] for f in told), told
        Way.fault = lambda h: 'ocsp' in h.path and (
            h.answer(200, bytes((48, 3, 10, 1, 3))) or True)
        told = s.seen(lambda p: 'ocsp' in p['failing'][0]['url'])['failing']
        assert len(told) == 2 and all(
            'proves nothing' in f['error'] and 'error 3' in f['detail']
            for f in told), told
        s.stop()


def test_private_addresses():
    with way() as port:
        for settings, host, good in (
                ('', '127.0.0.1', True), ('', 'localhost', True),
                ('fetch_private = no\n', '127.0.0.1', False),
                ('fetch_private = yes\n', 'localhost', True)):
            with Service(port, 'watch = 1s\n' + settings, host) as s:
                before = len(Way.asked)
                seen = s.seen()
                assert (seen['failing'] == []) == good, (settings, seen)
                if not good:
                    assert 'private' in seen['failing'][0]['error'], seen
                    assert len(Way.asked) == before, Way.asked
                s.stop()


def test_it_can_be_off():
    with way() as port, Service(port, 'watch = off\n') as s:
        time.sleep(2)
        assert s.status()['publication'] is None and not Way.asked
        s.stop()
    service.refused('watch = often\n', 'neither off nor')
    service.refused('watch = 8d\n', 'up to a week')
    service.refused('fetch_private = perhaps\n', 'neither yes nor no')


def test_the_fetcher_ends_in_the_middle():
    with way() as port, Service(port) as s:
        waiting = threading.Event()

        def hold(handler):
            del handler
            waiting.set()
            time.sleep(5)
            return False

        s.seen()
        Way.fault = hold
        assert waiting.wait(20)
        Way.fault = None
        before = s.pid_of('fetcher')
        os.kill(before, signal.SIGKILL)
        s.wait_for(lambda: s.pid_of('fetcher') != before)
        assert s.seen()['failing'] == []
        # A service that ends does not wait for what is fetched.
        waiting.clear()
        Way.fault = hold
        assert waiting.wait(20)
        began = time.monotonic()
        s.stop()
        assert time.monotonic() - began < 4
        Way.fault = None


def test_the_fetcher_is_shut_in():
    if is_sanitized():
        print('     (a sanitized build has no sandbox)')
        return
    home = path(f'home-{service.Service.number + 1}')
    with way() as port, Service(port, env={
            'LD_PRELOAD': service.TRESPASS, 'TRESPASS_HOME': home}) as s:
        s.wait_for(lambda: s.text().count('trespass fetcher') >= 14)
        done = set(re.findall(r'trespass fetcher ([\w-]+): done', s.text()))
        assert done == {'open-a-connection'}, done
        assert s.seen()['failing'] == []
        s.stop()


if __name__ == '__main__':
    sys.exit(run(globals()))
