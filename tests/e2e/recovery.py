#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Keys that are recovered by two of three officers, and by nobody else."""
import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time

import e2e
from e2e import (NO, OK, PASSWORD, USAGE, openssl, path, sigill, write)

HOME = path('home')
WORD = write('word', PASSWORD + '\n')


def call(*words, status=OK, home=HOME, **options):
    return sigill(*words, '--home', home, **options).expect(status)


def answer(*words, **options):
    return json.loads(call(*words, '--json', **options).out)


def make_certificate(name, kind):
    """An officer with a key of one's own, in a file: rsa or an EC curve."""
    usage = 'digitalSignature, ' + (
        'keyEncipherment' if kind == 'rsa' else 'keyAgreement')
    how = (['-newkey', 'rsa:2048'] if kind == 'rsa' else
           ['-newkey', 'ec', '-pkeyopt', f'ec_paramgen_curve:{kind}'])
    openssl('req', '-x509', *how, '-nodes', '-keyout', path(name + '.key'),
            '-out', path(name + '.crt'), '-days', '30', '-subj',
            f'/CN={name}', '-addext', f'keyUsage = critical, {usage}',
            '-addext', 'basicConstraints = critical, CA:false')
    with open(path(name + '.key'), 'rb') as key, \
            open(path(name + '.crt'), 'rb') as crt:
        write(name + '.pem', key.read() + crt.read())
    e2e.leaks.hide_key(e2e.read(name + '.key'))


def add_officers(home=HOME):
    call('recovery', 'officer', 'add', 'Anna', '--certificate',
         path('anna.crt'), home=home)
    call('recovery', 'officer', 'add', 'Bert', '--certificate',
         path('bert.crt'), home=home)


def test_officers():
    call('init', '--domain', 'example.org', '--algorithm', 'p256')
    call('user', 'add', 'alice@example.org')
    assert answer('recovery', 'officer', 'list') == {'officers': []}
    call('recovery', 'officer', 'list').expect(OK, 'No officers yet')
    make_certificate('anna', 'rsa')
    make_certificate('bert', 'P-384')
    add_officers()
    call('recovery', 'set', '--threshold', '3', status=USAGE).expect(
        USAGE, 'takes two officers or more')
    made = call('recovery', 'officer', 'add', 'Cleo', '--key-out',
                path('cleo.p12'), '--password-file', WORD)
    made.expect(OK, 'Cleo is a recovery officer')
    assert os.stat(path('cleo.p12')).st_mode & 0o777 == 0o600
    openssl('pkcs12', '-in', path('cleo.p12'), '-passin', 'file:' + WORD,
            '-nodes', '-out', path('cleo.pem'))
    e2e.leaks.hide_key(e2e.read('cleo.pem'))
    names = [o['name'] for o in answer('recovery', 'officer', 'list')['officers']]
    assert names == ['Anna', 'Bert', 'Cleo'], names


def test_who_is_no_officer():
    for status, said, *words in [
            (USAGE, 'has this name already', 'Anna', '--certificate',
             path('anna.crt')),
            (USAGE, 'another officer has the key', 'Anna 2', '--certificate',
             path('anna.crt')),
            (USAGE, 'either --certificate or --key-out', 'Dora'),
            (USAGE, 'there already', 'Dora', '--key-out', path('cleo.p12'),
             '--password-file', WORD),
            (USAGE, 'cannot be the name', 'Do\nra', '--certificate',
             path('anna.crt')),
            (e2e.INPUT, 'cannot be', 'Dora', '--certificate', WORD)]:
        sigill('recovery', 'officer', 'add', *words, '--home', HOME).expect(
            status, said if status == USAGE else '')
    # A key is not left behind for nobody.
    sigill('recovery', 'officer', 'add', 'Anna', '--key-out', path('no.p12'),
           '--password-file', WORD, '--home', HOME).expect(USAGE)
    assert not os.path.exists(path('no.p12'))
    assert len(answer('recovery', 'officer', 'list')['officers']) == 3


