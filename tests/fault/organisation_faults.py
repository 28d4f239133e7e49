#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The organisation's commands with their I/O failing, call by call: a change
is made or not, and what was there before is never lost."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
import iofault  # noqa: E402
from sigill import (SIGILL_ORG, answer, environment, good,  # noqa: E402
                    hide_people, place)

ERRORS = ['ENOSPC', 'EIO', 'EINTR', 'SHORT']
STATUSES = (3, 4, 5)


def check_words(result):
    """One line says what was wrong, unless standard error itself failed."""
    text = result.stderr.decode()
    assert result.returncode in STATUSES, 'strange exit status'
    assert text == '' or text.startswith('sigill: '), 'strange words'
    assert text.count('\n') <= 1, 'more than one line'


def people(home):
    return [p['address'] for p in answer('user', 'list', home=home)['people']]


def sweep(command, home, check, every):
    return iofault.sweep([SIGILL_ORG, *command], ERRORS, check, every=every,
                         env=environment(home))


def making(folder):
    home = os.path.join(folder, 'made')

    def check(_fault, result):
        if result.returncode == 0:
            assert people(home) == []
        else:
            check_words(result)
        shutil.rmtree(home, ignore_errors=True)

    sweep(['init', '--domain', 'example.org', '--algorithm', 'p256'], home,
          check, 3)


def adding(folder, master):
    home = os.path.join(folder, 'home')
    shutil.copytree(master, home)

    def check(_fault, result):
        now = people(home)
        if result.returncode == 0:
            assert 'bob@example.org' in now, 'not there'
        else:
            check_words(result)
        assert now[0] == 'alice@example.org', 'lost'
        shutil.rmtree(home)
        shutil.copytree(master, home)

    # The run that counts must find the home as the others do.
    sweep(['user', 'add', 'bob@example.org', '--home', home], None,
          check, 3)
    shutil.rmtree(home)


def exporting(folder, master):
    file = os.path.join(folder, 'alice.pem')
    whole = good('cert', 'export', 'alice@example.org', home=master)

    def check(_fault, result):
        left = os.listdir(folder)
        assert set(left) <= {'alice.pem', 'master'}, left
        with open(file, encoding='ascii') as text:
            now = text.read()
        if result.returncode == 0:
            assert now == whole, 'not whole'
        else:
            check_words(result)
            assert now in ('before', whole), 'spoilt'
        with open(file, 'w', encoding='ascii') as text:
            text.write('before')

    with open(file, 'w', encoding='ascii') as text:
        text.write('before')
    sweep(['cert', 'export', 'alice@example.org', '-o', file], master, check,
          2)


with place() as top:
    first = os.path.join(top, 'master')
    good('init', '--domain', 'example.org', '--algorithm', 'p256', home=first)
    good('user', 'add', 'alice@example.org', home=first)
    hide_people(first, 'alice@example.org')
    exporting(top, first)
    making(top)
    adding(top, first)
