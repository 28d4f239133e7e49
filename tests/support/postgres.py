#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of a test's own, in a folder of its own, on a socket in it.

    import postgres
    with postgres.Cluster() as cluster:
        cluster.url('name')     # of a database that is made for it
        cluster.stop()
        cluster.start()

As a program it does the same for tests in C (support/postgres.h): it answers
each line of standard input with one line, and ends with it. A line is "make
NAME [ENCODING]", "sql DATABASE TEXT", "stop", "kill" or "start".

PostgreSQL does not run as root: then it is nobody's. It needs Debian's
packages postgresql and openssl.
"""
import ctypes
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

NOBODY = 65534
PASSWORD = 'correct-horse'
USER = 'sigill'
SETTINGS = '''
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0777
fsync = off
max_connections = 20
shared_buffers = 16MB
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
log_min_messages = fatal
'''
# Over the socket everybody is who they say; over TCP they prove it.
LOGINS = '''
local all all trust
host all all 127.0.0.1/32 scram-sha-256
'''


def programs():
    """The folder of the newest server there is, or None."""
    found = glob.glob('/usr/lib/postgresql/*/bin/initdb')
    found.sort(key=lambda name: int(name.split('/')[4]))
    return os.path.dirname(found[-1]) if found else None


def become():
    """For a child: an ordinary user, who goes when the test goes."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)      # PR_SET_PDEATHSIG


def call(*command, check=True, **options):
    return subprocess.run(command, preexec_fn=become, check=check, cwd='/',
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **options)


def may_enter(folder):
    """The tests may run where only their owner comes."""
    return call('test', '-x', folder, check=False).returncode == 0


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Cluster:
    def __init__(self):
        self.bin = programs()
        self.process = None
        top = tempfile.mkdtemp(prefix='sigill-postgres-')
        os.chmod(top, 0o755)
        if not may_enter(top):
            os.rmdir(top)
            top = tempfile.mkdtemp(prefix='sigill-postgres-', dir='/tmp')
            os.chmod(top, 0o755)
        self.folder, self.data = top, os.path.join(top, 'data')
        self.port = free_port()

    def __enter__(self):
        try:
            os.mkdir(self.data, 0o700)
            if os.geteuid() == 0:
                os.chown(self.data, NOBODY, NOBODY)
                os.chown(self.folder, NOBODY, NOBODY)
            call(f'{self.bin}/initdb', '-D', self.data, '-A', 'trust', '-N',
                 '-U', 'postgres', '-E', 'UTF8', '--locale=C')
            self.make_certificate('server')
            self.make_certificate('other')
            self.append('postgresql.conf', SETTINGS)
            with open(f'{self.data}/pg_hba.conf', 'w', encoding='ascii') as f:
                f.write(LOGINS)
            self.start()
            self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_certificate(self, name):
        """Self-signed, for 127.0.0.1."""
        path = f'{self.data}/{name}'
        call('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
             'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
             '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1',
             '-keyout', path + '.key', '-out', path + '.pem')
        os.chmod(path + '.key', 0o600)
        shutil.copy(path + '.pem', self.folder)

    def append(self, name, text):
        with open(f'{self.data}/{name}', 'a', encoding='ascii') as file:
            file.write(text)

    def start(self):
        self.process = subprocess.Popen(
            [f'{self.bin}/postgres', '-D', self.data, '-p', str(self.port),
             '-k', self.folder], preexec_fn=become, cwd='/',
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 60
        while call(f'{self.bin}/pg_isready', '-q', '-h', self.folder, '-p',
                   str(self.port), check=False).returncode != 0:
            if time.monotonic() > limit or self.process.poll() is not None:
                raise RuntimeError('PostgreSQL does not start')
            time.sleep(0.02)

    def stop(self, how=signal.SIGINT):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)

    def sql(self, text, database='postgres'):
        call(f'{self.bin}/psql', '-q', '-X', '-h', self.folder, '-p',
             str(self.port), '-U', 'postgres', '-d', database, '-c', text)

    def make(self, name, encoding='UTF8'):
        self.sql(f'CREATE DATABASE {name} OWNER {USER} TEMPLATE template0 '
                 f"ENCODING '{encoding}'")

    def url(self, name, user=USER):
        folder = self.folder.replace('/', '%2F')
        return f'postgresql://{user}@{folder}:{self.port}/{name}'

    def tls_url(self, name, password=PASSWORD):
        return f'postgresql://{USER}:{password}@127.0.0.1:{self.port}/{name}'


def serve(cluster):
    """One answer to each line."""
    print(cluster.folder, cluster.port, flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[0] == 'make':
            cluster.make(*words[1:])
        elif words[0] == 'sql':
            cluster.sql(' '.join(words[2:]), words[1])
        elif words[0] == 'stop':
            cluster.stop()
        elif words[0] == 'kill':
            cluster.stop(signal.SIGQUIT)
        elif words[0] == 'start':
            cluster.start()
        print('done', flush=True)


def main():
    if programs() is None:
        print('none', flush=True)
        return
    with Cluster() as cluster:
        serve(cluster)


if __name__ == '__main__':
    main()
