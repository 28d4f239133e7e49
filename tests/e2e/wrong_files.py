#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every command that takes a file gets every file that is wrong for it: cut
off, another kind, too long, with the wrong password, or no file at all. Each is
refused with a line that names it, and nothing is changed."""
import os
import resource
import shutil
import sqlite3

from e2e import (ENVIRONMENT, INPUT, KEY, NO, OK, PASSWORD, USAGE,
                 is_sanitized, leaks, openssl, party, path, read, run, sigill,
                 signed, write)

HOME = ['--home', path('organisation')]
BOB = 'bob@example.org'
WORD = ['--password-file', write('word', PASSWORD + '\n')]
WRONG_WORD = ['--password-file', write('wrong-word', 'another\n')]
REFUSED = (NO, USAGE, KEY, INPUT, ENVIRONMENT)
MEMORY = 600 << 20   # nothing of this needs so much

# ------------------------------------------------------------------- kinds ---

IS_SANITIZED = is_sanitized()
KINDS = {}   # name: a good file of this kind


def org(*words, status=OK):
    return sigill(*words, *HOME).expect(status)


def make_home():
    """An organisation with its root's key in a file, officers and an open
    case."""
    org('init', '--domain', 'example.org', '--public-url',
        'http://127.0.0.1:9/sigill', '--algorithm', 'p256', '--root-key-out',
        path('root.p12'), *WORD)
    leaks.hide_key(openssl('pkcs12', '-in', path('root.p12'), '-nodes',
                           '-nocerts', '-passin', 'pass:' + PASSWORD))
    org('user', 'add', BOB, '--unchecked')
    for name in ('anna', 'bert'):
        org('recovery', 'officer', 'add', name.title(), '--certificate',
            party(name, kind='rsa').pem)
    org('recovery', 'set', '--threshold', '2')
    org('backup', '--to', party('anna').pem, '-o', path('home.backup'))
    org('admin', 'add', 'tester', '--uid', str(os.getuid()), '--office',
        'recovery-officer')
    org('recovery', 'open', BOB, '--case', 'A-1', '--reason', 'ill')
    org('recovery', 'request', '1', '-o', path('case.request'))
    sigill('recovery', 'approve', path('case.request'), *party('anna').id(),
           '-o', path('case.approval')).expect(OK)


def make_files():
    make_home()
    eve, crl = party('eve', kind='rsa', address=BOB), 'crl.der'
    openssl('req', '-new', '-key', eve.key, '-subj', '/CN=Eve', '-addext',
            'subjectAltName=email:' + BOB, '-out', 'request.pem')
    openssl('crl2pkcs7', '-nocrl', '-certfile', party('ca').pem, '-outform',
            'DER', '-out', 'chain.p7b')
    openssl('crl', '-in', party('ca').crl(), '-outform', 'DER', '-out', crl)
    openssl('x509', '-in', eve.pem, '-outform', 'DER', '-out', 'eve.cer')
    openssl('pkcs8', '-topk8', '-in', eve.key, '-passout', 'pass:' + PASSWORD,
            '-out', 'eve.p8')
    KINDS.update({
        'PKCS#12': eve.p12(), 'PEM certificate': eve.pem,
        'certificate': path('eve.cer'), 'P7B': path('chain.p7b'),
        'key': eve.key, 'locked key': path('eve.p8'),
        'request': path('request.pem'), 'CRL': path(crl),
        'root key': path('root.p12'), 'backup': path('home.backup'),
        'recovery request': path('case.request'),
        'approval': path('case.approval'), 'message': signed(eve),
        'table': write('people.csv', 'address,name\nnew@example.org,New\n'),
        'passwords': write('passwords.csv', 'file,password\neve.p12,'
                           + PASSWORD + '\n'),
        'anchor': party('stranger').pem})


# ---------------------------------------------------------------- commands ---
# For each: a good kind, the other kinds that it takes too, and its words.

def elsewhere():
    """A folder for a home that must not come to be."""
    return ['--home', path('elsewhere')]


def officers_key():
    return party('anna').id()


def migration(file):
    folder = path('migration')
    os.makedirs(folder, exist_ok=True)
    shutil.copy(KINDS['PKCS#12'], folder)
    return ['migrate', folder, '--passwords', file, *HOME]


CERTIFICATES = ('PEM certificate', 'certificate', 'P7B', 'anchor', 'message')
COMMANDS = {
    'cert import': ('PKCS#12', (), lambda f: [
        'cert', 'import', BOB, f, *WORD, *HOME]),
    'cert issue': ('request', (), lambda f: [
        'cert', 'issue', BOB, '--csr', f, *HOME]),
    'cert lint': ('PEM certificate', CERTIFICATES, lambda f: [
        'cert', 'lint', f]),
    'trust add': ('anchor', CERTIFICATES, lambda f: [
        'trust', 'add', f, *HOME]),
    'user add': ('table', (), lambda f: [
        'user', 'add', '--from', f, '--unchecked', *HOME]),
    'migrate': ('passwords', (), migration),
    'ca root-crl': ('root key', (), lambda f: [
        'ca', 'root-crl', '--root-key', f, *WORD, *HOME]),
    'ca replace-issuing': ('root key', (), lambda f: [
        'ca', 'replace-issuing', '--root-key', f, *WORD, *HOME]),
    'recovery officer add': ('PEM certificate', CERTIFICATES, lambda f: [
        'recovery', 'officer', 'add', 'Dora', '--certificate', f, *HOME]),
    'recovery approve': ('recovery request', (), lambda f: [
        'recovery', 'approve', f, *officers_key(), '-o', path('approved')]),
    'recovery submit': ('approval', (), lambda f: [
        'recovery', 'submit', '1', f, *HOME]),
    'restore': ('backup', (), lambda f: [
        'restore', f, *officers_key(), '--no-last-crl', *elsewhere()]),
    'restore --last-crl': ('CRL', (), lambda f: [
        'restore', KINDS['backup'], *officers_key(), '--last-crl', f,
        *elsewhere()]),
    'restore --issuing': (None, CERTIFICATES, lambda f: [
        'restore', KINDS['backup'], *officers_key(), '--no-last-crl',
        '--issuing', f, *elsewhere()]),
    'audit verify --head': (None, (), lambda f: [
        'audit', 'verify', '--head', f, *HOME]),
}

ONE_FILE = ('ca root-crl', 'ca replace-issuing', 'trust add',
            'recovery officer add', 'cert import')


def state():
    """All that is in the database, and which files there are."""
    with sqlite3.connect('file:' + os.path.join(HOME[1], 'sigill.db')
                         + '?mode=ro', uri=True) as database:
        rows = list(database.iterdump())
    return rows, sorted(f for f in leaks.files_below(HOME[1])
                        if not f.endswith(('-shm', '-wal')))


def differing(before, after):
    """What is another; that somebody tried it may be on record."""
    rows = [r for r in set(before[0]) ^ set(after[0])
            if not r.startswith(('INSERT INTO "audit', 'INSERT INTO "gener'))]
    return rows + sorted(set(before[1]) ^ set(after[1]))


def with_little_memory():
    """A sanitized build has memory of its own."""
    if IS_SANITIZED:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def refused(name, file, why, statuses=REFUSED):
    words = COMMANDS[name][2](file)
    result = sigill(*words, timeout=60, preexec_fn=with_little_memory)
    said = f'{name}: {why}\n{result}'
    assert result.status in statuses, said
    line = result.err.splitlines()[0] if result.err else ''
    told = result.err + result.out.decode('utf-8', 'replace')
    is_table = name in ('cert lint', 'cert import') and result.out
    assert line.startswith('sigill: ') or is_table, said
    # Where there was but one, "this is not ..." says which.
    assert os.path.basename(file) in told or 'line ' in told or (
        name in ONE_FILE or is_table or result.status == KEY), said
    assert 'memory' not in result.err, said
    assert not os.path.exists(path('elsewhere')), said
    assert not os.path.exists(path('approved')), said


def for_every_command(test):
    make_once()
    wrong = []
    for name in COMMANDS:
        before = state()
        try:
            test(name)
            changed = differing(before, state())
            assert not changed, f'{name} changed {changed}'
        except AssertionError as e:
            wrong.append(str(e))
    assert not wrong, '\n'.join(wrong)


def make_once():
    if not KINDS:
        make_files()


def test_another_kind_of_file():
    def test(name):
        good, fine, _ = COMMANDS[name]
        for kind, file in KINDS.items():
            if kind != good and kind not in fine:
                refused(name, file, f'a {kind}')
    for_every_command(test)


def test_cut_off():
    """A text that lacks but its last line break is whole."""
    def test(name):
        good = COMMANDS[name][0]
        content = read(KINDS[good]) if good else b''
        whole = len(content.rstrip(b'\n'))
        for size in {0, 1, 7, whole // 3, whole // 2, whole - 20, whole - 1}:
            if good in ('table', 'passwords', None) and size > 7:
                continue   # a shorter table is a table
            if 0 <= size < whole or size == 0:
                refused(name, write('cut-off', content[:size]),
                        f'{size} of {whole} bytes')
    for_every_command(test)


def test_far_too_long():
    with open(write('endless', b''), 'wb') as file:
        file.truncate(3 << 30)

    def test(name):
        refused(name, path('endless'), '3 GiB of zeros')
        if os.path.exists('/dev/zero'):
            refused(name, '/dev/zero', 'a device without end')
    for_every_command(test)
    os.unlink(path('endless'))


def test_no_file():
    os.makedirs(path('a-folder'), exist_ok=True)

    def test(name):
        refused(name, path('missing'), 'not there', (ENVIRONMENT,))
        refused(name, path('a-folder'), 'a folder', (ENVIRONMENT, INPUT))
    for_every_command(test)


def test_wrong_passwords():
    make_once()
    before = state()
    for words in (['cert', 'import', BOB, KINDS['PKCS#12']],
                  ['ca', 'root-crl', '--root-key', KINDS['root key']],
                  ['ca', 'replace-issuing', '--root-key', KINDS['root key']]):
        sigill(*words, *WRONG_WORD, *HOME).expect(KEY, 'password')
    told = sigill(*migration(write('wrong.csv', 'file,password\n'
                                   'eve.p12,another\n')))
    assert told.status != OK and 'eve.p12' in str(told), told
    assert not differing(before, state())


def test_the_good_ones_are_good():
    """Else all this shows nothing."""
    make_once()
    for name in ('cert lint', 'trust add', 'user add', 'recovery approve',
                 'recovery submit', 'ca root-crl', 'recovery officer add',
                 'restore'):
        file = KINDS[COMMANDS[name][0]]
        result = sigill(*COMMANDS[name][2](file))
        assert result.status == OK or name == 'cert lint', result


run(globals())
