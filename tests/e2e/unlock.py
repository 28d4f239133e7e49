#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The master key behind a passphrase, a credential, a key file, a token: the
service starts by itself or waits locked, and what is old is gone from the disk."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading

from e2e import (ENV, ENVIRONMENT, INPUT, KEY, MARK, OK, USAGE, party, path,
                 read, run, sigill, write)
from service import Service
from tokens import MODULE, TOKENS, token

PASSPHRASE = 'correct horse battery'
MASTER = ('keys', 'master.key')


class Vault(Service):
    """A service whose home can be protected while it is stopped."""

    def key(self, verb, *words, **options):
        return sigill('key', verb, *self.homed, *words, **options)

    def state(self):
        return json.loads(sigill('status', '--json', *self.homed).expect(
            OK).out)['vault']

    def master(self):
        return read(os.path.join(self.home, *MASTER))

    def start_again(self, env=None):
        self.stop()
        self.start(env)


def passphrase_file(text=PASSPHRASE):
    return write(text.replace(' ', '-'), text + '\n')


def asked(file):
    return dict(env={'SIGILL_PASSPHRASE_FILE': file})


def by_passphrase(s):
    s.key('protect', '--passphrase', '--password-file',
          passphrase_file()).expect(OK, 'opens in this way now')


def test_a_passphrase_is_waited_for():
    with Vault() as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        bare = s.master()
        s.key('lock').expect(OK)
        s.wait_for(lambda: s.state()['locked'])
        assert s.state()['state'] == 'LOCKED', s.state()
        s.key('unlock').expect(OK)
        by_passphrase(s)
        assert b'argon2id:3:65536:4:' in s.master(), s.master()
        assert bare.split()[-1] not in s.master()
        # It goes on, and knows that the key is protected now.
        assert s.state() == {'state': 'open', 'locked': False,
                             'ways': ['passphrase']}, s.state()
        assert 'vault-bare' not in sigill('status', '--json', *s.homed
                                          ).out.decode()
        s.start_again()
        assert s.state() == {'state': 'LOCKED', 'locked': True,
                             'ways': ['passphrase']}, s.state()
        shown = sigill('status', *s.homed).expect(OK).out.decode()
        assert 'LOCKED' in shown and 'sigill key unlock' in shown, shown
        sigill('status', '--nagios', *s.homed).expect(2, 'locked')
        shown = sigill('status', *s.homed, env={'LANGUAGE': 'sv'}).expect(
            OK).out.decode()
        assert 'LÅST: lösenfras' in shown, shown
        # What needs no keys goes on; what needs them says what to do.
        s.sigill('user', 'list').expect(OK, 'alice@example.org')
        assert b'BEGIN CERT' in s.sigill('trust', 'export').expect(OK).out
        s.sigill('user', 'add', 'bob@example.org').expect(
            KEY, 'sigill key unlock')
        # Nobody can tell now whose a signature is: that is no finding.
        s.sigill('audit', 'verify').expect(KEY, 'sigill key unlock')
        s.key('unlock', '--password-file', passphrase_file('wrong horse')
              ).expect(KEY, 'wrong')
        s.key('unlock').expect(KEY)  # nobody to ask
        s.key('unlock', '--password-file', passphrase_file()).expect(
            OK, 'unlocked')
        assert s.state()['state'] == 'open'
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        s.key('unlock', '--password-file', passphrase_file()).expect(
            OK, 'already')
        assert PASSPHRASE not in s.text()
        s.key('lock').expect(OK)
        s.sigill('user', 'add', 'carol@example.org').expect(KEY)
        s.key('unlock', '--password-file', passphrase_file()).expect(OK)
        s.sigill('user', 'add', 'carol@example.org').expect(OK)
        s.stop()


def test_who_crashes_is_locked_again():
    with Vault() as s:
        by_passphrase(s)
        s.start_again()
        s.key('unlock', '--password-file', passphrase_file()).expect(OK)
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        before = s.pid_of('keyholder')
        os.kill(before, signal.SIGKILL)
        s.wait_for(lambda: s.pid_of('keyholder') != before)
        s.wait_for(lambda: s.state()['state'] == 'LOCKED')
        s.sigill('user', 'add', 'bob@example.org').expect(KEY)
        # Control may crash without that.
        s.key('unlock', '--password-file', passphrase_file()).expect(OK)
        before = s.pid_of('control')
        os.kill(before, signal.SIGKILL)
        s.wait_for(lambda: s.pid_of('control') != before)
        s.wait_for(lambda: s.sigill('user', 'list').status == OK)
        s.wait_for(lambda: s.state()['state'] == 'open')
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        s.stop()


def test_a_lock_outlives_a_crash():
    with Vault() as s:
        s.key('protect', '--key-file', path('stick.key')).expect(OK)
        s.start_again()
        assert s.state()['state'] == 'open'
        s.key('lock').expect(OK)
        s.wait_for(lambda: s.state()['state'] == 'LOCKED')
        assert not [e for e in s.events('ended') if e['level'] == 'error']
        before = s.pid_of('keyholder')
        os.kill(before, signal.SIGKILL)
        s.wait_for(lambda: s.pid_of('keyholder') != before)
        s.wait_for(lambda: s.state()['state'] == 'LOCKED')
        # There is nothing to ask for: the key file opens it again.
        s.key('unlock').expect(OK)
        s.wait_for(lambda: s.state()['state'] == 'open')
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        s.stop()