def test_a_recovery_key():
    for number, said in [('1', 'from 2 to 32'), ('x', 'from 2 to 32'),
                         ('33', 'from 2 to 32'), ('4', 'not more than')]:
        call('recovery', 'set', '--threshold', number, status=USAGE).expect(
            USAGE, said)
    call('recovery', 'set', status=USAGE).expect(USAGE, 'is missing')
    made = answer('recovery', 'set', '--threshold', '2')
    assert made['officers'] == 3 and made['threshold'] == 2, made
    assert made['escrowed'] == 1 and made['left'] == 0, made  # not what signs
    # What is made later is escrowed when it is made; again, nothing is left.
    call('user', 'add', 'bob@example.org')
    made = answer('recovery', 'set', '--threshold', '2')
    assert made['escrowed'] == 2 and made['left'] == 0, made


# -------------------------------------------------------------- a case ---

def hand_out(address, home=HOME):
    """The person's keys, as the person gets them; then no more in the vault."""
    name = address.split('@')[0] + '.p12'
    call('cert', 'export', address, '--pkcs12', '--password-file', WORD, '-o',
         path(name), home=home)
    openssl('pkcs12', '-in', path(name), '-passin', 'file:' + WORD, '-nodes',
            '-nocerts', '-out', path(name + '.key'))
    e2e.leaks.hide_key(e2e.read(name + '.key'))


def mail_to(address, name, home=HOME):
    call('cert', 'export', address, '-o', path('to.pem'), home=home)
    plain = write('plain', b'From: bob@example.org\r\nTo: alice@example.org\r\n'
                  b'Subject: x\r\n' + e2e.BODY)
    sigill('encrypt', '--to', path('to.pem'), '-o', path(name),
           plain).expect(OK)


def open_case(address='alice@example.org', *more, home=HOME):
    told = answer('recovery', 'open', address, '--case', 'HR-7', '--reason',
                  'Alice is ill', *more, home=home)
    assert told['state'] == 'open' and told['approvals'] == [], told
    number = str(told['request'])
    call('recovery', 'request', number, '-o', path('request' + number),
         home=home)
    return number


KEYS = {'Anna': ['anna.pem'], 'Bert': ['bert.pem'],
        'Cleo': ['cleo.p12', '--password-file', WORD]}


def approve(number, name, status=OK, request=None):
    """Offline: there is no home."""
    key, *more = KEYS[name]
    out = path(f'answer-{number}-{name}')
    told = sigill('recovery', 'approve', request or path('request' + number),
                  '--key', path(key), *more, '-o', out,
                  env={'SIGILL_HOME': path('nowhere')}).expect(status)
    if status == OK:
        told.expect(OK, 'You have approved this', 'case: HR-7',
                    'reason: Alice is ill')
    return out


def submit(number, file, status=OK, said='', home=HOME):
    done = sigill('recovery', 'submit', number, file, '--home', home)
    return done.expect(status, said)


def collect(number, status=OK, said='', home=HOME):
    return sigill('recovery', 'collect', number, '-o',
                  path('recovered.p12'), '--password-file', WORD, '--home',
                  home).expect(status, said)


def state(number, home=HOME):
    return answer('recovery', 'show', number, home=home)['state']


def opens(message, home=HOME):
    """Mail is read with what was recovered."""
    call('trust', 'export', '-o', path('root.pem'), home=home)
    done = sigill('decrypt', '--key', path('recovered.p12'),
                  '--password-file', WORD, '-o', path('read'), path(message))
    done.expect(OK)
    assert e2e.MARK in e2e.read('read')


def take_office(home=HOME):
    """Whoever works with requests holds an office of its own."""
    call('admin', 'add', 'tester', '--uid', str(os.getuid()), '--office',
         'recovery-officer', home=home)


