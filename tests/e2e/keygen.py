#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""EST serverkeygen (RFC 7030 4.4): the key with which a mailbox reads is made and
kept here, and comes to its device with its certificate, as it is or encrypted for
a key of the device."""
import base64
import email
import hashlib
import sys

from e2e import (MARK, OK, USAGE, is_sanitized, may_look_into_processes, openssl, path,
                 read, run, sigill, write)
from enrol import Door, certs_of, is_for, make_key, request, serial_of
from keys_apart import memory_of

import scep as asn1

CAPABILITIES = '1.2.840.113549.1.9.15'
SECRET_KEY, PUBLIC_KEY = '1.2.840.113549.1.9.16.2.37', '1.2.840.113549.1.9.16.2.54'
KEY_PACKAGE = '2.16.840.1.101.2.1.2.78.5'
AES = '2.16.840.1.101.3.4.1.'
SHA256_ECDSA, SHA256_RSA = '1.2.840.10045.4.3.2', '1.2.840.113549.1.1.11'


# --- requests that openssl req cannot make ---

def attribute(kind, value):
    return asn1.der(asn1.SEQUENCE, asn1.oid(kind), asn1.der(asn1.SET, value))


def key_bits(spki):
    return asn1.elements(asn1.read(spki)[1])[1][1][1:]


def wish(name, kind='ec', capabilities=(), key_id=None, others=()):
    """A request that names its own key, or key_id, in base64."""
    make_key(name, kind)
    spki = openssl('pkey', '-in', path(name + '.key'), '-pubout', '-outform', 'DER')
    if key_id is None:
        key_id = hashlib.sha1(key_bits(spki)).digest()
    attributes = [*others]
    if key_id:
        attributes.append(attribute(PUBLIC_KEY, asn1.der(asn1.OCTETS, key_id)))
    if capabilities:
        attributes.append(attribute(CAPABILITIES, asn1.der(asn1.SEQUENCE, *(
            asn1.der(asn1.SEQUENCE, asn1.oid(c)) for c in capabilities))))
    info = asn1.der(asn1.SEQUENCE, asn1.der(asn1.INTEGER, b'\0'),
                    asn1.der(asn1.SEQUENCE), spki, asn1.der(0xa0, *attributes))
    signature = openssl('dgst', '-sha256', '-sign', path(name + '.key'),
                        write(name + '.info', info))
    algorithm = asn1.der(asn1.SEQUENCE, *(
        (asn1.oid(SHA256_RSA), asn1.der(5)) if kind == 'rsa'
        else (asn1.oid(SHA256_ECDSA),)))
    return base64.b64encode(asn1.der(
        asn1.SEQUENCE, info, algorithm, asn1.der(3, b'\0' + signature)))


# --- the device ---

def keygen(s, asked, code, name='alice'):
    return s.post('serverkeygen', asked, '-u', f'{name}@example.org:{code}')


def parts_of(head, body):
    """The types and contents of a multipart/mixed answer."""
    kind = [line for line in head.splitlines()
            if line.lower().startswith('content-type:')]
    mail = email.message_from_bytes(kind[0].encode() + b'\r\n\r\n' + body)
    assert mail.get_content_type() == 'multipart/mixed', head
    assert 'no-store' in head, head
    parts = mail.get_payload()
    assert all(p['Content-Transfer-Encoding'] == 'base64' for p in parts)
    assert all(len(line) <= 78 for line in body.split(b'\n')), 'RFC 2045 6.8'
    return [(p['Content-Type'], p.get_payload(decode=True)) for p in parts]


def fetched(s, asked, code, name='alice'):
    """The key, of whatever kind, and the certificate, as PEM."""
    status, head, body = keygen(s, asked, code, name)
    assert status == 200, (status, body)
    (key_type, key), (cert_type, certs) = parts_of(head, body)
    assert cert_type == 'application/pkcs7-mime; smime-type=certs-only'
    (cert,) = certs_of(base64.b64encode(certs))
    return key_type, key, cert


def take(s, code, device, name='alice'):
    """A device with a key that came as it is."""
    kind, key, cert = fetched(s, request(device + '-own'), code, name)
    assert kind == 'application/pkcs8', kind
    openssl('pkey', '-inform', 'DER', '-in', write(device + '.der', key), '-out',
            path(device + '.key'))
    write(device + '.pem', cert)
    return cert


def opened(s, device):
    """The device reads what is sent to its person."""
    mail = write('mail', b'From: bob@example.org\r\n\r\n' + MARK + b'\r\n')
    s.sigill('encrypt', '--to', 'alice@example.org', '-o', path('sealed'),
             mail).expect(OK)
    pair = write(device + '-pair.pem', read(path(device + '.key')) +
                 read(path(device + '.pem')))
    sigill('decrypt', '--key', pair, path('sealed')).expect(OK, MARK.decode())


def code_of(s, name='alice'):
    return s.code(name, '--purpose', 'encryption')


# ---------------------------------------------------------------- the tests ---

def test_a_device_gets_a_key():
    with Door() as s:
        code = code_of(s)
        before = s.certs(purpose='encryption')
        cert = take(s, code, 'phone')
        assert is_for(cert, 'phone'), 'not of this certificate'
        assert not is_for(cert, 'phone-own'), 'the request says nothing of the key'
        text = openssl('x509', '-in', path('phone.pem'), '-noout', '-text').decode()
        assert 'email:alice@example.org' in text and 'Key Agreement' in text, text
        # It is the one in use at once, and it is kept here.
        now = s.certs(purpose='encryption')
        assert len(now) == len(before) + 1
        assert [c['serial'].lower() for c in now if c['status'] == 'current'] == [
            serial_of(cert)]
        opened(s, 'phone')
        s.sigill('open', '--accept', 'none', '--key', 'alice@example.org',
                 path('sealed')).expect(OK, MARK.decode())
        # One code is one key.
        assert keygen(s, request('again'), code)[0] == 401
        told = s.sigill('audit', 'list').out.decode()
        assert 'key.export' in told and serial_of(cert).upper() in told.upper(), told
        (event,) = [e for e in s.events('enrolment') if e['result'] == 'done']
        assert event['key'] is True, event
        secret = openssl('pkey', '-in', path('phone.key'), '-outform', 'DER')
        assert base64.b64encode(secret)[:40].decode() not in s.text()
        assert code not in s.text()
        s.stop()


def private_number(device):
    """The OCTET STRING of 32 (RFC 5915 3)."""
    key = openssl('pkey', '-in', path(device + '.key'), '-outform', 'DER')
    at = key.index(b'\x04\x20') + 2
    return key[at:at + 32]


def test_nothing_of_it_is_left():
    """In no process that it went through, neither as it is nor in base64."""
    if is_sanitized() or not may_look_into_processes():
        return
    # What is freed stays as it was.
    with Door(env={'MALLOC_PERTURB_': '0'}) as s:
        for _ in range(3):
            take(s, code_of(s), 'phone')
        number = private_number('phone')
        text = base64.b64encode(openssl('pkey', '-in', path('phone.key'), '-outform',
                                        'DER'))
        for role in ('front', 'control', 'keyholder'):
            found = memory_of(s.pid_of(role))
            for secret in (number[:16], number[16:], text[60:76], text[80:120]):
                assert secret not in found, role
        s.stop()


def unpacked(enveloped, device):
    """What openssl finds inside: signed by us, a list of one key."""
    write('enveloped', enveloped)
    openssl('cms', '-decrypt', '-binary', '-inform', 'DER', '-in', path('enveloped'),
            '-inkey', path(device + '.key'), '-out', path('signed'))
    text = openssl('cms', '-cmsout', '-print', '-inform', 'DER', '-in',
                   path('signed')).decode()
    assert KEY_PACKAGE in text, text
    openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in', path('signed'),
            '-purpose', 'any', '-CAfile', path('authorities.pem'), '-out',
            path('package'))
    (key,) = asn1.elements(asn1.read(read(path('package')))[1])
    return key[2]


def test_a_key_in_an_envelope():
    with Door() as s:
        _, _, body = s.est('cacerts')
        write('authorities.pem', ''.join(certs_of(body)))
        for kind, capabilities, cipher in (
                ('ec', (), 'aes-256-cbc'), ('rsa', (), 'aes-256-cbc'),
                ('rsa', (AES + '2', '1.2.3'), 'aes-128-cbc'),
                ('ec', (AES + '22', AES + '2'), 'aes-192-cbc')):
            key_type, enveloped, cert = fetched(
                s, wish('device', kind, capabilities), code_of(s))
            assert key_type == \
                'application/pkcs7-mime; smime-type=server-generated-key', key_type
            shown = openssl('cms', '-cmsout', '-print', '-inform', 'DER', '-in',
                            write('shown', enveloped)).decode()
            assert cipher in shown and 'subjectKeyIdentifier' in shown or \
                'rKeyId' in shown, shown
            key = unpacked(enveloped, 'device')
            openssl('pkey', '-inform', 'DER', '-in', write('phone.der', key), '-out',
                    path('phone.key'))
            write('phone.pem', cert)
            assert is_for(cert, 'phone')
            opened(s, 'phone')
        s.stop()


def test_what_is_refused():
    with Door() as s:
        code = code_of(s)
        asked = request('phone')
        for body in (b'', b'nonsense', base64.b64encode(b'\x30\x00'),
                     wish('device', key_id=b'another'),
                     wish('device', key_id=b'', others=[attribute(
                         SECRET_KEY, asn1.der(asn1.OCTETS, b'shared'))]),
                     wish('device', 'short')):
            status, _, said = keygen(s, body, code)
            assert status == 400 and said, (status, said)
        bent = base64.b64decode(wish('device'))
        bent = base64.b64encode(bent[:-1] + bytes([bent[-1] ^ 1]))
        assert keygen(s, bent, code)[0] == 400, 'encrypted to a key not its own'
        assert s.est('serverkeygen')[0] == 405
        assert s.est('serverkeygen', '-d', 'x', '-u', 'a:b')[0] == 415
        assert s.post('serverkeygen', asked)[0] == 401
        assert keygen(s, asked, code[:-4] + '0000')[0] == 401
        assert keygen(s, asked, code, 'bob')[0] == 401
        # A code for one kind of key is none for the other, and says so.
        status, _, said = s.enrol(asked, code)
        assert status == 400 and b'serverkeygen' in said, (status, said)
        signing = s.code()
        status, _, said = keygen(s, asked, signing)
        assert status == 400 and b'simpleenroll' in said, (status, said)
        # Nothing of it used a code up, or made a certificate.
        assert len(s.certs(purpose='encryption')) == len(s.certs()) == 1
        assert keygen(s, asked, code)[0] == 200
        assert s.enrol(asked, signing)[0] == 200
        s.stop()


def test_custodies():
    with Door() as s:
        s.sigill('user', 'set', 'bob@example.org', '--custody', 'sealed',
                 '--acknowledge-loss').expect(OK)
        # Where nothing is kept the device makes the key.
        code = code_of(s, 'bob')
        status, _, said = keygen(s, request('phone'), code, 'bob')
        assert status == 400 and b'simpleenroll' in said, (status, said)
        assert s.enrol(request('phone'), code, 'bob')[0] == 200
        # Where the server reads the mail, too, the device gets a copy.
        s.sigill('user', 'set', 'alice@example.org', '--custody', 'server').expect(OK)
        take(s, code_of(s), 'phone')
        opened(s, 'phone')
        s.sigill('user', 'enrol-code', 'alice@example.org').expect(
            USAGE, 'custody server')
        s.sigill('user', 'add', 'team@example.org', '--shared').expect(OK)
        s.sigill('user', 'enrol-code', 'team@example.org', '--purpose',
                 'encryption').expect(USAGE, 'shared mailbox')
        s.stop()


if __name__ == '__main__':
    sys.exit(run(globals()))
