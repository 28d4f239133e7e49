#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is revoked is said at once, to everybody who asks and by every way."""
import base64
import http.client
import json
import os
import re
import signal
import subprocess
import time

from e2e import (BODY, KEY, NO, OK, PASSWORD, USAGE, openssl, path, read, run,
                 sigill, write)
from service import Service, free_port


def new_home(name, *words):
    home = ['--home', path(name)]
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256', *words,
           *home).expect(OK)
    return home


def certs_of(home, address='alice@example.org'):
    return json.loads(sigill('cert', 'list', address, '--json', *home).out)[
        'certificates']


def pem_of(home, purpose='signing', address='alice@example.org'):
    """The certificate in use, written while there is one."""
    name = path(f'{address}-{purpose}.pem')
    sigill('cert', 'export', address, '--purpose', purpose, '-o', name,
           *home).expect(OK)
    return name


def crl_number(file):
    text = openssl('crl', '-inform', 'DER', '-in', file, '-noout', '-crlnumber')
    return int(re.search(rb'=0x([0-9A-Fa-f]+)', text)[1], 16)


def openssl_says(home, cert, *lists):
    """What `openssl verify` makes of a certificate with these CRLs (DER)."""
    folder = home[-1]
    words = ['openssl', 'verify', '-crl_check', '-CAfile',
             os.path.join(folder, 'ca/root.pem'), '-untrusted',
             os.path.join(folder, 'ca/issuing.pem')]
    for number, name in enumerate(lists):
        pem = path(f'list-{number}.pem')
        openssl('crl', '-inform', 'DER', '-in', name, '-out', pem)
        words += ['-CRLfile', pem]
    done = subprocess.run(words + [cert], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 0:
        return 'good'
    return 'revoked' if 'certificate revoked' in done.stdout else done.stdout


def test_a_revocation_is_in_the_list_at_once():
    home = new_home('simple')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    sigill('user', 'add', 'bob@example.org', *home).expect(OK)
    alice = pem_of(home)
    bob = pem_of(home, address='bob@example.org')
    crl = os.path.join(home[-1], 'ca/2-0.crl')
    before = crl_number(crl)
    assert openssl_says(home, alice, crl) == 'good'
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'keyCompromise',
           '--invalid-since', '2026-01-01', *home).expect(
               OK, 'alice@example.org: revoked')
    assert openssl_says(home, alice, crl) == 'revoked'
    assert openssl_says(home, bob, crl) == 'good'
    assert crl_number(crl) > before
    text = openssl('crl', '-inform', 'DER', '-in', crl, '-noout', '-text')
    assert text.count(b'Key Compromise') == 2, text
    assert b'Invalidity Date' in text and b'Jan  1 00:00:00 2026' in text, text
    for cert in certs_of(home):
        assert cert['status'] == 'revoked', cert
        assert cert['reason'] == 'keyCompromise', cert
        assert cert['invalid_since'] == '2026-01-01T00:00:00Z', cert
    sigill('cert', 'show', 'alice@example.org', *home).expect(
        OK, 'revoked on 20', ': keyCompromise')
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'superseded',
           *home).expect(NO, 'no certificate left to revoke')



def nss_knows(home, folder):
    """A database of NSS that trusts the root and has the CRLs."""
    os.mkdir(folder)
    words = ['-d', 'sql:' + folder]
    calls = [['certutil', '-N', '--empty-password']]
    calls += [['certutil', '-A', '-n', name, '-t', trust, '-i',
               os.path.join(home[-1], 'ca', name + '.pem')]
              for name, trust in [('root', ',C,'), ('issuing', ',,')]]
    calls += [['crlutil', '-I', '-B', '-i', os.path.join(home[-1], 'ca', name)]
              for name in ('1-0.crl', '2-0.crl')]
    for call in calls:
        subprocess.run(call + words, check=True, stdout=subprocess.DEVNULL)
    return words


