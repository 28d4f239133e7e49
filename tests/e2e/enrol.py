#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Devices get certificates by themselves: EST (RFC 7030) with curl and openssl
at the other end."""
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.parse

from e2e import (ENVIRONMENT, FOLDER, NO, OK, USAGE, openssl, path, read, run, write)
from service import Service, SIGILLD, free_port

import scep as scep_client

P7 = 'application/pkcs7-mime'


def make_server_cert(name='server'):
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-keyout', path(name + '.key'),
            '-out', path(name + '.pem'), '-days', '30', '-subj', '/CN=localhost',
            '-addext', 'subjectAltName=IP:127.0.0.1')


class Door(Service):
    """A service that speaks TLS, with people in it."""

    def __init__(self, **options):
        make_server_cert()
        self.https = free_port()
        super().__init__(settings=(
            f'https = 127.0.0.1:{self.https}\n'
            f'https_certificate = {path("server.pem")}\n'
            f'https_key = {path("server.key")}\n'), **options)
        for name in ('alice', 'bob'):
            # The keyholder may still be on its way to control.
            self.wait_for(lambda who=name: self.sigill(
                'user', 'add', f'{who}@example.org').status == OK)

    def code(self, name='alice', *words):
        told = self.sigill('user', 'enrol-code', f'{name}@example.org',
                           '--json', *words).expect(OK)
        return json.loads(told.out)['code']

    def certs(self, name='alice', purpose='signing'):
        told = json.loads(self.sigill('cert', 'list', '--json').out)
        return [c for c in told['certificates'] if c['purpose'] == purpose
                and c['address'] == f'{name}@example.org']

    def curl(self, place, *words, server='server.pem'):
        """Status, head, body."""
        done = subprocess.run(
            ['curl', '-sS', '--max-time', '30', '--cacert', path(server), '-D',
             path('head'), '-o', path('body'), '-w', '%{http_code}',
             f'https://127.0.0.1:{self.https}{place}', *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            return 0, '', done.stderr
        return int(done.stdout), read(path('head')).decode(), read(path('body'))

    def est(self, operation, *words, **options):
        return self.curl('/.well-known/est/' + operation, *words, **options)

    def post(self, operation, body, *words):
        return self.est(operation, '-H', 'Content-Type: application/pkcs10',
                        '--data-binary', f'@{write("posted", body)}', *words)

    def enrol(self, request, code, name='alice', *words):
        return self.post('simpleenroll', request, '-u',
                         f'{name}@example.org:{code}', *words)


def make_key(name, kind='ec'):
    words = {'ec': ('-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'),
             'rsa': ('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'),
             'short': ('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'),
             }[kind]
    openssl('genpkey', *words, '-out', path(name + '.key'))


def request(name, kind='ec', subject='/CN=whatever', names=None):
    """A request for a new key, in base64."""
    make_key(name, kind)
    words = ['req', '-new', '-key', path(name + '.key'), '-subj', subject,
             '-outform', 'DER', '-out', path(name + '.csr')]
    if names:
        words += ['-addext', 'subjectAltName=' + names]
    openssl(*words)
    return base64.encodebytes(read(path(name + '.csr')))


def certs_of(body):
    """The certificates of a certs-only message, in base64, as PEM."""
    p7 = write('p7', base64.b64decode(body))
    pem = openssl('pkcs7', '-inform', 'DER', '-in', p7, '-print_certs').decode()
    end = '-----END CERTIFICATE-----\n'
    return [p[p.index('-----BEGIN'):] + end for p in pem.split(end)
            if '-----BEGIN' in p]


def serial_of(pem):
    out = openssl('x509', '-in', write('one.pem', pem), '-noout', '-serial')
    return out.decode().strip().split('=')[1].lower()


def is_for(pem, key):
    return openssl('x509', '-in', write('one.pem', pem), '-noout', '-pubkey') == \
        openssl('pkey', '-in', path(key + '.key'), '-pubout')


# ---------------------------------------------------------------- the tests ---

def test_a_device_enrols():
    with Door() as s:
        before = s.certs()
        code = s.code()
        status, head, body = s.enrol(request('phone'), code)
        assert status == 200, (status, body)
        assert P7 in head and 'base64' in head, head
        (cert,) = certs_of(body)
        assert is_for(cert, 'phone')
        text = openssl('x509', '-in', write('phone.pem', cert), '-noout',
                       '-text').decode()
        assert 'email:alice@example.org' in text, text
        assert 'whatever' not in text, text
        # It leads to the organisation's root, and is the one in use.
        status, head, body = s.est('cacerts')
        assert status == 200 and P7 in head, (status, head)
        write('authorities.pem', ''.join(certs_of(body)))
        openssl('verify', '-CAfile', path('authorities.pem'), '-purpose',
                'smimesign', path('phone.pem'))
        now = s.certs()
        assert len(now) == len(before) + 1
        assert [c['status'] for c in now].count('current') == 1
        assert [c['serial'].lower() for c in now
                if c['status'] == 'current'] == [serial_of(cert)]
        # What the device signs with it is believed.
        mail = write('mail', b'From: alice@example.org\r\n\r\nHello\r\n')
        openssl('smime', '-sign', '-in', mail, '-signer', path('phone.pem'),
                '-inkey', path('phone.key'), '-certfile',
                path('authorities.pem'), '-out', path('signed'))
        assert code not in s.text()
        s.stop()


def test_codes():
    with Door() as s:
        asked = request('phone')
        code = s.code()
        for wrong, name in ((code[:-1] + ('A' if code[-1] != 'A' else 'B'),
                             'alice'),
                            (code, 'bob'), ('nonsense', 'alice'),
                            (code, 'nobody'), (code[6:], 'alice')):
            status, head, body = s.enrol(asked, wrong, name)
            assert status == 401, (status, wrong, name)
            assert 'WWW-Authenticate: Basic' in head, head
        assert len(s.certs()) == 1
        status, _, _ = s.enrol(asked, code.lower().replace('-', ''))
        assert status == 200
        status, _, _ = s.enrol(request('other'), code)
        assert status == 401, 'a code worked twice'
        status, _, _ = s.post('simpleenroll', asked)
        assert status == 401, 'without a code'
        # The newer takes the place of the older; ten guesses make one void.
        first, second = s.code(), s.code()
        assert s.enrol(request('a'), first)[0] == 401
        assert s.enrol(request('a'), second)[0] == 200
        code = s.code()
        for _ in range(10):
            assert s.enrol(asked, code[:-4] + '0000')[0] == 401
        assert s.enrol(request('b'), code)[0] == 401
        told = s.sigill('audit', 'list').out.decode()
        for word in ('enrol.code', 'enrol.wrong-code', 'cert.issue'):
            assert word in told, told
        assert second not in told and second not in s.text()
        s.stop()


def test_a_device_makes_one_key_for_both():
    with Door() as s:
        status, _, body = s.enrol(request('phone', 'rsa'),
                                  s.code('alice', '--purpose', 'dual'))
        assert status == 200, body
        text = openssl('x509', '-in', write('phone.pem', certs_of(body)[0]),
                       '-noout', '-text').decode()
        assert 'Digital Signature, Key Encipherment' in text, text
        for purpose in 'signing', 'encryption':
            now = [c['serial'].lower() for c in s.certs(purpose=purpose)
                   if c['status'] == 'current']
            assert now == [serial_of(certs_of(body)[0])], now
        # It renews itself as what it is; the key may stay, for both alone.
        subject = '/' + '/'.join(openssl(
            'x509', '-in', path('phone.pem'), '-noout', '-subject', '-nameopt',
            'sep_comma_plus,utf8').decode().strip()[8:].split(','))
        new = request('new', 'rsa', subject=subject,
                      names='email:alice@example.org')
        status, _, body = s.post('simplereenroll', new, '--cert',
                                 path('phone.pem'), '--key', path('phone.key'))
        assert status == 200, body
        assert 'Key Encipherment' in openssl(
            'x509', '-in', write('new.pem', certs_of(body)[0]), '-noout',
            '-text').decode()
        assert s.enrol(new, s.code())[0] == 400, 'a key for both signs alone'
        s.stop()


def test_all_guesses_together():
    with Door() as s:
        asked = request('phone')
        statuses = [s.enrol(asked, f'{i:05}-00000-00000-00000-00000')[0]
                    for i in range(32)]
        assert statuses[:30] == [401] * 30 and statuses[30:] == [503, 503], \
            statuses
        assert 'Retry-After' in s.enrol(asked, s.code())[1]
        s.stop()


def test_a_certificate_renews_itself():
    with Door() as s:
        subject = '/CN=whatever'
        status, _, body = s.enrol(request('phone', subject=subject), s.code())
        write('phone.pem', certs_of(body)[0])
        subject = '/' + '/'.join(openssl(
            'x509', '-in', path('phone.pem'), '-noout', '-subject', '-nameopt',
            'sep_comma_plus,utf8').decode().strip()[8:].split(','))
        shown = ('--cert', path('phone.pem'), '--key', path('phone.key'))
        same = request('new', subject=subject, names='email:alice@example.org')
        # Not in somebody else's name, and not without showing anything.
        other = request('other', subject=subject, names='email:bob@example.org')
        assert s.post('simplereenroll', other, *shown)[0] == 400
        assert s.post('simplereenroll', same)[0] == 401
        status, _, body = s.post('simplereenroll', same, *shown)
        assert status == 200, body
        assert is_for(certs_of(body)[0], 'new')
        # The former one is superseded: it renews nothing any more.
        again = request('again', subject=subject,
                        names='email:alice@example.org')
        assert s.post('simplereenroll', again, *shown)[0] == 401
        # Nor does one that somebody else made, or a revoked one.
        openssl('req', '-x509', '-key', path('phone.key'), '-out',
                path('self.pem'), '-days', '30', '-subj', subject, '-addext',
                'subjectAltName=email:alice@example.org')
        assert s.post('simplereenroll', again, '--cert', path('self.pem'),
                      '--key', path('phone.key'))[0] == 401
        write('new.pem', certs_of(body)[0])
        s.sigill('cert', 'revoke', serial_of(certs_of(body)[0]), '--reason',
                 'keyCompromise').expect(OK)
        assert s.post('simplereenroll', again, '--cert', path('new.pem'),
                      '--key', path('new.key'))[0] == 401
        s.stop()


def test_what_is_no_request():
    with Door() as s:
        asked = request('phone')
        der = base64.b64decode(asked)
        code = s.code()
        bent = der[:-1] + bytes([der[-1] ^ 1])
        for body in (b'', b'nonsense', b'*', base64.b64encode(der[:100]),
                     base64.b64encode(bent), der):
            status, _, answer = s.enrol(body, code)
            assert status == 400, (status, body[:20])
            assert answer, body
        assert s.enrol(request('short', 'short'), code)[0] == 400
        assert s.enrol(b'A' * 70000, code)[0] in (0, 400, 413)
        assert s.est('simpleenroll', '-d', 'x', '-u', 'a:b')[0] == 415
        assert s.est('simpleenroll')[0] == 405
        assert s.est('cacerts', '-d', 'x')[0] == 405
        assert s.est('fullcmc', '-d', 'x')[0] == 404
        # None of it used the code up, or made a certificate.
        assert len(s.certs()) == 1
        assert s.enrol(asked, code)[0] == 200
        # A key is one person's.
        assert s.enrol(asked, s.code('bob'), 'bob')[0] == 400
        assert len(s.certs('bob')) == 1
        s.stop()


def test_what_is_asked_for():
    with Door() as s:
        status, head, body = s.est('csrattrs')
        assert status == 200 and 'application/csrattrs' in head, head
        told = openssl('asn1parse', '-inform', 'DER', '-in',
                       write('attributes', base64.b64decode(body))).decode()
        assert 'prime256v1' in told and 'ecdsa-with-SHA256' in told, told
        s.stop()


def pki(*words):
    """strongSwan's; it says a lot about plugins that it does not have."""
    done = subprocess.run(['pki', *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 0, (words, done.stderr.decode())
    return done.stdout


def test_strongswan():
    """Another's client: authorities, enrolling, renewing."""
    with Door() as s:
        url = f'https://127.0.0.1:{s.https}'
        server = ('--url', url, '--cacert', path('server.pem'))
        pki('--estca', *server, '--caout', path('ca.pem'), '--outform', 'pem')
        trust = ('--cacert', path('ca.pem'), '--cacert', path('ca-1.pem'))
        request('phone')
        cert = pki('--est', *server, *trust, '--in', path('phone.csr'),
                   '--outform', 'pem', '--userpass',
                   f'alice@example.org:{s.code()}')
        assert is_for(cert, 'phone')
        write('phone.pem', cert)
        request('new', subject='/O=DEMO example.org/CN=DEMO alice',
                names='email:alice@example.org')
        cert = pki('--est', *server, *trust, '--in', path('new.csr'),
                   '--outform', 'pem', '--cert', path('phone.pem'), '--key',
                   path('phone.key'))
        assert is_for(cert, 'new')
        assert [e['renewal'] for e in s.events('enrolment')] == [False, True]
        s.stop()


# --------------------------------------------------------------------- SCEP ---

def scep_url(s):
    return f'http://127.0.0.1:{s.port}/scep'


def fetch_authorities(s):
    """Root, issuing and registration certificate, as strongSwan tells them."""
    pki('--scepca', '--url', scep_url(s), '--caout', path('ca.pem'), '--raout',
        path('ra.pem'), '--outform', 'pem', '--force')


def scep(s, key, *words):
    """The certificate for a key, or None; and what strongSwan said."""
    done = subprocess.run(
        ['pki', '--scep', '--url', scep_url(s), '--in', path(key + '.key'),
         '--cacert-enc', path('ra.pem'), '--cacert-sig', path('ra.pem'),
         '--cacert', path('ca.pem'), '--cacert', path('ca-1.pem'), '--outform',
         'pem', *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        check=False, timeout=60)
    return done.stdout if done.returncode == 0 else None, done.stderr.decode()


def test_scep():
    """strongSwan enrols and renews; what others must not get they do not."""
    with Door() as s:
        fetch_authorities(s)
        text = openssl('x509', '-in', path('ra.pem'), '-noout', '-text').decode()
        assert 'RSA' in text or 'rsaEncryption' in text
        assert 'Digital Signature, Key Encipherment' in text, text
        code = s.code()
        for name in ('phone', 'new', 'other'):
            make_key(name, 'rsa')
        for wrong in (code[:-4] + '0000', 'nonsense', ''):
            cert, said = scep(s, 'phone', '--dn', 'CN=x', '--password', wrong)
            assert cert is None and 'badRequest' in said, said
        cert, said = scep(s, 'phone', '--dn', 'CN=x', '--password', code)
        assert cert and is_for(cert, 'phone'), said
        text = openssl('x509', '-in', write('phone.pem', cert), '-noout',
                       '-text').decode()
        assert 'email:alice@example.org' in text, text
        cert, said = scep(s, 'other', '--dn', 'CN=x', '--password', code)
        assert cert is None and 'badRequest' in said, said
        # With what it has it gets the next, once.
        shown = ('--dn', 'O=DEMO example.org, CN=DEMO alice', '--cert',
                 path('phone.pem'), '--key', path('phone.key'))
        cert, said = scep(s, 'new', *shown)
        assert cert and is_for(cert, 'new'), said
        cert, said = scep(s, 'other', *shown)
        assert cert is None and 'badRequest' in said, said
        assert [c['status'] for c in s.certs()].count('current') == 1
        # Revoked like any other, it renews nothing.
        write('phone.pem', cert or read(path('phone.pem')))
        s.sigill('cert', 'revoke', [c['serial'] for c in s.certs()
                                    if c['status'] == 'current'][0],
                 '--reason', 'keyCompromise').expect(OK)
        assert not [c for c in s.certs() if c['status'] == 'current']
        assert code not in s.text()
        s.stop()


def certmonger(*commands):
    """getcert's answers, with a daemon of its own on a bus of its own."""
    home = path('certmonger')
    os.makedirs(home, exist_ok=True)
    done = subprocess.run(
        ['dbus-run-session', '--', '/usr/lib/certmonger/certmonger-session', '-s',
         '-n', '-c', '/bin/sh ' + write('commands', '\n'.join(commands) + '\n')],
        env=dict(os.environ, HOME=home), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False, timeout=120)
    return done.stdout.decode()


def test_certmonger():
    """It enrols, and renews as clients did before there was RenewalReq."""
    with Door() as s:
        url = scep_url(s)
        request_it = (f'getcert request -s -w -v -c ours -k {path("cm.key")} '
                      f'-f {path("cm.pem")} -g 2048 -N CN=x -I one -L ')
        said = certmonger(
            f'getcert add-scep-ca -s -c ours -u {url}',
            # Until it knows the authority's certificates.
            'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; getcert list-cas -s -v '
            "-c ours | grep -q 'SCEP RA' && break; done",
            request_it + s.code(),
            f'cp {path("cm.pem")} {path("first.pem")}',
            'getcert resubmit -s -w -v -i one', 'getcert list -s')
        assert 'status: MONITORING' in said, said
        first, second = read(path('first.pem')), read(path('cm.pem'))
        assert first != second and is_for(second, 'cm'), said
        assert 'email:alice@example.org' in openssl(
            'x509', '-in', path('cm.pem'), '-noout', '-text').decode()
        assert [c['serial'].lower() for c in s.certs()
                if c['status'] == 'current'] == [serial_of(second)]
        # The used code alone opens nothing.
        said = certmonger('getcert stop-tracking -s -i one',
                          f'rm {path("cm.key")} {path("cm.pem")}',
                          request_it + 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAA',
                          'getcert list -s')
        assert 'MONITORING' not in said, said
        s.stop()


def test_scep_as_it_was():
    """DES and SHA-1, as old clients have them, are told to be bad algorithms."""
    with Door() as s:
        fetch_authorities(s)
        out = openssl('x509', '-in', path('ra.pem'), '-noout', '-fingerprint',
                      '-sha256').decode()
        done = subprocess.run(
            ['scepclient', '-server-url', scep_url(s), '-challenge', s.code(),
             '-certificate', path('old.pem'), '-private-key', path('old.key'),
             '-ca-fingerprint', out.strip().split('=')[1].replace(':', '')],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            timeout=60)
        assert b'badAlg' in done.stdout, done
        assert len(s.certs()) == 1
        s.stop()


def scep_get(s, query, *words):
    done = subprocess.run(
        ['curl', '-s', '-o', path('body'), '-w', '%{http_code} %{content_type}',
         scep_url(s) + query, *words], stdout=subprocess.PIPE, check=False)
    return done.stdout.decode().split(' ', 1) + [read(path('body'))]


def test_scep_places():
    with Door() as s:
        status, kind, body = scep_get(s, '?operation=GetCACaps&message=x')
        assert (status, kind) == ('200', 'text/plain'), (status, kind)
        assert {b'AES', b'POSTPKIOperation', b'SHA-256', b'SHA-512',
                b'SCEPStandard', b'Renewal'} <= set(body.split()), body
        status, kind, _ = scep_get(s, '?operation=GetCACert')
        assert (status, kind) == ('200', 'application/x-x509-ca-ra-cert')
        for query in ('', '?operation=', '?operation=GetNextCACert',
                      '?operation=%', '?operation=PKIOperation',
                      '?operation=PKIOperation&message=****',
                      '?operation=PKIOperation&message=AAAA'):
            assert scep_get(s, query)[0] == '400', query
        for body in (b'x', os.urandom(2000), b'\x30\x80' * 500):
            assert scep_get(s, '?operation=PKIOperation', '--data-binary',
                            f'@{write("posted", body)}')[0] == '400'
        assert scep_get(s, '?operation=GetCACert', '-d', 'x')[0] == '405'
        assert scep_get(s, '/pkiclient.exe?operation=GetCACaps')[0] == '200'
        assert scep_get(s, 'tic?operation=GetCACaps')[0] == '404'
        assert not s.events('ended'), s.text()
        s.stop()


class Asker:
    """A device with a self-signed certificate that says what it wants."""

    def __init__(self, service, code, name='asker'):
        self.service = service
        fetch_authorities(service)
        write('req.conf', '[req]\ndistinguished_name = dn\nattributes = more\n'
              f'prompt = no\n[dn]\nCN = x\n[more]\nchallengePassword = {code}\n')
        self.key, self.cert = path(name + '.key'), path(name + '.pem')
        openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout',
                self.key, '-out', self.cert, '-days', '2', '-subj', '/CN=x')
        openssl('req', '-new', '-key', self.key, '-config', path('req.conf'),
                '-outform', 'DER', '-out', path(name + '.csr'))
        self.request = read(path(name + '.csr'))

    def message(self, kind=19, content=None, cipher='aes-128-cbc', nonce=b'n' * 16,
                enveloped=None, **how):
        if enveloped is None:
            enveloped = scep_client.envelop(
                self.request if content is None else content, path('ra.pem'),
                cipher)
        return scep_client.sign(enveloped, kind, self.key, self.cert, nonce, **how)

    def ask(self, message, by_get=False):
        place = '?operation=PKIOperation'
        if by_get:
            place += '&message=' + urllib.parse.quote(
                base64.b64encode(message), safe='')
            status, kind, body = scep_get(self.service, place)
        else:
            status, kind, body = scep_get(
                self.service, place, '-H', 'Content-Type: application/x-pki-message',
                '--data-binary', f'@{write("posted", message)}')
        assert (status, kind) == ('200', 'application/x-pki-message'), (status, body)
        return scep_client.Reply(body, path('ra.pem'), FOLDER)


def test_scep_byte_by_byte():
    """What is echoed, what is refused for what, and that it looks the same."""
    with Door() as s:
        a = Asker(s, s.code())
        good = a.message()
        # What was changed on its way, and what is too weak.
        assert a.ask(good[:-1] + bytes([good[-1] ^ 1])).fail == 1
        assert a.ask(a.message(digest='sha1')).fail == 0
        assert a.ask(a.message(cipher='des-ede3-cbc')).fail == 0
        assert a.ask(a.message(kind=20)).fail == 4
        assert a.ask(a.message(kind=18)).fail == 2
        # Inside of the encryption all failures look the same: padding, content,
        # the signature of the request, and the code.
        enveloped = scep_client.envelop(a.request, path('ra.pem'))
        replies = [a.ask(a.message(enveloped=enveloped[:-16 * n - 1] + bytes(
            [enveloped[-16 * n - 1] ^ 1]) + enveloped[len(enveloped) - 16 * n:]))
                   for n in (0, 1, 3)]
        replies += [a.ask(a.message(content=content)) for content in (
            b'', b'nonsense', a.request[:-1] + bytes([a.request[-1] ^ 1]))]
        wrong = Asker(s, 'AAAAA-00000-00000-00000-00000', 'guesser')
        replies.append(wrong.ask(wrong.message()))
        assert [r.fail for r in replies] == [2] * 7, [r.fail for r in replies]
        kinds = {tuple(sorted((k, len(v)) for k, v in r.found.items()))
                 for r in replies}
        assert len(kinds) == 1, kinds
        assert len(s.certs()) == 1
        # And it is still good.
        reply = a.ask(good, by_get=True)
        assert reply.fail is None
        assert reply.get(scep_client.TRANSACTION) == b't-1'
        assert reply.get(scep_client.RECIPIENT_NONCE) == b'n' * 16
        assert len(reply.get(scep_client.SENDER_NONCE)) == 16
        (cert,) = certs_of(base64.b64encode(reply.opened(a.key, a.cert)))
        assert is_for(cert, 'asker')
        assert a.ask(good).fail == 2, 'played again'
        s.stop()


def test_scep_finds():
    """GetCert and GetCRL."""
    with Door() as s:
        a = Asker(s, s.code())
        reply = a.ask(a.message(digest='sha512'))
        assert reply.fail is None
        (cert,) = certs_of(base64.b64encode(reply.opened(a.key, a.cert)))
        own = openssl('x509', '-in', write('own.pem', cert), '-outform', 'DER')
        number = scep_client.issuer_and_serial(own)
        reply = a.ask(a.message(kind=21, content=number))
        assert reply.fail is None
        assert certs_of(base64.b64encode(reply.opened(a.key, a.cert))) == [cert]
        # Of ours alone, and by both: whose number it is, and the number.
        self_signed = openssl('x509', '-in', a.cert, '-outform', 'DER')
        bent = number[:-1] + bytes([number[-1] ^ 1])
        for kind in (21, 22):
            for asked in (scep_client.issuer_and_serial(self_signed), bent):
                assert a.ask(a.message(kind=kind, content=asked)).fail == 4
        s.sigill('ca', 'crl').expect(OK)
        reply = a.ask(a.message(kind=22, content=number))
        assert reply.fail is None
        write('p7', reply.opened(a.key, a.cert))
        told = openssl('pkcs7', '-inform', 'DER', '-in', path('p7'),
                       '-print_certs', '-print').decode()
        assert 'Issuing CA' in told and 'crl' in told, told
        s.stop()


# --------------------------------------------------------------- the service ---

def test_only_over_tls():
    with Door() as s:
        done = subprocess.run(
            ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}',
             f'http://127.0.0.1:{s.port}/.well-known/est/cacerts'],
            stdout=subprocess.PIPE, check=False)
        assert done.stdout == b'403', done
        s.stop()


