#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What Prometheus reads: every line by a strict parser of our own, the same
numbers as `sigill status`, counters that count, and sense while something is
down."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

from e2e import ENV, OK, USAGE, openssl, path, run, sigill, write
from enrol import Door, request
from service import SIGILLD, Service, free_port
from unlock import passphrase_file

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
SAMPLE = re.compile(rf'({NAME})(?:\{{(.*)\}})? (-?[0-9]+(?:\.[0-9]+)?)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
TYPE = 'text/plain; version=0.0.4; charset=utf-8'


def parse_labels(text):
    at, labels = 0, {}
    while at < len(text):
        label = LABEL.match(text, at)
        assert label, text[at:]
        assert label[1] not in labels, text
        labels[label[1]] = re.sub(
            r'\\(.)', lambda m: '\n' if m[1] == 'n' else m[1], label[2])
        at = label.end()
    assert text and not text.endswith(','), text
    return labels


def parse(text):
    """{name: (type, {labels as a sorted tuple: value})} of an exposition (text
    format 0.0.4); whatever the format does not allow fails."""
    assert text.endswith('\n') and '\r' not in text and '\n\n' not in text
    families, name = {}, None
    for line in text.split('\n')[:-1]:
        if line.startswith('# HELP '):
            name, told = re.fullmatch(rf'# HELP ({NAME}) (.+)', line).groups()
            assert name not in families, f'{name} comes twice'
            assert re.fullmatch(r'(?:[^\\]|\\[\\n])+', told), line
            families[name] = None
        elif line.startswith('# TYPE '):
            kind = re.fullmatch(
                rf'# TYPE {name} (counter|gauge|histogram)', line)[1]
            assert families[name] is None, line
            assert (kind == 'counter') == name.endswith('_total'), line
            families[name] = (kind, {})
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            kind, samples = families[name]
            labels = parse_labels(sample[2]) if sample[2] is not None else {}
            if kind == 'histogram':
                suffix = sample[1].removeprefix(name)
                assert suffix in ('_bucket', '_sum', '_count'), line
                assert (suffix == '_bucket') == ('le' in labels), line
                labels['__part'] = suffix
            else:
                assert sample[1] == name, f'{line} is in the family {name}'
            key = tuple(sorted(labels.items()))
            assert key not in samples, f'twice: {line}'
            samples[key] = float(sample[3])
            assert kind == 'gauge' or samples[key] >= 0, line
    for name, (kind, samples) in families.items():
        assert samples or name.startswith('sigill_'), name
        if kind == 'histogram':
            check_histogram(name, samples)
    return families


def check_histogram(name, samples):
    series = {}
    for key, value in samples.items():
        labels = dict(key)
        part, bound = labels.pop('__part'), labels.pop('le', None)
        one = series.setdefault(tuple(sorted(labels.items())), {})
        one[bound or part] = value
    for one in series.values():
        count, total = one.pop('_count'), one.pop('_sum')
        assert one.pop('+Inf') == count and total >= 0, name
        bounds = sorted(one, key=float)
        values = [one[b] for b in bounds]
        assert values == sorted(values) and values[-1] <= count, name
        assert bounds == list(one), f'{name} is not in order'


def test_the_parser_is_strict():
    good = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c\\"\\\\"} 1\n'
    assert parse(good)['a_total'][1] == {(('b', 'c"\\'),): 1.0}
    for bad in (good[:-1], good + '\n', good + good, good.replace('counter', 'x'),
                good.replace('a_total', 'a'), good.replace(' 1\n', ' 1 \n'),
                good.replace('{b=', '{b ='), good.replace('} 1', '} x'),
                good.replace('"c', '"c"'), good + 'a_total{b="c\\"\\\\"} 2\n',
                good.replace('# HELP a_total x\n', ''), good + 'b_total 1\n'):
        try:
            parse(bad)
        except (AssertionError, KeyError, TypeError):
            continue
        raise AssertionError(f'taken: {bad!r}')


class Numbers:
    def __init__(self, text):
        self.families = parse(text)

    def __call__(self, name, **labels):
        """The one number; None: there is none."""
        family = self.families.get(name)
        return None if family is None else family[1].get(
            tuple(sorted(labels.items())))

    def of(self, name):
        return {tuple(v for _, v in key): value
                for key, value in self.families[name][1].items()}


class Measured:
    """For a service that is watched."""

    def watch(self):
        self.metrics_port = free_port()
        return f'metrics = {self.metrics_port}\n'

    def get(self, method='GET', place='/metrics', host='127.0.0.1', body=None):
        http_ = http.client.HTTPConnection(host, self.metrics_port, timeout=20)
        try:
            http_.request(method, place, body)
            answer = http_.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            http_.close()

    def numbers(self):
        status, headers, body = self.get()
        assert status == 200 and ('Content-Type', TYPE) in headers, headers
        return Numbers(body.decode())


class Watched(Measured, Service):
    def __init__(self, **options):
        super().__init__(settings=self.watch() + options.pop('settings', ''),
                         **options)


