#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sigill doctor: what is wrong is found, and told exactly."""
import contextlib
import http.server
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time

from e2e import (BUILD, ENV, ENVIRONMENT, NO, OK, PASSWORD, USAGE, openssl,
                 path, read, run, sigill, write)

SIGILLD = os.path.join(os.path.abspath(BUILD), 'sigilld')


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def make(name, url):
    """A home that publishes there; its path."""
    home = path(name)
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           '--public-url', url, '--root-key-out', path(name + '.p12'),
           '--password-file', write('password', PASSWORD + '\n'), '--home',
           home).expect(OK)
    sigill('ca', 'crl', '--home', home).expect(OK)
    return home


def doctor(home, *words, env=None):
    """(status, {name: [what]})"""
    result = sigill('doctor', '--json', '--home', home, *words, env=env)
    told = json.loads(result.out)
    found = {}
    for finding in told['findings']:
        found.setdefault(finding['name'], []).append(finding['what'])
    critical = any(f['state'] == 'CRITICAL' for f in told['findings'])
    assert result.status == (NO if critical else OK), result
    return result.status, found


def add(home, *words):
    return sigill('user', 'add', 'alice@example.org', '--home', home, *words)


@contextlib.contextmanager
def service(home, port):
    write(os.path.join(home, 'sigilld.conf'),
          f'http = 127.0.0.1:{port}\nsandbox = best-effort\n')
    os.chmod(os.path.join(home, 'sigilld.conf'), 0o600)
    with open(os.path.join(home, 'service.log'), 'wb') as log:
        running = subprocess.Popen(
            [SIGILLD, '--home', home], env=ENV, cwd='/', stdout=log,
            stdin=subprocess.DEVNULL, stderr=log)
    try:
        while b'"ready"' not in read(log.name):
            assert running.poll() is None, read(log.name)
            time.sleep(0.02)
        yield
    finally:
        running.terminate()
        running.wait()


def test_the_first_certificate_waits_for_the_doctor():
    port = free_port()
    url = f'http://127.0.0.1:{port}/'
    home = make('first', url)
    add(home).expect(USAGE, 'sigill doctor')
    status, found = doctor(home)
    assert status == NO and 'service-down' in found, found
    assert len(found['unpublished']) == 4, found
    for what in found['unpublished']:
        assert url in what and 'connection is refused' in what, what
    add(home).expect(USAGE, 'sigill doctor')
    with service(home, port):
        # Whatever the caller's environment says of proxies.
        status, found = doctor(home, env={'http_proxy': 'http://127.0.0.1:1',
                                          'ALL_PROXY': 'http://127.0.0.1:1'})
        assert status == OK and 'unpublished' not in found, found
        add(home).expect(OK)
        assert 'service-down' not in found, found
        sigill('audit', 'list', '--home', home).expect(
            OK, 'publication.checked')
        text = sigill('doctor', '--home', home).expect(OK)
        assert b'no backup' in text.out, text


def test_who_knows_better_is_recorded():
    home = make('knows', 'http://pki.example.org')
    add(home, '--unchecked').expect(OK)
    sigill('user', 'add', 'bob@example.org', '--home', home).expect(OK)
    sigill('audit', 'list', '--home', home).expect(OK, 'publication.unchecked')


# ---------------------------------------------------------------- faults ---

class Faulty(http.server.BaseHTTPRequestHandler):
    """Answers with what lies in the home, but for one file."""
    fault, file, folder = None, None, None

    def log_message(self, *words):
        pass

    def answer(self, body, status=200, length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header('Content-Length', str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):  # pylint: disable=invalid-name
        name = self.path.split('/')[-1]
        body = read(os.path.join(Faulty.folder, name))
        if name == Faulty.file:
            Faulty.fault(self, body)
        else:
            self.answer(body)


def whole(body):
    return lambda handler, old: handler.answer(body)


def slow(handler, body):
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for byte in body:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)


def nonsense(handler, _):
    handler.wfile.write(b'SSH-2.0-OpenSSH_9.2\r\n')


def stale_list(home):
    """A list of the root, by its own key, that nobody renewed."""
    key = path('stale.key')
    openssl('pkcs12', '-in', path('faulty.p12'), '-nodes', '-nocerts', '-out',
            key, '-passin', 'pass:' + PASSWORD)
    openssl('x509', '-inform', 'DER', '-in', os.path.join(home, 'ca/1.cer'),
            '-out', path('stale.pem'))
    write('stale.index', '')
    write('stale.number', '01\n')
    write('stale.cnf', '[ca]\ndefault_ca = this\n[this]\n'
          f'database = {path("stale.index")}\ndefault_md = sha256\n'
          f'crlnumber = {path("stale.number")}\n')
    openssl('ca', '-gencrl', '-config', path('stale.cnf'), '-cert',
            path('stale.pem'), '-keyfile', key, '-out', path('stale.crl'),
            '-crl_lastupdate', '20200101000000Z', '-crl_nextupdate',
            '20200201000000Z')
    os.unlink(key)
    return openssl('crl', '-in', path('stale.crl'), '-outform', 'DER')