def test_nobody_disturbs_others():
    """Connections that say nothing, or nonsense, and stay."""
    with Door() as s:
        held = []
        for said in (b'', b'\x16', b'\x16\x03\x01\x02\x00\x01', b'GET / HTTP/1.1',
                     os.urandom(600)):
            for _ in range(4):
                c = socket.create_connection(('127.0.0.1', s.https))
                c.sendall(said)
                held.append(c)
        assert s.est('cacerts')[0] == 200
        for c in held:
            c.close()
        assert s.enrol(request('phone'), s.code())[0] == 200
        assert not s.events('ended'), s.text()
        s.stop()


def test_control_killed():
    """Whoever was told of a certificate has it; there is no half one."""
    with Door() as s:
        os.kill(s.pid_of('control'), signal.SIGKILL)
        asked = request('phone')
        s.wait_for(lambda: s.est('cacerts')[0] == 200)
        code = s.code()
        held = subprocess.Popen(
            ['curl', '-s', '--cacert', path('server.pem'), '-o', '/dev/null',
             '-w', '%{http_code}', '-H', 'Content-Type: application/pkcs10',
             '--data-binary', f'@{write("posted", asked)}', '-u',
             f'alice@example.org:{code}',
             f'https://127.0.0.1:{s.https}/.well-known/est/simpleenroll'],
            stdout=subprocess.PIPE)
        os.kill(s.pid_of('control'), signal.SIGKILL)
        status = held.communicate()[0]
        assert status in (b'200', b'503'), status
        s.wait_for(lambda: s.est('cacerts')[0] == 200)
        made = len(s.certs()) - 1
        assert made == 1 or (made == 0 and status == b'503'), (made, status)
        # If there is none, the code still works.
        assert s.enrol(asked, code)[0] == (401 if made else 200)
        s.stop()


