#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is handed out to people, read by the programs they have: openssl, NSS
(Thunderbird's), GnuTLS, GnuPG; and profiles for Apple's devices."""
import json
import os
import plistlib
import pty
import re
import select
import shutil
import stat
import subprocess
import tempfile

from e2e import (ENV, FOLDER, KEY, NO, OK, SIGILL, USAGE, encrypted,
                 leaks, openssl, party, path, read, run, sigill, write)

BOB = 'bob@example.org'


def homed(kind):
    return ['--home', path('organisation-' + kind)]


def org(*words, kind='p256', **options):
    if words[0] in ('sign', 'open', 'verify'):
        return sigill(words[0], *homed(kind), *words[1:], **options)
    return sigill(*words, *homed(kind), **options)


def answer(*words, **options):
    return json.loads(org(*words, '--json', **options).expect(OK).out)


def home(kind='p256'):
    """An organisation, made once; Bob has had three encryption keys."""
    if os.path.exists(homed(kind)[1]):
        return
    algorithm = kind if kind == 'p256' else 'rsa-2048'
    org('init', '--domain', 'example.org', '--algorithm', algorithm,
        kind=kind).expect(OK)
    org('user', 'add', BOB, '--custody', 'server', kind=kind).expect(OK)
    for _ in range(2):
        org('cert', 'renew', BOB, '--purpose', 'encryption',
            kind=kind).expect(OK)
    org('trust', 'export', '-o', path(kind + '-root.pem'), kind=kind).expect(OK)


def password(name):
    """The password that sigill made, which is a secret from now on."""
    word = read(name).decode().strip()
    assert re.fullmatch(r'([2-9a-km-z]{5}-){4}[2-9a-km-z]{5}', word), word
    assert stat.S_IMODE(os.stat(path(name)).st_mode) == 0o600
    leaks.hide(name, word.encode())
    return word


def fresh(name):
    """No password is overwritten."""
    if os.path.exists(path(name)):
        os.unlink(path(name))


def keys(name, kind='p256', more=()):
    """Bob's PKCS#12 and its password."""
    home(kind)
    fresh(name + '.pw')
    org('cert', 'export', BOB, '--pkcs12', '--password-out', path(name + '.pw'),
        '-o', path(name), *more, kind=kind).expect(OK)
    word = password(name + '.pw')
    text = openssl('pkcs12', '-in', name, '-passin', 'pass:' + word, '-nodes',
                   *(['-legacy'] if '--legacy' in more else []))
    leaks.hide_key(text)
    return path(name), word


def run_peer(*words, data=b'', env=None):
    done = subprocess.run(words, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=dict(ENV, **env or {}),
                          cwd=FOLDER, check=False)
    assert done.returncode == 0, (words, done.stdout.decode(errors='replace'))
    return done.stdout.decode(errors='replace')


# ---------------------------------------------------------------- passwords ---

def test_a_password_goes_another_way():
    file, word = keys('first.p12')
    assert keys('second.p12')[1] != word, 'the same again'
    for said, status, words in [
            ('take one of them', USAGE, ['--password-out', path('x'),
                                         '--password-file', path('x')]),
            ('no terminal', KEY, ['--password-out', '-'])]:
        org('cert', 'export', BOB, '--pkcs12', *words, '-o',
            path('none.p12')).expect(status, said)
    # One that is guessed at once is taken for no file, and no key goes.
    org('cert', 'export', BOB, '--pkcs12', '--password-file',
        write('short', 'ninechars\n'), '-o', path('none.p12')).expect(
            USAGE, 'too short')
    org('cert', 'export', BOB, '--password-out', path('x')).expect(
        USAGE, '--pkcs12')
    org('cert', 'export', 'nobody@example.org', '--pkcs12', '--password-out',
        path('x'), '-o', path('none.p12')).expect(NO)
    assert not os.path.exists(path('x')) and os.path.exists(file)
    assert not os.path.exists(path('none.p12'))


def test_it_may_be_shown_on_the_terminal():
    home()
    out = path('shown.p12')
    words = [SIGILL, 'cert', 'export', BOB, '--pkcs12', '--password-out', '-',
             '-o', out, *homed('p256')]
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(SIGILL, words, ENV)
    said = b''
    while select.select([fd], [], [], 60)[0]:
        try:
            piece = os.read(fd, 4096)
        except OSError:
            break
        if not piece:
            break
        said += piece
    assert os.waitpid(pid, 0)[1] == 0, said
    word = said.decode().strip()
    leaks.hide('shown', word.encode())
    assert b'PRIVATE KEY' in openssl('pkcs12', '-in', out, '-passin',
                                     'pass:' + word, '-nodes')


# ------------------------------------------------------------------- chains ---

def test_pem_is_leaf_first_with_its_own_chain():
    home()
    out = path('chain.pem')
    org('cert', 'export', BOB, '--purpose', 'signing', '--chain', '-o',
        out).expect(OK)
    openssl('verify', '-CAfile', 'p256-root.pem', '-untrusted', out, '-purpose',
            'smimesign', out)
    assert read(out).count(b'BEGIN CERTIFICATE') == 2
    # Of another authority, its own chain and not ours.
    party('inter', is_ca=True)
    who = party('bob-public', 'inter', address=BOB, usage='digitalSignature')
    above = write('above.pem', read(party('inter').pem) + read(party('ca').pem))
    word = ['--password-file', write('word', leaks.PASSWORD + '\n')]
    said = answer('cert', 'import', BOB, who.p12(leaks.PASSWORD, '-certfile',
                                                 above), *word)
    org('cert', 'use', BOB, said['certificates'][0]['serial']).expect(OK)
    org('cert', 'export', BOB, '--purpose', 'signing', '--chain', '-o',
        out).expect(OK)
    openssl('verify', '-CAfile', party('ca').pem, '-untrusted', out, out)
    assert read(out).count(b'BEGIN CERTIFICATE') == 2
    org('cert', 'use', BOB, 'newest').expect(OK)
    file, made = keys('with-public.p12')
    text = openssl('pkcs12', '-in', file, '-passin', 'pass:' + made, '-nokeys')
    assert b'Inter Example' in text and b'Ca Example' in text, text


# -------------------------------------------------------------------- peers ---

def history(kind, more=()):
    name = f'{kind}-{len(more)}.p12'
    file, word = keys(name, kind, more)
    text = openssl('pkcs12', '-in', file, '-passin', 'pass:' + word, '-nodes',
                   *(['-legacy'] if more else []))
    assert text.count(b'BEGIN PRIVATE KEY') >= 4, text
    return file, word


def test_nss_signs_and_reads_with_it():
    for kind in 'p256', 'rsa':
        for more in (), ('--legacy',):
            file, word = history(kind, more)
            with tempfile.TemporaryDirectory(dir=FOLDER) as db:
                nss_accepts(db, kind, file, word)


def nss_accepts(db, kind, file, word):
    run_peer('certutil', '-N', '-d', 'sql:' + db, '--empty-password')
    leaks_word = write('nss.pw', word)
    run_peer('pk12util', '-i', file, '-d', 'sql:' + db, '-w', leaks_word)
    os.unlink(leaks_word)
    run_peer('certutil', '-A', '-d', 'sql:' + db, '-n', 'root', '-t', ',C,',
             '-i', path(kind + '-root.pem'))
    listed = run_peer('certutil', '-L', '-d', 'sql:' + db)
    names = {line.rsplit(None, 1)[0].strip() for line in listed.splitlines()
             if line.strip().endswith('u,u,u')}
    assert names, listed
    valid = [usage for usage in 'SR' for name in names
             if subprocess.run(
                 ['certutil', '-V', '-d', 'sql:' + db, '-n', name, '-u', usage],
                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                 check=False).returncode == 0]
    assert 'S' in valid and 'R' in valid, (valid, listed)
    assert len(run_peer('certutil', '-K', '-d', 'sql:' + db).splitlines()) >= 5
    shutil.rmtree(db)
    os.mkdir(db)


def test_gnutls_reads_and_verifies_it():
    for kind in 'p256', 'rsa':
        file, word = history(kind)
        told = run_peer('certtool', '--p12-info', '--inder', '--infile', file,
                        '--password', word)
        assert told.count('BEGIN ENCRYPTED PRIVATE KEY') >= 4, told
        org('cert', 'export', BOB, '--purpose', 'encryption', '--chain', '-o',
            path('gnutls.pem'), kind=kind).expect(OK)
        told = run_peer('certtool', '--verify', '--load-ca-certificate',
                        path(kind + '-root.pem'), '--verify-email', BOB,
                        '--infile', path('gnutls.pem'))
        assert 'Verified. The certificate is trusted' in told, told


def gnupg(folder):
    """A GnuPG that believes our root; its environment."""
    os.chmod(folder, 0o700)
    told = openssl('x509', '-in', 'rsa-root.pem', '-noout', '-fingerprint',
                   '-sha1').decode().strip()
    for name, lines in [
            ('gpg-agent.conf', 'allow-loopback-pinentry\ndisable-scdaemon\n'
             's2k-count 65536\n'),
            ('gpgsm.conf', 'disable-crl-checks\ndisable-policy-checks\n'
             'disable-dirmngr\nbatch\nno-tty\npinentry-mode loopback\n'
             # Name constraints are critical (RFC 5280 4.2.1.10), and GnuPG
             # does not know them.
             'ignore-cert-extension 2.5.29.30\n'),
            ('trustlist.txt', told.split('=')[1].replace(':', '')
             + ' S relax\n')]:
        with open(os.path.join(folder, name), 'w', encoding='ascii') as f:
            f.write(lines)
    return {'GNUPGHOME': folder}


def gnupg_imports(env):
    """GnuPG 2.2 reads the old form alone, and not every salt: it loses a zero
    byte of a sum (one file in 25 or so)."""
    for _ in range(6):
        file, word = history('rsa', ('--legacy',))
        done = subprocess.run(
            ['gpgsm', '--passphrase-fd', '0', '--import', file],
            input=word.encode() + b'\n', stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=dict(ENV, **env), check=False)
        if done.returncode == 0:
            return
    raise AssertionError(done.stdout.decode(errors='replace'))


def test_gnupg_takes_it():
    home('rsa')
    with tempfile.TemporaryDirectory(dir='/tmp') as folder:
        env = gnupg(folder)
        try:
            run_peer('gpgsm', '--import', path('rsa-root.pem'), env=env)
            gnupg_imports(env)
            told = run_peer('gpgsm', '--with-validation', '-K', env=env)
            assert 'certificate is good' in told, told
            assert BOB in told, told
        finally:
            subprocess.run(['gpgconf', '--kill', 'all'],
                           env=dict(ENV, **env), check=False)


# ------------------------------------------------------------------ profiles ---

def profile(name='bob.mobileconfig', more=(), kind='p256'):
    home(kind)
    fresh('profile.pw')
    org('cert', 'export', BOB, '--mobileconfig', '--password-out',
        path('profile.pw'), '-o', path(name), *more, kind=kind).expect(OK)
    return read(name), password('profile.pw')


def check_profile(content, word):
    """What it holds: (the profile, the number of identities)."""
    p = plistlib.loads(content)
    assert p['PayloadType'] == 'Configuration' and p['PayloadVersion'] == 1
    assert p['PayloadIdentifier'].startswith('org.example.smime.bob-'), p
    assert word.encode() not in content and 'Password' not in content.decode()
    kinds = [c['PayloadType'] for c in p['PayloadContent']]
    assert kinds.count('com.apple.security.root') >= 1, kinds
    assert kinds.count('com.apple.security.pkcs1') >= 1, kinds
    uuids = [c['PayloadUUID'] for c in p['PayloadContent']]
    uuids.append(p['PayloadUUID'])
    assert len(set(uuids)) == len(uuids), uuids
    for uuid in uuids:
        assert re.fullmatch(r'[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-'
                            r'[89AB][0-9A-F]{3}-[0-9A-F]{12}', uuid), uuid
    num = 0
    for c in p['PayloadContent']:
        assert c['PayloadIdentifier'].startswith(p['PayloadIdentifier'] + '.')
        if c['PayloadType'] == 'com.apple.security.pkcs12':
            text = openssl('pkcs12', '-in', write('one.p12',
                                                  c['PayloadContent']),
                           '-passin', 'pass:' + word, '-nodes')
            os.unlink(path('one.p12'))
            assert text.count(b'BEGIN PRIVATE KEY') == 1, text
            assert text.count(b'BEGIN CERTIFICATE') == 1, text
            num += 1
        else:
            openssl('x509', '-inform', 'DER', '-in', write(
                'one.cer', c['PayloadContent']), '-noout')
    return p, num


def test_a_profile_for_apple():
    content, word = profile()
    first, num = check_profile(content, word)
    assert num >= 4, num
    again, _ = check_profile(*profile('again.mobileconfig'))
    assert first['PayloadUUID'] == again['PayloadUUID']
    assert [c['PayloadUUID'] for c in first['PayloadContent']] == [
        c['PayloadUUID'] for c in again['PayloadContent']]
    assert stat.S_IMODE(os.stat(path('bob.mobileconfig')).st_mode) == 0o600
    fresh('profile.pw')
    told = answer('cert', 'export', BOB, '--mobileconfig', '--purpose',
                  'signing', '--password-out', path('profile.pw'), '-o',
                  path('sign.mobileconfig'))
    assert told['format'] == 'mobileconfig', told
    _, num = check_profile(read('sign.mobileconfig'), password('profile.pw'))
    assert num == 2, num   # ours, and that of the public authority


def test_a_signed_profile():
    home()
    org('user', 'add', 'it@example.org', '--name', 'Å & B <IT>', '--custody',
        'server')
    signed, word = profile('signed.mobileconfig', ['--sign-as',
                                                   'it@example.org'])
    openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in',
            'signed.mobileconfig', '-CAfile', 'p256-root.pem', '-purpose',
            'any', '-out', 'plain.mobileconfig')
    check_profile(read('plain.mobileconfig'), word)
    os.unlink(path('plain.mobileconfig'))
    assert signed[:1] == b'\x30', signed[:8]
    org('cert', 'export', BOB, '--mobileconfig', '--password-out',
        path('never.pw'), '--sign-as', 'nobody@example.org', '-o',
        path('never')).expect(NO, 'nobody has this address')
    org('cert', 'export', BOB, '--pkcs12', '--sign-as', 'it@example.org',
        '--password-out', path('x')).expect(USAGE, '--mobileconfig')
    assert not os.path.exists(path('never'))


def test_old_mail_is_read_with_the_file():
    home()
    old = path('old.pem')
    certs = answer('cert', 'list', BOB)['certificates']
    first = [c['serial'] for c in certs if c['purpose'] == 'encryption'][-1]
    shown = org('cert', 'show', first).out
    assert b'superseded' in shown, shown
    file, word = keys('all.p12')
    openssl('pkcs12', '-in', file, '-passin', 'pass:' + word, '-nokeys',
            '-clcerts', '-out', old)
    blocks = re.findall(b'-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE'
                        b'-----\n', read(old), re.S)
    num = 0
    for block in blocks:
        cert = write('one.pem', block)
        text = openssl('x509', '-in', cert, '-noout', '-serial', '-ext',
                       'keyUsage').decode()
        if 'Agreement' not in text:
            continue

        class To:
            name, pem = 'bob-' + text[7:15], cert
        num += 1
        sigill('decrypt', '--key', file, '--password-file',
               path('all.p12.pw'), encrypted(To)).expect(OK, 'Hello, Bob')
    assert num == 3, num


run(globals())
