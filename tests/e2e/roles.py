#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may do what: other users of the machine, through the service."""
import json
import os
import pwd
import subprocess
import sys
import threading

import service
from e2e import (ENV, FOLDER, NO, OK, PASSWORD, SIGILL, USAGE, leaks, openssl,
                 path, read, run, sigill, write)

OTHER = pwd.getpwnam('nobody')
AS_OTHER = ['--reuid', str(OTHER.pw_uid), '--regid', str(OTHER.pw_gid),
            '--clear-groups', '--']
# Others come through, to the socket, but see nothing.
os.chmod(FOLDER, 0o711)
os.mkdir(path('run'), 0o755)
SOCKET = path('run/control.sock')


def can_be_others():
    if os.getuid() == 0:
        return True
    print('     (not root: cannot become another user)')
    return False


class Service(service.Service):
    """One that others may call."""

    def __init__(self):
        super().__init__(settings=f'socket = {SOCKET}\n')

    def mine(self, *words):
        return sigill(*words, *self.homed)

    @staticmethod
    def others(*words):
        return sigill(*AS_OTHER, SIGILL, *words, program='setpriv',
                      env={'SIGILL_SOCKET': SOCKET})

    def give(self, *offices):
        self.mine('admin', 'remove', 'nobody')
        for office in offices:
            self.mine('admin', 'add', 'nobody', '--office', office).expect(OK)

    def records(self):
        result = self.mine('audit', 'list', '--json').expect(OK)
        return json.loads(result.out)['records']

    def refusals(self):
        return [r for r in self.records() if r['action'] == 'refused']


def test_strangers_get_nothing():
    if not can_be_others():
        return
    with Service() as s:
        for words in (('user', 'list'), ('user', 'add', 'eve@example.org'),
                      ('admin', 'list'), ('audit', 'list')):
            s.others(*words).expect(USAGE, 'no office')
        (told, *_) = s.refusals()
        assert told['who'] == f'uid {OTHER.pw_uid}', told
        results = {e['result'] for e in s.events('command')
                   if e['uid'] == OTHER.pw_uid}
        assert len(results) == 1 and 'ok' not in results, results
        # Nor is the home open to them.
        done = subprocess.run(
            ['setpriv', *AS_OTHER, 'ls', s.home], check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode != 0 and b'ermission' in done.stderr, done
        sigill(*AS_OTHER, SIGILL, 'user', 'list', '--home', s.home,
               program='setpriv').expect(5)


def test_a_reader_looks():
    if not can_be_others():
        return
    with Service() as s:
        s.give('reader')
        s.mine('user', 'add', 'alice@example.org').expect(OK)
        s.others('user', 'list').expect(OK, 'alice@example.org')
        s.others('cert', 'list').expect(OK)
        s.others('audit', 'verify').expect(OK)
        s.others('user', 'add', 'eve@example.org').expect(
            USAGE, 'your office', 'user add (operator)')
        s.others('cert', 'renew', 'alice@example.org').expect(USAGE)
        told = s.refusals()
        assert [r['who'] for r in told] == [
            f'nobody ({OTHER.pw_uid})'] * 2, told
        assert told[0]['object'] == 'eve@example.org', told
        assert told[0]['after'] == 'user add wants the office operator', told
        s.mine('audit', 'verify').expect(OK)


def test_an_operator_gets_no_private_keys():
    if not can_be_others():
        return
    with Service() as s:
        s.give('operator')
        s.others('user', 'add', 'alice@example.org').expect(OK)
        s.others('cert', 'renew', 'alice@example.org').expect(OK)
        assert s.others('cert', 'export', 'alice@example.org').expect(
            OK).out.startswith(b'-----BEGIN CERTIFICATE')
        password = write('password', PASSWORD + '\n')
        os.chmod(password, 0o644)
        for words in ((), ('--purpose', 'signing')):
            result = s.others('cert', 'export', 'alice@example.org',
                              '--pkcs12', '--password-file', password, *words)
            result.expect(USAGE, 'administrator', out=b'')
        # Nor by a code, with which a device would be given one.
        s.others('user', 'enrol-code', 'alice@example.org').expect(OK)
        s.others('user', 'enrol-code', 'alice@example.org', '--purpose',
                 'encryption').expect(USAGE, 'administrator', out=b'')
        s.others('admin', 'add', 'nobody', '--office', 'administrator'
                 ).expect(USAGE)
        assert len(s.refusals()) == 4, s.refusals()
        done = [r for r in s.records() if r['action'] == 'user.add']
        assert done[0]['who'] == f'nobody ({OTHER.pw_uid})', done


def officer(s, name):
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout',
            path(name + '.key'), '-out', path(name + '.crt'), '-subj',
            '/CN=' + name, '-addext', 'keyUsage = critical, digitalSignature, '
            'keyEncipherment', '-addext',
            'basicConstraints = critical, CA:false')
    leaks.hide_key(read(name + '.key'))
    s.mine('recovery', 'officer', 'add', name, '--certificate',
           path(name + '.crt')).expect(OK)


