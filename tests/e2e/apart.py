#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sigilld started by root: each process is a user of its own, the keys belong
to the keyholder's, and nobody leads root astray."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys

import service
import token_service
import tokens
from e2e import (BUILD, ENV, ENVIRONMENT, FOLDER, KEY, OK, PASSWORD, SIGILL,
                 USAGE, is_sanitized, path, read, run, sigill, write)

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import postgres  # noqa: E402

# Nobody has these numbers, and nobody has to.
OWNER, KEYS, FRONT, TOKEN, MAKER = 54320, 54321, 54322, 54324, 54325
FETCHER = 54326
USER = {'control': OWNER, 'keyholder': KEYS, 'front': FRONT, 'maker': MAKER}
SETTINGS = f'user_keyholder = {KEYS}\nuser_front = {FRONT}\n' \
    f'user_token = {TOKEN}\nuser_maker = {MAKER}\nuser_fetcher = {FETCHER}\n'
# To read files, to end processes, and to become their users.
RIGHTS = 1 << 2 | 1 << 5 | 1 << 6 | 1 << 7
CREDENTIALS = path('credentials')
SOCKET = path('run/control.sock')


def is_root():
    if os.getuid() == 0:
        return True
    print('     (needs root, to be several users)')
    return False


def as_user(uid, *words, **options):
    return sigill('--reuid', str(uid), '--regid', str(uid), '--clear-groups',
                  '--', *words, program='setpriv', **options)


def try_as(uid, *words):
    """Whether a program of that user's succeeds, with nothing but its number
    to hold it back."""
    return as_user(uid, *words).status == 0


def give(name, uid):
    for folder, _, files in os.walk(name):
        os.chown(folder, uid, uid)
        for file in files:
            os.chown(os.path.join(folder, file), uid, uid)


def owners(folder, but=()):
    """{uid} of all there is in it."""
    found = set()
    for at, folders, files in os.walk(folder):
        if os.path.basename(at) in but:
            continue
        found.update(os.lstat(os.path.join(at, n)).st_uid
                     for n in files + folders if n not in but)
    return found