class WatchedDoor(Measured, Door):
    def make(self, settings):
        super().make(settings + self.watch())


def status(s):
    return json.loads(sigill('status', '--json', *s.homed).expect(OK).out)


def test_the_numbers_are_those_of_status():
    with Watched() as s:
        s.sigill('user', 'add', 'alice@example.org', '--name', 'Älva').expect(OK)
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        s.sigill('cert', 'revoke', 'bob@example.org', '--reason',
                 'keyCompromise').expect(OK)
        n, told = s.numbers(), status(s)
        assert n('sigill_up') == 1
        assert n('sigill_people') == told['people'] == 2
        certs = n.of('sigill_certificates')
        assert certs[('2', 'signing', 'current')] == 1, certs
        assert certs[('2', 'encryption', 'revoked')] == 1, certs
        assert sum(v for k, v in certs.items() if k[2] == 'current') == told[
            'certificates']['current'], certs
        assert n('sigill_certificates_expiring', authority='2', days='30',
                 purpose='signing') == 0
        for crl in told['crls']:
            where = {'authority': str(crl['authority']),
                     'shard': str(crl['part']),
                     'kind': 'root' if crl['authority'] == 1 else 'issuing'}
            assert n('sigill_crl_number', **where) == crl['number'], crl
            until = n('sigill_crl_next_update_timestamp_seconds', **where)
            assert time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(
                until)) == crl['next_update'], crl
        for p in told['service']['processes']:
            if not p['needed']:
                continue
            assert n('sigill_process_up', process=p['name']) == 1, p
            assert n('sigill_process_restarts_total',
                     process=p['name']) == p['restarts'] == 0, p
        assert n('sigill_audit_records') == told['audit']['records'] > 0
        assert abs(n('sigill_audit_signed_timestamp_seconds')
                   - time.time()) < 60
        assert n('sigill_database_generation') == told['database']['generation']
        assert n('sigill_database_size_bytes') == told['database']['size'] > 4096
        assert n('sigill_database_schema_version') == told['database']['schema']
        assert n('sigill_database_info', kind='sqlite') == 1
        assert n('sigill_keys_kept') == told['keys_kept'] == 4, told
        assert n('sigill_recovery_requests_open') == told['recoveries_open'] == 0
        assert n('sigill_reminders_due') == told['reminders_due'] == 0
        assert n('sigill_vault_locked') == 0
        assert n('sigill_backup_last_timestamp_seconds') is None
        # Nobody's address, nobody's name.
        assert not re.search('@|Älva|alice|bob', s.get()[2].decode())
        s.stop()


def test_counters_count():
    with WatchedDoor() as s:
        before = s.numbers()
        crl = http.client.HTTPConnection('127.0.0.1', s.port, timeout=20)
        for place, code in (('/crl/2-0.crl', 200), ('/ca/2.cer', 200),
                            ('/nothing', 404), ('/crl/99-0.crl', 404)):
            crl.request('GET', place)
            answer = crl.getresponse()
            answer.read()
            assert answer.status == code, (place, answer.status)
        crl.close()
        certs = [path(f'{who}.pem') for who in ('alice', 'bob')]
        for who, name in zip(('alice', 'bob'), certs):
            s.sigill('cert', 'export', f'{who}@example.org', '--purpose',
                     'signing', '-o', name).expect(OK)
        issuing = os.path.join(s.home, 'ca', 'issuing.pem')
        ocsp = ('ocsp', '-issuer', issuing, '-cert', certs[0], '-url',
                f'http://127.0.0.1:{s.port}/ocsp', '-noverify')
        openssl(*ocsp, '-no_nonce')
        openssl(*ocsp, '-no_nonce')
        openssl(*ocsp, '-nonce')
        code = s.code()
        wish = request('wish')
        assert s.enrol(wish, 'WRONG-CODE')[0] == 401
        assert s.enrol(wish, code)[0] == 200
        s.sigill('user', 'add', 'alice@example.org').expect(USAGE)
        after = s.numbers()

        def grew(name, **labels):
            return (after(name, **labels) or 0) - (before(name, **labels) or 0)

        requests = 'sigill_http_requests_total'
        assert grew(requests, service='crl', code='200') == 1
        assert grew(requests, service='crl', code='404') == 1
        assert grew(requests, service='ca', code='200') == 1
        assert grew(requests, service='other', code='404') == 1
        assert grew(requests, service='ocsp', code='200') == 3
        assert grew(requests, service='est', code='401') == 1
        assert grew(requests, service='est', code='200') == 1
        answers = 'sigill_ocsp_answers_total'
        assert grew(answers, status='successful', kind='stored') == 2
        assert grew(answers, status='successful', kind='live') == 1
        enrolments = 'sigill_enrolments_total'
        assert grew(enrolments, protocol='est', result='refused') == 1
        assert grew(enrolments, protocol='est', result='done') == 1
        assert grew(enrolments, protocol='scep', result='done') == 0
        commands = 'sigill_command_duration_seconds'
        part = {'__part': '_count'}
        assert grew(commands, result='done', **part) == 3
        assert grew(commands, result='refused', **part) == 1
        assert after(commands, result='done', __part='_sum') > before(
            commands, result='done', __part='_sum')
        s.stop()