def test_a_key_file_elsewhere():
    stick = path('stick-2.key')
    with Vault() as s:
        s.key('protect', '--key-file', stick).expect(OK)
        assert os.stat(stick).st_mode & 0o777 == 0o600
        assert os.stat(stick).st_size == 32
        s.start_again()
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        s.stop()
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        os.rename(stick, stick + '.away')
        s.start()
        assert s.state()['state'] == 'LOCKED'
        s.sigill('user', 'add', 'carol@example.org').expect(KEY)
        os.rename(stick + '.away', stick)
        s.key('unlock').expect(OK)
        s.wait_for(lambda: s.state()['state'] == 'open')
        s.sigill('user', 'add', 'carol@example.org').expect(OK)
        s.stop()


def test_a_credential_and_a_passphrase_to_recover():
    secret = write('secret-of-systemd', os.urandom(32))
    folder = path('credentials')
    os.makedirs(folder)
    shutil.copy(secret, os.path.join(folder, 'vault'))
    with Vault() as s:
        s.key('protect', '--credential', 'vault').expect(USAGE, '--from')
        s.key('protect', '--credential', '../x', '--from', secret).expect(USAGE)
        s.key('protect', '--credential', 'vault', '--from', secret,
              '--only').expect(OK)
        s.stop()
        # Nobody can unlock what no service keeps open.
        s.sigill('user', 'add', 'nobody@example.org').expect(
            KEY, 'the credential that opens them is there for the service')
        s.start({'CREDENTIALS_DIRECTORY': folder})
        # Another way needs one of those that there are.
        s.key('protect', '--passphrase', '--password-file',
              passphrase_file()).expect(KEY, 'missing')
        with_it = {'CREDENTIALS_DIRECTORY': folder}
        s.key('protect', '--passphrase', '--password-file', passphrase_file(),
              env=with_it).expect(OK)
        s.start_again(env=with_it)
        assert s.state() == {'state': 'open', 'locked': False,
                             'ways': ['credential', 'passphrase']}, s.state()
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        s.start_again()
        assert s.state()['locked'], s.state()
        s.key('unlock', '--password-file', passphrase_file()).expect(OK)
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        # And one may be taken away again.
        s.key('protect', '--passphrase', '--only', '--password-file',
              passphrase_file('another passphrase'),
              **asked(passphrase_file('not this one'))).expect(KEY, 'wrong')
        s.key('protect', '--passphrase', '--only', '--password-file',
              passphrase_file('another passphrase'),
              **asked(passphrase_file())).expect(OK, 'alone')
        s.start_again(env=with_it)
        assert s.state()['ways'] == ['passphrase'] and s.state()['locked']
        s.key('unlock', '--password-file', passphrase_file()).expect(KEY)
        s.key('unlock', '--password-file',
              passphrase_file('another passphrase')).expect(OK)
        s.stop()


def test_a_key_on_a_token():
    pin = write('pin-of-token', '1234')

    def uri(number):
        return (f'pkcs11:token=alice;object=key{number}?module-path={MODULE}'
                f'&pin-source=file:{pin}')

    token(party('alice'), 1)
    token(party('bob', kind='rsa'), 2)
    with Vault(settings=f'token_paths = {TOKENS}\n') as s:
        # Imported like that, it may sign but not derive: nothing is changed.
        s.key('protect', '--token', uri(1), '--only').expect(
            INPUT, 'does not allow')
        assert s.master().startswith(b'sigill master key 1\n')
        s.key('protect', '--token', uri(2)).expect(OK)
        assert uri(2).encode() in s.master()
        s.start_again()
        assert s.state() == {'state': 'open', 'locked': False,
                             'ways': ['token']}, s.text()
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        s.stop()
        os.rename(pin, pin + '.away')
        s.sigill('user', 'add', 'bob@example.org').expect(KEY)
        s.start()
        assert s.state()['locked'], s.state()
        assert s.events('locked'), s.text()
        os.rename(pin + '.away', pin)
        s.key('unlock').expect(OK)
        s.wait_for(lambda: s.state()['state'] == 'open')
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        s.stop()


def test_a_locked_service_learns_new_ways():
    with Vault() as s:
        by_passphrase(s)
        s.start_again()
        assert s.state()['locked']
        s.key('protect', '--key-file', path('stick-3.key'),
              **asked(passphrase_file())).expect(OK)
        s.wait_for(lambda: s.state()['state'] == 'open')
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        s.stop()