def test_a_recovery_that_is_not_told_yet():
    if not can_be_others():
        return
    with Service() as s:
        s.mine('user', 'add', 'alice@example.org').expect(OK)
        officer(s, 'anna')
        officer(s, 'bert')
        s.mine('recovery', 'set', '--threshold', '2').expect(OK)
        s.mine('admin', 'add', 'root', '--office', 'recovery-officer')
        for case, words in (('HR-1', ()), ('HR-2', ('--tell-user-after', '1w'))):
            s.mine('recovery', 'open', 'alice@example.org', '--case', case,
                   '--reason', 'x', *words).expect(OK)
        s.mine('audit', 'list').expect(OK, 'HR-1', 'HR-2')
        for office in ('reader', 'operator'):
            s.give(office)
            for words in ((), ('--json',), ('--object', '2')):
                told = s.others('audit', 'list', *words).expect(OK).out
                assert b'HR-2' not in told, told
                assert words[1:] or b'HR-1' in told, told
            s.others('audit', 'verify').expect(OK)
            s.others('user', 'show', 'alice@example.org').expect(
                OK, 'request 1')
        s.give('administrator')
        s.others('audit', 'list').expect(OK, 'HR-1', 'HR-2')


def test_what_destroys_keys_is_the_administrators():
    if not can_be_others():
        return
    with Service() as s:
        s.give('operator')
        s.others('user', 'add', 'alice@example.org').expect(OK)
        s.others('user', 'set', 'alice@example.org', '--name', 'A').expect(OK)
        s.others('user', 'set', 'alice@example.org', '--custody', 'sealed',
                 '--acknowledge-loss').expect(USAGE, 'administrator')
        s.give('administrator')
        s.others('user', 'set', 'alice@example.org', '--custody', 'sealed',
                 '--acknowledge-loss').expect(OK)


def test_offices_are_given_and_taken():
    if not can_be_others():
        return
    with Service() as s:
        s.give('administrator')
        s.others('admin', 'add', 'daemon', '--office', 'reader').expect(
            OK, 'reader')
        s.others('admin', 'list').expect(OK, 'daemon', 'reader')
        s.mine('admin', 'remove', 'nobody', '--office', 'reader').expect(NO)
        s.mine('admin', 'remove', str(OTHER.pw_uid)).expect(OK)
        s.others('user', 'list').expect(USAGE, 'no office')
        done = [(r['action'], r['object'], r['before'], r['after'])
                for r in s.records() if r['action'].startswith('admin.')]
        daemon = pwd.getpwnam('daemon').pw_uid
        assert done == [
            ('admin.add', f'nobody ({OTHER.pw_uid})', '', 'administrator'),
            ('admin.add', f'daemon ({daemon})', '', 'reader'),
            ('admin.remove', f'nobody ({OTHER.pw_uid})', 'administrator', ''),
        ], done


