#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Authorities whose keys are on a token (SoftHSM), while the service runs: one
process alone loads the module, and whatever happens to it, nothing is lost."""
import json
import os
import re
import signal
import sys
import urllib.request

from e2e import (ENV, ENVIRONMENT, FOLDER, KEY, MARK, OK, is_sanitized, openssl,
                 party, path, read, run, sigill, write)
from service import TRESPASS, Service
from tokens import MODULE, TOKENS, token, tool

PIN = '738291'
URL = 'http://pki.example.org'


def make_token():
    """A root's key, an issuing one, another one, each of its own."""
    if os.path.exists(path('token-made')):
        return
    write('token-made', b'')
    tool('softhsm2-util', '--init-token', '--free', '--label', 'authority',
         '--pin', PIN, '--so-pin', '567890')
    for number, name in enumerate(('root', 'issuing', 'later'), 1):
        openssl('genpkey', '-algorithm', 'EC', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-out', path('on-token'))
        tool('softhsm2-util', '--import', path('on-token'), '--token',
             'authority', '--label', name, '--id', f'{number:02}', '--pin', PIN)
        os.unlink(path('on-token'))


def uri(name, pin=None, module=MODULE):
    source = '' if pin is None else f'&pin-source=file:{pin}'
    return (f'pkcs11:token=authority;object={name}?module-path={module}'
            + source)


class OnToken(Service):
    """Root and issuing authority are on the token."""
    module, paths = MODULE, TOKENS

    def make(self, settings):
        make_token()
        self.pin = write(f'token-{Service.number}.pin', PIN + '\n')
        sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
               '--public-url', URL, '--root-key', uri('root'),
               '--password-file', self.pin, '--issuing-key',
               uri('issuing', self.pin, self.module), *self.homed).expect(OK)
        write(os.path.join(self.home, 'sigilld.conf'),
              f'http = 127.0.0.1:{self.port}\ntoken_paths = {self.paths}\n'
              + settings)

    def add(self, address):
        return self.sigill('user', 'add', address, '--unchecked')

    def state_of(self, name):
        (process,) = [p for p in json.loads(sigill(
            'status', '--json', *self.homed).expect(OK).out)['service'][
                'processes'] if p['name'] == name]
        return process

    def certificates(self, address):
        """Root, issuing and a leaf of somebody, as files of PEM."""
        names = [path(n) for n in ('root.pem', 'issuing.pem', 'leaf.pem')]
        for number in (1, 2):
            with open(names[number - 1], 'wb') as out:
                out.write(openssl('x509', '-inform', 'DER', '-in', os.path.join(
                    self.home, 'ca', f'{number}.cer')))
        self.sigill('cert', 'export', address, '--purpose', 'signing', '-o',
                    names[2] + '.new').expect(OK)
        os.rename(names[2] + '.new', names[2])
        return names

    def fetch(self, name, body=None):
        with urllib.request.urlopen(
                f'http://127.0.0.1:{self.port}/{name}', body) as answer:
            return answer.read()

    def ocsp(self, issuing, leaf):
        """What OpenSSL says of the responder's answer."""
        return openssl('ocsp', '-issuer', issuing, '-cert', leaf, '-url',
                       f'http://127.0.0.1:{self.port}/ocsp', '-CAfile',
                       path('root.pem'), '-verify_other', issuing).decode()


def pull_out():
    """All tokens, whose files the process may go on looking for."""
    os.mkdir(TOKENS + '.away')
    for name in os.listdir(TOKENS):
        os.rename(os.path.join(TOKENS, name),
                  os.path.join(TOKENS + '.away', name))


def put_in():
    for name in os.listdir(TOKENS + '.away'):
        os.rename(os.path.join(TOKENS + '.away', name),
                  os.path.join(TOKENS, name))
    os.rmdir(TOKENS + '.away')


def is_served(s, words, status=OK):
    result = s.sigill(*words)
    return result.status == status and result


