# SPDX-License-Identifier: Apache-2.0
"""The programs as a person uses them, for tests that are scripts."""
import json
import os
import subprocess

BUILD = os.environ['SIGILL_BUILD']
SIGILL = os.path.join(BUILD, 'sigill')
SIGILL_ORG = os.path.join(BUILD, 'sigill-org')


def environment(home=None):
    """Ours, in English, with the home of a test."""
    env = {**os.environ, 'LC_ALL': 'C'}
    env.pop('SIGILL_HOME', None)
    if home is not None:
        env['SIGILL_HOME'] = str(home)
    return env


def run(*args, home=None, program=SIGILL, **options):
    """Runs the program; standard output and error are bytes."""
    options.setdefault('stdin', subprocess.DEVNULL)
    options.setdefault('timeout', 120)
    return subprocess.run([program, *map(str, args)], env=environment(home),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, **options)


def good(*args, **options):
    """The same; it must succeed, and gives standard output as text."""
    result = run(*args, **options)
    assert result.returncode == 0, (args, result)
    assert result.stderr == b'', (args, result.stderr)
    return result.stdout.decode()


def answer(*args, **options):
    """What the command says with --json."""
    return json.loads(good(*args, '--json', **options))


def refused(status, said, *args, **options):
    """The command must end with `status`, one line on standard error that
    holds `said` (and perhaps a hint), and nothing on standard output."""
    result = run(*args, **options)
    line, *more = result.stderr.decode().splitlines()
    assert result.returncode == status, (args, result)
    assert result.stdout == b'', (args, result.stdout)
    assert line.startswith('sigill: ') and said in line, (args, said, line)
    assert all(m.startswith('sigill: hint: ') for m in more), (args, more)