def test_a_locked_vault_is_told():
    with Watched() as s:
        s.stop()
        sigill('key', 'protect', '--passphrase', '--password-file',
               passphrase_file(), *s.homed).expect(OK)
        s.start()
        n = s.numbers()
        assert n('sigill_up') == 1 and n('sigill_vault_locked') == 1
        sigill('key', 'unlock', *s.homed, '--password-file',
               passphrase_file()).expect(OK)
        s.wait_for(lambda: s.numbers()('sigill_vault_locked') == 0)
        s.stop()


def test_control_is_away():
    with Watched() as s:
        victim = s.pid_of('control')
        os.kill(victim, signal.SIGSTOP)
        began = time.monotonic()
        n = s.numbers()  # it does not answer
        assert 4 < time.monotonic() - began < 15
        assert n('sigill_up') == 0 and n('sigill_people') is None
        assert n('sigill_process_up', process='front') == 1
        assert n('sigill_vault_locked') == 0
        os.kill(victim, signal.SIGKILL)
        s.wait_for(lambda: s.numbers()('sigill_up') == 1)
        n = s.numbers()
        assert n('sigill_process_restarts_total', process='control') == 1
        # One that ends again and again waits before it is started.
        for _ in range(3):
            s.wait_for(lambda: s.numbers()('sigill_process_up',
                                           process='control') == 1)
            os.kill(s.pid_of('control'), signal.SIGKILL)
            s.wait_for(lambda: s.numbers()('sigill_process_up',
                                           process='control') == 0)
        assert s.numbers()('sigill_up') == 0
        s.wait_for(lambda: s.numbers()('sigill_up') == 1)
        s.stop()


def test_a_flood_and_nonsense():
    with Watched() as s:
        assert s.get(place='/')[0] == 404
        assert s.get(place='/metrics/x')[0] == 404
        assert s.get(place='/crl/2-0.crl')[0] == 404
        status_, headers, _ = s.get('POST', body=b'')
        assert status_ == 405 and ('Allow', 'GET, HEAD') in headers
        assert s.get('POST', body=b'x' * 5000)[0] == 413
        assert s.get('HEAD')[0] == 200 and s.get('HEAD')[2] == b''
        assert s.get(place='/metrics?x=' + 'y' * 20000)[0] in (400, 414)
        held = []
        for raw in (b'', b'\0\0\xff\xff', b'GET /metrics', b'GET /met' * 4000,
                    b'GET /metrics HTTP/9.9\r\n\r\n', b'GET http://[ HTTP/1.1\r\n\r\n',
                    b'GET /metrics HTTP/1.1\r\nX: ' + b'z' * 60000,
                    b'POST /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n'):
            c = socket.create_connection(('127.0.0.1', s.metrics_port))
            c.settimeout(0.2)
            try:
                c.sendall(raw)
            except OSError:
                pass
            held.append(c)
        assert s.numbers()('sigill_up') == 1
        for _ in range(16):
            held.append(socket.create_connection(('127.0.0.1', s.metrics_port)))
        # They keep nobody out for long, and none from what is published.
        public = http.client.HTTPConnection('127.0.0.1', s.port, timeout=5)
        public.request('GET', '/crl/2-0.crl')
        assert public.getresponse().status == 200
        public.close()
        s.wait_for(lambda: s.numbers()('sigill_up') == 1)
        for c in held:
            c.close()
        # What is asked there is no stranger's request, and is not public.
        assert s.numbers()('sigill_http_requests_total', service='other',
                           code='404') is None
        public = http.client.HTTPConnection('127.0.0.1', s.port, timeout=5)
        public.request('GET', '/metrics')
        assert public.getresponse().status == 404
        public.close()
        assert not s.events('ended'), s.text()
        s.stop()


def test_settings():
    home = path('settings')
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256', '--home',
           home).expect(OK)

    def check(settings):
        write(os.path.join(home, 'sigilld.conf'), settings)
        return subprocess.run(
            [SIGILLD, '--home', home, '-t'], env=ENV, check=False, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    for good in ('9464', '127.0.0.1:9464', '[::1]:9464', '192.0.2.1:9464'):
        assert check(f'metrics = {good}\n').returncode == OK, good
    for bad in ('0', '65536', '99999', 'localhost:9464', ':9464', '127.0.0.1',
                '127.0.0.1:0', '127.0.0.1:x', '9464x', '-1', '127.0.0.1:9464:1'):
        done = check(f'metrics = {bad}\n')
        assert done.returncode == USAGE, (bad, done)
        assert b'sigilld.conf:1: metrics' in done.stderr, done
    for settings in ('metrics = 8080\n', 'http = 127.0.0.1:9\nmetrics = 9\n'):
        done = check(settings)
        assert done.returncode == USAGE and b'of its own' in done.stderr, done


if __name__ == '__main__':
    sys.exit(run(globals()))
