#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Mail by address alone: the commands on messages in an organisation."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
import leaks  # noqa: E402
from sigill import good, hide_people, place, refused, run  # noqa: E402

BODY = leaks.MARK.decode() + ': the meeting is at ten.'
MAIL = (f'From: alice@example.org\r\nTo: bob@example.org\r\n'
        f'Subject: Meeting\r\nContent-Type: text/plain\r\n\r\n{BODY}\r\n')


def openssl(*args, **options):
    return subprocess.run(['openssl', *args], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True,
                          **options).stdout


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)
    return path


def theirs(home, folder):
    """OpenSSL writes, we read."""
    cert = f'{folder}/bob.pem'
    good('cert', 'export', 'bob@example.org', '-o', cert, home=home)
    secret = write(f'{folder}/secret.eml', openssl(
        'cms', '-encrypt', '-aes256', cert, input=MAIL.encode()))
    for _ in range(2):
        read = run('decrypt', '--key', 'bob@example.org', secret, home=home)
        assert read.returncode == 0 and BODY.encode() in read.stdout, read
        refused(3, '', 'decrypt', '--key', 'alice@example.org', secret,
                home=home)
        # The old key still opens it.
        good('cert', 'renew', 'bob@example.org', home=home)
    refused(3, 'nobody has this address', 'decrypt', '--key',
            'carol@example.org', secret, home=home)


def theirs_signed(home, folder):
    password = write(f'{folder}/password', leaks.PASSWORD.encode() + b'\n')
    keys, pem = f'{folder}/alice.p12', f'{folder}/alice.pem'
    good('cert', 'export', 'alice@example.org', '--purpose', 'signing',
         '--pkcs12', '--password-file', password, '-o', keys, home=home)
    openssl('pkcs12', '-in', keys, '-passin', 'pass:' + leaks.PASSWORD, '-nodes', '-out',
            pem)
    signed = write(f'{folder}/signed.eml', openssl(
        'cms', '-sign', '-signer', pem, '-certfile', f'{home}/ca/issuing.pem',
        '-from', 'alice@example.org', '-md', 'sha256', input=MAIL.encode()))
    elsewhere = f'{folder}/none'
    # Believed, for the root is the organisation's; elsewhere it is not.
    assert run('verify', signed, home=home).returncode == 0
    assert run('verify', signed, home=elsewhere).returncode == 1
    assert run('verify', '--trust', f'{home}/ca/root.pem', signed,
               home=elsewhere).returncode == 0


def file_instead_of_address(home, folder):
    """Who plants a file does not choose in silence whom we encrypt to."""
    mail = write(f'{folder}/planted.eml', MAIL.encode())
    name = 'bob@example.org'
    good('cert', 'export', 'alice@example.org', '-o', f'{folder}/{name}',
         home=home)
    for to, warned in [(name, True), (f'./{name}', False)]:
        done = run('encrypt', '--to', to, '-o', f'{folder}/planted', mail,
                   home=home, cwd=folder)
        assert done.returncode == 0, done
        assert (b'warning' in done.stderr) == warned, done
    os.unlink(f'{folder}/{name}')


def ours(home, folder):
    """We write, OpenSSL and we read."""
    mail = write(f'{folder}/mail.eml', MAIL.encode())
    signed, secret = f'{folder}/ours.eml', f'{folder}/ours-secret.eml'
    good('sign', '--key', 'alice@example.org', '-o', signed, mail, home=home)
    openssl('cms', '-verify', '-in', signed, '-CAfile', f'{home}/ca/root.pem',
            '-purpose', 'smimesign')
    assert run('verify', signed, home=home).returncode == 0
    good('encrypt', '--sign', 'alice@example.org', '--to', 'bob@example.org',
         '-o', secret, mail, home=home)
    opened = run('open', '--key', 'bob@example.org', '-o', f'{folder}/clear',
                 secret, home=home)
    assert opened.returncode == 0, opened
    with open(f'{folder}/clear', encoding='ascii') as file:
        assert BODY in file.read()
    good('encrypt', '--sign', 'alice@example.org', '--to', 'bob@example.org',
         '--triple', '-o', secret, mail, home=home)
    outside = run('verify', secret, home=home)
    assert outside.returncode == 0, outside
    assert b'Not encrypted' not in outside.stdout, outside
    assert b'What was signed is encrypted' in outside.stdout, outside
    refused(3, 'nobody has this address', 'encrypt', '--to',
            'carol@example.org', mail, home=home)
    refused(3, 'nobody has this address', 'sign', '--key', 'carol@example.org',
            mail, home=home)
    for words in (['encrypt', '--to'], ['sign', '--key']):
        refused(3, "not in the organisation's domain", *words,
                'eve@elsewhere.org', mail, home=home)


for algorithm in ['rsa-2048', 'p256']:
    with place() as top:
        here = os.path.join(top, 'home')
        good('init', '--domain', 'example.org', '--algorithm', algorithm,
             home=here)
        good('user', 'add', 'alice@example.org', '--name', 'Alice', '--custody', 'server',
             home=here)
        good('user', 'add', 'bob@example.org', '--name', 'Bob', '--custody', 'server',
             home=here)
        hide_people(here, 'alice@example.org', 'bob@example.org')
        theirs(here, top)
        theirs_signed(here, top)
        file_instead_of_address(here, top)
        hide_people(here, 'bob@example.org')
        ours(here, top)
