#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The store with its I/O failing, call by call, on a file and on a server: a
change that was said to be made is there, one that failed is there as a whole
or not at all, and what was there before stays."""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
import iofault  # noqa: E402
import postgres  # noqa: E402

DRIVE = os.path.join(os.environ['SIGILL_BUILD'], 'tests/support/store-drive')
# (error, whether all later calls fail too)
ON_FILES = [('ENOSPC', False), ('ENOSPC', True), ('EIO', False), ('EIO', True),
            ('EINTR', False), ('SHORT', False)]
# Where nothing can be sent, libpq waits for what the server has to say of it,
# which here would be nothing, for ever: the connection is still there. Where
# nothing can be received any more, it takes seconds to give up.
ON_SERVERS = [('recv', [('ECONNRESET', False)], 1),
              ('recv', [('ECONNRESET', True)], 9),
              ('recv,send', [('EINTR', False), ('SHORT', False)], 4)]
GONE = b'nothing was changed'


def drive(*words):
    done = subprocess.run([DRIVE, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    assert done.returncode == 0, done
    return done.stdout.decode().strip()


def check_words(result):
    if result.returncode != 0:
        assert result.returncode == 5, 'strange exit status'
        assert result.stderr.count(b'\n') == 1, 'not one line'
        assert b': ' in result.stderr, 'strange words'


def sweep(command, errors, prepare, check, calls='', every=1):
    """As iofault.sweep, but every run finds what `prepare` makes, and errors
    take turns at which of the calls they hit."""
    prepare()
    good, whole = iofault.run(command(), iofault.Fault(calls=calls))
    assert good.returncode == 0, good
    check(good)
    for i, (error, keep) in enumerate(errors):
        for at in range(1 + i % every, whole.calls + 1, every):
            fault = iofault.Fault(at, error, calls, keep)
            prepare()
            result, counts = iofault.run(command(), fault)
            try:
                check_words(result)
                check(result)
            except AssertionError as wrong:
                raise AssertionError(f'{fault} ({counts.kind}): {wrong}\n'
                                     f'{result}') from wrong


def check_sound(location):
    db = sqlite3.connect(location)
    (sound,), = db.execute('PRAGMA integrity_check')
    db.close()
    assert sound == 'ok', sound


def on_a_file(top):
    first, work = os.path.join(top, 'first'), os.path.join(top, 'work')
    location = os.path.join(work, 'db')
    os.mkdir(first)
    drive(os.path.join(first, 'db'), 'create')
    drive(os.path.join(first, 'db'), 'add', 'alice')

    def prepare():
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(first, work)

    def check(result):
        there = drive(location, 'has', 'bob')
        assert there == 'yes' if result.returncode == 0 else there != 'half'
        assert drive(location, 'has', 'alice') == 'yes', 'lost'
        check_sound(location)

    sweep(lambda: [DRIVE, location, 'add', 'bob'], ON_FILES, prepare, check,
          every=11)


OLD = '''
CREATE TABLE migration (version INTEGER PRIMARY KEY, applied INTEGER NOT NULL);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE person (id INTEGER PRIMARY KEY, address TEXT NOT NULL,
 address_key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created INTEGER);
CREATE TABLE key (id INTEGER PRIMARY KEY AUTOINCREMENT, spki_digest BLOB,
 sealed BLOB, kind TEXT, person INTEGER, created INTEGER);
CREATE TABLE authority (id INTEGER PRIMARY KEY, kind TEXT, der BLOB,
 key INTEGER, issuer INTEGER, created INTEGER);
CREATE TABLE serial (serial BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE certificate (id INTEGER PRIMARY KEY, person INTEGER,
 purpose TEXT, status TEXT, serial BLOB, not_before INTEGER,
 not_after INTEGER, der BLOB, issuer INTEGER, key INTEGER, created INTEGER,
 superseded INTEGER);
INSERT INTO migration VALUES (1, 7);
INSERT INTO person VALUES (1, 'alice', 'alice', '', 5);
INSERT INTO setting VALUES ('alice', 'alice');
PRAGMA application_id = 1397180748;
PRAGMA user_version = 1;
'''


def version_of(location):
    db = sqlite3.connect(location)
    (number,), = db.execute('PRAGMA user_version')
    db.close()
    return number


def migrating(top):
    """Old or new, never in between; what is called a copy is one."""
    work = os.path.join(top, 'old')
    location = os.path.join(work, 'db')

    def prepare():
        shutil.rmtree(work, ignore_errors=True)
        os.mkdir(work)
        db = sqlite3.connect(location)
        db.executescript('PRAGMA journal_mode = WAL;' + OLD)
        db.close()

    def check(result):
        version = version_of(location)
        assert version == 3 if result.returncode == 0 else version in (1, 3)
        check_sound(location)
        copy = location + '.before-v3'
        if version == 3:
            assert os.path.exists(copy), 'no copy'
        if os.path.exists(copy):
            check_sound(copy)
            assert version_of(copy) == 1
        left = {name for name in os.listdir(work) if 'part' in name}
        assert left <= {'db.before-v3.part'}, left
        assert drive(location, 'has', 'alice') == 'yes', 'lost'

    sweep(lambda: [DRIVE, location, 'open'], ON_FILES, prepare, check,
          every=13)


def on_a_server(url, sparse):
    drive(url, 'create')
    drive(url, 'add', 'alice')
    number = 0

    def prepare():
        nonlocal number
        number += 1

    def check(result):
        there = drive(url, 'has', f'p{number}')
        assert there != 'half'
        if result.returncode == 0:
            assert there == 'yes', 'said to be made'
        if GONE in result.stderr:
            assert there == 'no', 'said not to be made'
        assert drive(url, 'has', 'alice') == 'yes', 'lost'

    for calls, errors, every in ON_SERVERS:
        sweep(lambda: [DRIVE, url, 'add', f'p{number}'], errors, prepare,
              check, calls, every * sparse)


with tempfile.TemporaryDirectory() as folder:
    on_a_file(folder)
    migrating(folder)
    if postgres.programs() is None:
        print('PostgreSQL is not installed')
        sys.exit(77)
    with postgres.Cluster() as cluster:
        for name in ('plain', 'tls'):
            cluster.make(name)
        on_a_server(cluster.url('plain'), 1)
        # TLS receives more often.
        on_a_server(cluster.tls_url('tls'), 7)
