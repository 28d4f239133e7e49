#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tools/results counts what it should, and lets nothing slip through."""
import json
import os
import subprocess
import tempfile

import tidy

RESULTS = tidy.path('tools/results')
CMOCKA = ('[==========] Running 3 test(s).\n[ RUN      ] a\n[       OK ] a\n'
          '[ RUN      ] b\n[  SKIPPED ] b\n[ RUN      ] c\n')
CASES = [
    # name, what the test was, lines, counts, exit status
    ('cmocka, one case fails',
     {'result': 'FAIL', 'stdout': CMOCKA,
      'stderr': '[  FAILED  ] c\n[  FAILED  ] 1 test(s), listed below:\n'
      '[  FAILED  ] c\n 1 FAILED TEST(S)\n'}, (1, 1, 1), 1),
    ('cmocka, dies after a good case',
     {'result': 'FAIL', 'stdout': CMOCKA, 'stderr': ''}, (1, 1, 1), 1),
    ('cmocka, only a named skip',
     {'result': 'OK', 'stdout': CMOCKA, 'stderr': '[  PASSED  ] 1 test(s).'},
     (1, 0, 1), 0),
    ('plain success', {'result': 'OK', 'stdout': 'not ok\n'}, (1, 0, 0), 0),
    ('plain failure', {'result': 'FAIL', 'stdout': 'ok\n'}, (0, 1, 0), 1),
    ('a hang', {'result': 'TIMEOUT'}, (0, 1, 0), 1),
    ('a skip that nobody allowed', {'result': 'SKIP'}, (0, 0, 1), 1),
    ('TAP', {'result': 'FAIL',
             'stdout': '1..3\nok 1 - x\nnot ok 2 - y\nok 3 # SKIP no z\n'},
     (1, 1, 1), 1),
    ('TAP that stops short', {'result': 'ERROR', 'stdout': '1..3\nok 1 - x\n'},
     (1, 1, 0), 1),
    ('TAP that skips all', {'result': 'SKIP', 'stdout': '1..0 # SKIP no\n'},
     (0, 0, 1), 1),
]


def run(*command):
    return subprocess.run([RESULTS, *command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=False)


def check(folder, label, test, counts, status):
    log, rows, allowed = (os.path.join(folder, n) for n in 'lra')
    full = {'name': 'sigill:room / room-x', 'returncode': 0, 'duration': 1.0,
            'stdout': '', 'stderr': '', **test}
    with open(log, 'w', encoding='utf-8') as out:
        json.dump(full, out)
    with open(allowed, 'w', encoding='utf-8') as out:
        out.write('# names\nroom-x:b because\n')
    open(rows, 'w', encoding='utf-8').close()
    run('add', rows, 'gcc', log)
    result = run('sum', rows, allowed)
    want = '{} passed, {} failed, {} skipped'.format(*counts)
    got = result.stdout.splitlines()[-1]
    if got != want or result.returncode != status:
        tidy.complain(label, f'"{got}" with status {result.returncode}, not '
                      f'"{want}" with {status}')


with tempfile.TemporaryDirectory() as place:
    for row in CASES:
        check(place, *row)
    empty = os.path.join(place, 'empty')
    open(empty, 'w', encoding='utf-8').close()
    if run('sum', empty, empty).returncode == 0:
        tidy.complain('no test at all', 'is a success')
tidy.finish()
