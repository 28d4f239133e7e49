#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""While the keys are locked, strangers are told to come again, what is published
goes on, and whoever has a code can use it when the keys are back."""
import json
import os
import re
import sqlite3
import sys

from e2e import OK, path, read, run, sigill, write
from enrol import (Asker, Door, certs_of, fetch_authorities, is_for, make_key,
                   make_server_cert, request, scep, scep_get, serial_of)
from revocation import fetch, ocsp, pem_of, ready
from unlock import by_passphrase, passphrase_file

TRY_LATER = 'trylater (3)'


class Vault(Door):
    """A service whose keys wait for a passphrase."""

    def key(self, verb, *words):
        return sigill('key', verb, *self.homed, *words)

    def is_locked(self):
        told = sigill('status', '--json', *self.homed).expect(OK).out
        return json.loads(told)['vault']['locked']

    def lock(self):
        self.key('lock').expect(OK)
        self.wait_for(self.is_locked)

    def unlock(self):
        self.key('unlock', '--password-file', passphrase_file()).expect(OK)

    def protect(self):
        by_passphrase(self)
        self.stop()
        self.start()
        assert self.is_locked()


def later(answer):
    status, head, _ = answer
    return status == 503 and re.search(r'^Retry-After: \d+\r$', head, re.M | re.I)


def test_a_code_outlives_the_lock():
    with Vault() as s:
        code, again, wrong = s.code(), s.code('bob'), '0' * 25
        s.protect()
        # What needs no key is answered.
        assert s.est('cacerts')[0] == s.est('csrattrs')[0] == 200
        asked = request('phone')
        # More often than anybody may guess, and whoever guesses learns nothing.
        for _ in range(20):
            assert later(s.enrol(asked, code))
            assert later(s.enrol(asked, wrong))
        assert later(s.enrol(asked, code, 'bob'))
        s.unlock()
        status, _, body = s.enrol(asked, code)
        assert status == 200, body
        (cert,) = certs_of(body)
        assert is_for(cert, 'phone')
        assert s.enrol(asked, code)[0] == 401, 'a code worked twice'
        # Also where the service was told to lock itself; and a renewal.
        s.lock()
        write('phone.pem', cert)
        renewal = request('next', subject='/O=DEMO example.org/CN=DEMO alice',
                          names='email:alice@example.org')
        shown = ('--cert', path('phone.pem'), '--key', path('phone.key'))
        assert later(s.post('simplereenroll', renewal, *shown))
        assert later(s.enrol(request('other'), again, 'bob'))
        s.unlock()
        assert s.post('simplereenroll', renewal, *shown)[0] == 200
        assert s.enrol(request('other'), again, 'bob')[0] == 200
        told = s.sigill('audit', 'list').out.decode()
        assert 'enrol.wrong-code' not in told, told
        s.stop()


def test_scep():
    with Vault() as s:
        code = s.code()
        a = Asker(s, code)
        good = a.message()
        s.protect()
        # The certificates are no secret; what is encrypted to us nobody can
        # read now, nor sign an answer to it.
        assert scep_get(s, '?operation=GetCACaps')[0] == '200'
        assert scep_get(s, '?operation=GetCACert')[0] == '200'
        status, kind, _ = scep_get(
            s, '?operation=PKIOperation', '-D', path('head'), '--data-binary',
            f'@{write("posted", good)}')
        assert later((int(status), read(path('head')).decode(), b'')), status
        make_key('phone', 'rsa')
        assert scep(s, 'phone', '--dn', 'CN=x', '--password', code)[0] is None
        s.unlock()
        assert a.ask(good).fail is None
        # strongSwan gets the next.
        fetch_authorities(s)
        cert, said = scep(s, 'phone', '--dn', 'CN=x', '--password', s.code())
        assert cert and is_for(cert, 'phone'), said
        s.stop()


def test_a_door_that_nobody_opened_yet():
    """Its key cannot be made now; it is when the keys are back."""
    with Vault() as s:
        s.protect()
        assert scep_get(s, '?operation=GetCACert')[0] == '503'
        s.unlock()
        assert scep_get(s, '?operation=GetCACert')[0] == '200'
        s.stop()


def test_what_is_published_goes_on():
    with Vault() as s:
        alice, bob = (pem_of(s.homed, address=f'{who}@example.org')
                      for who in ('alice', 'bob'))
        s.sigill('ca', 'crl').expect(OK)
        ready(s, alice)
        assert ocsp(s, alice, '-no_nonce') == 'good'
        s.wait_for(lambda: not s.events('publish'))
        # Answers are stored once a second.
        s.wait_for(lambda: stored_answers(s) == 1)
        s.protect()
        assert ocsp(s, alice, '-no_nonce') == 'good'
        assert TRY_LATER in ocsp(s, bob, '-no_nonce')
        assert TRY_LATER in ocsp(s, alice), 'a nonce needs a signature'
        for name in ('/ca/1.cer', '/ca/2.cer', '/crl/2-0.crl'):
            assert fetch(s, name)[0] == 200, name
        s.unlock()
        for who in (alice, bob):
            assert ocsp(s, who) == ocsp(s, who, '-no_nonce') == 'good'
        s.stop()


def stored_answers(s):
    with sqlite3.connect(f'file:{s.home}/sigill.db?mode=ro', uri=True) as db:
        return db.execute('SELECT count(*) FROM ocsp_response').fetchone()[0]


if __name__ == '__main__':
    sys.exit(run(globals()))
