#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sigilld: the same commands through the service, its processes shut in and
started again, and nothing lost."""
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

from e2e import (BUILD, ENV, ENVIRONMENT, FOLDER, KEY, MARK, OK, PASSWORD, USAGE,
                 is_sanitized, openssl, path, read, run, sigill, write)

SIGILLD = os.path.join(os.path.abspath(BUILD), 'sigilld')
TRESPASS = os.environ.get('SIGILL_TRESPASS')
ROLES = ('keyholder', 'control', 'front', 'maker')


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Service:
    """sigilld for a new organisation; its log is a list of objects."""
    number = 0

    def __init__(self, env=None, settings='', init=True, home=None):
        Service.number += 1
        self.home = home or path(f'home-{Service.number}')
        self.homed = ['--home', self.home]
        # In the home, which is searched for what must not be in it.
        self.log_file = os.path.join(self.home, 'service.log')
        self.port = free_port()
        self.starts = 0
        if init:
            self.make(settings)
        self.start(env)

    def make(self, settings):
        """The organisation."""
        sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
               *self.homed).expect(OK)
        write(os.path.join(self.home, 'sigilld.conf'),
              f'# where it listens\nhttp = 127.0.0.1:{self.port}\n' + settings)

    def start(self, env=None):
        with open(self.log_file, 'ab') as log:
            self.process = subprocess.Popen(
                [SIGILLD, '--home', self.home], env=dict(ENV, **env or {}),
                cwd='/', stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.starts += 1
        self.wait_for(lambda: len(self.events('ready')) == self.starts)

    def wait_for(self, what, seconds=30):
        for _ in range(seconds * 50):
            found = what()
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f'did not happen; log:\n{self.text()}')

    def text(self):
        return read(self.log_file).decode()

    def log(self):
        return [json.loads(line) for line in self.text().splitlines()
                if line.startswith('{')]

    def events(self, name):
        return [e for e in self.log() if e['event'] == name]

    def pid_of(self, role):
        return [e for e in self.events('started') if e['name'] == role][-1]['pid']

    def sigill(self, *words, **options):
        verbs = 1 if words[0] in ('encrypt', 'open') else 2
        return sigill(*words[:verbs], *self.homed, *words[verbs:], **options)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        assert self.process.wait(timeout=30) == 0, self.text()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def processes_of(service):
    done = subprocess.run(['pgrep', '-f', f'role.*{service.home}'],
                          stdout=subprocess.PIPE, check=False)
    return done.stdout.split()


def test_commands_go_through_the_service():
    with Service() as s:
        s.sigill('user', 'add', 'alice@example.org', '--name', 'Älva').expect(
            OK, 'Added Älva')
        s.sigill('user', 'list').expect(OK, 'alice@example.org')
        people = json.loads(s.sigill('user', 'list', '--json').out)
        assert people['people'][0]['name'] == 'Älva', people
        s.sigill('cert', 'renew', 'alice@example.org').expect(OK)
        assert len(json.loads(s.sigill('cert', 'list', '--json').out)[
            'certificates']) == 4
        done = [e['command'] for e in s.events('command')]
        assert done == ['user add', 'user list', 'user list', 'cert renew',
                        'cert list'], done
        s.stop()
        # And without it, nothing is missing.
        s.sigill('user', 'list').expect(OK, 'alice@example.org')
        assert not processes_of(s)


def test_failures_come_through():
    with Service() as s:
        s.sigill('user', 'add', 'eve@elsewhere.org').expect(
            USAGE, "not in the organisation's domain")
        s.sigill('cert', 'show', 'nobody@example.org').expect(1, 'nobody')
        s.sigill('cert', 'show', '4f4f4f').expect(1, 'no certificate')
        result = s.sigill('user', 'add', 'eve@elsewhere.org',
                          env={'LANGUAGE': 'sv'})
        result.expect(USAGE, 'organisationens domän')
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        s.sigill('user', 'add', 'a@example.org').expect(USAGE)
        s.stop()


def test_files_are_written_by_the_caller():
    with Service() as s:
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        password = write('password', PASSWORD + '\n')
        s.sigill('cert', 'export', 'bob@example.org', '--pkcs12',
                 '--password-file', password, '-o', path('bob.p12')).expect(OK)
        assert stat.S_IMODE(os.stat(path('bob.p12')).st_mode) == 0o600
        assert openssl('pkcs12', '-in', path('bob.p12'), '-passin',
                       'pass:' + PASSWORD, '-nodes').count(b'PRIVATE KEY-') == 4
        # Without a terminal nobody can be asked; nothing is left behind.
        s.sigill('cert', 'export', 'bob@example.org', '--pkcs12', '-o',
                 path('never.p12')).expect(1, 'not kept here any more')
        s.sigill('cert', 'export', 'bob@example.org', '--pkcs12', '--purpose',
                 'encryption', '-o', path('never.p12')).expect(KEY)
        s.sigill('cert', 'export', 'bob@example.org', '-o',
                 path('missing/x')).expect(ENVIRONMENT)
        assert not os.path.exists(path('never.p12'))
        assert b'BEGIN CERT' in s.sigill('trust', 'export').out
        assert PASSWORD not in s.text()
        s.stop()


def test_mail_goes_on():
    mail = write('mail', b'From: a@example.org\r\n\r\n' + MARK + b'\r\n')
    with Service() as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        s.sigill('encrypt', '--sign', 'a@example.org', '--to', 'a@example.org',
                 '-o', path('sealed'), mail).expect(OK)
        s.sigill('open', '--key', 'a@example.org', path('sealed')).expect(
            OK, MARK.decode())
        s.stop()


def test_every_signal_that_ends_it():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Service() as s:
            s.stop(number)
            assert s.log()[-1]['event'] == 'stopped', s.text()
            assert not processes_of(s)


def test_whoever_ends_is_started_again():
    with Service() as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        for role in ROLES:
            before = s.pid_of(role)
            os.kill(before, signal.SIGKILL)
            s.wait_for(lambda: s.pid_of(role) != before)
            ended = [e for e in s.events('ended') if e['pid'] == before]
            assert ended and ended[0]['signal'] == signal.SIGKILL, ended
            s.wait_for(lambda: s.sigill(
                'cert', 'renew', 'a@example.org').status == OK)
        assert s.events('ended')[0]['level'] == 'error'
        s.stop()


def test_whoever_ends_again_and_again_waits():
    with Service() as s:
        started = time.monotonic()
        for _ in range(3):
            before = s.pid_of('front')
            os.kill(before, signal.SIGKILL)
            s.wait_for(lambda: s.pid_of('front') != before)
        assert time.monotonic() - started > 2, 'without a pause'
        s.stop()


def test_the_whole_service_killed():
    """Whatever was answered is there; the processes do not outlive it."""
    with Service() as s:
        done = []

        def work():
            for i in range(100):
                if s.sigill('user', 'add', f'u{i}@example.org').status != OK:
                    return
                done.append(f'u{i}@example.org')

        worker = threading.Thread(target=work)
        worker.start()
        s.wait_for(lambda: len(done) > 3)
        s.process.kill()
        s.process.wait()
        worker.join()
        for _ in range(200):
            if not processes_of(s):
                break
            time.sleep(0.05)
        assert not processes_of(s)
        people = s.sigill('user', 'list').expect(OK).out.decode()
        assert all(address in people for address in done), (done, people)
        s.start()
        s.sigill('user', 'add', 'after@example.org').expect(OK)
        s.stop()


def test_two_callers_at_once():
    with Service() as s:
        results = []

        def add(number):
            for i in range(5):
                results.append(s.sigill(
                    'user', 'add', f'p{number}-{i}@example.org').status)

        workers = [threading.Thread(target=add, args=(n,)) for n in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert results == [OK] * 20, results
        serials = [c['serial'] for c in json.loads(
            s.sigill('cert', 'list', '--json').out)['certificates']]
        assert len(serials) == len(set(serials)) == 40
        s.stop()


def test_strangers_are_told_a_failure():
    if os.getuid() != 0:
        print('     (needs root to be somebody else)')
        return
    with Service() as s:
        place = os.path.join(s.home, 'run', 'control.sock')
        os.chmod(FOLDER, 0o755)
        os.chmod(s.home, 0o755)
        os.chmod(os.path.dirname(place), 0o755)
        os.chmod(place, 0o666)
        code = ('import os,socket,sys\nos.setgid(65534)\nos.setuid(65534)\n'
                's=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n'
                'try:\n  s.sendall(b"\\0\\0\\0\\0\\0\\x10")\n'
                '  sys.exit(s.recv(100)[4:6] != b"\\0\\1")\n'
                'except ConnectionError:\n  sys.exit(0)')
        done = subprocess.run([sys.executable, '-c', code, place],
                              timeout=30, check=False)
        assert done.returncode == 0, done
        s.stop()


def test_strangers_at_the_socket():
    """Messages that are none, half ones, and too long ones."""
    with Service() as s:
        place = os.path.join(s.home, 'run', 'control.sock')
        for bytes_ in (b'', b'\0', b'\xff' * 6, b'\0\0\0\4\0\x10abcd',
                       b'\0\0\0\0\0\x10', b'\0\0\0\1\0\1x',
                       b'\0\0\0\x0c\0\x10' + b'\0\0\0\2en\xff\xff\xff\xff\0\0',
                       os.urandom(5000)):
            with socket.socket(socket.AF_UNIX) as c:
                c.connect(place)
                c.settimeout(5)
                try:
                    c.sendall(bytes_)
                    c.shutdown(socket.SHUT_WR)
                    while c.recv(4096):
                        pass
                except ConnectionError:
                    pass
        s.sigill('user', 'list').expect(OK)
        assert not s.events('ended'), s.text()
        s.stop()


def test_every_process_is_shut_in():
    if is_sanitized():
        print('     (a sanitized build has no sandbox)')
        return
    home = path(f'home-{Service.number + 1}')
    with Service(env={'LD_PRELOAD': TRESPASS, 'TRESPASS_HOME': home}) as s:
        # Each waits once more when somebody asks something of it.
        s.wait_for(lambda: s.text().count('trespass') >= 14 * len(ROLES))
        tried = re.findall(r'trespass (\w+) ([\w-]+): (\w+)', s.text())
        assert {role for role, _, _ in tried} == set(ROLES), tried
        done = {(role, what) for role, what, how in tried if how == 'done'}
        assert done == {('control', 'read-the-database')}, done
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        s.stop()


def test_the_keyholder_wants_a_ticket():
    """Also of whoever got hold of control's own channel."""
    if is_sanitized():
        print('     (a sanitized build cannot be preloaded into)')
        return
    with Service(env={'LD_PRELOAD': TRESPASS, 'TRESPASS_ASK': '1'}) as s:
        s.wait_for(lambda: 'ask-without-a-ticket: ' in s.text())
        assert 'ask-without-a-ticket: refused' in s.text(), s.text()
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        done = json.loads(s.sigill('audit', 'list', '--json').out)['records']
        (told,) = [r for r in done if r['action'] == 'refused']
        assert told['who'] == 'keyholder', told
        assert told['object'] == 'private keys', told
        assert 'without a ticket' in told['after'], told
        assert any('ticket' in e['error'] for e in s.events('refused'))
        s.sigill('audit', 'verify').expect(OK)
        s.stop()