def test_a_ca_on_a_token_works_while_the_service_runs():
    with OnToken() as s:
        s.add('alice@example.org').expect(OK)
        s.add('bob@example.org').expect(OK)
        root, issuing, leaf = s.certificates('alice@example.org')
        openssl('verify', '-CAfile', root, '-untrusted', issuing, leaf)
        assert 'good' in s.ocsp(issuing, leaf)
        s.sigill('cert', 'revoke', 'alice@example.org', '--reason',
                 'keyCompromise', '--purpose', 'signing').expect(OK)
        assert 'revoked' in s.ocsp(issuing, leaf)
        crl = write('2.crl', s.fetch('crl/2-0.crl'))
        text = openssl('crl', '-inform', 'DER', '-in', crl, '-noout', '-text',
                       '-CAfile', issuing).decode()
        assert 'Key Compromise' in text, text
        # Only one of the processes has the module in its memory.
        for role in ('keyholder', 'control', 'front', 'token'):
            maps = f'/proc/{s.pid_of(role)}/maps'
            if os.getuid() == 0 or is_sanitized():
                assert (b'softhsm' in read(maps)) == (role == 'token'), role
        assert s.state_of('token')['running']
        assert PIN not in s.text()
        s.stop()


def test_one_that_hangs():
    # Before anybody has asked it for something.
    with OnToken(settings='patience = 10s\n') as s:
        s.add('alice@example.org').expect(OK)
        hung = s.pid_of('token')
        os.kill(hung, signal.SIGSTOP)
        s.wait_for(lambda: s.pid_of('token') != hung, 60)
        assert [e['name'] for e in s.events('hangs')] == ['token'], s.text()
        s.wait_for(lambda: s.state_of('token')['running'])
        s.add('bob@example.org').expect(OK)
        s.stop()


def test_killed_in_between():
    with OnToken() as s:
        s.add('alice@example.org').expect(OK)
        for number in range(3):
            before = s.pid_of('token')
            os.kill(before, signal.SIGKILL)
            # Whoever asks meanwhile waits, or is told which token it is.
            result = s.add(f'u{number}@example.org')
            assert result.status == OK or 'token=authority' in result.err, result
            s.wait_for(lambda: s.pid_of('token') != before)
            s.wait_for(lambda: s.state_of('token')['running'])
            s.sigill('cert', 'renew', 'alice@example.org').expect(OK)
        # And after the others were killed.
        for role in ('keyholder', 'control'):
            before = s.pid_of(role)
            os.kill(before, signal.SIGKILL)
            s.wait_for(lambda: s.pid_of(role) != before)
            s.wait_for(lambda: is_served(
                s, ('cert', 'renew', 'alice@example.org')))
        # The whole service begins by itself, and nobody types a PIN.
        s.stop()
        s.start()
        s.add('bob@example.org').expect(OK)
        root, issuing, leaf = s.certificates('bob@example.org')
        openssl('verify', '-CAfile', root, '-untrusted', issuing, leaf)
        s.sigill('audit', 'verify').expect(OK)
        s.stop()


def test_what_is_wrong_with_the_token():
    with OnToken() as s:
        s.add('alice@example.org').expect(OK)
        # A wrong PIN is tried once, whoever asks how often.
        write(os.path.basename(s.pin), '999999\n')
        for number in range(4):
            s.add(f'w{number}@example.org').expect(
                KEY, 'wrong PIN')
            os.kill(s.pid_of(('token', 'keyholder')[number % 2]),
                    signal.SIGKILL)
            s.wait_for(lambda: s.state_of('keyholder')['running'] and
                       s.state_of('token')['running'])
        result = s.add('wrong@example.org').expect(
            KEY, 'is not shown to it again')
        assert 'authority' in result.err and '999999' not in result.err, result
        assert '999999' not in s.text() and PIN not in s.text()
        # Corrected, it is used at once.
        write(os.path.basename(s.pin), PIN + '\n')
        s.add('right@example.org').expect(OK)
        pull_out()
        os.kill(s.pid_of('token'), signal.SIGKILL)
        gone = s.wait_for(lambda: is_served(
            s, ('user', 'add', 'gone@example.org', '--unchecked'), 1))
        assert 'no token matches' in gone.err, gone
        # What was revoked is, and the list follows.
        s.sigill('cert', 'revoke', 'alice@example.org', '--reason',
                 'superseded').expect(OK)
        put_in()
        s.add('back@example.org').expect(OK)
        crl = write('back.crl', s.fetch('crl/2-0.crl'))
        assert b'Superseded' in openssl('crl', '-inform', 'DER', '-in', crl,
                                        '-noout', '-text')
        s.stop()


