#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Commands on messages that name an address, where the service runs: the same
as without it, with its keys, by office, and recorded."""
import json
import os
import subprocess
import sys
import time

import service
from e2e import (ENV, ENVIRONMENT, FOLDER, KEY, MARK, OK, SIGILL, USAGE,
                 openssl, path, run, sigill, write)
from roles import SOCKET, Service as OthersService, can_be_others

ALICE, BOB, CAROL = (f'{who}@example.org' for who in ('alice', 'bob', 'carol'))
MAIL = (f'From: {ALICE}\r\nTo: {BOB}\r\nContent-Type: text/plain\r\n\r\n'
        ).encode() + MARK + b'\r\n'


class Service(service.Service):
    """With alice and bob; or one that takes over a home that is there."""

    def __init__(self, home=None, **options):
        super().__init__(init=home is None, home=home, **options)
        if home is None:
            for who in (ALICE, BOB):
                self.sigill('user', 'add', who).expect(OK)

    def mail(self, verb, *words, **options):
        return sigill(verb, *self.homed, *words, **options)

    def records(self, action):
        listed = sigill('audit', 'list', '--json', *self.homed).expect(OK)
        return [r for r in json.loads(listed.out)['records']
                if r['action'] == action]

    def uses(self):
        return [(r['action'], r['object']) for r in
                self.records('mail.sign') + self.records('mail.open')]


def mail():
    return write('mail', MAIL)


def seal(s, *words, to=BOB):
    s.mail('encrypt', '--to', to, *words, '-o', path('sealed'), mail()
           ).expect(OK)
    return path('sealed')


def certificates_of(signed):
    """Whom its signature carries the certificates of."""
    openssl('cms', '-verify', '-noverify', '-in', signed, '-out', os.devnull,
            '-certsout', path('carried'))
    bag = openssl('crl2pkcs7', '-nocrl', '-certfile', path('carried'))
    listed = openssl('pkcs7', '-print_certs', '-noout', input=bag)
    return sorted(listed.splitlines())


def told(s, sealed):
    """What the commands say and write, as far as it is the same each time."""
    found, at = [], ('--at', f'@{int(time.time()) // 3600 * 3600 + 3600}')
    for verb, *words in (
            ('open', '--key', BOB, sealed), ('decrypt', '--key', BOB, sealed),
            ('open', *at, '--key', BOB, '--json', '-o', os.devnull, sealed),
            ('open', '--key', ALICE, sealed), ('verify', path('signed')),
            ('open', '--key', ALICE, '--key', BOB, sealed),
            ('open', '--key', CAROL, sealed), ('sign', '--key', CAROL, mail()),
            ('encrypt', '--to', CAROL, mail()),
            ('sign', '--key', 'eve@elsewhere.org', mail()),
            ('encrypt', '--json', '-o', path('again'), '--to', BOB, '--sign',
             ALICE, mail()),
            ('sign', '--json', '-o', path('ours'), '--key', ALICE, mail())):
        result = s.mail(verb, *words)
        found.append((verb, words, result.status, result.out, result.err))
    found.append(certificates_of(path('ours')))
    for chain in ('none', 'full'):
        s.mail('sign', '--key', ALICE, '--chain', chain, '-o', path('ours'),
               mail()).expect(OK)
        found.append(certificates_of(path('ours')))
    return found


def test_the_same_with_and_without():
    with Service() as s:
        sealed = seal(s, '--sign', ALICE)
        s.mail('sign', '--key', ALICE, '-o', path('signed'), mail()).expect(OK)
        for _ in range(2):
            with_it = told(s, sealed)
            s.stop()
            without = told(s, sealed)
            for one, other in zip(with_it, without):
                assert one == other, (one, other)
            # And once more, when the keys are old ones.
            s.start()
            for who in (ALICE, BOB):
                s.sigill('cert', 'renew', who).expect(OK)


def test_every_use_is_recorded_once():
    with Service() as s:
        sealed = seal(s)
        s.mail('verify', sealed)
        assert s.uses() == [], s.uses()
        s.mail('open', '--key', BOB, '--accept', 'none', sealed).expect(OK)
        assert s.uses() == [('mail.open', BOB)], s.uses()
        # Another's message is not opened, whoever is asked for.
        s.mail('decrypt', '--key', ALICE, sealed).expect(KEY, 'no key fits')
        assert len(s.uses()) == 1, s.uses()
        # Two signatures by one key, for one message.
        seal(s, '--sign', ALICE, '--triple')
        assert s.uses()[0] == ('mail.sign', ALICE) and len(s.uses()) == 2
        assert s.records('mail.sign')[0]['who'], s.records('mail.sign')
        told_in_log = s.events('mail.sign') + s.events('mail.open')
        assert len(told_in_log) == 2, told_in_log
        assert all(e['audit_hash'] for e in told_in_log), told_in_log
        s.sigill('audit', 'verify').expect(OK)


def test_whoever_is_suspended_does_not_sign():
    with Service() as s:
        sealed = seal(s)
        s.sigill('user', 'suspend', BOB).expect(OK)
        s.mail('sign', '--key', BOB, mail()).expect(KEY, 'suspended', out=b'')
        s.mail('open', '--key', BOB, '--accept', 'none', sealed).expect(OK)
        s.sigill('user', 'leave', ALICE).expect(OK)
        s.mail('sign', '--key', ALICE, mail()).expect(KEY, 'left', out=b'')
        s.mail('encrypt', '--to', ALICE, mail()).expect(KEY, 'left', out=b'')
        assert s.uses() == [('mail.open', BOB)], s.uses()


def test_locked_keys_are_told():
    """Nobody is asked for a passphrase, even who could give one."""
    word = write('passphrase', 'correct horse battery\n')
    asked = {'SIGILL_PASSPHRASE_FILE': word}
    with Service() as s:
        sealed = seal(s)
        s.sigill('key', 'protect', '--passphrase', '--password-file', word
                 ).expect(OK)
        s.stop()
        s.start()
        for verb, *words in (('open', '--key', BOB, sealed),
                             ('decrypt', '--key', BOB, sealed),
                             ('sign', '--key', ALICE, mail()),
                             ('encrypt', '--to', BOB, '--sign', ALICE, mail())):
            s.mail(verb, *words, env=asked).expect(
                KEY, 'sigill key unlock', out=b'')
        # What needs no private key goes on.
        s.mail('encrypt', '--to', BOB, '-o', path('sealed'), mail()).expect(OK)
        s.mail('decrypt', '--key', ALICE, sealed).expect(KEY, 'no key fits')
        assert s.uses() == [], s.uses()
        s.sigill('key', 'unlock', '--password-file', word).expect(OK)
        s.mail('open', '--key', BOB, '--accept', 'none', sealed).expect(OK)


def test_keys_that_are_locked_meanwhile_are_gone():
    """A command has its key, and the keyholder begins anew."""
    with Service() as s, open(mail(), 'rb') as message:
        with subprocess.Popen(
                [SIGILL, 'sign', *s.homed, '--opaque', '--key', ALICE],
                env=ENV, cwd=FOLDER, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            s.wait_for(lambda: s.events('mail.sign'))
            s.sigill('key', 'lock').expect(OK)
            out, err = process.communicate(message.read(), timeout=60)
        assert process.returncode == ENVIRONMENT and out == b'', (out, err)
        assert b'try again' in err, err


def test_reading_mail_is_the_administrators():
    if not can_be_others():
        return
    with OthersService() as s:
        for who in (ALICE, BOB):
            s.mine('user', 'add', who).expect(OK)
        sealed = path('sealed')
        sigill('encrypt', *s.homed, '--to', BOB, '--sign', ALICE, '-o', sealed,
               mail()).expect(OK)
        sigill('sign', *s.homed, '--key', ALICE, '-o', path('signed'), mail()
               ).expect(OK)
        for name in ('sealed', 'signed', 'mail'):
            os.chmod(path(name), 0o644)
        out = ('-o', os.devnull)
        private = (('open', *out, '--key', BOB, sealed),
                   ('sign', *out, '--key', ALICE, path('mail')))
        public = (('encrypt', '--to', BOB, path('mail')),
                  ('verify', path('signed')))
        for words in private + public:
            s.others(*words).expect(USAGE, 'you hold no office', out=b'')
        for office in ('reader', 'operator', 'recovery-officer'):
            s.give(office)
            for words in private:
                s.others(*words).expect(USAGE, 'office', out=b'')
        refused = [r['object'] for r in s.refusals()]
        assert {ALICE, BOB} <= set(refused), refused
        s.give('reader')
        for words in public:
            s.others(*words).expect(OK)
        s.give('administrator')
        for words in private + public:
            s.others(*words).expect(OK)
        used = [r for r in s.records() if r['action'] == 'mail.open']
        assert [r['who'].split()[0] for r in used] == ['nobody'], used


if __name__ == '__main__':
    sys.exit(run(globals()))