def test_an_office_of_its_own():
    for words in (['list'], ['show', '1'], ['open', 'alice@example.org',
                                            '--case', '1', '--reason', 'x'],
                  ['collect', '1', '--password-file', WORD], ['cancel', '1'],
                  ['request', '1'], ['submit', '1', WORD]):
        call('recovery', *words, status=USAGE).expect(USAGE, 'your office')
    take_office()


def test_two_of_three_recover():
    mail_to('alice@example.org', 'old.eml')
    hand_out('alice@example.org')
    call('cert', 'renew', 'alice@example.org')
    mail_to('alice@example.org', 'new.eml')
    hand_out('alice@example.org')
    # What the person has, the organisation has no more.
    call('cert', 'export', 'alice@example.org', '--pkcs12', '--password-file',
         WORD, '-o', path('again.p12'), status=NO)
    sigill('decrypt', '--key', 'alice@example.org', '--home', HOME, '-o',
           path('read'), path('old.eml')).expect(e2e.KEY)
    number = open_case()
    collect(number, e2e.NO, 'too few officers')
    submit(number, approve(number, 'Bert')).expect(OK, '1 of 2')
    collect(number, e2e.NO, 'too few officers have approved it: 1/2')
    submit(number, approve(number, 'Cleo')).expect(OK, '2 of 2')
    assert state(number) == 'approved'
    collect(number)
    assert os.stat(path('recovered.p12')).st_mode & 0o777 == 0o600
    opens('old.eml')
    opens('new.eml')
    assert state(number) == 'collected'
    # Once.
    collect(number, USAGE, 'has ended')
    submit(number, approve(number, 'Anna'), USAGE, 'has ended')
    for who in ('Anna', 'Bert', 'Cleo'):
        assert f'with the key of {who}' not in e2e.read('recovered.p12').decode(
            'latin-1')


def test_any_two_do():
    for first, second in [('Anna', 'Bert'), ('Cleo', 'Anna')]:
        number = open_case()
        submit(number, approve(number, first))
        submit(number, approve(number, second))
        collect(number)
        opens('old.eml')
    number = open_case()
    for who in ('Cleo', 'Bert', 'Anna'):
        submit(number, approve(number, who))
    collect(number)
    opens('new.eml')


def test_what_is_no_approval():
    number = open_case()
    good = approve(number, 'Anna')
    with open(good, encoding='ascii') as file:
        text = file.read()
    for n, (status, said, changed) in enumerate([
            (e2e.INPUT, 'is not the approval', ''),
            (e2e.INPUT, 'is not the approval', 'nothing\n'),
            (e2e.INPUT, 'is not the approval', text + 'more: 1\n'),
            (e2e.INPUT, 'is not the approval', text.replace('time: ', 'tme: ')),
            (e2e.INPUT, '', text.replace('officer: 1', 'officer: 2')),
            (e2e.INPUT, '', text.replace('share: ', 'share: AAAA')),
            (e2e.INPUT, '', text.replace('signature: ', 'signature: AAAA')),
            (e2e.INPUT, 'officer of this', text.replace('officer: 1',
                                                        'officer: 99'))]):
        name = write(f'changed{n}', changed)
        done = sigill('recovery', 'submit', number, name, '--home', HOME)
        assert done.status not in (OK, 128), done
        if said and changed:
            done.expect(done.status, said)
    submit(number, good)
    submit(number, good, e2e.KEY, 'approved it already')
    submit(number, approve(number, 'Anna'), e2e.KEY, 'approved it already')
    # Of another request, for the same keys: it approves nothing here.
    other = open_case()
    submit(number, approve(other, 'Bert'), e2e.KEY, 'approves another request')
    submit(other, good, e2e.KEY, 'approves another request')
    collect(number, NO, 'too few')
    collect(other, NO, 'too few')


