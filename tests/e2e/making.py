#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What sign and encrypt make, by every option: read again by us and by
openssl."""
import email
import itertools
import json
import re
import subprocess

from e2e import (BODY, INPUT, MARK, NO, OK, PASSWORD, encrypted, openssl, party,
                 path, read, run, sigill, signed, split, write)

MAIL = (b'From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n'
        b'Subject: =?utf-8?q?H=C3=A4lsning?=\r\nReceived: from a\r\n'
        b'Received: from b\r\nMIME-Version: 1.0\r\n'
        b'Content-Type: text/plain; charset=us-ascii\r\n\r\n' + MARK
        + b' Hello, Bob.\r\n')


def trust():
    return ['--trust', party('ca').pem]


def alice():
    return party('alice', kind='rsa')


def bob():
    return party('bob', kind='rsa')


def made(*words, message=MAIL, status=OK):
    """(path, bytes) of what a command wrote."""
    out = path('made.eml')
    sigill(*words, '-o', out, write('m.eml', message)).expect(status)
    return out, read('made.eml')


def openssl_verify(file, *options):
    return openssl('cms', '-verify', '-in', file, '-CAfile', party('ca').pem,
                   *options)


def openssl_decrypt(file, who):
    return openssl('cms', '-decrypt', '-in', file, '-recip', who.pem, '-inkey',
                   who.key)


def structure(file):
    return openssl('cms', '-cmsout', '-print', '-noout', '-in', file).decode()


def test_headers_stay_outside():
    for words in (['sign', *alice().id()], ['sign', *alice().id(), '--opaque'],
                  ['encrypt', '--to', bob().pem]):
        _, content = made(*words)
        before, after = email.message_from_bytes(MAIL), \
            email.message_from_bytes(content)
        for name in ('From', 'To', 'Subject', 'Received'):
            assert after.get_all(name) == before.get_all(name), (words, name)
        assert after.get_all('MIME-Version') == ['1.0'], words
        assert len(after.get_all('Content-Type')) == 1, words


def test_signatures():
    kinds = (['--digest', 'sha256'], ['--digest', 'sha384'],
             ['--digest', 'sha512'], [])
    for digest, pss, opaque in itertools.product(kinds, ([], ['--pss']),
                                                 ([], ['--opaque'])):
        words = [*digest, *pss, *opaque]
        file, content = made('sign', *alice().id(), *words)
        assert openssl_verify(file) == BODY.replace(
            b'; charset=us-ascii', b'; charset=us-ascii'), words
        sigill('verify', *trust(), file).expect(OK, 'Signed by alice')
        result = sigill('verify', *trust(), '--json', file)
        signer = json.loads(result.out)['layers'][0]['signers'][0]
        assert signer['digest'] == (digest or ['', 'sha256'])[1], words
        assert signer['algorithm'] == ('rsa-pss' if pss else 'rsa-pkcs1')
        kind = b'application/pkcs7-mime' if opaque else b'multipart/signed'
        assert kind in content, words


def certificates_in(file):
    text = structure(file)
    return re.findall(r'subject: CN ?= ?(.*)', text)


def test_certificates_sent_along():
    middle = party('middle', is_ca=True)
    leaf = party('leaf', issuer='middle', address='alice@example.org')
    ids = [*leaf.id(), '--key', middle.pem, '--key', party('ca').pem]
    for words, count in ((['--chain', 'none'], 1), (['--chain', 'issuers'], 2),
                         ([], 2), (['--chain', 'full'], 3)):
        file, _ = made('sign', *ids, *words)
        found = certificates_in(file)
        assert len(found) == count and 'Leaf Example' in found, (words, found)
        sigill('verify', *trust(), '--intermediate', middle.pem, file).expect(
            OK)
    file, _ = made('sign', *ids, '--no-certs')
    assert certificates_in(file) == []
    sigill('verify', *trust(), file).expect(NO)
    sigill('verify', *trust(), '--intermediate', middle.pem, '--intermediate',
           leaf.pem, file).expect(OK)
    # The chain of a PKCS#12 is used as well.
    chain = write('chain.pem', read(middle.pem) + read(party('ca').pem))
    leaf.p12(PASSWORD, '-certfile', chain)
    file, _ = made('sign', '--key', path('leaf.p12'), '--password-file',
                   write('pw', PASSWORD + '\n'))
    assert len(certificates_in(file)) == 2


def test_own_encryption_certificate_goes_along():
    signs = party('signs', address='alice@example.org',
                  usage='digitalSignature')
    opens = party('opens', address='alice@example.org', kind='rsa',
                  usage='keyEncipherment')
    file, _ = made('sign', *signs.id(), *opens.id())
    assert set(certificates_in(file)) == {'Signs Example', 'Opens Example'}
    text = structure(file)
    assert 'EncryptionKeyPreference' in text or '1.2.840.113549.1.9.16.2.11' \
        in text, text


def test_ciphers():
    for cipher in ('aes-256-cbc', 'aes-192-cbc', 'aes-128-cbc', 'aes-256-gcm',
                   'aes-128-gcm', 'chacha20-poly1305', None):
        words = ['--cipher', cipher] if cipher else []
        file, _ = made('encrypt', '--to', bob().pem, *words)
        if cipher != 'chacha20-poly1305':     # openssl 3.0 lacks it in CMS
            assert openssl_decrypt(file, bob()).endswith(b'Hello, Bob.\r\n')
        result = sigill('open', *bob().id(), '--accept', 'none', '--json', '-o',
                        path('plain'), file).expect(OK)
        layer = json.loads(result.out)['layers'][0]
        assert layer['cipher'] == (cipher or 'aes-256-cbc'), layer
        is_aead = bool(cipher) and not cipher.endswith('cbc')
        assert layer['integrity'] == is_aead, layer
        warned = sigill('decrypt', *bob().id(), file).expect(OK)
        assert ('does not protect against change' in warned.err) != is_aead, \
            warned


def test_oaep_and_key_identifiers():
    file, _ = made('encrypt', '--to', bob().pem, '--oaep')
    assert 'rsaesOaep' in structure(file)
    assert openssl_decrypt(file, bob()).endswith(b'Hello, Bob.\r\n')
    sigill('decrypt', *bob().id(), file).expect(OK)
    file, _ = made('encrypt', '--to', bob().pem, '--ski')
    assert 'subjectKeyIdentifier' in structure(file)
    assert openssl_decrypt(file, bob()).endswith(b'Hello, Bob.\r\n')
    sigill('decrypt', *bob().id(), file).expect(OK)


def test_signed_and_encrypted():
    for words, layers in ((['--sign', alice().key, '--sign', alice().pem], 2),
                          (['--sign', alice().key, '--sign', alice().pem,
                            '--triple'], 3)):
        file, content = made('encrypt', '--to', bob().pem, *words)
        assert b'Hello' not in content
        result = sigill('open', *trust(), *bob().id(), '--json', '-o',
                        path('plain'), file).expect(OK)
        verdict = json.loads(result.out)
        assert len(verdict['layers']) == layers, verdict
        assert verdict['signature']['state'] == 'valid-trusted'
        assert verdict['confidentiality']['state'] == 'encrypted'
        assert read('plain').endswith(b'Hello, Bob.\r\n')
        if layers == 3:
            sigill('verify', *trust(), file).expect(OK)
        # decrypt leaves the signature that is inside for verify.
        sigill('decrypt', *bob().id(), '-o', path('inner.eml'), file).expect(OK)
        sigill('verify', *trust(), path('inner.eml')).expect(
            OK, 'alice@example.org')


def test_many_recipients():
    people = [bob()] + [party(f'reader-{i}') for i in range(10)]
    words = itertools.chain(*(['--to', p.pem] for p in people))
    file, _ = made('encrypt', *words)
    for person in people:
        sigill('decrypt', *person.id(), file).expect(OK, 'Hello, Bob')
    for person in people[:3]:
        assert openssl_decrypt(file, person).endswith(b'Hello, Bob.\r\n')


def test_entities_and_odd_messages():
    texts = {
        'entity': BODY,
        'lf': MAIL.replace(b'\r\n', b'\n'),
        '8bit': b'Content-Type: text/plain; charset=utf-8\r\n'
                b'Content-Transfer-Encoding: 8bit\r\n\r\nsm\xc3\xb6rg\xc3\xa5s ' + MARK,
        'binary': b'Content-Type: application/octet-stream\r\n'
                  b'Content-Transfer-Encoding: binary\r\n\r\n'
                  + bytes(range(256)) * 20 + MARK,
        'from': b'Content-Type: text/plain\r\n\r\nFrom here on  \r\n.\r\n'
                + MARK,
        'long': b'Content-Type: text/plain\r\n\r\n' + b'x' * 5000 + MARK,
        'no end': b'Content-Type: text/plain\r\n\r\nno line end ' + MARK,
        'no type': b'From: alice@example.org\r\n\r\nplain ' + MARK + b'\r\n',
        'no body': b'From: alice@example.org\r\nSubject: x\r\n\r\n',
        'parts': b'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'
                 b'Content-Type: text/plain; charset=utf-8\r\n'
                 b'Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa5\r\n--b\r\n'
                 b'Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\n' + MARK
                 + b'\r\n--b--\r\n'}
    for name, text in texts.items():
        for words in (['sign', *alice().id()],
                      ['sign', *alice().id(), '--opaque'],
                      ['encrypt', '--to', bob().pem, '--sign', alice().key,
                       '--sign', alice().pem]):
            file, content = made(*words, message=text)
            sigill('open', *trust(), '--from', 'alice@example.org',
                   *bob().id(), file).expect(OK)
            if '--opaque' not in words and words[0] == 'sign':
                assert max(content) < 128, name
                assert openssl_verify(file)
                # What a mail server does to line ends breaks nothing.
                write('lf.eml', content.replace(b'\r\n', b'\n'))
                sigill('verify', *trust(), '--from', 'alice@example.org',
                       path('lf.eml')).expect(OK)


def test_what_is_signed_already_is_signed_again():
    inner = signed(party('alice'))
    file, _ = made('sign', *alice().id(), message=read(inner))
    sigill('verify', *trust(), file).expect(OK)
    result = sigill('open', *trust(), '--json', '-o', path('p'), file)
    assert len(json.loads(result.expect(OK).out)['layers']) == 2


def test_what_cannot_be_clear_signed():
    inner = signed(party('alice'), body=b'Content-Type: text/plain; charset='
                   b'utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
                   b'sm\xc3\xb6rg\xc3\xa5s\r\n' + MARK, name='8bit')
    result = sigill('sign', *alice().id(), inner)
    result.expect(INPUT, 'clear signature', 'sign with --opaque')
    file, _ = made('sign', *alice().id(), '--opaque', message=read(inner))
    sigill('open', *trust(), file).expect(OK)


def test_what_is_no_message():
    for content in (b'', bytes(range(128, 256)) * 4, b'\0' * 100):
        for words in (['sign', *alice().id()],
                      ['encrypt', '--to', bob().pem]):
            result = sigill(*words, write('m.eml', content))
            assert result.status == INPUT and result.out == b'', \
                (content[:10], result)


def test_from_standard_input_to_standard_output():
    result = sigill('sign', *alice().id(), stdin=MAIL).expect(OK)
    assert result.err == ''
    opened = sigill('verify', *trust(), '-o', '-', stdin=result.out).expect(OK)
    assert opened.out.endswith(b'Hello, Bob.\r\n')
    result = sigill('encrypt', '--to', bob().pem, stdin=MAIL).expect(OK)
    sigill('decrypt', *bob().id(), stdin=result.out).expect(OK, 'Hello, Bob')


def test_made_messages_as_json():
    result = sigill('encrypt', '--to', bob().pem, '--sign', alice().key,
                    '--sign', alice().pem, '--json', '-o', path('x'),
                    write('m.eml', MAIL)).expect(OK)
    made_by = json.loads(result.out)
    assert made_by['signers'][0]['addresses'] == ['alice@example.org']
    assert made_by['recipients'][0]['addresses'] == ['bob@example.org']
    result = sigill('sign', *alice().id(), '--json', write('m.eml', MAIL))
    assert json.loads(result.err)['recipients'] == []
    assert b'multipart/signed' in result.out


def test_forwarded_encrypted_mail_is_not_encrypted_twice_by_mistake():
    """Encrypting what is encrypted is what was asked for, layer on layer."""
    file, _ = made('encrypt', '--to', bob().pem,
                   message=read(encrypted(party('carol'))))
    result = sigill('open', *bob().id(), file)
    assert result.status == 3, result
    sigill('open', *bob().id(), *party('carol').id(), '--accept', 'none',
           file).expect(OK, 'Hello, Bob')
    head, _ = split(read(file))
    assert any(line.startswith(b'To: bob') for line in head)


LABEL = '1.3.6.1.4.1.99999.1:secret:Board: only'


def asked(file, *words):
    """The signers of the innermost layer, by our verdict."""
    done = sigill('open', *bob().id(), *trust(), '--json', '-o', path('o'),
                  *words, file).expect(OK)
    return json.loads(done.out)['layers'][-1]['signers']


def test_receipt_requests():
    """OpenSSL reads the request, and answers with a receipt that we verify."""
    carol = party('carol')
    file, _ = made('sign', *alice().id(), *carol.id(), '--receipt-request')
    text = subprocess.run(
        ['openssl', 'cms', '-verify', '-in', file, '-CAfile', party('ca').pem,
         '-out', '/dev/null', '-receipt_request_print'], check=True,
        stderr=subprocess.PIPE).stderr.decode()
    assert text.count('Signed Content ID') == 2, text
    assert text.count('Receipts From: All') == 2, text
    assert text.count('email:alice@example.org') == 2, text
    one, two = asked(file, '--from', 'alice@example.org')
    assert one['receipt_request'] == two['receipt_request']
    assert one['receipt_request']['receipts_to'] == ['alice@example.org']
    openssl('cms', '-sign_receipt', '-in', file, '-signer', bob().pem,
            '-inkey', bob().key, '-out', 'receipt.eml')
    receipt = read('receipt.eml').replace(
        b'MIME-Version', b'From: bob@example.org\nMIME-Version', 1)
    mail = write('receipt-mail.eml', receipt)
    result = sigill('verify', *trust(), '-o', path('receipt.der'), mail)
    result.expect(OK, 'Signed by bob@example.org',
                  'This is a signed receipt for a message')
    done = sigill('verify', *trust(), '--json', mail).expect(OK)
    layer = json.loads(done.out)['layers'][0]
    assert layer['content_type'] == 'receipt'
    assert layer['receipt']['content_identifier'] == \
        one['receipt_request']['content_identifier']
    assert layer['signers'][0]['msg_sig_digest']
    assert read('receipt.der')[:1] == b'0'
    sigill('inspect', mail).expect(OK, 'id-ct-receipt', 'originator signature',
                                   'id-aa-msgSigDigest')
    openssl('cms', '-verify_receipt', 'receipt.eml',
            '-in', file, '-CAfile', party('ca').pem)


def test_labels():
    for words in (['sign', *alice().id()],
                  ['sign', *alice().id(), '--opaque'],
                  ['encrypt', '--to', bob().pem, '--sign', alice().key,
                   '--sign', alice().pem],
                  ['encrypt', '--to', bob().pem, '--sign', alice().key,
                   '--sign', alice().pem, '--triple']):
        file, _ = made(*words, '--label', LABEL, '--receipt-request')
        signer = asked(file)[0]
        assert signer['label'] == {
            'policy': '1.3.6.1.4.1.99999.1', 'classification': 4,
            'classification_name': 'secret', 'privacy_mark': 'Board: only',
            'num_categories': 0}, signer
        assert 'receipt_request' in signer
        sigill('open', *bob().id(), *trust(), '-o', path('o'), file).expect(
            OK, 'Security label: secret (policy 1.3.6.1.4.1.99999.1), '
            '"Board: only".')
    file, _ = made('sign', *alice().id(), '--label', LABEL)
    openssl_verify(file)
    sigill('inspect', file).expect(OK, 'id-aa-securityLabel',
                                   'classification: 4, secret',
                                   'privacy mark: Board: only')


def test_labels_that_are_none():
    message = write('m.eml', MAIL)
    for label in ('1', 'secret', '1.2.3:Secret', '1.2.3:257',
                  '1.2.3:1:' + 129 * 'x', '1.2.3:1:a\nb'):
        result = sigill('sign', '--key', path('nobody.key'), '--label', label,
                        message).expect(2, "the label's")
        assert result.out == b''
    for option in (['--label', '1.2.3'], ['--receipt-request']):
        sigill('encrypt', '--to', bob().pem, *option, message).expect(
            2, 'need --sign')
    nobody = party('nobody', address=None)
    sigill('sign', *nobody.id(), '--receipt-request', message).expect(
        2, 'no address that receipts could go to')


def test_signed_parts():
    """A list's footer beside a signed message: nothing is proven, but told."""
    inner = read(signed(alice()))
    start = inner.index(b'MIME-Version')
    part = inner[start:].split(b'\n', 1)[1]
    mail = write('list.eml', b'From: alice@example.org\nMIME-Version: 1.0\n'
                 b'Content-Type: multipart/mixed; boundary=list\n\n--list\n'
                 + part + b'\n--list\n\nfooter\n--list--\n')
    sigill('verify', *trust(), mail).expect(
        NO, 'Not signed', 'A part of it is signed')
    verdict = json.loads(sigill('verify', *trust(), '--json', mail).out)
    assert verdict['signature']['reason'] == 'signed-part-inside'
    assert verdict['findings'] == ['signed-part-inside']
    sigill('verify', *trust(), '--from', 'alice@example.org',
           write('part.eml', part)).expect(OK)


def test_encryption_inside_is_in_the_verdict():
    file, _ = made('encrypt', '--to', bob().pem, '--sign', alice().key,
                   '--sign', alice().pem, '--triple')
    done = sigill('verify', *trust(), '--json', file).expect(OK)
    assert json.loads(done.out)['confidentiality'] == {
        'state': 'none', 'holds_encryption': True}


def test_inspect_shows_what_was_made():
    file, _ = made('encrypt', '--to', bob().pem)
    sigill('inspect', file).expect(OK, 'aes')
    json.loads(sigill('inspect', '--json', file).expect(OK).out)
    for name in (bob().pem, bob().key, party('ca').crl(), bob().p12()):
        sigill('inspect', name).expect(OK)
    key = sigill('inspect', bob().key).out.decode()
    private = openssl('pkey', '-in', bob().key, '-text', '-noout').decode()
    exponent = ''.join(re.search(r'privateExponent:\s*((?:[0-9a-f]{2}:?\s*)+)', private)
                       .group(1).split()).replace(':', '')
    assert exponent[20:60] not in key.replace(':', '').replace('\n', '')
    sigill('inspect', write('cut', read(bob().pem)[:300])).expect(INPUT)


run(globals())
