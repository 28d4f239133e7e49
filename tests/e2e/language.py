#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""English and Swedish: people's texts change, what programs read does not."""
import json
import os

from e2e import (BUILD, INPUT, KEY, NO, OK, USAGE, encrypted, party, path, run,
                 sigill, signed)

SWEDISH = {'LANGUAGE': 'sv',
           'SIGILL_LOCALE_DIR': os.path.join(os.path.abspath(BUILD), 'po')}
COMMANDS = ('sign', 'encrypt', 'decrypt', 'verify', 'open', 'inspect')


def swedish(*words, **options):
    return sigill(*words, env=SWEDISH, **options)


def trust():
    return ['--trust', party('ca').pem]


def test_verdicts():
    swedish('verify', *trust(), signed(party('alice'))).expect(
        OK, 'Signerat av alice@example.org', 'Du kan lita p\u00e5 det')
    swedish('verify', signed(party('alice'))).expect(NO, '--trust')
    swedish('open', *trust(), encrypted(party('bob'))).expect(
        KEY, 'ingen nyckel som angavs \u00f6ppnar det')


def test_failures():
    swedish('verify', '--trust', path('missing')).expect(
        5, 'finns inte', path('missing'))
    swedish('verify', '--nonsense').expect(USAGE, 'ok\u00e4nd flagga')
    # A text of the engine, which knows no languages.
    swedish('verify', stdin=b'').expect(INPUT, 'standard in', 'tom')
    swedish('verify', stdin=b'nothing of ours\n').expect(
        INPUT, 'inget meddelande', '(vid byte')


def test_help():
    for words in [[]] + [[c] for c in COMMANDS]:
        result = swedish(*words, '--help').expect(OK, 'Anv\u00e4ndning')
        for line in result.out.decode().splitlines():
            assert len(line) <= 80, line


def test_json_is_the_same():
    file = signed(party('alice'))
    english = json.loads(sigill('verify', *trust(), '--json', '--at',
                                '2026-01-01', file).out)
    other = json.loads(swedish('verify', *trust(), '--json', '--at',
                               '2026-01-01', file).out)
    assert english == other


def test_a_locale_that_is_not_there():
    for name in ('xx_YY.UTF-8', 'C', 'POSIX', '', 'sv_SE', '../../etc'):
        sigill('verify', *trust(), signed(party('alice')),
               env={'LC_ALL': name, 'LANG': name}).expect(OK, 'Signed by')


run(globals())