def older(home, old):
    """A list that somebody keeps longer than he was allowed to. And there is
    a certificate now, but nothing here answers by OCSP."""
    sigill('ca', 'crl', '--home', home).expect(OK)
    Faulty.file, Faulty.fault = '2-0.crl', whole(old)
    for seconds, names in ((0, {'ocsp'}), (1000, {'ocsp', '2-0.crl'})):
        with contextlib.closing(
                sqlite3.connect(os.path.join(home, 'sigill.db'))) as db, db:
            db.execute('UPDATE crl SET this_update = this_update - ?',
                       (seconds,))
        _, found = doctor(home)
        told = {('ocsp' if '/ocsp' in what else
                 what.split(': ')[0].split('/')[-1])
                for what in found['unpublished']}
        assert told == names, found
    assert any('older' in what and '2 < 3' in what
               for what in found['unpublished']), found


def test_each_fault_is_told():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Faulty)
    server.handle_error = lambda *words: None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    home = make('faulty', f'http://127.0.0.1:{server.server_port}/sub')
    Faulty.folder = os.path.join(home, 'ca')
    certs = [read(os.path.join(Faulty.folder, f'{i}.cer')) for i in (1, 2)]
    other = read(os.path.join(Faulty.folder, '2-0.crl'))
    faults = (
        ('2-0.crl', lambda h, b: h.answer(b'', 404), 'HTTP 404'),
        ('2.cer', lambda h, b: h.answer(b, 301, Location='http://other/'),
         'elsewhere'),
        ('1.cer', whole(certs[1]), 'another certificate'),
        ('1.cer', whole(b'<html>Hello</html>'), 'no certificate'),
        ('1.cer', whole(certs[0] + b'\0' * 100000), 'too long'),
        ('1-0.crl', whole(b''), 'no revocation list'),
        ('1-0.crl', whole(other), "another authority's"),
        ('1-0.crl', whole(stale_list(home)), '2020-02-01'),
        ('1-0.crl', lambda h, b: h.answer(b, length=len(b) + 1), 'cut off'),
        ('1-0.crl', slow, 'in time'),
        ('1-0.crl', nonsense, 'no HTTP'))
    try:
        for Faulty.file, Faulty.fault, said in faults:
            status, found = doctor(home, '--timeout', '1')
            what, = found['unpublished']
            assert status == NO and said in what, (said, what)
            assert f'{Faulty.file}: ' in what, what
            add(home).expect(USAGE, 'sigill doctor')
        Faulty.file = None
        _, found = doctor(home, '--offline')
        assert 'unpublished' not in found, found
        add(home).expect(USAGE, 'sigill doctor')
        _, found = doctor(home)
        assert 'unpublished' not in found, found
        add(home).expect(OK)
        older(home, other)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_name_that_does_not_resolve():
    _, found = doctor(make('nowhere', 'http://pki.sigill.invalid'))
    assert 'does not resolve' in found['unpublished'][0], found


def test_the_end_of_the_roots_list_is_watched():
    home = make('ending', 'http://pki.example.org')
    for days, name in ((31, None), (29, 'root-crl-ending'),
                       (-1, 'root-crl-stale')):
        with contextlib.closing(
                sqlite3.connect(os.path.join(home, 'sigill.db'))) as db, db:
            db.execute('UPDATE crl SET next_update = ? WHERE authority = 1',
                       (int(time.time()) + days * 86400,))
        _, found = doctor(home, '--offline')
        told = [n for n in found if n.startswith('root-crl')]
        assert told == ([name] if name else []), found
        status = sigill('status', '--json', '--home', home).expect(OK)
        assert (b'sigill ca root-crl' in status.out) == (name is not None)
    sigill('ca', 'root-crl', '--root-key', path('ending.p12'),
           '--password-file', path('password'), '--home', home).expect(OK)
    _, found = doctor(home, '--offline')
    assert not [n for n in found if n.startswith('root-crl')], found


# ----------------------------------------------------------------- place ---