def test_a_new_server_certificate():
    with Door() as s:
        assert s.est('cacerts')[0] == 200
        make_server_cert('other')
        os.rename(path('other.key'), path('server.key'))
        old = read(path('server.pem'))
        # Half of it is there: the old one stays in use.
        s.process.send_signal(signal.SIGHUP)
        s.wait_for(lambda: s.events('certificate'))
        write('old.pem', old)
        assert s.est('cacerts', server='old.pem')[0] == 200
        os.rename(path('other.pem'), path('server.pem'))
        s.process.send_signal(signal.SIGHUP)
        s.wait_for(lambda: s.est('cacerts')[0] == 200)
        # Also for a front that comes after.
        os.kill(s.pid_of('front'), signal.SIGKILL)
        s.wait_for(lambda: s.est('cacerts')[0] == 200)
        s.stop()


def refused(settings, *words):
    home = path('refused')
    os.makedirs(home, exist_ok=True)
    write(os.path.join(home, 'sigilld.conf'), settings)
    done = subprocess.run([SIGILLD, '--home', home, '-t'],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=60)
    assert done.returncode in (USAGE, ENVIRONMENT), done
    assert all(word in done.stderr.decode() for word in words), done


def test_settings():
    make_server_cert()
    make_server_cert('other')
    place = 'https = 127.0.0.1:1\n'
    cert = f'https_certificate = {path("server.pem")}\n'
    refused('https = 1\n', 'ADDRESS:PORT')
    refused(place, 'https_certificate and https_key')
    refused(place + cert, 'https_certificate and https_key')
    refused(place + cert + 'https_key = server.key\n', 'begins with /')
    refused(place + cert + f'https_key = {path("missing")}\n', 'missing')
    refused(place + cert + f'https_key = {path("other.key")}\n',
            'belongs to another certificate', 'other.key')
    refused(place + cert + f'https_key = {path("server.pem")}\n',
            'no private key')


def test_who_gets_a_code():
    with Door() as s:
        enrol = ('user', 'enrol-code', 'alice@example.org')
        for bad in ('0h', '31d', '1', 'h', '1w', '-1h', '99999999999h'):
            s.sigill(*enrol, f'--valid={bad}').expect(USAGE, '30 days')
        s.sigill('user', 'enrol-code', 'nobody@example.org').expect(NO)
        told = s.sigill(*enrol, '-o', path('code')).expect(OK)
        assert read(path('code')).decode().strip() not in told.out.decode()
        assert os.stat(path('code')).st_mode & 0o777 == 0o600
        assert s.enrol(request('phone'), read(path('code')).decode().strip())[
            0] == 200
        s.stop()


if __name__ == '__main__':
    sys.exit(run(globals()))
