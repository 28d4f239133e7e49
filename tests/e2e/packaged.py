#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is packaged for systemd: its own programs take it, and it fits what
sigilld wants of users and folders."""
import os
import re
import shutil
import stat
import subprocess
import sys

from e2e import BUILD, path, read, run, write

SOURCE = os.environ.get('SIGILL_SOURCE', '.')
PACKAGED = os.path.join(SOURCE, 'packaging', 'systemd')
UNIT = os.path.join(BUILD, 'packaging', 'sigilld.service')


def call(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=60)
    assert done.returncode == 0, (words, done.stdout.decode())
    return done.stdout.decode()


def installed():
    """The unit with the sigilld that was built."""
    text = read(UNIT).decode()
    sigilld = os.path.join(os.path.abspath(BUILD), 'sigilld')
    return write('sigilld.service', re.sub(
        r'(?m)^ExecStart=\S+', f'ExecStart={sigilld}', text))


def users():
    """{name: (uid, gid)} in a system that was made of the packaged file."""
    root = path('root')
    os.makedirs(os.path.join(root, 'etc'), exist_ok=True)
    call('systemd-sysusers', f'--root={root}',
         os.path.join(PACKAGED, 'sigill.sysusers'))
    lines = read(os.path.join(root, 'etc', 'passwd')).decode().splitlines()
    return {f[0]: (int(f[2]), int(f[3]), f[6])
            for f in (line.split(':') for line in lines)}


def test_the_users_are_made():
    made = users()
    wanted = []
    for source, name in (('daemon/users.c', r'\{"user_\w+", "([\w-]+)"\}'),
                         ('org/keys.h', r'SGL_KEYS_USUAL "([\w-]+)"')):
        text = read(os.path.join(SOURCE, 'src', source)).decode()
        found = re.findall(name, text)
        assert found, source
        wanted += found
    assert {'sigill', *wanted} == set(made), (wanted, made)
    assert len({uid for uid, _, _ in made.values()}) == len(made)
    assert all(uid > 0 and shell.endswith('nologin')
               for uid, _, shell in made.values()), made


def test_the_folders_are_made():
    if os.getuid() != 0:
        print('     (needs root to give folders away)')
        return
    uid, gid, _ = users()['sigill']
    root = path('root')
    call('systemd-tmpfiles', f'--root={root}', '--create',
         os.path.join(PACKAGED, 'sigill.tmpfiles'))
    for name, mode in (('var/lib/sigill', 0o700), ('run/sigill', 0o755)):
        st = os.stat(os.path.join(root, name))
        assert (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)) == \
            (uid, gid, mode), (name, st)


def test_the_unit_is_one():
    told = call('systemd-analyze', 'verify', '--man=no', installed())
    assert 'sigilld.service' not in told, told


def test_the_unit_is_shut_in():
    """As systemd counts it, of 100: what root, networks and sockets cost."""
    call('systemd-analyze', 'security', '--offline=true', '--threshold=30',
         installed())
    text = read(UNIT).decode()
    (caps,) = re.findall(r'(?m)^CapabilityBoundingSet=(.*)$', text)
    assert set(caps.split()) == {
        'CAP_CHOWN', 'CAP_FOWNER', 'CAP_DAC_READ_SEARCH', 'CAP_SETUID',
        'CAP_SETGID', 'CAP_KILL'}, caps
    assert not re.search(r'(?m)^(User|StateDirectory)=', text)


def test_they_are_there():
    """Their absence would be a failure, not a skip."""
    for name in ('sysusers', 'tmpfiles', 'analyze'):
        assert shutil.which('systemd-' + name), name


if __name__ == '__main__':
    sys.exit(run(globals()))
