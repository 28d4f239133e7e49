#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Changes to an organisation: killed in the middle, and many at once."""
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
from sigill import (SIGILL, answer, environment, good,  # noqa: E402
                    hide_people, place)

KILLS = 40
AT_ONCE = 6
SEED = 20261123


def start(home, *args):
    return subprocess.Popen([SIGILL, *args], env=environment(home),
                            stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)


def check(home):
    """Everybody has all, or is not there; returns the addresses."""
    people = answer('user', 'list', home=home)['people']
    certs = answer('cert', 'list', home=home)['certificates']
    for person in people:
        own = sorted(c['purpose'] for c in certs
                     if c['address'] == person['address'])
        assert own == ['encryption', 'signing'], (person, own)
    with sqlite3.connect(f'file:{home}/sigill.db?mode=ro', uri=True) as db:
        (keys,), = db.execute('SELECT count(*) FROM key')
        (sound,), = db.execute('PRAGMA integrity_check')
        assert sound == 'ok', sound
        # Two authorities, and the one that signs the chain of records.
        assert keys == 3 + 2 * len(people), (keys, people)
        assert not db.execute('PRAGMA foreign_key_check').fetchall()
    return {p['address'] for p in people}


def how_long(home):
    before = time.monotonic()
    good('user', 'add', 'first@example.org', home=home)
    return time.monotonic() - before


def kill_often(home):
    chance = random.Random(SEED)
    whole = how_long(home)
    there = check(home)
    for i in range(KILLS):
        address = f'p{i}@example.org'
        how = chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
        child = start(home, 'user', 'add', address)
        time.sleep(chance.uniform(0, whole * 1.2))
        child.send_signal(how)
        _, said = child.communicate(timeout=60)
        now = check(home)
        assert now - there <= {address}, (now, there)
        if child.returncode == 0:
            assert address in now, address
        elif child.returncode > 0:
            # The signal may have come when the change was made already.
            assert child.returncode == 128 + how, (child.returncode, said)
        there = now


def make_often(top, algorithm):
    """A making that is killed can be repeated."""
    chance = random.Random(SEED)
    for i in range(10):
        home = os.path.join(top, f'made{i}')
        command = ['init', '--domain', 'example.org', '--algorithm', algorithm]
        child = start(home, *command)
        time.sleep(chance.uniform(0, 0.1))
        child.kill()
        child.communicate(timeout=60)
        again = start(home, *command)
        _, said = again.communicate(timeout=60)
        assert again.returncode == 0 or b'already' in said, said
        check(home)


def all_at_once(home):
    there = check(home)
    names = [f'q{i}@example.org' for i in range(AT_ONCE)]
    children = [start(home, 'user', 'add', name) for name in names]
    for child in children:
        _, said = child.communicate(timeout=120)
        assert child.returncode == 0, said
    assert check(home) == there | set(names)


with place() as folder:
    here = os.path.join(folder, 'home')
    good('init', '--domain', 'example.org', '--algorithm', 'p256', home=here)
    kill_often(here)
    all_at_once(here)
    hide_people(here, 'first@example.org', 'q0@example.org')
    make_often(folder, 'p256')