def test_who_may_not_approve():
    number = open_case()
    make_certificate('eve', 'P-256')
    KEYS['Eve'] = ['eve.pem']
    approve(number, 'Eve', status=e2e.KEY)
    KEYS['half'] = ['anna.key']  # the share is found by the certificate
    approve(number, 'half', status=e2e.KEY)
    # A request that names another session than it brings.
    with open(path('request' + number), encoding='ascii') as file:
        text = file.read()
    line = [x for x in text.splitlines() if x.startswith('session: ')][0]
    forged = write('forged', text.replace(line, 'session: ' + 64 * '0'))
    approve(number, 'Anna', e2e.KEY, request=forged)
    approve(number, 'Anna', e2e.INPUT, request=write('none', 'nothing'))
    # One that says something else than the keyholder signed.
    approve(number, 'Anna', e2e.KEY,
            request=write('reworded', text.replace('HR-7', 'HR-7b')))
    approve(number, 'Anna', e2e.KEY,
            request=write('longer', text.replace('T', 'S', 1)))


def test_a_request_ends():
    number = open_case('alice@example.org', '--open-for', '2s')
    answered = approve(number, 'Anna')
    time.sleep(2.5)
    assert state(number) == 'expired'
    submit(number, answered, USAGE, 'time for this request is over')
    collect(number, USAGE, 'time for this request is over')
    number = open_case()
    submit(number, approve(number, 'Anna'))
    submit(number, approve(number, 'Bert'))
    call('recovery', 'cancel', number)
    assert state(number) == 'cancelled'
    collect(number, USAGE, 'has ended')
    call('recovery', 'cancel', number, status=USAGE)


def test_wrong_calls():
    for status, said, *words in [
            (NO, 'nobody has this address', 'x@example.org', '--case', '1',
             '--reason', 'x'),
            (USAGE, '--case NUMBER is missing', 'alice@example.org'),
            (USAGE, '--reason TEXT is missing', 'alice@example.org', '--case',
             '1'),
            (USAGE, 'one line each', 'alice@example.org', '--case', '1',
             '--reason', 'a\nkey: 1'),
            (USAGE, 'no length of time', 'alice@example.org', '--case', '1',
             '--reason', 'x', '--open-for', '3'),
            (NO, 'no key of this person is escrowed', 'alice@example.org',
             '--case', '1', '--reason', 'x', '--recovery-key', '77')]:
        call('recovery', 'open', *words, status=status).expect(status, said)
    call('recovery', 'show', '999', status=NO)
    call('recovery', 'submit', '999', WORD, status=NO)
    listed = answer('recovery', 'list')['requests']
    assert len(listed) >= 8 and listed[0]['request'] > listed[-1]['request']
    call('recovery', 'list').expect(OK, 'HR-7', 'collected', 'cancelled')


def test_all_of_it_is_recorded():
    done = call('audit', 'list', '--json').out.decode()
    for action in ('officer-add', 'set', 'open', 'approve', 'collect',
                   'cancel'):
        assert 'recovery.' + action in done, action
    assert 'HR-7: Alice is ill' in done


# --------------------------------------------- a copy of all of the home ---