def test_another_token_key_comes_later():
    with OnToken() as s:
        s.add('alice@example.org').expect(OK)
        s.sigill('ca', 'root-crl', '--root-key', uri('root'), '--password-file',
                 s.pin).expect(OK)
        s.sigill('ca', 'replace-issuing', '--root-key', uri('root'),
                 '--password-file', s.pin, '--issuing-key',
                 uri('later', s.pin)).expect(OK)
        s.add('bob@example.org').expect(OK)
        s.sigill('cert', 'revoke', 'alice@example.org', '--reason',
                 'superseded').expect(OK)
        for number in (1, 2, 3):
            issuer = write('i.pem', openssl(
                'x509', '-inform', 'DER', '-in',
                os.path.join(s.home, 'ca', f'{number}.cer')))
            crl = write(f'{number}.crl', s.fetch(f'crl/{number}-0.crl'))
            openssl('crl', '-inform', 'DER', '-in', crl, '-noout', '-CAfile',
                    issuer)
        assert not [e for e in s.events('ended') if e['level'] == 'error']
        s.stop()


SHIM = os.environ.get('SIGILL_TOKEN_SHIM')


class Trouble(OnToken):
    """Its issuing authority is on a token that behaves as a file says."""
    module = SHIM


def test_tokens_that_trouble():
    """Each trouble is told in words, by the command, by status and doctor; what
    was revoked meanwhile is; and once it is over, all goes on."""
    word = write('word', 'none')
    ENV.update(SIGILL_SHIM_MODULE=MODULE, SIGILL_SHIM_FILE=word)
    Trouble.paths = f'{TOKENS}:{os.path.dirname(SHIM)}:{word}'
    with Trouble() as s:
        for number, (name, status, said) in enumerate((
                ('removed', ENVIRONMENT, 'insert it again'),
                ('locked', KEY, 'unblock it'),
                ('last-try', KEY, 'only one try is left'),
                ('device-error', ENVIRONMENT, 'the token fails'),
                ('crash', ENVIRONMENT, 'ended while it used the token'),
                ('stuck', ENVIRONMENT, 'the token does not answer'))):
            address = f'u{number}@example.org'
            s.add(address).expect(OK)
            write('word', name)
            if status == KEY:
                os.kill(s.pid_of('token'), signal.SIGKILL)
            result = s.add(f'not-{address}').expect(status, said)
            assert 'authority' in result.err and PIN not in result.err, result
            if status == KEY:
                s.sigill('ca', 'check').expect(1, said)
                s.sigill('doctor', '--offline').expect(1, said)
                shown = sigill('status', *s.homed).expect(OK).out.decode()
                assert said in shown and 'cannot sign' in shown, shown
            if name != 'stuck':
                s.sigill('cert', 'revoke', address, '--reason',
                         'superseded').expect(OK)
            write('word', 'none')
            s.wait_for(lambda: is_served(s, ('ca', 'check')))
            s.add(f'again-{address}').expect(OK)
            text = openssl('crl', '-inform', 'DER', '-in', write(
                '2.crl', s.fetch('crl/2-0.crl')), '-noout', '-text')
            assert text.count(b'Superseded') == 2 * min(number + 1, 5), text
        s.sigill('audit', 'verify').expect(OK)
        s.stop()
    for name in ('SIGILL_SHIM_MODULE', 'SIGILL_SHIM_FILE'):
        del ENV[name]