class Service(service.Service):
    """One whose home belongs to OWNER."""

    def __init__(self, extra='', options=(), **others):
        self.extra, self.options = extra, options
        os.chmod(FOLDER, 0o711)
        super().__init__(**others)

    def make(self, settings):
        os.mkdir(self.home, 0o700)
        os.chown(self.home, OWNER, OWNER)
        sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
               *self.options, *self.homed).expect(OK)
        self.configure(settings + SETTINGS + self.extra)

    def configure(self, settings):
        conf = os.path.join(self.home, 'sigilld.conf')
        own = [l for l in read(conf).decode().splitlines()
               if l.startswith('database')]
        os.unlink(conf)
        write(conf, f'http = 127.0.0.1:{self.port}\n' +
              '\n'.join([*own, settings]))
        os.chmod(conf, 0o644)

    def in_home(self, *names):
        return os.path.join(self.home, *names)

    def status_of(self, role):
        with open(f'/proc/{self.pid_of(role)}/status', encoding='ascii') as f:
            return dict(line.rstrip('\n').split(':', 1) for line in f)

    def refuses(self, *words):
        """To start, telling these words."""
        done = subprocess.run(
            [service.SIGILLD, '--home', self.home], env=ENV, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        assert done.returncode == USAGE, done
        assert all(w in done.stderr.decode() for w in words), done


def test_init_by_root_leaves_nothing_of_roots():
    if not is_root():
        return
    with Service() as s:
        s.stop()
        assert owners(s.home, but=['keys', 'service.log', 'sigilld.conf']) == \
            {OWNER}
        (handed,) = s.events('keys-handed-over')
        assert (handed['from'], handed['to']) == (str(OWNER), str(KEYS))
        st = os.stat(s.in_home('keys'))
        assert (st.st_uid, st.st_mode & 0o777) == (KEYS, 0o700)
        st = os.stat(s.in_home('keys', 'master.key'))
        assert (st.st_uid, st.st_mode & 0o777) == (KEYS, 0o600)
        # Once is enough.
        s.start()
        s.stop()
        assert len(s.events('keys-handed-over')) == 1


def check_process(s, role):
    st = s.status_of(role)
    uid = str(USER[role])
    assert st['Uid'].split() == [uid] * 4, st['Uid']
    assert st['Gid'].split() == [uid] * 4, st['Gid']
    assert st['Groups'].split() == [], st['Groups']
    for name in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb'):
        assert int(st[name], 16) == 0, (role, name, st[name])
    # What it can never be given (NoNewPrivs) is no more than the supervisor's.
    assert int(st['CapBnd'], 16) & ~RIGHTS == 0, st['CapBnd']
    assert st['NoNewPrivs'].strip() == '1'
    if not is_sanitized():
        assert st['Seccomp'].strip() == '2'


def test_each_process_is_somebody_else():
    if not is_root():
        return
    with Service() as s:
        for role in USER:
            check_process(s, role)
        with open(f'/proc/{s.process.pid}/status', encoding='ascii') as f:
            st = dict(line.rstrip('\n').split(':', 1) for line in f)
        assert int(st['CapPrm'], 16) == RIGHTS == int(st['CapBnd'], 16), st
        assert st['NoNewPrivs'].strip() == '1'
        told = json.loads(s.sigill('status', '--json').out)['service']
        assert told['users_apart'] is True, told
        users = {p['name']: p['user'] for p in told['processes'] if p['running']}
        assert users == {'supervisor': 'root',
                         **{r: str(u) for r, u in USER.items()}}, users
        s.stop()


def test_whoever_comes_back_is_the_same():
    if not is_root():
        return
    with Service() as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        for role in USER:
            before = s.pid_of(role)
            os.kill(before, signal.SIGKILL)
            s.wait_for(lambda: s.pid_of(role) != before)
            s.wait_for(lambda: s.sigill(
                'cert', 'renew', 'a@example.org').status == OK)
            check_process(s, role)
        # Also one that begins anew because it is told to.
        before = s.pid_of('keyholder')
        s.sigill('key', 'lock').expect(OK)
        s.wait_for(lambda: s.pid_of('keyholder') != before)
        s.sigill('key', 'unlock').expect(OK)
        s.sigill('cert', 'renew', 'a@example.org').expect(OK)
        check_process(s, 'keyholder')
        s.stop()


def test_one_cannot_get_at_another():
    """By its number alone, without Landlock and seccomp."""
    if not is_root():
        return
    with Service() as s:
        pids = {role: str(s.pid_of(role)) for role in USER}
        for role, uid in USER.items():
            for other, pid in [*pids.items(),
                               ('supervisor', str(s.process.pid))]:
                if other == role:
                    continue
                assert not try_as(uid, 'kill', '-0', pid), (role, other)
                for name in ('mem', 'environ', 'maps', 'fd/3', 'fd', 'root/'):
                    look = 'ls' if name in ('fd', 'root/') else 'cat'
                    assert not try_as(uid, look, f'/proc/{pid}/{name}'), (
                        role, other, name)
        # Who tries is able to try.
        for uid in USER.values():
            assert try_as(uid, 'cat', '/proc/self/environ')
        master = s.in_home('keys', 'master.key')
        assert not try_as(OWNER, 'cat', master)
        assert not try_as(OWNER, 'ls', s.in_home('keys'))
        assert not try_as(OWNER, 'rm', '-f', master)
        assert not try_as(OWNER, 'mv', s.in_home('keys'), path('elsewhere'))
        for uid in (KEYS, FRONT, MAKER):
            for name in ('sigill.db', 'run/control.sock', 'keys/master.key'):
                assert not try_as(uid, 'cat', s.in_home(name)), (uid, name)
        assert try_as(OWNER, 'cat', s.in_home('sigill.db'))
        s.stop()


def test_shut_in_as_before():
    if not is_root() or is_sanitized():
        return
    number = service.Service.number + 1
    with Service(env={'LD_PRELOAD': service.TRESPASS,
                      'TRESPASS_HOME': path(f'home-{number}')}) as s:
        s.wait_for(lambda: s.text().count('trespass') >= 36)
        done = {tuple(line.split()[1:3]) for line in s.text().splitlines()
                if line.startswith('trespass') and line.endswith(' done')}
        assert done == {('control', 'read-the-database:')}, done
        s.stop()


def test_nobody_else_is_the_owner():
    """Who may call: the owner of the home and root, and nobody by being a
    process of the service."""
    if not is_root():
        return
    os.makedirs(os.path.dirname(SOCKET), exist_ok=True)
    os.chmod(os.path.dirname(SOCKET), 0o755)
    os.chown(os.path.dirname(SOCKET), OWNER, OWNER)
    with Service(extra=f'socket = {SOCKET}\n') as s:
        program = shutil.copy(SIGILL, path('sigill-of-all'))
        shutil.copy(os.path.join(BUILD, 'sigill-org'), path('sigill-org'))
        os.chmod(path('sigill-org'), 0o755)
        own = {'SIGILL_EXEC_PATH': FOLDER}
        public = dict(own, SIGILL_SOCKET=SOCKET)
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        as_user(OWNER, program, 'user', 'list', *s.homed, env=own).expect(
            OK, 'a@example.org')
        as_user(OWNER, program, 'user', 'list', env=public).expect(OK)
        for uid in (KEYS, FRONT, TOKEN, MAKER, 54323):
            as_user(uid, program, 'user', 'list', env=public).expect(
                USAGE, 'no office')
            as_user(uid, program, 'user', 'list', *s.homed, env=own).expect(
                ENVIRONMENT)
        s.stop()
        # Without the service the owner looks, but has no key to sign with.
        as_user(OWNER, program, 'user', 'list', *s.homed, env=own).expect(
            OK, 'a@example.org')
        as_user(OWNER, program, 'user', 'add', 'b@example.org', *s.homed,
                env=own).expect(KEY, 'belongs to another user', str(KEYS),
                                'as root')
        as_user(OWNER, program, 'key', 'protect', '--key-file', path('x'),
                *s.homed, env=own).expect(KEY, 'belongs to another user')


def whole_flow(s):
    password = write('password', PASSWORD + '\n')
    s.sigill('user', 'add', 'a@example.org').expect(OK)
    s.sigill('user', 'add', 'b@example.org').expect(OK)
    s.sigill('cert', 'export', 'a@example.org', '--pkcs12', '--password-file',
             password, '-o', path('a.p12')).expect(OK)
    s.sigill('cert', 'revoke', 'b@example.org', '--reason',
             'keyCompromise').expect(OK)
    sigill('backup', *s.homed, '--password-recipient', password, '-o',
           path('backup')).expect(OK)
    for name in ('a.p12', 'backup'):
        st = os.stat(path(name))
        assert (st.st_uid, st.st_mode & 0o777) == (0, 0o600), name


def test_the_whole_flow():
    """Beside the service, and with root's command line alone."""
    if not is_root():
        return
    with Service() as s:
        whole_flow(s)
        s.stop()
        s.sigill('user', 'add', 'c@example.org').expect(OK)
        s.sigill('cert', 'export', 'c@example.org', '--pkcs12',
                 '--password-file', path('password'), '-o',
                 path('c.p12')).expect(OK)
        assert os.stat(path('c.p12')).st_uid == 0
        sigill('backup', *s.homed, '--password-recipient', path('password'),
               '-o', path('backup')).expect(OK)
        assert owners(s.home, but=['keys', 'service.log', 'sigilld.conf']) == \
            {OWNER}
        s.sigill('audit', 'verify').expect(OK)
        restored(s, 'backup', 'again')


def restored(s, backup, name):
    home = path(name)
    os.mkdir(home, 0o700)
    os.chown(home, OWNER, OWNER)
    sigill('restore', path(backup), '--password-recipient', path('password'),
           '--no-last-crl', '--home', home).expect(OK)
    assert owners(home) == {OWNER}
    os.rename(s.home, home + '-before')
    os.rename(home, s.home)
    s.configure(SETTINGS)
    s.starts = 0
    s.start()
    assert os.stat(s.in_home('keys', 'master.key')).st_uid == KEYS
    people = s.sigill('user', 'list').expect(OK).out.decode()
    assert 'c@example.org' in people
    s.sigill('cert', 'renew', 'a@example.org').expect(OK)
    s.stop()


def test_in_postgresql():
    if not is_root():
        return
    if postgres.programs() is None:
        print('     (PostgreSQL is not installed)')
        return
    with postgres.Cluster() as cluster:
        cluster.make('one')
        with Service(options=['--database', cluster.url('one')]) as s:
            whole_flow(s)
            for role in USER:
                check_process(s, role)
            s.stop()
            s.sigill('user', 'add', 'c@example.org').expect(OK)
            assert owners(s.home, but=['keys', 'service.log',
                                       'sigilld.conf']) == {OWNER}


class OnToken(Service):
    """Its issuing authority is on a token that only TOKEN may use, with the PIN
    where it is said."""

    def __init__(self, pin):
        self.pin = pin
        super().__init__(env={'CREDENTIALS_DIRECTORY': CREDENTIALS},
                         extra=f'token_paths = {tokens.TOKENS}\n')

    def make(self, settings):
        token_service.make_token()
        write('root.pin', token_service.PIN + '\n')
        self.options = [
            '--public-url', token_service.URL, '--root-key',
            token_service.uri('root'), '--password-file', path('root.pin'),
            '--issuing-key', token_service.uri('issuing', self.pin)]
        super().make(settings)
        give(tokens.TOKENS, TOKEN)


def pin_of(uid, name, mode):
    write(name, token_service.PIN + '\n')
    os.chown(path(name), uid, uid)
    os.chmod(path(name), mode)
    return path(name)


def test_a_token_of_its_own_user():
    if not is_root():
        return
    os.makedirs(CREDENTIALS, 0o700, exist_ok=True)
    conf = os.environ.get('SOFTHSM2_CONF') or ENV['SOFTHSM2_CONF']
    os.chmod(conf, 0o644)
    for pin in (pin_of(TOKEN, 'token.pin', 0o400),
                # As systemd leaves it to a service of root's.
                pin_of(0, 'credentials/token-pin', 0o400)):
        with OnToken(pin) as s:
            s.sigill('user', 'add', 'a@example.org', '--unchecked').expect(OK)
            st = s.status_of('token')
            assert st['Uid'].split() == [str(TOKEN)] * 4, st['Uid']
            assert st['Groups'].split() == [], st['Groups']
            assert int(st['CapEff'], 16) == int(st['CapPrm'], 16) == 0
            before = s.pid_of('token')
            os.kill(before, signal.SIGKILL)
            s.wait_for(lambda: s.pid_of('token') != before)
            s.wait_for(lambda: s.sigill('cert', 'renew', 'a@example.org'
                                        ).status == OK)
            s.stop()
        give(tokens.TOKENS, 0)


def test_protecting_the_master_key():
    """By a file that root alone may read."""
    if not is_root():
        return
    with Service() as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        stick = path('stick.key')
        s.sigill('key', 'protect', '--key-file', stick, '--only').expect(OK)
        assert os.stat(stick).st_uid == 0
        assert owners(s.in_home('keys')) == {KEYS}, os.listdir(s.in_home('keys'))
        s.sigill('key', 'lock').expect(OK)
        s.sigill('key', 'unlock').expect(OK)
        s.sigill('cert', 'renew', 'a@example.org').expect(OK)
        s.stop()
        s.start()
        s.sigill('cert', 'renew', 'a@example.org').expect(OK)
        s.stop()
        s.sigill('cert', 'renew', 'a@example.org').expect(OK)
        assert owners(s.in_home('keys')) == {KEYS}


def test_a_credential_of_systemd():
    """Which it leaves to root alone."""
    if not is_root():
        return
    os.makedirs(CREDENTIALS, 0o700, exist_ok=True)
    env = {'CREDENTIALS_DIRECTORY': CREDENTIALS}
    with Service(env=env) as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        s.sigill('key', 'protect', '--credential', 'vault', '--from',
                 path('credentials/vault'), '--only').expect(OK)
        st = os.stat(path('credentials/vault'))
        assert (st.st_uid, st.st_mode & 0o077) == (0, 0), st
        s.stop()
        s.start(env)
        assert json.loads(s.sigill('status', '--json').out)['vault'][
            'state'] == 'open'
        s.sigill('cert', 'renew', 'a@example.org').expect(OK)
        s.stop()


def test_a_home_that_is_only_read():
    if not is_root():
        return
    with Service() as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        s.stop()

        def read_only(*words):
            """Where the home is mounted so."""
            done = subprocess.run(
                ['unshare', '--mount', 'sh', '-c',
                 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && '
                 'exec "$@"', s.home, *words], check=False, env=ENV,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
            return done.returncode, done.stdout + done.stderr

        if read_only('true')[0] != 0:
            print('     (may not mount, or not apart from others)')
            return
        status, told = read_only(SIGILL, 'user', 'list', *s.homed)
        assert status == OK and b'a@example.org' in told, (status, told)
        # What is not handed over yet cannot be.
        give(s.in_home('keys'), OWNER)
        status, told = read_only(service.SIGILLD, '--home', s.home)
        assert status == ENVIRONMENT and b'read-only' in told, (status, told)
        assert owners(s.in_home('keys')) == {OWNER}


def swap(s, make):
    """Puts something else in the place of keys/, tries, and undoes it."""
    keys, aside = s.in_home('keys'), s.in_home('aside')
    os.rename(keys, aside)
    make(keys)
    if os.path.isdir(keys) and not os.path.islink(keys):
        os.chown(keys, OWNER, OWNER)


def unswap(s):
    keys, aside = s.in_home('keys'), s.in_home('aside')
    if os.path.islink(keys) or not os.path.isdir(keys):
        os.unlink(keys)
    else:
        shutil.rmtree(keys)
    os.rename(aside, keys)


def of_root(name):
    os.makedirs(path(name), exist_ok=True)
    write(name + '/master.key', 'of root\n')
    os.chmod(path(name + '/master.key'), 0o600)
    return path(name)


def untouched(folder):
    assert owners(folder) == {0} and os.stat(folder).st_uid == 0
    assert read(folder + '/master.key') == b'of root\n'
    assert os.listdir(folder) == ['master.key']


def test_root_is_not_led_astray():
    """Whoever is the owner of the home may put anything into it."""
    if not is_root():
        return
    with Service() as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        s.stop()
        target = of_root('of-root')
        # A link in the place of the folder.
        swap(s, lambda keys: os.symlink(target, keys))
        s.refuses('no link is followed')
        for words in (('user', 'add', 'b@example.org'),
                      ('key', 'protect', '--key-file', path('new.key')),
                      ('backup', '--password-recipient', write(
                          'password', PASSWORD), '-o', path('stolen'))):
            assert sigill(*words, *s.homed).status != OK, words
        assert not os.path.exists(path('stolen'))
        untouched(target)
        unswap(s)
        # A folder of its own, with a key that is known.
        swap(s, lambda keys: shutil.copytree(s.in_home('aside'), keys))
        give(s.in_home('keys'), OWNER)
        words = 'put the folder of the keys aside'
        s.refuses(words, 'aside')
        # Nor does root take it while no service runs.
        s.sigill('user', 'add', 'b@example.org').expect(USAGE, words)
        sigill('backup', '--password-recipient', path('password'), '-o',
               path('stolen'), *s.homed).expect(USAGE, words)
        sigill('key', 'protect', '--key-file', path('new.key'), *s.homed
               ).expect(USAGE, words)
        assert not os.path.exists(path('stolen'))
        # Whoever else's it is.
        os.chown(s.in_home('keys'), 54329, 54329)
        os.rename(s.in_home('aside'), path('far-away'))
        s.sigill('user', 'add', 'b@example.org').expect(
            KEY, 'put another one in its place')
        os.rename(path('far-away'), s.in_home('aside'))
        unswap(s)
        s.sigill('user', 'add', 'z@example.org').expect(OK)
        # A link, hard and soft, in the place of the file; a pipe; what is
        # somebody else's.
        for make in (os.symlink, os.link):
            give(s.in_home('keys'), OWNER)
            os.rename(s.in_home('keys', 'master.key'), path('kept'))
            make(target + '/master.key', s.in_home('keys', 'master.key'))
            s.refuses('master.key', 'link')
            untouched(target)
            assert s.sigill('user', 'add', 'b@example.org').status != OK
            os.unlink(s.in_home('keys', 'master.key'))
            os.rename(path('kept'), s.in_home('keys', 'master.key'))
        os.mkfifo(s.in_home('keys', 'pipe'))
        s.refuses('pipe', 'not a plain file')
        os.unlink(s.in_home('keys', 'pipe'))
        os.chown(s.in_home('keys', 'master.key'), 54329, 54329)
        s.refuses('belongs neither')
        os.chown(s.in_home('keys', 'master.key'), OWNER, OWNER)
        # And what was begun is completed.
        s.start()
        assert owners(s.in_home('keys')) == {KEYS}
        s.sigill('user', 'add', 'b@example.org').expect(OK)
        s.stop()


def test_another_key_is_not_taken_meanwhile():
    """While the service runs, and only the keyholder begins anew."""
    if not is_root():
        return
    with Service() as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        swap(s, lambda keys: shutil.copytree(s.in_home('aside'), keys))
        give(s.in_home('keys'), OWNER)
        os.kill(s.pid_of('keyholder'), signal.SIGKILL)
        s.wait_for(lambda: [e for e in s.log() if 'put another one in its place'
                            in e.get('error', '')])
        assert s.sigill('user', 'add', 'b@example.org').status != OK
        unswap(s)
        s.wait_for(lambda: s.sigill('user', 'add', 'b@example.org'
                                    ).status == OK)
        s.stop()


def test_links_elsewhere_in_the_home():
    """A command of root's writes only as the owner there."""
    if not is_root():
        return
    with Service() as s:
        s.stop()
        target = of_root('of-root-2')
        shutil.rmtree(s.in_home('ca'))
        os.symlink(target, s.in_home('ca'))
        s.sigill('user', 'add', 'a@example.org')
        s.sigill('cert', 'revoke', 'a@example.org')
        untouched(target)


def test_who_says_who_they_are():
    if not is_root():
        return
    with Service() as s:
        s.stop()
        conf = s.in_home('sigilld.conf')
        os.chown(conf, OWNER, OWNER)
        s.refuses('root alone')
        os.chown(conf, 0, 0)
        os.chmod(conf, 0o666)
        s.refuses('root alone')
        os.chmod(conf, 0o640)
        s.refuses('the owner of the folder must be able to read')
        os.chown(conf, 0, OWNER)
        s.start()
        s.stop()
        os.chown(conf, 0, 0)
        os.chmod(conf, 0o644)
        s.start()
        found = json.loads(s.sigill('doctor', '--json').out)['findings']
        assert not [f for f in found if 'permissions' in f['name']], found
        s.stop()
        os.rename(conf, path('moved.conf'))
        os.symlink(path('moved.conf'), conf)
        s.refuses('link')
        os.unlink(conf)
        os.rename(path('moved.conf'), conf)
        s.configure(f'user_keyholder = {KEYS}\nuser_front = {KEYS}\n'
                    f'user_token = {TOKEN}\nuser_maker = {MAKER}\nuser_fetcher = {FETCHER}\n')
        s.refuses("nobody else's", 'user_')
        s.configure(f'user_keyholder = {OWNER}\nuser_front = {FRONT}\n'
                    f'user_token = {TOKEN}\nuser_maker = {MAKER}\nuser_fetcher = {FETCHER}\n')
        s.refuses("nobody else's", 'user_keyholder')
        s.configure(f'user_keyholder = 0\nuser_front = {FRONT}\n'
                    f'user_token = {TOKEN}\nuser_maker = {MAKER}\nuser_fetcher = {FETCHER}\n')
        s.refuses('not root', 'user_keyholder')
        s.configure(f'user_keyholder = {KEYS}\nuser_front = no-such-user\n')
        s.refuses('front', 'useradd --system', 'no-such-user')


def test_started_by_others_it_says_so():
    with service.Service() as s:
        told = json.loads(s.sigill('status', '--json').out)
        assert told['service']['users_apart'] is False, told
        assert len({p['user'] for p in told['service']['processes']}) == 1
        s.sigill('status').expect(OK, 'all run as')
        s.stop()


def test_the_doctor_says_so_of_a_real_one():
    home = path('real')
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           '--public-url', 'http://127.0.0.1:1/', '--root-key-out',
           path('root.p12'), '--password-file',
           write('password', PASSWORD + '\n'), '--home', home).expect(OK)

    def found():
        told = json.loads(sigill('doctor', '--offline', '--json', '--home',
                                 home).out)
        return [f['state'] for f in told['findings'] if f['name'] == 'users']

    assert found() == ['OK'], found()
    if is_root():
        give(home, OWNER)
        give(os.path.join(home, 'keys'), KEYS)
        assert found() == []


def test_the_socket_is_the_owners():
    if not is_root():
        return
    with Service() as s:
        place = s.in_home('run', 'control.sock')
        st = os.stat(place)
        assert (st.st_uid, st.st_mode & 0o777) == (OWNER, 0o600)
        with socket.socket(socket.AF_UNIX) as c:
            c.connect(place)
        s.stop()


if __name__ == '__main__':
    sys.exit(run(globals()))