def test_who_has_the_home_and_one_officer_has_nothing():
    """The whole folder, master key included, and one officer's key."""
    number = open_case()
    submit(number, approve(number, 'Anna'))
    stolen = path('stolen')
    shutil.copytree(HOME, stolen, symlinks=True)
    assert os.path.exists(stolen + '/keys/master.key')
    # The programs as they are, all of the home's records in hand.
    collect(number, NO, 'too few', home=stolen)
    call('cert', 'export', 'alice@example.org', '--pkcs12', '--password-file',
         WORD, '-o', path('x.p12'), status=NO, home=stolen)
    sigill('decrypt', '--key', 'alice@example.org', '--home', stolen, '-o',
           path('read'), path('old.eml')).expect(e2e.KEY)
    # Two approvals by the one officer, also under another's name.
    with open(path(f'answer-{number}-Anna'), encoding='ascii') as file:
        text = file.read()
    again = write('again', text.replace('officer: 1', 'officer: 2'))
    done = sigill('recovery', 'submit', number, again, '--home', stolen)
    assert done.status == e2e.KEY, done
    # Fewer officers, by a change of the database: the policy is sealed, and
    # shares are no matter of numbers.
    database = sqlite3.connect(stolen + '/sigill.db')
    database.execute('UPDATE recovery_key SET threshold = 1')
    database.commit()
    database.close()
    done = sigill('recovery', 'collect', number, '-o', path('y.p12'),
                  '--password-file', WORD, '--home', stolen)
    assert done.status not in (OK, 128), done
    # A new recovery key of one's own reaches nothing that is sealed to the
    # old one, for the vault has no copies.
    made = answer('recovery', 'set', '--threshold', '2', home=stolen)
    assert made['left'] == 2, made
    # What the master key opens: no record in the whole home holds Alice's key.
    opened = unseal_all(stolen)
    assert opened, 'the master key opens nothing: the test tests nothing'
    for name in ('alice.p12.key',):
        for number_of in private_numbers(name):
            for where, plain in opened.items():
                assert number_of not in plain, where


def private_numbers(name):
    """The private values of the keys in a PEM file, as bytes."""
    with open(path(name), 'rb') as file:
        blocks = file.read().split(b'-----BEGIN PRIVATE KEY-----')[1:]
    for block in blocks:
        der = openssl('pkey', '-outform', 'DER', input=b'-----BEGIN PRIVATE '
                      b'KEY-----' + block)
        text = openssl('pkey', '-inform', 'DER', '-noout', '-text', input=der)
        words = text.decode().split('priv:')[1].split('pub:')[0]
        yield bytes.fromhex(''.join(words.split()).replace(':', ''))[-32:]


def unseal_all(home):
    """All that is sealed with the master key, in every table, opened as
    vault/seal.h says: by hand, past the programs."""
    with open(home + '/keys/master.key', encoding='ascii') as file:
        master = base64.b64decode(file.read().split()[-1])
    database = sqlite3.connect(home + '/sigill.db')
    opened = {}
    digest = database.execute('SELECT id, spki_digest, sealed FROM key')
    for number, label, sealed in digest:
        if sealed:
            opened['key', number] = unseal(master, number, label, sealed)
    for number, sealed in database.execute(
            'SELECT id, policy FROM recovery_key'):
        label = hashlib.sha256(b'sigill recovery policy 1').digest()
        opened['policy', number] = unseal(master, number, label, sealed)
    for number, session, sealed in database.execute(
            'SELECT id, session, session_sealed FROM recovery_request'):
        if sealed:
            label = hashlib.sha256(b'sigill recovery session 1'
                                   + session).digest()
            opened['session', number] = unseal(master, number, label, sealed)
    database.close()
    return opened


def unseal(master, number, label, sealed):
    """HKDF-SHA-256, AES-256-GCM: decrypted in counter mode, without judging
    the tag, by openssl."""
    salt, body = sealed[1:17], sealed[17:-16]
    secret = hmac.new(salt, master, 'sha256').digest()
    block = hmac.new(secret, b'sigill sealed key 1\x01', 'sha256').digest()
    more = hmac.new(secret, block + b'sigill sealed key 1\x02',
                    'sha256').digest()
    plain = openssl('enc', '-d', '-aes-256-ctr', '-K', block.hex(), '-iv',
                    more[:12].hex() + '00000002', input=body)
    del label, number
    assert plain[0] in (0x30, 0), plain[:4]  # DER, or fields: it was right
    return plain