def refused(settings, *words):
    home = path('refused')
    os.makedirs(home, exist_ok=True)
    write(os.path.join(home, 'sigilld.conf'), settings)
    done = subprocess.run([SIGILLD, '--home', home, '-t'], env=ENV,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=60)
    err = done.stderr.decode()
    assert done.returncode == USAGE, (settings, done)
    assert len(err.splitlines()) == 1 and err.startswith('sigill: sigilld: '), err
    assert all(word in err for word in words), err


def test_settings():
    refused('htpp = 127.0.0.1:1\n', 'no such setting', 'sigilld.conf:1',
            'htpp (http?)')
    refused('colour = red\n', 'no such setting', 'sigilld.conf:1: colour')
    refused('\n# x\nhttp\n', 'name = value', 'sigilld.conf:3')
    refused('http = 127.0.0.1:1\nhttp = 127.0.0.1:2\n', 'twice', 'sigilld.conf:2')
    refused('http = 8080\n', 'ADDRESS:PORT')
    refused('sandbox = no\n', 'best-effort')
    refused(b'http = \0a:1\n', 'not text')
    # What is not there is in order only because it is the wrong place.
    for home in (path('refused'), path('mistyped')):
        write(path('refused/sigilld.conf'), '')
        done = subprocess.run([SIGILLD, '--home', home, '-t'], env=ENV,
                              check=False, stderr=subprocess.PIPE)
        assert done.returncode == ENVIRONMENT, done
        assert b'no organisation' in done.stderr and home.encode() in done.stderr
    done = subprocess.run([SIGILLD, '--hom'], env=ENV, check=False,
                          stderr=subprocess.PIPE)
    assert done.returncode == USAGE and b'usage' in done.stderr, done


def test_what_cannot_begin_says_why():
    def begin(home):
        return subprocess.run([SIGILLD, '--home', home], env=ENV, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)

    done = begin(path('nothing-here'))
    assert done.returncode != 0 and b'master key is missing' in done.stderr or \
        b'no organisation' in done.stderr, done
    with Service() as s:
        # The port is taken, and the home is too.
        done = begin(s.home)
        assert done.returncode == ENVIRONMENT, done
        s.stop()


if __name__ == '__main__':
    sys.exit(run(globals()))