def nss_says(home, words, cert, *more):
    """What vfychain makes of it: the certificate, usage and method; the same
    by the older way of NSS, and by libpkix."""
    done = subprocess.run(
        ['vfychain', *words, *more, '-a', cert, '-a',
         os.path.join(home[-1], 'ca/issuing.pem')], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 0 and 'Chain is good' in done.stdout:
        return 'good'
    return 'revoked' if '-8180' in done.stdout else done.stdout


def test_nss_finds_the_path_and_what_is_revoked():
    home = new_home('nss')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    signing, encryption = pem_of(home), pem_of(home, 'encryption')
    lists = ['-pp', '-g', 'leaf', '-m', 'crl', '-s', 'failIfNoInfo']
    signer, recipient = ['-u', '4'], ['-u', '5']
    before = nss_knows(home, path('nss-before'))
    sigill('cert', 'revoke', 'alice@example.org', '--purpose', 'signing',
           '--reason', 'keyCompromise', *home).expect(OK)
    after = nss_knows(home, path('nss-after'))
    for way in [], lists:
        assert nss_says(home, before, signing, *way, *signer) == 'good'
        assert nss_says(home, before, encryption, *way, *recipient) == 'good'
        assert nss_says(home, after, signing, *way, *signer) == 'revoked'
        assert nss_says(home, after, encryption, *way, *recipient) == 'good'
    wrong = nss_says(home, before, encryption, *signer)
    assert '-8102' in wrong, wrong   # inadequate key usage


def test_one_of_two_by_purpose_and_by_number():
    home = new_home('one')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    sigill('cert', 'revoke', 'alice@example.org', '--purpose', 'signing',
           '--reason', 'superseded', *home).expect(OK, 'signing')
    states = {c['purpose']: c['status'] for c in certs_of(home)}
    assert states == {'signing': 'revoked', 'encryption': 'current'}, states
    serial = next(c['serial'] for c in certs_of(home)
                  if c['purpose'] == 'encryption')
    colons = ':'.join(re.findall('..', serial.lower()))
    told = json.loads(sigill('cert', 'revoke', colons, '--reason',
                             'affiliationChanged', '--json', *home).out)
    assert [c['serial'] for c in told['certificates']] == [serial], told
    assert told['certificates'][0]['reason'] == 'affiliationChanged', told


def test_a_hold_is_taken_back_and_nothing_else():
    home = new_home('hold')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    alice = pem_of(home)
    crl = os.path.join(home[-1], 'ca/2-0.crl')
    sigill('cert', 'release', 'alice@example.org', *home).expect(
        NO, 'no certificate is on hold')
    sigill('cert', 'revoke', 'alice@example.org', '--reason',
           'certificateHold', *home).expect(OK)
    assert openssl_says(home, alice, crl) == 'revoked'
    sigill('cert', 'release', 'alice@example.org', *home).expect(
        OK, 'valid again')
    assert openssl_says(home, alice, crl) == 'good'
    assert {c['status'] for c in certs_of(home)} == {'current'}
    # From a hold there is a way on, but from there no way back.
    for reason in 'certificateHold', 'keyCompromise':
        sigill('cert', 'revoke', 'alice@example.org', '--reason', reason,
               *home).expect(OK)
    assert {c['reason'] for c in certs_of(home)} == {'keyCompromise'}
    serial = certs_of(home)[0]['serial']
    sigill('cert', 'release', serial, *home).expect(USAGE, 'not on hold')
    sigill('cert', 'revoke', serial, '--reason', 'certificateHold',
           *home).expect(USAGE, 'keyCompromise -> certificateHold')


def test_mistakes_are_told():
    home = new_home('mistakes')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    words = ('cert', 'revoke', 'alice@example.org')
    sigill(*words, *home).expect(USAGE, 'keyCompromise, affiliationChanged')
    sigill(*words, '--reason', 'lost', *home).expect(USAGE, 'is no reason')
    sigill(*words, '--reason', 'cACompromise', *home).expect(
        USAGE, 'for authorities alone')
    sigill(*words, '--reason', 'removeFromCRL', *home).expect(
        USAGE, 'cert release')
    sigill(*words, '--reason', 'superseded', '--invalid-since', 'soon',
           *home).expect(USAGE, 'no time')
    sigill(*words, '--reason', 'superseded', '--invalid-since', '2999-01-01',
           *home).expect(USAGE, 'a time to come')
    sigill('cert', 'revoke', 'nobody@example.org', '--reason', 'superseded',
           *home).expect(NO, 'nobody')
    sigill('cert', 'revoke', '4F4F', '--reason', 'superseded', *home).expect(
        NO, 'serial number')
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'lost', *home,
           env={'LANGUAGE': 'sv'}).expect(USAGE, 'är inget skäl')
    assert {c['status'] for c in certs_of(home)} == {'current'}


