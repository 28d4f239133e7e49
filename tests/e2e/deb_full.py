#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package, on a machine that has nothing else: it brings what it
needs and the users of the service, which runs as docs/setup.md says; and when it
goes, the organisation stays."""
import glob
import json
import os
import shutil
import subprocess
import sys
import time

from e2e import path, read, run, write

SOURCE = os.environ.get('SIGILL_SOURCE', '.')
SKIPPED = 77
# So that mmdebstrap can install a file.
HOOKS = '/usr/share/mmdebstrap/hooks/file-mirror-automount'
HOME = '/var/lib/sigill'
NEEDED = ('mmdebstrap', 'dh', 'dpkg-buildpackage', 'git')


def call(*words, status=0):
    done = subprocess.run(words, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=1800)
    assert done.returncode == status, (words, done.stdout.decode()[-3000:])
    return done.stdout.decode()


class Machine:
    """The root of a Debian 12, with the package."""

    def __init__(self, deb):
        self.root, self.service = path('root'), None
        call('mmdebstrap', '--mode=root', '--variant=minbase',
             f'--hook-dir={HOOKS}', f'--include={deb}', 'bookworm', self.root)
        for kind, where in (('proc', 'proc'), ('devtmpfs', 'dev')):
            call('mount', '-t', kind, kind, os.path.join(self.root, where))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.service is not None and self.service.poll() is None:
            self.service.kill()
            self.service.wait()
        for where in ('dev', 'proc'):
            call('umount', os.path.join(self.root, where))
        shutil.rmtree(self.root)

    def words(self, *words):
        return ['chroot', self.root, 'env', '-i', 'HOME=/root', 'LANG=C.UTF-8',
                'PATH=/usr/sbin:/usr/bin:/sbin:/bin', f'SIGILL_HOME={HOME}',
                *words]

    def __call__(self, *words, status=0):
        return call(*self.words(*words), status=status)

    def start(self):
        """sigilld, as root; its unit would begin it so."""
        self.service = subprocess.Popen(
            self.words('sigilld', '--home', HOME), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not json.loads(self('sigill', 'status', '--json'))['service'][
                'running']:
            assert time.monotonic() < until, self('sigill', 'status')
            time.sleep(0.2)

    def stop(self):
        self.service.terminate()
        assert self.service.wait(60) == 0

    def write(self, name, text):
        return write(os.path.join(self.root, name), text)


def test_a_machine_with_the_package():
    os.mkdir(path('deb'))
    mine, old = write('deb/mine', 'mine\n'), write('deb/sigill_0~git1_x.deb', '')
    call(os.path.join(SOURCE, 'packaging', 'make-deb'), path('deb'))
    assert os.path.exists(mine) and not os.path.exists(old)
    (deb,) = glob.glob(path('deb/sigill_*.deb'))
    with Machine(deb) as m:
        owner = m('stat', '-c', '%U %a', HOME).strip()
        assert owner == 'sigill 700', owner
        m('test', '-e', '/etc/systemd/system/multi-user.target.wants/'
          'sigilld.service')
        m.write('root/password', 'a long enough password\n')
        m.write('root/m.eml', 'From: alice@example.org\nSubject: x\n\nhello\n')
        m('sigill', 'init', '--domain', 'example.org', '--algorithm', 'p256',
          '--public-url', 'http://127.0.0.1:8080', '--root-key-out',
          '/root/root.p12', '--password-file', '/root/password')
        m.start()
        m('sigill', 'doctor')
        m('sigill', 'user', 'add', 'alice@example.org')
        m('sigill', 'encrypt', '--sign', 'alice@example.org', '--to',
          'alice@example.org', '-o', '/root/sealed.eml', '/root/m.eml')
        opened = m('sigill', 'open', '--key', 'alice@example.org',
                   '/root/sealed.eml')
        assert 'hello' in opened, opened
        who = {p['name']: p['user'] for p in json.loads(m(
            'sigill', 'status', '--json'))['service']['processes']}
        assert who['keyholder'] == 'sigill-keys', who
        assert who['control'] == 'sigill', who
        m.stop()
        kept = read(os.path.join(m.root, HOME[1:], 'sigill.db'))
        m('dpkg', '--purge', 'sigill')
        assert not os.path.exists(os.path.join(m.root, 'usr/bin/sigill'))
        assert read(os.path.join(m.root, HOME[1:], 'sigill.db')) == kept


if __name__ == '__main__':
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if os.getuid() != 0 or lacking:
        print('skipped: it takes root, and', ' '.join(lacking or NEEDED))
        sys.exit(SKIPPED)
    run(globals())
