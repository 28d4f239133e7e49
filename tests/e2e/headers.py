#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Protected header fields (RFC 9788): nobody reads the subject on the way, nor
changes who it is from or for, and who opens the message has it as it was."""
import email
import json

from e2e import (INPUT, MARK, NO, OK, USAGE, openssl, party, path, read, run,
                 sigill, write)

FIELDS = (b'From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n'
          b'Subject: =?utf-8?q?Hemlig_h=C3=A4lsning?=\r\n'
          b'Keywords: merger\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n')
CONTENT = (b'Content-Type: text/plain; charset=utf-8\r\n'
           b'Content-Transfer-Encoding: 8bit\r\n\r\nHej Bob. ' + MARK + b'\r\n')
ASCII = (b'Received: from a\r\n' + FIELDS + b'MIME-Version: 1.0\r\n'
         b'Content-Type: text/plain\r\n\r\nHej Bob. ' + MARK + b'\r\n')
MAIL = b'Received: from a\r\n' + FIELDS + b'MIME-Version: 1.0\r\n' + CONTENT


def trust():
    return ['--trust', party('ca').pem]


def alice():
    return party('alice', kind='rsa')


def bob():
    return party('bob', kind='rsa')


def made(*words, message=MAIL, name='made.eml'):
    out = path(name)
    sigill(*words, '--protect-headers', '-o', out,
           write('m.eml', message)).expect(OK)
    return out


def opened(file, *options, status=OK):
    return sigill('open', *bob().id(), *trust(), *options, file).expect(status)


def verdict(command, file, *options):
    words = [*trust(), '--json', *options]
    if command == 'open':
        words += [*bob().id(), '-o', path('dropped')]
    return json.loads(sigill(command, *words, file).out)


def states(command, file):
    fields = verdict(command, file)['header_protection']['fields']
    return {f['name']: (f['state'], f['outside']) for f in fields}


def encrypting():
    to = ['--to', bob().pem]
    sign = ['--sign', alice().pem, '--sign', alice().key]
    return [['encrypt', *to, *sign], ['encrypt', *to, *sign, '--triple'],
            ['encrypt', *to, *sign, '--cipher', 'aes-256-gcm']]


def test_subject_is_hidden_and_comes_back():
    for words in encrypting():
        file = made(*words)
        outside = email.message_from_bytes(read(file))
        assert outside['Subject'] == '[...]' and outside['Keywords'] is None
        assert outside['From'] == 'Alice <alice@example.org>'
        assert b'merger' not in read(file) and b'Hemlig' not in read(file)
        result = opened(file)
        assert result.out == MAIL, result
        result.expect(OK, 'Its subject was hidden on the way')
        found = states('open', file)
        assert found['Subject'] == ('signed-and-encrypted', 'hidden'), found
        assert found['Keywords'] == ('signed-and-encrypted', 'hidden'), found
        assert found['To'] == ('signed-only', 'same'), found
        # As without protection.
        plain = path('plain.eml')
        sigill(*words, '-o', plain, path('m.eml')).expect(OK)
        assert opened(plain).out == result.out


def test_encrypted_alone():
    file = made('encrypt', '--to', bob().pem)
    assert opened(file, '--accept', 'none').out == MAIL
    assert states('open', file)['Subject'] == ('encrypted-only', 'hidden')
    assert sigill('decrypt', *bob().id(), file).expect(OK).out == MAIL


def test_signed_fields_cannot_be_changed():
    for more in ([], ['--opaque']):
        file = made('sign', *alice().id(), *more, message=ASCII)
        assert email.message_from_bytes(read(file))['Keywords'] == 'merger'
        assert opened(file).out == ASCII
        assert states('verify', file)['Subject'] == ('signed-only', 'same')
        other = write('other.eml', read(file).replace(
            b'To: bob@', b'To: eve@', 1))
        sigill('verify', *trust(), other).expect(
            OK, 'Header fields outside are not those', ': To.')
        assert opened(other).out == ASCII
        # The copy that is signed is as safe as the text.
        if not more:
            copy = read(file).replace(b'To: bob@', b'To: eve@')
            sigill('verify', *trust(), write('both.eml', copy)).expect(
                NO, 'was changed after it was signed')


def test_openssl_reads_it():
    signed = made('sign', *alice().id())
    inside = openssl('cms', '-verify', '-in', signed, '-CAfile',
                     party('ca').pem)
    entity = email.message_from_bytes(inside)
    assert entity.get_param('hp') == 'clear'
    assert inside.startswith(FIELDS) and entity.get('HP-Outer') is None
    file = made(*encrypting()[0])
    layer = openssl('cms', '-decrypt', '-in', file, '-recip', bob().pem,
                    '-inkey', bob().key)
    inside = openssl('cms', '-verify', '-in', write('layer.eml', layer),
                     '-CAfile', party('ca').pem)
    entity = email.message_from_bytes(inside)
    assert entity.get_param('hp') == 'cipher'
    assert entity.get_param('hp-legacy-display') == '1'
    assert entity.get_all('HP-Outer') == [
        'From: Alice <alice@example.org>', 'To: bob@example.org',
        'Subject: [...]', 'Date: Mon, 23 Nov 2026 09:00:00 +0100']
    # Who knows nothing of all this still sees the subject.
    assert entity.get_payload(decode=True).decode() == \
        'Subject: Hemlig hälsning\r\nKeywords: merger\r\n\r\n' \
        f'Hej Bob. {MARK.decode()}\r\n'


def test_bcc_stays_outside():
    message = MAIL.replace(b'To: bob', b'Bcc: carol@example.org\r\nTo: bob')
    file = made('encrypt', '--to', bob().pem, message=message)
    assert email.message_from_bytes(read(file))['Bcc'] == 'carol@example.org'
    inside = openssl('cms', '-decrypt', '-in', file, '-recip', bob().pem,
                     '-inkey', bob().key)
    assert b'carol' not in inside and opened(file, '--accept', 'none').out \
        == MAIL


def test_another_sender_inside():
    """Whoever may send as mallory outside is not alice inside."""
    message = MAIL.replace(b'alice@', b'victim@')
    file = made('encrypt', '--to', bob().pem, message=message)
    write('made.eml', read(file).replace(b'victim@', b'mallory@', 1))
    out = path('forged.out')
    result = opened(file, '--accept', 'none', '-o', out, status=NO)
    result.expect(NO, 'Beware: outside it says it is from mallory@example.org,'
                  ' inside from victim@example.org', 'was not written')
    assert not sigill('decrypt', *bob().id(), file).expect(
        OK, 'another sender').out.count(b'victim@')
    findings = verdict('open', file, '--accept', 'none')[
        'header_protection']['findings']
    assert findings == ['from-mismatch', 'from-unproven',
                        'outside-differs'], findings
    result = opened(file, '--release-unverified', status=NO)
    assert b'From: Alice <mallory@example.org>' in result.out
    assert b'victim@' not in result.out


def test_another_sender_outside():
    """A list, or an attacker, wrote another From outside: the signer's counts.
    """
    file = made('sign', *alice().id(), message=ASCII)
    write('made.eml', read(file).replace(b'alice@', b'list@', 1))
    sigill('verify', *trust(), file).expect(
        OK, 'Outside it says it is from list@example.org')
    assert opened(file).out == ASCII
    found = verdict('verify', file)
    assert found['from'] == ['alice@example.org'], found
    assert found['header_protection']['outer_from'] == ['list@example.org']
    # In somebody else's name inside, it is that one's no longer.
    mallory = party('mallory', kind='rsa')
    file = made('sign', *mallory.id())
    sigill('verify', *trust(), file).expect(NO, 'Signed by mallory')


def test_reply_to_from_a_stranger():
    file = made(*encrypting()[0])
    write('made.eml', b'Reply-To: mallory@example.net\r\n'
          b'List-Id: <l.example.org>\r\n' + read(file))
    assert opened(file).out == b'List-Id: <l.example.org>\r\n' + MAIL


def test_nothing_to_protect():
    result = sigill('sign', *alice().id(), '--protect-headers',
                    write('bare.eml', CONTENT))
    result.expect(USAGE, 'there are no header fields to protect')
    assert result.out == b''
    for words in (['sign', *alice().id()], ['encrypt', '--to', bob().pem]):
        file = path('inner.eml')
        sigill(*words, '-o', file, write('m.eml', MAIL)).expect(OK)
        result = sigill('encrypt', '--to', bob().pem, '--protect-headers',
                        file)
        result.expect(INPUT, 'signed or encrypted already')
        assert result.out == b''


def test_protected_again():
    """What was opened can be protected again, and nothing comes twice."""
    words = encrypting()[0]
    once = opened(made(*words)).out
    file = made(*words, message=once)
    assert opened(file).out == MAIL
    inside = openssl('cms', '-decrypt', '-in', file, '-recip', bob().pem,
                     '-inkey', bob().key)
    inside = openssl('cms', '-verify', '-noverify', '-in',
                     write('layer.eml', inside))
    assert inside.count(b'Subject: ') == 3 and inside.count(b'hp=') == 1


def test_decrypted_alone_stays_signed():
    """decrypt leaves the signature on; its header fields are still there."""
    file = made(*encrypting()[0])
    out = path('decrypted.eml')
    sigill('decrypt', *bob().id(), '-o', out, file).expect(OK)
    found = verdict('verify', out)
    assert found['signature']['state'] == 'valid-trusted'
    assert found['header_protection']['findings'] == [
        'outside-differs', 'not-encrypted']
    assert states('verify', out)['Subject'] == ('signed-only', 'differs')


def test_long_message():
    """More than is looked at for where the subject goes, in every encoding."""
    text = b'<p>' + b'Hello Bob, hello Bob, hello Bob.\r\n' * 9000
    message = MAIL.replace(b'Hej Bob. ', b'<html><body>' + text).replace(
        b'text/plain', b'text/html')
    for words in encrypting():
        assert opened(made(*words, message=message)).out == message


run(globals())
