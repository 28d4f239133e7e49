#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Keys that are recovered by two of three officers, and by nobody else."""
import json
import os

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


def test_officers_go_while_enough_are_left():
    call('recovery', 'officer', 'remove', 'Nobody', status=NO)
    call('recovery', 'officer', 'remove', 'Cleo').expect(OK, 'Cleo is no')
    call('recovery', 'officer', 'remove', 'Bert', status=USAGE).expect(
        USAGE, 'could be recovered no more')


if __name__ == '__main__':
    e2e.run(globals())
