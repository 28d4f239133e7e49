# SPDX-License-Identifier: Apache-2.0
"""Every command on a message of some length, with an eye on its memory."""
import os
import subprocess
import sys

from e2e import (ENV, FOLDER, MARK, OK, SIGILL, is_sanitized, leaks, party,
                 path, sigill)

LIMIT_KIB = 8 * 1024
# What the kernel maps of a library around the pages that were wanted counts as
# the process's, and depends on what it has in its cache: the same program took
# 7,840 and 8,240 KiB on the same machine, with the libraries read just before.
# Those of the database make the most of it.
AROUND_KIB = 512
# Where the service has database and keys.
SERVED_KIB = 7 * 1024
LINE = MARK + b'-0123456789abcdefghijklmnopqrstuvwxyzABCDEF.\r\n'


def need_plain_build():
    """A sanitizer takes memory of its own."""
    if is_sanitized():
        print('built with a sanitizer: memory says nothing')
        sys.exit(0)


def make(name, size):
    block = LINE * 1024
    with open(path(name), 'wb') as file:
        file.write(b'From: alice@example.org\r\nSubject: long\r\n'
                   b'Content-Type: text/plain\r\n\r\n')
        for _ in range(size // len(block)):
            file.write(block)
    return path(name)


def run_one(words, stdin=None, limit=LIMIT_KIB):
    """Runs sigill; checks status and peak memory. time(1) starts it, because
    the peak of a process counts what it was before it became sigill."""
    report = path('time')
    process = subprocess.run(
        ['time', '-q', '-f', '%M %U %S', '-o', report, SIGILL, *words],
        env=ENV, cwd=FOLDER, stdin=stdin or subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    assert process.returncode == 0, (words, process.returncode, process.stderr)
    assert not leaks.found_in(process.stderr), process.stderr
    with open(report, encoding='ascii') as file:
        peak, user, system = file.read().split()
    print(f'  {int(peak):6} KiB  {float(user) + float(system):6.2f} s'
          f'  {words[0]} {"(pipes)" if stdin else ""}')
    assert int(peak) <= limit, f'{words[0]} took {peak} KiB: {words}'


def through_pipes(words, name):
    with subprocess.Popen(['cat', path(name)], stdout=subprocess.PIPE) as cat:
        run_one(words, stdin=cat.stdout)


def organisation():
    home = path('organisation')
    if not os.path.exists(home):
        sigill('init', '--domain', 'example.org', '--home', home).expect(OK)
        for who in ('alice', 'bob'):
            sigill('user', 'add', f'{who}@example.org', '--home', home
                   ).expect(OK)
    return home


def by_address(plain, limit=LIMIT_KIB + AROUND_KIB):
    """The same where an organisation has the keys."""
    home = ['--home', organisation()]
    sealed, out = path('by-address'), ['-o', path('content')]
    run_one(['encrypt', *home, '--to', 'bob@example.org', '--sign',
             'alice@example.org', '-o', sealed, plain], limit=limit)
    run_one(['open', *home, '--key', 'bob@example.org', *out, sealed],
            limit=limit)
    run_one(['decrypt', *home, '--key', 'bob@example.org', *out, sealed],
            limit=limit)
    run_one(['sign', *home, '--key', 'alice@example.org', '-o', sealed, plain],
            limit=limit)
    run_one(['verify', *home, *out, sealed], limit=limit)
    os.unlink(sealed)
    os.unlink(path('content'))


def check(size):
    alice, bob = party('alice'), party('bob', kind='rsa')
    trust = ['--trust', party('ca').pem]
    make('plain', size)
    steps = [
        (['sign', *alice.id()], 'plain', 'clear'),
        (['verify', *trust], 'clear', None),
        (['verify', *trust], 'clear', 'content'),
        (['sign', '--opaque', *alice.id()], 'plain', 'opaque'),
        (['open', *trust], 'opaque', 'content'),
        (['encrypt', '--to', bob.pem, '--sign', alice.key, '--sign',
          alice.pem], 'plain', 'sealed'),
        (['open', *trust, *bob.id()], 'sealed', 'content'),
        (['decrypt', *bob.id()], 'sealed', 'content'),
        (['encrypt', '--to', bob.pem, '--protect-headers', '--sign', alice.key,
          '--sign', alice.pem], 'plain', 'hidden'),
        (['open', *trust, *bob.id()], 'hidden', 'content'),
        (['encrypt', '--to', bob.pem, '--cipher', 'aes-256-gcm'], 'plain',
         'gcm'),
        (['decrypt', *bob.id()], 'gcm', 'content'),
    ]
    for i, (words, source, target) in enumerate(steps):
        out = ['-o', path(target)] if target else []
        run_one([*words, *out, path(source)])
        if target == 'content':
            assert os.path.getsize(path('content')) > size * 9 // 10
            os.unlink(path('content'))
        if source not in ('plain', 'sealed', *(s[1] for s in steps[i + 1:])):
            os.unlink(path(source))
    by_address(path('plain'))
    through_pipes(['sign', *alice.id(), '-o', path('clear')], 'plain')
    through_pipes(['open', *trust, *bob.id()], 'sealed')
    for name in ('plain', 'clear', 'sealed'):
        os.unlink(path(name))