def test_the_person_is_told_when_it_is_time():
    shown = answer('user', 'show', 'alice@example.org')
    before = len(shown['recoveries'])
    assert before > 5 and any(r['handed_out'] for r in shown['recoveries'])
    open_case('alice@example.org', '--tell-user-after', '1w')
    shown = answer('user', 'show', 'alice@example.org')
    assert len(shown['recoveries']) == before, shown
    assert all(c['key_escrowed'] == (c['purpose'] == 'encryption')
               for c in shown['certificates']), shown
    call('user', 'show', 'alice@example.org').expect(
        OK, 'recovery officers together can recover them',
        'it was asked to recover the keys')
    call('audit', 'list', '--json').expect(OK, 'told after 604800 s')


def test_custody_decides_what_is_escrowed():
    def escrowed(address):
        shown = answer('user', 'show', address)
        return [c['key_escrowed'] for c in shown['certificates']
                if c['purpose'] == 'encryption']

    call('user', 'add', 'carl@example.org', '--custody', 'sealed',
         '--acknowledge-loss')
    assert escrowed('carl@example.org') == [False]
    call('recovery', 'open', 'carl@example.org', '--case', '1', '--reason',
         'x', status=NO)
    call('user', 'set', 'carl@example.org', '--custody', 'user')
    assert escrowed('carl@example.org') == [True]
    call('user', 'set', 'carl@example.org', '--custody', 'server')
    hand_out('carl@example.org')  # and it stays, in both places
    shown = answer('user', 'show', 'carl@example.org')
    assert all(c['key_here'] for c in shown['certificates']), shown
    assert escrowed('carl@example.org') == [True]
    call('user', 'set', 'carl@example.org', '--custody', 'sealed',
         '--acknowledge-loss')
    assert escrowed('carl@example.org') == [False]


def test_a_key_that_signs_is_kept_only_if_that_is_accepted():
    def add(name):
        call('user', 'add', name, '--profile', 'dual')
        return [c['key_escrowed'] for c in
                answer('user', 'show', name)['certificates']]

    assert add('ed@example.org') == [False, False]
    call('recovery', 'open', 'ed@example.org', '--case', '1', '--reason', 'x',
         status=NO)
    call('profile', 'set', '--dual-keys', 'kept', '--acknowledge-signing')
    assert add('fay@example.org') == [True, True]
    mail_to('fay@example.org', 'fay.eml')
    number = open_case('fay@example.org')
    for who in ('Anna', 'Bert'):
        submit(number, approve(number, who))
    collect(number)
    opens('fay.eml')
    call('profile', 'set', '--dual-keys', 'wiped')


def test_keys_handed_out_before_there_were_officers():
    """A second home, whose recovery key comes late: then the copy goes."""
    home = path('late')
    call('init', '--domain', 'example.net', '--algorithm', 'p256', home=home)
    call('user', 'add', 'dora@example.net', home=home)
    take_office(home)
    hand_out('dora@example.net', home=home)

    def here():
        shown = answer('user', 'show', 'dora@example.net', home=home)
        return {c['purpose']: c['key_here'] for c in shown['certificates']}
    assert here() == {'signing': False, 'encryption': True}
    add_officers(home)
    assert answer('recovery', 'set', '--threshold', '2',
                  home=home)['escrowed'] == 1
    assert here() == {'signing': False, 'encryption': False}
    mail_to('dora@example.net', 'dora.eml', home=home)
    number = open_case('dora@example.net', home=home)
    for who in ('Anna', 'Bert'):
        submit(number, approve(number, who), home=home)
    collect(number, home=home)
    opens('dora.eml', home=home)