def test_lists_are_made_on_demand_and_numbers_rise():
    home = new_home('demand')
    seen = []
    for _ in range(3):
        lists = json.loads(sigill('ca', 'crl', '--json', *home).out)['crls']
        assert {c['file'] for c in lists} == {'1-0.crl', '2-0.crl'}, lists
        for made in lists:
            file = os.path.join(home[-1], 'ca', made['file'])
            assert crl_number(file) == made['number'], made
        seen.append([c['number'] for c in lists])
    assert seen == sorted(seen) and seen[0] < seen[1] < seen[2], seen
    sigill('ca', 'crl', '--shards', '2', *home).expect(USAGE, 'public URL')
    sigill('ca', 'crl', '--shards', 'x', *home).expect(USAGE, 'no number')


def test_mail_signed_with_it_is_refused():
    home = new_home('mail')
    sigill('user', 'add', 'alice@example.org', *home).expect(OK)
    sigill('user', 'add', 'bob@example.org', *home).expect(OK)
    message = write('message.eml', b'From: alice@example.org\r\n'
                    b'To: bob@example.org\r\n' + BODY)
    signed, both = path('signed.eml'), path('both.eml')
    sigill('sign', '--key', 'alice@example.org', *home, '-o', signed, message).expect(OK)
    sigill('encrypt', '--to', 'bob@example.org', '--sign', 'alice@example.org',
           *home, '-o', both, message).expect(OK)
    told = json.loads(sigill('verify', '--json', *home, signed).expect(OK).out)
    assert told['signature']['revocation'] == 'checked', told
    sigill('verify', '--require-revocation', *home, signed).expect(OK)
    sigill('open', '--key', 'bob@example.org', *home, both).expect(OK)
    sigill('cert', 'revoke', 'alice@example.org', '--reason', 'certificateHold',
           *home).expect(OK)
    told = json.loads(sigill('verify', '--json', *home, signed).expect(NO).out)
    assert told['signature']['state'] == 'revoked', told
    sigill('verify', *home, signed).expect(NO, 'revoked')
    sigill('open', '--key', 'bob@example.org', *home, both).expect(NO)
    sigill('encrypt', '--to', 'alice@example.org', *home, message).expect(
        KEY, 'revoked')
    sigill('sign', '--key', 'alice@example.org', *home, message).expect(KEY)
    sigill('cert', 'release', 'alice@example.org', *home).expect(OK)
    sigill('verify', *home, signed).expect(OK)
    sigill('encrypt', '--to', 'alice@example.org', *home, '-o',
           path('new.eml'), message).expect(OK)


# ------------------------------------------------------------ to the world ---

def fetch(service, where, method='GET', body=None, **headers):
    """(status, headers, body)"""
    connection = http.client.HTTPConnection('127.0.0.1', service.port,
                                            timeout=20)
    connection.request(method, where, body, {
        name.replace('_', '-'): value for name, value in headers.items()})
    answer = connection.getresponse()
    result = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return result


def fetched(service, name):
    """Where what is fetched lies, whole."""
    status, _, body = fetch(service, name)
    assert status == 200, (name, status)
    return write(os.path.basename(name), body)


