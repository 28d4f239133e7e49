# SPDX-License-Identifier: Apache-2.0
"""The programs as a person uses them, for tests that are scripts."""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile

import leaks

BUILD = os.environ['SIGILL_BUILD']
SIGILL = os.path.join(BUILD, 'sigill')
SIGILL_ORG = os.path.join(BUILD, 'sigill-org')


@contextlib.contextmanager
def place():
    """A folder for a test. What the programs left is searched for leaks."""
    with tempfile.TemporaryDirectory(dir=leaks.FOLDER) as top:
        yield top
        leaks.search_all()


def environment(home=None):
    """Ours, in English, with the home of a test."""
    return leaks.ENV if home is None else {**leaks.ENV,
                                           'SIGILL_HOME': str(home)}


def later(days, home=None):
    """Our environment, so many days later."""
    return {**environment(home), 'SIGILL_CLOCK': str(int(days * 86400)),
            'LD_PRELOAD': os.environ['SIGILL_CLOCK_SHIM']}


def run(*args, home=None, days=0, program=SIGILL, **options):
    """Runs the program, perhaps so many days later; standard output and error
    are bytes."""
    options.setdefault('stdin', subprocess.DEVNULL)
    options.setdefault('timeout', 120)
    options.setdefault('cwd', leaks.FOLDER)
    env = later(days, home) if days else environment(home)
    with leaks.watching(args, env=env, cwd=options['cwd']) as call:
        return call.answered(subprocess.run(
            [program, *map(str, args)], env=env, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False, **options))


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


def hide_people(home, *addresses):
    """Tells leaks.py the private keys that these people have here so far. They
    are taken out of a copy: handing out changes what is kept."""
    file, word, copy = (os.path.join(leaks.FOLDER, n)
                        for n in ('its.p12', 'its.pw', 'its-home'))
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns('run'))
    with open(word, 'w', encoding='ascii') as opened:
        opened.write(leaks.PASSWORD + '\n')
    for address in addresses:
        good('cert', 'export', address, '--pkcs12', '--password-file', word,
             '-o', file, home=copy)
        leaks.hide_key(subprocess.run(
            ['openssl', 'pkcs12', '-in', file, '-passin', 'file:' + word,
             '-nodes', '-nocerts'], stdout=subprocess.PIPE, check=True).stdout)
    os.unlink(file)
    os.unlink(word)
    shutil.rmtree(copy)