def test_two_administrators_at_once():
    if not can_be_others():
        return
    with Service() as s:
        s.give('operator')
        failed = []

        def add(call, prefix):
            for i in range(8):
                result = call('user', 'add', f'{prefix}{i}@example.org')
                if result.status != OK:
                    failed.append(result)
        threads = [threading.Thread(target=add, args=(s.mine, 'mine')),
                   threading.Thread(target=add, args=(s.others, 'others'))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed, failed[0]
        certs = json.loads(s.mine('cert', 'list', '--json').out)['certificates']
        assert len({c['serial'] for c in certs}) == len(certs) == 32
        s.mine('audit', 'verify').expect(OK)
        actors = {r['who'] for r in s.records() if r['action'] == 'user.add'}
        assert len(actors) == 2, actors


def test_strangers_do_not_keep_others_out():
    keep_others_out()


def test_readers_do_not_keep_others_out():
    keep_others_out('reader')


def keep_others_out(*offices):
    if not can_be_others():
        return
    with Service() as s:
        s.give(*offices)
        done = subprocess.Popen(
            ['setpriv', *AS_OTHER, sys.executable, '-c', f'''
import socket, sys
held = []
for i in range(300):
    s = socket.socket(socket.AF_UNIX)
    s.connect({SOCKET!r})
    held.append(s)
print("held", flush=True)
sys.stdin.read()
'''], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd='/')
        assert done.stdout.readline() == b'held\n'
        s.mine('user', 'add', 'alice@example.org').expect(OK)
        done.stdin.close()
        assert done.wait(timeout=30) == 0


def test_without_a_service():
    home = ['--home', path('alone')]
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           *home).expect(OK)
    sigill('admin', 'add', 'daemon', '--office', 'operator', *home).expect(OK)
    sigill('admin', 'add', 'daemon', '--office', 'operator', *home).expect(
        USAGE, 'already')
    sigill('admin', 'add', 'root', '--office', 'administrator', *home).expect(
        USAGE, 'already')
    sigill('admin', 'add', 'root', '--office', 'recovery-officer',
           *home).expect(OK)
    sigill('admin', 'add', 'far', '--uid', '4000000', '--office', 'reader',
           *home).expect(OK)
    sigill('admin', 'add', 'no-such-user', '--office', 'reader', *home).expect(
        USAGE, 'no such user')
    for wrong in ('-1', '4294967295', '99999999999', 'x', ''):
        sigill('admin', 'add', 'x', '--uid', wrong, '--office', 'reader',
               *home).expect(USAGE)
    sigill('admin', 'add', 'daemon', '--office', 'king', *home).expect(USAGE)
    sigill('admin', 'add', 'daemon', *home).expect(USAGE, '--office')
    listed = json.loads(sigill('admin', 'list', '--json', *home).out)
    assert [(a['name'], a['office']) for a in listed['administrators']
            if a['since']] == [
                ('root', 'recovery-officer'), ('daemon', 'operator'),
                ('far', 'reader')], listed
    sigill('admin', 'remove', 'far', *home).expect(OK)
    sigill('admin', 'remove', 'far', *home).expect(NO)


def test_whose_work_is_what():
    home = ['--home', path('alone')]
    result = sigill('admin', 'offices', '--json', *home).expect(OK)
    offices = {c['command']: c['office']
               for c in json.loads(result.out)['commands']}
    assert offices['user list'] == 'reader'
    assert offices['user add'] == 'operator'
    assert offices['cert export'] == 'reader'
    assert offices['cert export --pkcs12'] == 'administrator'
    assert offices['user enrol-code'] == 'operator'
    assert offices['user enrol-code --purpose'] == 'administrator'
    assert offices['admin add'] == 'administrator'
    # What a reader may do changes nothing, whatever its name.
    for verb in ('add', 'remove', 'renew', 'revoke', 'issue', 'import', 'set'):
        assert not [c for c, office in offices.items()
                    if office == 'reader' and c.split()[-1] == verb], offices


def test_one_service_at_a_socket():
    with Service():
        home = path('second')
        sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
               '--home', home).expect(OK)
        write(os.path.join(home, 'sigilld.conf'),
              f'http = 127.0.0.1:{service.free_port()}\nsocket = {SOCKET}\n')
        done = subprocess.run([service.SIGILLD, '--home', home], env=ENV, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=60, cwd='/')
        assert done.returncode == USAGE, done
        assert b'another service listens there' in done.stdout, done
    for home in ({}, {'SIGILL_HOME': ''}):
        sigill('user', 'list', env={'SIGILL_SOCKET': path('none'), **home}).expect(
            5, 'no service listens')


if __name__ == '__main__':
    sys.exit(run(globals()))