def ocsp(service, cert, *words):
    """What `openssl ocsp` is told: good, revoked, unknown, or why not."""
    folder = service.home
    done = subprocess.run(
        ['openssl', 'ocsp', *words, '-issuer', os.path.join(folder, 'ca/issuing.pem'),
         '-CAfile', os.path.join(folder, 'ca/root.pem'), '-verify_other',
         os.path.join(folder, 'ca/issuing.pem'), '-cert', cert, '-url',
         f'http://127.0.0.1:{service.port}/ocsp'],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    found = re.search(r'^\S+\.pem: (\w+)', done.stdout, re.M)
    if found is None:
        return done.stdout
    assert 'Response verify OK' in done.stdout, done.stdout
    return found[1]


def within_a_second(what, want):
    end = time.monotonic() + 1
    got = what()
    while got != want and time.monotonic() < end:
        time.sleep(0.05)
        got = what()
    assert got == want, f'{got!r} after a second'


def ready(service, cert):
    service.wait_for(lambda: ocsp(service, cert) == 'good')


def revoke(service, who='alice@example.org', reason='keyCompromise'):
    service.sigill('cert', 'revoke', who, '--reason', reason).expect(OK)


def people(service, *names):
    for name in names:
        service.sigill('user', 'add', f'{name}@example.org',
                       '--unchecked').expect(OK)
    return [pem_of(service.homed, address=f'{name}@example.org')
            for name in names]


def test_everybody_hears_of_it_within_a_second():
    with Service() as s:
        alice, bob = people(s, 'alice', 'bob')
        ready(s, alice)
        crl = '/crl/2-0.crl'
        nonces = (), ('-no_nonce',)
        for words in nonces:
            assert ocsp(s, alice, *words) == 'good'
        assert openssl_says(s.homed, alice, fetched(s, crl)) == 'good'
        signed = path('by-alice.eml')
        sigill('sign', '--key', 'alice@example.org', *s.homed, '-o', signed,
               write('plain.eml', BODY)).expect(OK)
        sigill('verify', '--from', 'alice@example.org', *s.homed,
               signed).expect(OK)
        revoke(s)
        sigill('verify', '--from', 'alice@example.org', *s.homed,
               signed).expect(NO, 'revoked')
        within_a_second(
            lambda: openssl_says(s.homed, alice, fetched(s, crl)), 'revoked')
        for words in nonces:
            within_a_second(lambda w=words: ocsp(s, alice, *w), 'revoked')
            assert ocsp(s, bob, *words) == 'good'
        s.stop()


def real_service(url):
    """One with a public URL, whose certificates say where to ask. Its root's
    key is in a file."""
    home = path(f'home-{Service.number + 1}')
    out = path(f'root-{Service.number}.pem')
    password = write('root-password', PASSWORD + '\n')
    sigill('init', '--domain', 'example.org', '--algorithm', 'p256',
           '--public-url', url, '--root-key-out', out, '--password-file',
           password, '--home', home).expect(OK)
    port = free_port()
    write(os.path.join(home, 'sigilld.conf'), f'http = 127.0.0.1:{port}\n')
    service = Service(init=False)
    service.port = port
    return service


def points_of(cert):
    text = openssl('x509', '-in', cert, '-noout', '-text').decode()
    return re.findall(r'URI:(\S+)', text)


def test_a_list_in_parts():
    with real_service('http://pki.example.org/x') as s:
        s.sigill('ca', 'crl', '--shards', '3').expect(OK)
        s.sigill('ca', 'crl', '--shards', '2').expect(USAGE, 'fewer parts')
        certs = people(s, *'abcdefgh')
        revoke(s, 'a@example.org')
        revoke(s, 'b@example.org', 'certificateHold')
        used = set()
        for cert in certs:
            urls = points_of(cert)
            assert 'http://pki.example.org/x/ca/2.cer' in urls, urls
            assert 'http://pki.example.org/x/ocsp' in urls, urls
            crl = next(u for u in urls if u.endswith('.crl'))
            used.add(crl)
            # Below the public URL's own path, and without it.
            part = fetched(s, crl[len('http://pki.example.org'):])
            assert read(part) == read(fetched(
                s, crl[len('http://pki.example.org/x'):])), crl
            want = 'revoked' if cert in certs[:2] else 'good'
            assert openssl_says(s.homed, cert, part) == want
            text = openssl('crl', '-inform', 'DER', '-in', part, '-noout',
                           '-text').decode()
            assert f'URI:{crl}' in text and 'critical' in text, text
            # What another part says is not about this certificate.
            other = f'/crl/2-{(int(crl[-5]) + 1) % 3}.crl'
            assert openssl_says(s.homed, cert, fetched(s, other)) not in (
                'good', 'revoked')
        assert len(used) > 1, used
        assert fetch(s, '/crl/2-3.crl')[0] == 404
        # The root's list was made when its key was at hand.
        assert crl_number(fetched(s, '/x/crl/1-0.crl')) >= 1
        s.stop()


def gnutls_says(service, cert, *words):
    done = subprocess.run(
        ['ocsptool', f'--ask=http://127.0.0.1:{service.port}/ocsp',
         '--load-cert', cert, '--load-issuer',
         os.path.join(service.home, 'ca/issuing.pem'), '--load-trust',
         os.path.join(service.home, 'ca/issuing.pem'), *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    found = re.search(r'Certificate Status: (\w+)', done.stdout)
    assert found and 'Verifying OCSP Response: Success' in done.stdout, \
        done.stdout
    return found[1]


def test_gnutls_hears_of_it():
    with Service() as s:
        alice, = people(s, 'alice')
        ready(s, alice)
        for words in (), ('--nonce',):
            assert gnutls_says(s, alice, *words) == 'good'
        revoke(s)
        for words in (), ('--nonce',):
            within_a_second(lambda w=words: gnutls_says(s, alice, *w), 'revoked')
        s.stop()


def test_a_hold_comes_and_goes():
    with Service() as s:
        alice, = people(s, 'alice')
        ready(s, alice)
        for _ in range(2):
            revoke(s, reason='certificateHold')
            within_a_second(lambda: ocsp(s, alice, '-no_nonce'), 'revoked')
            s.sigill('cert', 'release', 'alice@example.org').expect(OK)
            within_a_second(lambda: ocsp(s, alice, '-no_nonce'), 'good')
            within_a_second(lambda: openssl_says(
                s.homed, alice, fetched(s, '/crl/2-0.crl')), 'good')
        s.stop()


def test_nothing_is_lost_when_processes_are_killed():
    with Service() as s:
        certs = people(s, 'a', 'b', 'c', 'd')
        ready(s, certs[0])
        number = 0
        for victim, cert, name in zip(
                ('control', 'front', 'keyholder', 'control'), certs, 'abcd'):
            assert ocsp(s, cert, '-no_nonce') == 'good'
            pid = s.pid_of(victim)
            revoke(s, f'{name}@example.org')
            os.kill(pid, signal.SIGKILL)
            s.wait_for(lambda: s.pid_of(victim) != pid)
            s.wait_for(lambda: ocsp(s, cert, '-no_nonce') == 'revoked')
            s.wait_for(lambda: fetch(s, '/crl/2-0.crl')[0] == 200)
            crl = fetched(s, '/crl/2-0.crl')
            assert openssl_says(s.homed, cert, crl) == 'revoked'
            assert crl_number(crl) > number
            number = crl_number(crl)
        s.stop()
    # And the copies for other servers are whole.
    for cert in certs:
        assert openssl_says(s.homed, cert, os.path.join(
            s.home, 'ca/2-0.crl')) == 'revoked'


def test_requests_are_answered_as_the_rules_say():
    with Service() as s:
        alice, = people(s, 'alice')
        ready(s, alice)
        issuing = os.path.join(s.home, 'ca/issuing.pem')
        status, headers, body = fetch(s, '/crl/2-0.crl')
        assert (status, headers['Content-Type']) == (
            200, 'application/pkix-crl'), headers
        for part in 'public', 'max-age=300', 'no-transform', 'must-revalidate':
            assert part in headers['Cache-Control'], headers
        assert 'Expires' in headers and 'Last-Modified' in headers, headers
        again = fetch(s, '/crl/2-0.crl', If_None_Match=headers['ETag'])
        assert again[0] == 304 and not again[2], again
        head = fetch(s, '/crl/2-0.crl', 'HEAD')
        assert head[0] == 200 and not head[2], head
        assert int(head[1]['Content-Length']) == len(body), head
        status, headers, body = fetch(s, '/ca/2.cer')
        assert (status, headers['Content-Type']) == (
            200, 'application/pkix-cert'), headers
        assert body == openssl('x509', '-in', issuing, '-outform', 'DER')
        for missing in ('/', '/crl/2-1.crl', '/crl/3-0.crl', '/crl/02-0.crl',
                        '/crl/2-0.crl.x', '/crl/2.crl', '/ca/3.cer',
                        '/ca/..%2f', '/ocspx', '/crl/-1-0.crl',
                        '/crl/99999999999999999999-0.crl'):
            assert fetch(s, missing)[0] == 404, missing
        assert fetch(s, '/crl/2-0.crl', 'POST', b'x')[0] == 405
        assert fetch(s, '/crl/2-0.crl', 'DELETE')[0] in (405, 501)
        s.stop()


def request_for(service, *words):
    name = path('request.der')
    openssl('ocsp', '-issuer', os.path.join(service.home, 'ca/issuing.pem'),
            *words, '-reqout', name)
    return read(name)


def post(service, body, **headers):
    headers = dict({'Content_Type': 'application/ocsp-request'}, **headers)
    return fetch(service, '/ocsp', 'POST', body, **headers)


def error_of(body):
    """The number in an OCSPResponse that is an error; None: it is none."""
    return body[4] if len(body) == 5 and body[:4] == b'\x30\x03\x0a\x01' else None


def test_ocsp_in_all_its_forms():
    with Service() as s:
        alice, = people(s, 'alice')
        ready(s, alice)
        plain = request_for(s, '-cert', alice, '-no_nonce')
        status, headers, body = post(s, plain)
        assert (status, headers['Content-Type']) == (
            200, 'application/ocsp-response'), headers
        assert error_of(body) is None and 'ETag' in headers, headers
        told = sigill('inspect', write('answer.der', body)).expect(OK).out
        for word in (b'OCSP response', b'status: successful', b'status: good',
                     b'next update', b'id-kp-OCSPSigning'):
            assert word in told, told
        # By GET the same bytes (RFC 5019 5).
        quoted = base64.b64encode(plain).decode().replace(
            '/', '%2F').replace('+', '%2B').replace('=', '%3D')
        by_get = fetch(s, '/ocsp/' + quoted)
        assert by_get[2] == body and by_get[1]['ETag'] == headers['ETag']
        assert fetch(s, '/ocsp/' + quoted, If_None_Match=headers['ETag']
                     )[0] == 304
        # With a nonce each is another, and none is to be kept.
        nonced = request_for(s, '-cert', alice)
        first, second = post(s, nonced), post(s, nonced)
        assert first[1]['Cache-Control'] == 'no-store', first
        assert first[2] != second[2]
        # Another digest in the CertID.
        assert ocsp(s, alice, '-no_nonce', '-sha256') == 'good'
        # Several at once.
        many = request_for(s, '-cert', alice, '-serial', '0x4F4F', '-no_nonce')
        answer = write('many.der', post(s, many)[2])
        text = openssl('ocsp', '-respin', answer, '-text', '-noverify').decode()
        assert re.findall(r'Cert Status: (\w+)', text) == ['good', 'unknown']
        # What was never issued.
        serial = '0x4F4F'
        unknown = request_for(s, '-serial', serial, '-no_nonce')
        assert error_of(post(s, unknown)[2]) == 6
        assert b'unauthorized' in sigill(
            'inspect', write('no.der', post(s, unknown)[2])).expect(OK).out
        unknown = request_for(s, '-serial', serial)
        assert b'4F4F' in openssl(
            'ocsp', '-respin', write('unknown.der', post(s, unknown)[2]),
            '-text', '-noverify')
        # Another's authority.
        openssl('ocsp', '-issuer', os.path.join(s.home, 'ca/root.pem'),
                '-cert', alice, '-no_nonce', '-reqout', path('foreign.der'))
        assert error_of(post(s, read('foreign.der'))[2]) == 6
        # No requests.
        for bad in b'', b'x', plain[:-1], plain + b'\0', b'\x30\x80' + plain:
            status, headers, body = post(s, bad)
            assert (status, error_of(body)) == (200, 1), (bad, status, body)
            assert headers['Cache-Control'] == 'no-store', headers
        assert error_of(fetch(s, '/ocsp/MEkwRz')[2]) == 1
        assert post(s, plain, Content_Type='text/plain')[0] == 415
        assert post(s, b'x' * 100000)[0] == 413
        s.stop()


def begin_asking(service, body):
    """A connection on which the request is, and the answer will be."""
    connection = http.client.HTTPConnection('127.0.0.1', service.port,
                                            timeout=20)
    connection.request('POST', '/ocsp', body,
                       {'Content-Type': 'application/ocsp-request'})
    return connection


def end_asking(connection):
    body = connection.getresponse().read()
    connection.close()
    return body


def judged(service, request, answer, cert):
    """Whether this is an answer to that request, nonce and all, and what it
    says."""
    ca = os.path.join(service.home, 'ca/issuing.pem')
    done = subprocess.run(
        ['openssl', 'ocsp', '-no_nonce', '-reqin',
         write('asked.der', request), '-respin',
         write('answered.der', answer), '-issuer', ca, '-CAfile',
         os.path.join(service.home, 'ca/root.pem'), '-verify_other', ca,
         '-cert', cert],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    assert 'Response verify OK' in done.stdout, done.stdout
    assert 'nonce' not in done.stdout.lower(), done.stdout
    return re.search(r'^\S+\.pem: (\w+)', done.stdout, re.M)[1]


def wakes(pid):
    """How often a process went to sleep until something came."""
    return int(re.search(r'^voluntary_ctxt_switches:\s*(\d+)',
                         read(f'/proc/{pid}/status').decode(), re.M)[1])


def test_who_waits_at_the_same_time_is_answered_together():
    with Service() as s:
        alice, bob = people(s, 'alice', 'bob')
        ready(s, alice)
        revoke(s, 'bob@example.org')
        within_a_second(lambda: ocsp(s, bob), 'revoked')
        asked = [(request_for(s, '-cert', cert), cert)
                 for cert in (alice, bob) * 12]
        unknown = request_for(s, '-serial', '0x4F4F')
        os.kill(s.pid_of('control'), signal.SIGSTOP)
        try:
            waiting = [begin_asking(s, request) for request, _ in asked]
            others = [begin_asking(s, body) for body in (unknown, b'none')]
            time.sleep(0.5)
            before = wakes(s.pid_of('keyholder'))
        finally:
            os.kill(s.pid_of('control'), signal.SIGCONT)
        answers = [end_asking(connection) for connection in waiting]
        assert wakes(s.pid_of('keyholder')) - before < len(asked) / 2
        assert len(set(answers)) == len(asked)
        for (request, cert), answer in zip(asked, answers):
            want = 'good' if cert == alice else 'revoked'
            assert judged(s, request, answer, cert) == want
        assert b'Cert Status: unknown' in openssl(
            'ocsp', '-respin', write('unknown.der', end_asking(others[0])),
            '-text', '-noverify')
        assert error_of(end_asking(others[1])) == 1
        s.stop()


def test_a_keyholder_that_dies_leaves_nobody_without_an_answer():
    with Service() as s:
        alice, = people(s, 'alice')
        ready(s, alice)
        request = request_for(s, '-cert', alice)
        victim = s.pid_of('keyholder')
        os.kill(victim, signal.SIGSTOP)
        waiting = [begin_asking(s, request) for _ in range(20)]
        time.sleep(0.5)
        os.kill(victim, signal.SIGKILL)
        for connection in waiting:
            answer = end_asking(connection)
            assert error_of(answer) == 3 or judged(
                s, request, answer, alice) == 'good', answer
        s.wait_for(lambda: ocsp(s, alice) == 'good')
        s.stop()


def test_what_is_known_to_be_unknown_costs_control_nothing():
    with Service() as s:
        alice, = people(s, 'alice')
        ready(s, alice)
        openssl('ocsp', '-issuer', os.path.join(s.home, 'ca/root.pem'),
                '-cert', alice, '-no_nonce', '-reqout', path('foreign.der'))
        foreign = read('foreign.der')
        assert ocsp(s, alice, '-no_nonce') == 'good'
        os.kill(s.pid_of('control'), signal.SIGSTOP)
        try:
            start = time.monotonic()
            for _ in range(50):
                assert error_of(post(s, foreign)[2]) == 6
                assert fetch(s, '/crl/2-9.crl')[0] == 404
            # What front has it gives, whatever control does.
            assert ocsp(s, alice, '-no_nonce') == 'good'
            assert time.monotonic() - start < 5
        finally:
            os.kill(s.pid_of('control'), signal.SIGCONT)
        s.stop()


run(globals())