def test_what_is_open_to_others():
    home = make('open', 'http://pki.example.org')
    key = os.path.join(home, 'keys/master.key')
    _, found = doctor(home, '--offline')
    assert 'permissions' not in found, found
    for file, mode in ((key, 0o640), (home, 0o755),
                       (os.path.join(home, 'sigill.db'), 0o604)):
        good = os.stat(file).st_mode & 0o777
        os.chmod(file, mode)
        status, found = doctor(home, '--offline')
        what, = found['permissions']
        assert status == NO and f'{mode:03o}' in what, what
        os.chmod(file, good)
    # The key of the HTTPS server lies elsewhere.
    server = write('server.key', 'key')
    conf = os.path.join(home, 'sigilld.conf')
    write(conf, f'https_key = {server}\n')
    os.chmod(conf, 0o600)
    for mode, count in ((0o600, 0), (0o640, 0), (0o644, 1)):
        os.chmod(server, mode)
        _, found = doctor(home, '--offline')
        assert len(found.get('permissions', [])) == count, found


# Beginnings of what systemd-creds encrypt writes, with each --with-key.
BY_HOST = 'Whxqht+dQJax1aZeCGLxmgEAAAAMAAAA'
BY_TPM = 'k6iUCUh0RJCQyvL8k8q1UwEAAAAMAAAA'


def unlocking(home, units):
    told = json.loads(sigill('doctor', '--json', '--offline', '--home', home,
                             env={'SYSTEMD_UNIT_PATH': units}).out)
    return [(w['way'], w['unattended'], w['on_the_disk'])
            for w in told['unlocking']], told['findings']


def test_ways_of_unlocking_are_ranked():
    home = make('ways', 'http://pki.example.org')
    units = path('units')
    os.makedirs(os.path.join(units, 'sigilld.service.d'))
    ways, _ = unlocking(home, units)
    assert ways == [('bare', True, True)], ways
    secret = write('vault-key', os.urandom(32))
    os.chmod(secret, 0o600)
    phrase = write('phrase', 'correct horse battery\n')

    def protect(*words):
        sigill('key', 'protect', '--home', home, *words,
               env={'SIGILL_PASSPHRASE_FILE': phrase}).expect(OK)

    protect('--passphrase', '--password-file', phrase)
    ways, _ = unlocking(home, units)
    assert ways == [('passphrase', False, False)], ways
    protect('--credential', 'vault', '--from', secret)
    ways, _ = unlocking(home, units)
    assert ways == [('credential', True, True), ('passphrase', False, False)]
    setting = os.path.join(units, 'sigilld.service.d', 'vault.conf')
    for line, sealed, want in (
            ('LoadCredential', 'x', ('credential-plain', True, True)),
            ('LoadCredentialEncrypted', BY_HOST, ('credential-host', True, True)),
            ('LoadCredentialEncrypted', BY_TPM, ('credential-tpm', True, False))):
        write(setting, f'[Service]\n{line}=vault:{write("sealed", sealed)}\n')
        ways, _ = unlocking(home, units)
        assert want in ways and len(ways) == 2, ways
    assert ways[-1][0] == 'credential-tpm', ways
    protect('--key-file', secret)
    ways, findings = unlocking(home, units)
    assert ways[0] == ('key-file-beside', True, True), ways
    assert not [f for f in findings if f['name'] == 'permissions'], findings
    os.chmod(secret, 0o640)
    _, findings = unlocking(home, units)
    told, = [f['what'] for f in findings if f['name'] == 'permissions']
    assert secret in told and '640' in told, told
    text = sigill('doctor', '--offline', '--home', home,
                  env={'SYSTEMD_UNIT_PATH': units}).out.decode()
    order = [text.index(word) for word in (
        f'key-file-beside {secret}: after a reboot by itself',
        'passphrase: after a reboot somebody must', 'credential-tpm vault')]
    assert order == sorted(order), text


def test_a_damaged_database():
    home = make('damaged', 'http://pki.example.org')
    file = os.path.join(home, 'sigill.db')
    subprocess.run(['sqlite3', file, 'PRAGMA wal_checkpoint(TRUNCATE)'],
                   check=False, stdout=subprocess.DEVNULL)
    content = bytearray(read(file))
    size = int.from_bytes(content[16:18], 'big')
    # A page of a table's or index's rows, not the first.
    at = next(i for i in range(size, len(content), size)
              if content[i] in (0x0a, 0x0d)
              and int.from_bytes(content[i + 3:i + 5], 'big') > 0)
    content[at + 5:at + 7] = b'\xff\xff'
    write(file, bytes(content))
    result = sigill('doctor', '--offline', '--home', home)
    assert result.status in (NO, ENVIRONMENT), result
    assert 'damaged' in result.out.decode() + result.err, result


def test_usage():
    for seconds in ('0', 'x', '601'):
        sigill('doctor', '--timeout', seconds, '--home',
               make('usage-' + seconds, 'http://pki.example.org')).expect(
                   USAGE, '--timeout is')


if __name__ == '__main__':
    sys.exit(run(globals()))
