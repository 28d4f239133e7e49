#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The search for leaks, with programs that leak: each leak is found, wherever
it is and whatever it looks like, and what is asked for is not called one."""
import base64
import os
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
import leaks  # noqa: E402
from leaks import ENV, FOLDER, MARK, PASSWORD  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = (['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
         ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
         ['EC', '-pkeyopt', 'ec_paramgen_curve:P-521'], ['ED25519'], ['X25519'])


def is_leak(words, script, status=0, out=b'', err=b''):
    """Whether a call with these words, that does as the shell script says,
    is said to leak."""
    done = subprocess.CompletedProcess([], status, out, err)
    try:
        with leaks.watching(words) as call:
            call.stdin = MARK
            subprocess.run(['sh', '-c', script], cwd=FOLDER, check=False,
                           env=dict(ENV, MARK=MARK.decode(), WORD=PASSWORD))
            call.answered(done)
        leaks.search_all()
    except leaks.Leak:
        return True
    finally:
        for file in leaks.files_below(FOLDER):
            os.unlink(file)
    return False


OPEN, SEALED = ['open', '-o', 'x', 'm'], ['encrypt', '-o', 'x', 'm']
LEAKING = {
    'in the home': (OPEN, 'echo "$MARK" >"$HOME"/.x'),
    'in a configuration folder': (OPEN, 'echo $MARK >$XDG_CONFIG_HOME/x'),
    'in a temporary file': (OPEN, 'echo "$MARK" >"$TMPDIR"/x'),
    'an empty temporary file': (OPEN, ': >"$TMPDIR"/x'),
    'beside what was asked for': (OPEN, 'echo "$MARK" | tee x y >z'),
    'in what should be encrypted': (SEALED, 'echo "$MARK" >x'),
    'encoded instead of encrypted': (SEALED, 'echo " $MARK" | base64 >x'),
    'in hex, in lines': (SEALED, 'echo "$MARK" | od -An -tx1 -w7 >x'),
    'a password in the output': (OPEN, 'echo "$WORD" >x'),
}
SAYING = {
    'content of a bad message': (['open', 'm'], 1, MARK, b''),
    'content in an error': (['open', 'm'], 0, b'', b'sigill: ' + MARK),
    'content in a verdict': (['verify', 'm'], 0, MARK, b''),
    'content of what goes to a file': (OPEN, 0, MARK, b''),
    'content when it is looked at': (['inspect', 'm'], 0, MARK, b''),
    'content that should be encrypted': (['encrypt', 'm'], 0, MARK, b''),
    'a password': (['open', 'm'], 3, b'', PASSWORD.encode()),
}
FINE = {
    'content where it was asked for': (OPEN, 'echo "$MARK" >x', b''),
    'content on standard output': (['open', 'm'], ':', MARK),
    'verified content': (['verify', '-o', '-', 'm'], ':', MARK),
    'a signed message': (['sign', 'm'], ':', MARK),
    'something else': (SEALED, 'echo sealed >x', b'all is well'),
}


def check_tables():
    for name, (words, script) in LEAKING.items():
        assert is_leak(words, script), f'not found: {name}'
    for name, (words, status, out, err) in SAYING.items():
        assert is_leak(words, ':', status, out, err), f'not found: {name}'
    for name, (words, script, out) in FINE.items():
        assert not is_leak(words, script, 0, out), f'called a leak: {name}'


def check_message_without_mark():
    try:
        with leaks.watching(['encrypt', '--to', 'x']) as call:
            call.stdin, call.status = b'Hello', 0
    except AssertionError:
        return
    raise AssertionError('a message without the mark was not noticed')


def key_of(kind):
    """(PEM, DER, the private number) of a new key."""
    pem = subprocess.run(['openssl', 'genpkey', '-algorithm', *kind],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=True).stdout
    text = subprocess.run(['openssl', 'pkey', '-noout', '-text'], input=pem,
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    shown, lines = '', text.splitlines()
    name = 'prime1:' if kind[0] == 'RSA' else 'priv:'
    for line in lines[lines.index(name) + 1:]:
        if not line.startswith(' '):
            break
        shown += line.strip().replace(':', '')
    return pem, base64.b64decode(b''.join(pem.splitlines()[1:-1])), \
        bytes.fromhex(shown).lstrip(b'\0')


def check_keys():
    """What openssl says is the private number, is what we look for."""
    for kind in KINDS:
        pem, der, number = key_of(kind)
        assert not leaks.found_in(number)
        leaks.hide_key(pem)
        for form in (number, number[::-1], number.hex().encode(), pem, der,
                     base64.b64encode(b'x' + number)):
            assert leaks.found_in(b'before' + form + b'after'), (kind, form)
        public = subprocess.run(['openssl', 'pkey', '-pubout'], input=pem,
                                stdout=subprocess.PIPE, check=True).stdout
        assert not leaks.found_in(public), kind


def check_alignments():
    for before in range(7):
        for after in range(4):
            data = b'.' * before + MARK + b'.' * after
            for form in (data, data[::-1], data.hex().encode(),
                         data.hex(':').upper().encode(), base64.b64encode(data),
                         base64.encodebytes(data * 9)):
                assert leaks.found_in(form), (before, after, form)


def check_database():
    """Before it is in the database, it is in the -wal beside it."""
    home = os.path.join(FOLDER, 'organisation')
    os.mkdir(home)
    leaks.home_of_organisation(home)
    leaks.search_all()
    database = sqlite3.connect(os.path.join(home, 'sigill.db'))
    database.execute('PRAGMA journal_mode=WAL')
    database.execute('CREATE TABLE t (x BLOB)')
    database.execute('INSERT INTO t VALUES (?)', (b'.' * 9 + MARK,))
    database.commit()
    try:
        leaks.search_all()
    except leaks.Leak as leak:
        assert '-wal' in str(leak), leak
    else:
        raise AssertionError('not found in the -wal')
    database.close()


def check_core_file():
    if leaks.why_no_cores():
        print('core files are not searched:', leaks.why_no_cores())
        return
    assert is_leak(OPEN, f'ulimit -c unlimited; kill -{signal.SIGSEGV:d} $$'), \
        'a core file was not found'


def check_that_all_tests_search():
    """Each script beside this one ends with a search."""
    for name in filter(lambda n: n.endswith('.py'), os.listdir(HERE)):
        with open(os.path.join(HERE, name), encoding='utf-8') as file:
            text = file.read()
        if text.startswith('#!') and name != os.path.basename(__file__):
            assert 'run(globals())' in text or 'with place() as' in text, \
                f'{name} does not search for leaks'


check_tables()
check_message_without_mark()
check_keys()
check_alignments()
check_core_file()
check_that_all_tests_search()
check_database()