def test_the_service_does_it_too():
    """Where the keyholder is another process, which alone has the keys."""
    home = path('late')
    log = open(path('late/service.log'), 'wb')
    with open(path('late/sigilld.conf'), 'w', encoding='ascii') as file:
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            file.write(f'http = 127.0.0.1:{s.getsockname()[1]}\n')
    process = subprocess.Popen(
        [os.path.join(os.path.abspath(e2e.BUILD), 'sigilld'), '--home', home],
        env=e2e.ENV, cwd='/', stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        for _ in range(1500):
            if b'"ready"' in e2e.read('late/service.log'):
                break
            time.sleep(0.02)
        assert b'"ready"' in e2e.read('late/service.log'), e2e.read(
            'late/service.log')
        call('cert', 'renew', 'dora@example.net', home=home)
        call('user', 'add', 'eric@example.net', home=home)
        made = answer('recovery', 'set', '--threshold', '2', home=home)
        assert made['escrowed'] == 2 and made['left'] == 1, made
        mail_to('eric@example.net', 'eric.eml', home=home)
        number = open_case('eric@example.net', home=home)
        submit(number, approve(number, 'Anna'), home=home)
        submit(number, approve(number, 'Anna'), e2e.KEY, 'already', home=home)
        collect(number, NO, 'too few', home=home)
        submit(number, approve(number, 'Bert'), home=home)
        collect(number, home=home)
        opens('eric.eml', home=home)
        collect(number, USAGE, 'has ended', home=home)
    finally:
        process.terminate()
        assert process.wait(60) == 0
        log.close()


def test_old_keys_move_to_a_new_recovery_key():
    """Keys that only the officers can open are sealed to the newest recovery
    key by the officers of the old one; nobody gets to see one."""
    home = path('late')
    call('recovery', 'open', 'dora@example.net', '--move', '--case', 'HR-7',
         '--reason', 'x', status=USAGE, home=home)
    call('recovery', 'open', '--case', 'HR-7', '--reason', 'x', status=USAGE,
         home=home)
    call('recovery', 'officer', 'add', 'Cleo', '--certificate',
         path('cleo.pem'), home=home)
    newest = answer('recovery', 'set', '--threshold', '2', home=home)
    assert newest['left'] == 1 and newest['officers'] == 3, newest
    told = answer('recovery', 'open', '--move', '--case', 'HR-7', '--reason',
                  'Alice is ill', home=home)
    assert told['move_to'] == newest['recovery_key'], told
    number = str(told['request'])
    call('recovery', 'request', number, '-o', path('request' + number),
         home=home)
    with open(path('request' + number), encoding='ascii') as file:
        assert 'move every key to: ' in file.read()
    approve(number, 'Cleo', status=e2e.KEY)  # who has no share of the old one
    submit(number, approve(number, 'Bert'), home=home)
    collect(number, NO, 'too few', home=home)
    submit(number, approve(number, 'Anna'), home=home)
    call('recovery', 'show', number, home=home).expect(OK, 'sealed to')
    moved = answer('recovery', 'collect', number, home=home)
    assert moved == {'recovery_key': newest['recovery_key'], 'moved': 1}, moved
    collect(number, USAGE, 'has ended', home=home)
    call('recovery', 'open', '--move', '--case', '1', '--reason', 'x',
         status=NO, home=home)
    # Now officers of the new one open the oldest mail.
    number = open_case('dora@example.net', home=home)
    for who in ('Cleo', 'Bert'):
        submit(number, approve(number, who), home=home)
    collect(number, home=home)
    opens('dora.eml', home=home)


def test_officers_go_while_enough_are_left():
    call('recovery', 'officer', 'remove', 'Nobody', status=NO)
    number = open_case()
    submit(number, approve(number, 'Cleo'))
    submit(number, approve(number, 'Anna'))
    assert state(number) == 'approved'
    call('recovery', 'officer', 'remove', 'Cleo').expect(OK, 'Cleo is no')
    # What was approved counts no more.
    assert state(number) == 'open'
    call('recovery', 'show', number).expect(OK, 'in office no more')
    collect(number, NO, 'too few')
    call('recovery', 'request', number, '-o', path('request' + number))
    approve(number, 'Cleo', status=e2e.KEY)
    submit(number, approve(number, 'Bert')).expect(OK, '2 of 2')
    collect(number)
    opens('old.eml')
    call('recovery', 'officer', 'remove', 'Bert', status=USAGE).expect(
        USAGE, 'could be recovered no more')


if __name__ == '__main__':
    e2e.run(globals())
