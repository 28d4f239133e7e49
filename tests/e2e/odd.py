#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Messages that are strange but legal pass; those that only look legal do not,
and what is written of them shows what was signed and nothing else."""
import base64
import email
import json

from e2e import (BODY, HEADERS, INPUT, KEY, MARK, NO, OK, encrypted, openssl,
                 party, path, read, run, sigill, write)

FIELDS = (b'From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n'
          b'Subject: Hello\r\nMIME-Version: 1.0\r\n')


def bob():
    return party('bob', kind='rsa')


def opened(message, *options, status=OK):
    """What `sigill open` writes, and that as a mail program reads it."""
    file = write('odd.eml', message)
    sigill('open', '--trust', party('ca').pem, *options, '-o', path('opened'),
           file).expect(status)
    return read('opened'), email.message_from_bytes(read('opened'))


def der_signed(content, *options):
    """Of any content, marked or not."""
    alice = party('alice')
    return openssl('cms', '-sign', '-binary', '-signer', alice.pem, '-inkey',
                   alice.key, '-outform', 'DER', *options, input=content)


def opaque(der, fields=FIELDS):
    return (fields + b'Content-Type: application/pkcs7-mime; '
            b'smime-type=signed-data; name=smime.p7m\r\n'
            b'Content-Transfer-Encoding: base64\r\n\r\n'
            + base64.encodebytes(der))


def clear(kind=b'multipart/signed; protocol="application/pkcs7-signature"; '
          b'micalg=sha-256; boundary=b', fields=FIELDS, body=BODY,
          signature=None, encoding=b'base64', signature_kind=b'application/'
          b'pkcs7-signature; name=smime.p7s', preamble=b'', epilogue=b'',
          delimiter=b'--b'):
    """A clear-signed message, put together from pieces."""
    signature = signature or base64.encodebytes(der_signed(body))
    return b'\r\n'.join([
        fields + b'Content-Type: ' + kind, b'', preamble + delimiter, body,
        delimiter, b'Content-Type: ' + signature_kind,
        b'Content-Transfer-Encoding: ' + encoding, b'', signature,
        delimiter + b'--', epilogue])


def verdict(message, *options):
    """(status, state) by `sigill verify`."""
    result = sigill('verify', '--json', '--trust', party('ca').pem, *options,
                    write('odd.eml', message))
    if not result.out:
        return result.status, ''
    return result.status, json.loads(result.out)['signature']['state']


# ------------------------------------------------- what stands in a message ---

TEXTS = [b'Hello, Bob.\r\nThis is text.\r\n', b'\x00\x01\xff' * 9, b'', MARK,
         b'Note: a first line that looks like a field\r\nis none.\r\n' + MARK,
         b'Dear Bob: what follows\r\n\r\nis below.\r\n' + MARK,
         b'Subject: forged\r\nBcc: eve@example.org\r\nbut no field\r\n\r\n'
         + MARK]


def test_content_that_is_no_entity():
    """RFC 8551 3.1 wants an entity in every signature and encryption; many put
    bare text there. All of it is body then, and none becomes a header."""
    for text in TEXTS:
        whole, mail = opened(opaque(der_signed(text, '-nodetach')))
        assert whole.endswith(b'\r\n\r\n' + text), whole
        assert mail.keys() == ['From', 'To', 'Subject', 'MIME-Version'], mail
        file = path('of-text.eml')
        openssl('cms', '-encrypt', '-binary', '-aes256', '-out', file, *HEADERS,
                bob().pem, input=text)
        result = sigill('decrypt', *bob().id(), file).expect(OK)
        assert result.out.endswith(b'\n\r\n' + text), result
    # An entity stays one, with or without fields.
    for entity in (BODY, b'\r\nHello\r\n', b'X-Odd: field\r\n\r\nHello\r\n'):
        whole, mail = opened(opaque(der_signed(entity, '-nodetach')))
        assert whole.endswith(b'MIME-Version: 1.0\r\n' + entity), whole


def test_nothing_ends_the_header_early():
    """Programs differ in what they take for the end of a header. Whoever adds
    to the outer header must not put text in front of what was signed."""
    for trick in (b'X: a\r\n \r\n', b'X: a\r\n\t \r\n', b'X: a\r\r',
                  b'X: a\0\n \n', b'no field at all\r\n'):
        message = opaque(der_signed(BODY, '-nodetach'),
                         FIELDS + trick + b'Evil: text\r\n')
        whole, mail = opened(message)
        head, rest = whole.split(b'\r\n\r\n', 1)
        assert rest == BODY.split(b'\r\n\r\n', 1)[1], whole
        for line in head.split(b'\r\n'):
            assert line.strip() and b'\r' not in line and b'\0' not in line
        assert mail.get_payload().endswith(' Hello, Bob.\r\n'), mail
    # The same where header fields are protected, and few come from outside.
    inside = (b'From: alice@example.org\r\nSubject: Hello\r\n'
              b'Content-Type: text/plain; hp="clear"\r\n\r\nHello, Bob.\r\n')
    outside = FIELDS + b'Received: from a\r\n \r\n by b; x\r\n'
    whole, mail = opened(opaque(der_signed(inside, '-nodetach'), outside))
    assert b'Received: from a\r\n by b; x\r\n' in whole, whole
    assert whole.endswith(b'\r\n\r\nHello, Bob.\r\n'), whole


FINE = {
    'LF': lambda: clear().replace(b'\r\n', b'\n'),
    'LF, opaque': lambda: opaque(der_signed(BODY, '-nodetach')).replace(
        b'\r\n', b'\n'),
    'mbox': lambda: b'From alice Mon Jan  1 00:00:00 2024\r\n' + clear(),
    'upper case': lambda: clear(
        b'MULTIPART/SIGNED; PROTOCOL="APPLICATION/PKCS7-SIGNATURE"; BOUNDARY=b'),
    'comments and folds': lambda: clear(
        b'multipart/signed (a "b") ;\r\n\tprotocol="application/x-pkcs7-'
        b'signature" (;);\r\n boundary="b" ; micalg=sha1'),
    'boundary in pieces': lambda: clear(
        b'multipart/signed; protocol="application/pkcs7-signature"; '
        b"boundary*0*=''%62; boundary*1=cd", delimiter=b'--bcd'),
    'blanks behind delimiters': lambda: clear().replace(
        b'--b\r\n', b'--b \t\r\n'),
    'boundary with blanks behind': lambda: clear(
        b'multipart/signed; protocol="application/pkcs7-signature"; '
        b'boundary="b  "'),
    'preamble and epilogue': lambda: clear(
        preamble=b'This is S/MIME.\r\n', epilogue=b'list footer\r\n'),
    'boundary that begins another': lambda: clear(
        body=b'Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\n'
        b'x\r\n--bb--\r\n'),
    'boundary that another begins': lambda: clear(
        kind=b'multipart/signed; protocol="application/pkcs7-signature"; '
        b'boundary=bb', delimiter=b'--bb',
        body=b'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n'
        b'x\r\n--b--\r\n'),
    'signature by its file name': lambda: clear(
        signature_kind=b'application/octet-stream; name="SMIME.P7S"'),
    'signature as bytes': lambda: clear(
        signature=der_signed(BODY), encoding=b'binary'),
    'NUL, CR and long lines': lambda: clear(
        body=b'\r\n\0\r \r' + b'x' * 100000 + b'\r\n'),
    'no header in the part': lambda: clear(body=b'Hello\r\n'),
    'nothing in the part': lambda: clear(body=b''),
    'one line of base64': lambda: opaque(b'').replace(
        b'\r\n\r\n', b'\r\n\r\n' + base64.b64encode(
            der_signed(BODY, '-nodetach'))),
    'blanks behind base64': lambda: opaque(
        der_signed(BODY, '-nodetach')) + b'\r\n \r\n\r\n',
    'wrong smime-type': lambda: opaque(
        der_signed(BODY, '-nodetach')).replace(b'signed-data', b'certs-only'),
    'octet-stream': lambda: opaque(der_signed(BODY, '-nodetach')).replace(
        b'application/pkcs7-mime; smime-type=signed-data',
        b'application/octet-stream'),
    'bare DER': lambda: der_signed(BODY, '-nodetach'),
    'PEM': lambda: (b'-----BEGIN PKCS7-----\n' + base64.encodebytes(
        der_signed(BODY, '-nodetach')) + b'-----END PKCS7-----\n'),
}

NOT_FINE = {
    'two types': (lambda: clear(fields=FIELDS + b'Content-Type: multipart/'
                                b'signed; boundary=c\r\n'), NO, 'none'),
    'two types, the other behind': (lambda: clear(
        kind=b'multipart/signed; protocol="application/pkcs7-signature"; '
        b'boundary=b\r\nContent-Type: text/html'), NO, 'none'),
    'no last delimiter': (lambda: clear().replace(b'--b--', b''), INPUT, ''),
    'content inside and beside': (lambda: clear(signature=base64.encodebytes(
        der_signed(BODY, '-nodetach'))), INPUT, ''),
    'content nowhere': (lambda: opaque(der_signed(BODY)), INPUT, ''),
    'signed part of another message': (
        lambda: FIELDS + b'Content-Type: multipart/mixed; boundary=m\r\n\r\n'
        b'--m\r\n' + clear(fields=b'') + b'\r\n--m\r\n\r\nfooter\r\n--m--\r\n',
        NO, 'none'),
    'forwarded': (lambda: FIELDS + b'Content-Type: message/rfc822\r\n\r\n'
                  + clear(), NO, 'none'),
}


def test_strange_forms():
    for name, make in FINE.items():
        got = verdict(make())
        assert got == (OK, 'valid-trusted'), (name, got)
    for name, (make, *want) in NOT_FINE.items():
        got = verdict(make())
        assert list(got) == want, (name, got)


FROM = {
    b'From: "bob@example.org" <alice@example.org>': True,
    b'From: <alice@example.org> (bob@example.org)': True,
    b'From: alice(x)@(y)EXAMPLE.org': True,
    b'From: Group: alice@example.org;': True,
    b'From:\r\n Alice\r\n <alice@example.org>': True,
    b'From: "alice@example.org" <eve@example.org>': False,
    b'From: alice@example.org <eve@example.org>': False,
    b'From: =?utf-8?Q?alice=40example=2Eorg=00?= <eve@example.org>': False,
    b'From: =?utf-8?Q?alice=40example=2Eorg?=': False,
    b'From: <alice@example.org> <eve@example.org>': False,
    b'From: alice@example.org, eve@example.org': False,
    b'From: alice@example.org\r\nFrom: alice@example.org': False,
    b'From: alice@example.org\r\nFrom : eve@example.org': False,
    b'From: alice@example.org\r\n \r\nFrom: eve@example.org': False,
    b'From: alice@example.org\rFrom: eve@example.org': False,
    b'From: alice@example.org\0@evil.example': False,
    b'From: "alice@example.org>"@evil.example': False,
    b'From: eve@example.org\r\nSender: alice@example.org': False,
    b'From: nobody:;': False,
    b'From:': False,
}


def test_who_it_is_from():
    der = der_signed(BODY, '-nodetach')
    for field, is_alice in FROM.items():
        got = verdict(opaque(der, field + b'\r\nMIME-Version: 1.0\r\n'))
        assert got == ((OK, 'valid-trusted') if is_alice else
                       (NO, 'valid-address-mismatch')), (field, got)


# ------------------------------------------------ what stands in a signature ---

def tlv(tag, *parts):
    content = b''.join(parts)
    n = len(content)
    if n < 128:
        return bytes([tag, n]) + content
    length = n.to_bytes((n.bit_length() + 7) // 8, 'big')
    return bytes([tag, 0x80 | len(length)]) + length + content


def indefinite(tag, *parts):
    return bytes([tag, 0x80]) + b''.join(parts) + b'\0\0'


DATA = bytes.fromhex('06092a864886f70d010701')
SIGNED_DATA = bytes.fromhex('06092a864886f70d010702')
CONTENT_TYPE = bytes.fromhex('06092a864886f70d010903')
DIGEST = bytes.fromhex('06092a864886f70d010904')
TIME = bytes.fromhex('06092a864886f70d010905')
COUNTER = bytes.fromhex('06092a864886f70d010906')
OTHER = bytes.fromhex('06032a0304')
SHA256 = bytes.fromhex('300b0609608648016503040201')
SHA256_NULL = bytes.fromhex('300d06096086480165030402010500')
ECDSA = bytes.fromhex('300a06082a8648ce3d040302')


def attribute(kind, *values):
    return tlv(0x30, kind, tlv(0x31, *values))


def attributes(*more):
    digest = openssl('dgst', '-sha256', '-binary', input=BODY)
    return [attribute(CONTENT_TYPE, DATA), attribute(DIGEST, tlv(4, digest)),
            *more]


def issuer_and_serial(who):
    """As they are in the certificate, behind its version."""
    der = openssl('x509', '-in', who.pem, '-outform', 'DER')
    at, parts = 4 + 4 + 5, []
    for _ in range(3):          # serial number, algorithm, issuer
        n = der[at + 1]
        assert n < 128
        parts.append(der[at:at + 2 + n])
        at += 2 + n
    return tlv(0x30, parts[2], parts[0])


def signer(who='alice', attrs=None, wire=None, digest=SHA256, behind=b'',
           sort=True, pieces=False, broken=False):
    who = party(who)
    attrs = attributes() if attrs is None else attrs
    text = tlv(0x31, *(sorted(attrs) if sort else attrs))
    value = openssl('dgst', '-sha256', '-sign', who.key, input=text)
    if broken:
        value = value[:-1] + bytes([value[-1] ^ 1])
    value = (tlv(0x24, tlv(4, value[:9]), tlv(4, value[9:])) if pieces
             else tlv(4, value))
    return tlv(0x30, b'\2\1\1', issuer_and_serial(who), digest,
               wire or tlv(0xa0, *attrs), ECDSA, value, behind)


def cms(*signers, certs=('alice',), content=None, digests=SHA256, crls=b'',
        more=b''):
    certs = b''.join(openssl('x509', '-in', party(c).pem, '-outform', 'DER')
                     for c in certs) + more
    body = content or tlv(0x30, DATA, tlv(0xa0, tlv(4, BODY)))
    return tlv(0x30, SIGNED_DATA, tlv(0xa0, tlv(
        0x30, b'\2\1\1', tlv(0x31, digests), body,
        tlv(0xa0, certs) if certs else b'', crls, tlv(0x31, *signers))))


def pieces_of_one():
    return indefinite(0x30, DATA, indefinite(0xa0, indefinite(
        0x24, *(tlv(4, bytes([c])) for c in BODY), tlv(4))))


CMS_FINE = {
    'plain': lambda: cms(signer()),
    'attributes in another order':
        lambda: cms(signer(attrs=attributes()[::-1])),
    'attributes signed in another order':
        lambda: cms(signer(attrs=attributes()[::-1], sort=False)),
    'NULL here, none there': lambda: cms(signer(digest=SHA256_NULL)),
    'attributes of indefinite length':
        lambda: cms(signer(wire=indefinite(0xa0, *attributes()))),
    'signature in pieces': lambda: cms(signer(pieces=True)),
    'content in pieces of one byte':
        lambda: cms(signer(), content=pieces_of_one()),
    'algorithms twice, and one that nobody knows': lambda: cms(
        signer(), digests=SHA256 + SHA256 + tlv(0x30, OTHER)),
    'certificates of others first':
        lambda: cms(signer(), certs=('ca', 'carol', 'alice', 'alice')),
    'attribute and other certificates': lambda: cms(
        signer(), more=tlv(0xa1, b'\2\1\1') + tlv(0xa2, b'\2\1\1')
        + tlv(0xa3, OTHER, tlv(0x30))),
    'revocation information of another kind':
        lambda: cms(signer(), crls=tlv(0xa1, tlv(0xa1, OTHER, tlv(0x30)))),
    'no revocation list in their set':
        lambda: cms(signer(), crls=tlv(0xa1)),
    'countersignature and unknown unsigned attribute': lambda: cms(signer(
        behind=tlv(0xa1, attribute(COUNTER, signer('carol')),
                   attribute(OTHER, b'\5\0', b'\2\1\5')))),
    'two signers, one of them broken':
        lambda: cms(signer('carol', broken=True), signer(),
                    certs=('carol', 'alice')),
    'unknown signed attribute': lambda: cms(signer(
        attrs=attributes(attribute(OTHER, b'\5\0'), attribute(OTHER)))),
}

CMS_NOT_FINE = {
    'broken': (lambda: cms(signer(broken=True)), 'tampered'),
    'only another signer is good': (lambda: cms(
        signer(broken=True), signer('carol'), certs=('carol', 'alice')),
        'valid-address-mismatch'),
    'no content type': (lambda: cms(signer(attrs=attributes()[1:])),
                        'tampered'),
    'no digest': (lambda: cms(signer(attrs=attributes()[:1])), 'tampered'),
    'time twice': (lambda: cms(signer(attrs=attributes(
        *2 * [attribute(TIME, tlv(0x17, b'240101000000Z'))]))), 'tampered'),
    'signing time where nobody signed it': (lambda: cms(signer(
        behind=tlv(0xa1, attribute(TIME, tlv(0x17, b'240101000000Z'))))),
        'tampered'),
    'digest not announced': (lambda: cms(signer(), digests=b''),
                             'unsupported'),
    'no certificate': (lambda: cms(signer(), certs=()), 'no-certificate'),
    'nobody signs': (cms, 'none'),
}


def test_strange_signatures():
    party('carol')
    for name, make in CMS_FINE.items():
        got = verdict(opaque(make()))
        assert got == (OK, 'valid-trusted'), (name, got)
    for name, (make, state) in CMS_NOT_FINE.items():
        got = verdict(opaque(make()))
        assert got == (NO, state), (name, got)


# ------------------------------------------------------------ what is locked ---

def test_locked_without_a_certificate():
    """A message for a password or a key-encryption key names no certificate;
    the hint tells what it wants."""
    password = write('word', 'correct horse\n')
    kek, other = write('kek', b'\x11' * 32), write('other', b'\x12' * 32)
    kinds = [
        (['-pwri_password', 'correct horse'], '--password-recipient', password,
         write('wrong', 'wrong\n')),
        (['-secretkey', '11' * 32, '-secretkeyid', 'aabb'], '--kek', kek,
         other)]
    for words, option, right, wrong in kinds:
        file = path('locked.eml')
        openssl('cms', '-encrypt', '-binary', '-aes256', *words, '-in',
                write('body', BODY), '-out', file)
        for more in ([], bob().id()):
            result = sigill('decrypt', *more, file).expect(KEY, option)
            assert 'certificate' not in result.err, result
            sigill('open', *more, file).expect(KEY, option)
        sigill('decrypt', option, wrong, file).expect(KEY)
        assert sigill('decrypt', option, right, file).expect(
            OK).out.endswith(BODY)


def test_openpgp_inside_is_what_was_encrypted():
    """Somebody forwards mail in OpenPGP, in S/MIME: that is opened."""
    body = (b'Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n'
            b'Content-Type: text/plain\r\n\r\n' + MARK + b'\r\n--m\r\n'
            b'Content-Type: multipart/encrypted; boundary=p; protocol='
            b'"application/pgp-encrypted"\r\n\r\n--p\r\nContent-Type: '
            b'application/pgp-encrypted\r\n\r\nVersion: 1\r\n--p--\r\n'
            b'--m--\r\n')
    file = encrypted(bob(), body=body)
    assert sigill('decrypt', *bob().id(), file).expect(OK).out.endswith(body)
    alone = write('alone.eml', FIELDS + body)
    sigill('decrypt', *bob().id(), alone).expect(INPUT, 'OpenPGP')


def test_a_key_without_its_certificate():
    """Recipients are named by their certificate, so the key alone cannot be
    told to fit."""
    file = encrypted(bob())
    sigill('decrypt', '--key', bob().key, file).expect(KEY, 'its certificate')
    sigill('decrypt', *bob().id(), file).expect(OK)


def test_no_message_at_all():
    for file in (party('ca').pem, party('ca').key, bob().p12()):
        sigill('verify', file).expect(INPUT, 'this is no CMS object')


def test_too_long_a_header():
    for start in (b'Subject: ', b'X: y\r\n' * 200000):
        sigill('verify', write('long.eml', start + b'x' * 2000000)).expect(
            INPUT, 'header section is over the limit')


if __name__ == '__main__':
    run(globals())