def test_a_pin_whose_answer_nobody_knows():
    """The module ends the process while it has the PIN, which is a wrong one
    perhaps: nobody shows it again, until somebody has looked at it."""
    word = write('word', 'none')
    ENV.update(SIGILL_SHIM_MODULE=MODULE, SIGILL_SHIM_FILE=word)
    Trouble.paths = f'{TOKENS}:{os.path.dirname(SHIM)}:{word}'
    with Trouble() as s:
        s.add('alice@example.org').expect(OK)
        os.kill(s.pid_of('token'), signal.SIGKILL)
        write('word', 'dies')
        s.add('bob@example.org').expect(ENVIRONMENT, 'authority')
        write('word', 'none')
        for _ in range(2):
            said = s.wait_for(lambda: is_served(
                s, ('user', 'add', 'bob@example.org', '--unchecked'), KEY))
            assert 'ended before it was answered' in said.err, said
            os.kill(s.pid_of('token'), signal.SIGKILL)
        s.stop()
        s.start()
        s.add('bob@example.org').expect(OK)
        s.stop()
    for name in ('SIGILL_SHIM_MODULE', 'SIGILL_SHIM_FILE'):
        del ENV[name]


def test_nothing_is_loaded_without_need():
    with Service() as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        shown = sigill('status', *s.homed).expect(OK).out.decode()
        assert re.search(r'token +is not needed', shown), shown
        assert not [e for e in s.events('started') if e['name'] == 'token']
        s.stop()


def test_the_vault_is_opened_by_a_token():
    make_token()
    pin = write('way.pin', '1234\n')
    token(party('bob', kind='rsa'), 2)
    way = (f'pkcs11:token=alice;object=key2?module-path={MODULE}'
           f'&pin-source=file:{pin}')
    with Service(settings=f'token_paths = {TOKENS}\n') as s:
        sigill('key', 'protect', *s.homed, '--token', way).expect(OK)
        s.stop()
        s.start()
        maps = f'/proc/{s.pid_of("keyholder")}/maps'
        if os.getuid() == 0:
            assert b'softhsm' not in read(maps)
        state = json.loads(sigill('status', '--json', *s.homed).out)['vault']
        assert state['state'] == 'open', (state, s.text())
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        os.kill(s.pid_of('token'), signal.SIGKILL)
        os.kill(s.pid_of('keyholder'), signal.SIGKILL)
        s.wait_for(lambda: is_served(
            s, ('user', 'add', 'bob@example.org', '--unchecked')))
        # One that is put in later opens it by itself, without anybody.
        s.stop()
        pull_out()
        s.start()
        s.sigill('user', 'add', 'carol@example.org').expect(KEY, 'locked')
        assert any('no token matches' in e['error']
                   for e in s.events('locked')), s.text()
        put_in()
        s.wait_for(lambda: is_served(s, ('user', 'add', 'carol@example.org')))
        # Whoever locks it means it.
        s.sigill('key', 'lock').expect(OK)
        s.wait_for(lambda: is_served(s, ('user', 'add', 'x@example.org'), KEY))
        s.stop()


def test_the_token_process_is_shut_in():
    if is_sanitized():
        print('     (a sanitized build has no sandbox)')
        return
    home = path(f'home-{Service.number + 1}')
    with OnToken(env={'LD_PRELOAD': TRESPASS, 'TRESPASS_HOME': home}) as s:
        s.add('alice@example.org').expect(OK)
        # It can connect, but is put out as soon as control looks.
        s.wait_for(lambda: is_served(s, ('ca', 'check')) and
                   'token stay-at-the-service: refused' in s.text())
        tried = re.findall(r'trespass (\w+) ([\w-]+): (\w+)', s.text())
        done = {(role, what) for role, what, how in tried if how == 'done'}
        assert done == {('control', 'read-the-database'),
                        ('token', 'call-the-service')}, done
        s.stop()


def test_a_module_never_reads_the_home():
    """Not even where the settings or a usual place would let it."""
    if is_sanitized():
        print('     (a sanitized build has no sandbox)')
        return
    home = path(f'home-{Service.number + 1}')
    around = os.path.dirname(home)

    class Wide(OnToken):
        paths = f'{around}:{TOKENS}'

    with Wide(env={'LD_PRELOAD': TRESPASS, 'TRESPASS_HOME': home}) as s:
        s.add('alice@example.org').expect(OK)
        s.wait_for(lambda: 'token stay-at-the-service: refused' in s.text())
        done = re.findall(r'trespass token ([\w-]+): done', s.text())
        assert set(done) == {'call-the-service'}, done
        told = [e['path'] for e in s.events('left-out')]
        assert around in told, told
        s.stop()


if __name__ == '__main__':
    sys.exit(run(globals()))