def test_without_a_service_it_is_asked():
    with Vault() as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        by_passphrase(s)
        s.stop()
        s.sigill('user', 'add', 'bob@example.org').expect(
            KEY, 'SIGILL_PASSPHRASE_FILE')
        s.sigill('audit', 'verify').expect(KEY, 'SIGILL_PASSPHRASE_FILE')
        s.sigill('user', 'list').expect(OK)
        right = asked(passphrase_file())
        s.sigill('user', 'add', 'bob@example.org', **right).expect(OK)
        mail = write('mail', b'From: alice@example.org\r\n\r\n' + MARK + b'\r\n')
        s.sigill('encrypt', '--sign', 'alice@example.org', '--to',
                 'bob@example.org', '-o', path('sealed'), mail, **right
                 ).expect(OK)
        s.sigill('open', '--key', 'bob@example.org', path('sealed'), **right
                 ).expect(OK, MARK.decode())
        s.sigill('open', '--key', 'bob@example.org', path('sealed')).expect(KEY)
        s.key('unlock', '--password-file', passphrase_file()).expect(
            USAGE, 'no service')


def test_wrong_calls():
    with Vault() as s:
        s.key('protect').expect(USAGE, 'one of')
        s.key('protect', '--passphrase', '--key-file', '/x').expect(USAGE)
        s.key('protect', '--passphrase', '--password-file',
              passphrase_file('short')).expect(USAGE, 'too short')
        s.key('protect', '--key-file', 'relative').expect(USAGE, 'whole path')
        s.key('protect', '--key-file',
              os.path.join(s.home, 'x.key')).expect(USAGE, 'protects nothing')
        assert not os.path.exists(os.path.join(s.home, 'x.key'))
        s.key('protect', '--token', 'pkcs11:token=x?pin-value=1').expect(
            USAGE, 'pin-source')
        s.key('protect', '--token', 'pkcs11:token=nowhere').expect(KEY)
        assert s.master().startswith(b'sigill master key 1\n')
        sigill('key', 'protect', '--home', path('nowhere'), '--key-file',
               path('never.key')).expect(KEY)
        assert not os.path.exists(path('never.key'))
        s.stop()


def test_it_is_recorded():
    with Vault() as s:
        by_passphrase(s)
        s.start_again()
        s.key('unlock', '--password-file', passphrase_file()).expect(OK)
        s.key('lock').expect(OK)
        s.stop()
        done = subprocess.run(
            ['sqlite3', os.path.join(s.home, 'sigill.db'),
             'SELECT action FROM audit ORDER BY sequence'],
            stdout=subprocess.PIPE, check=False) \
            if shutil.which('sqlite3') else None
        if done is not None:
            actions = done.stdout.decode().split()
            assert actions[-3:] == ['key.protect', 'key.unlock', 'key.lock']


def test_protecting_is_whole_or_not_at_all():
    """Killed at any moment, the old way or the new one opens it."""
    with Vault() as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        s.stop()
        stick = path('stick-4.key')
        write('stick-4.key', os.urandom(32))
        s.key('protect', '--key-file', stick).expect(OK)
        for i in range(15):
            child = subprocess.Popen(
                [os.path.join(os.environ['SIGILL_BUILD'], 'sigill'), 'key',
                 'protect', *s.homed, '--key-file', stick],
                env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            killer = threading.Timer(0.001 + i * 0.0015, child.kill)
            killer.start()
            child.wait()
            killer.join()
            s.sigill('user', 'add', f'u{i}@example.org').expect(OK)
        s.key('protect', '--key-file', stick).expect(OK)
        left = os.listdir(os.path.join(s.home, 'keys'))
        assert sorted(left) == ['lock', 'master.key'], left


def test_what_is_not_on_record_was_not_done():
    """Unlocking that cannot be recorded is taken back."""
    with Vault() as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        by_passphrase(s)
        s.start_again()
        with sqlite3.connect(os.path.join(s.home, 'sigill.db')) as db:
            db.execute("CREATE TRIGGER no_record BEFORE INSERT ON audit "
                       "WHEN NEW.action = 'key.unlock' "
                       "BEGIN SELECT RAISE(ABORT, 'no'); END")
        db.close()
        assert s.key('unlock', '--password-file', passphrase_file()
                     ).status != OK
        s.wait_for(lambda: s.state()['locked'])
        s.sigill('user', 'add', 'bob@example.org').expect(KEY)
        with sqlite3.connect(os.path.join(s.home, 'sigill.db')) as db:
            db.execute('DROP TRIGGER no_record')
        db.close()
        s.key('unlock', '--password-file', passphrase_file()).expect(OK)
        s.sigill('user', 'add', 'bob@example.org').expect(OK)
        s.stop()


def test_a_disk_that_is_full():
    if os.getuid() != 0:
        print('     (needs root to mount a small disk)')
        return
    with Vault() as s:
        s.sigill('user', 'add', 'alice@example.org').expect(OK)
        s.stop()
        keys = os.path.join(s.home, 'keys')
        os.chmod(keys, 0o500)
        before = s.master()
        done = s.key('protect', '--key-file', '/proc/no-such.key')
        assert done.status in (ENVIRONMENT, KEY), done
        os.chmod(keys, 0o700)
        assert s.master() == before
        s.sigill('user', 'add', 'bob@example.org').expect(OK)


if __name__ == '__main__':
    sys.exit(run(globals()))
