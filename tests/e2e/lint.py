#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sigill cert lint: certificates that keep every rule, and for each rule one
that breaks it and no other. They are put together here byte by byte, because
no tool makes wrong ones; their signatures are no signatures, which lint does
not ask for."""
import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
from sigill import (SIGILL, environment, good, place, refused,  # noqa: E402
                    run)

# ------------------------------------------------------------------- DER ---


def tlv(tag, *parts):
    body = b''.join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return (bytes([tag, 0x80 | size]) + len(body).to_bytes(size, 'big') +
            body)


def seq(*parts):
    return tlv(0x30, *parts)


def oid(dotted):
    first, second, *rest = map(int, dotted.split('.'))
    out = b''
    for arc in [first * 40 + second] + rest:
        septets = [arc & 0x7f]
        while arc > 0x7f:
            arc >>= 7
            septets.insert(0, 0x80 | arc & 0x7f)
        out += bytes(septets)
    return tlv(6, out)


def integer(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, 'big'))


def bits(*numbers):
    """A named BIT STRING with these bits set."""
    if not numbers:
        return tlv(3, b'\0')
    last = max(numbers)
    value = sum(1 << (7 - n % 8 + 8 * (last // 8 - n // 8)) for n in numbers)
    return tlv(3, bytes([7 - last % 8]), value.to_bytes(last // 8 + 1, 'big'))


UTF8, PRINTABLE, TELETEX, IA5, BMP = 12, 19, 20, 22, 30
ATTRIBUTES = {'CN': '2.5.4.3', 'SN': '2.5.4.4', 'serialNumber': '2.5.4.5',
              'C': '2.5.4.6', 'L': '2.5.4.7', 'ST': '2.5.4.8',
              'street': '2.5.4.9', 'O': '2.5.4.10', 'OU': '2.5.4.11',
              'title': '2.5.4.12', 'postalCode': '2.5.4.17', 'GN': '2.5.4.42',
              'pseudonym': '2.5.4.65', 'orgId': '2.5.4.97',
              'DC': '0.9.2342.19200300.100.1.25',
              'email': '1.2.840.113549.1.9.1', 'unknown': '1.2.3.4'}
STRINGS = {'C': PRINTABLE, 'serialNumber': PRINTABLE, 'email': IA5, 'DC': IA5}


def name(*attributes):
    """('CN', 'Alice') or ('CN', 'Alice', UTF8), each in an RDN of its own."""
    rdns = []
    for kind, text, *tag in attributes:
        tag = tag[0] if tag else STRINGS.get(kind, UTF8)
        value = text if isinstance(text, bytes) else text.encode(
            'utf-16-be' if tag == BMP else 'utf-8')
        rdns.append(tlv(0x31, seq(oid(ATTRIBUTES[kind]), tlv(tag, value))))
    return seq(*rdns)


EXTENSIONS = {'sda': '2.5.29.9', 'ski': '2.5.29.14', 'ku': '2.5.29.15',
              'san': '2.5.29.17', 'ian': '2.5.29.18', 'basic': '2.5.29.19',
              'nc': '2.5.29.30', 'crldp': '2.5.29.31',
              'policies': '2.5.29.32', 'aki': '2.5.29.35',
              'pc': '2.5.29.36', 'eku': '2.5.29.37',
              'freshest': '2.5.29.46', 'anyPolicy': '2.5.29.54',
              'mapping': '2.5.29.33', 'aia': '1.3.6.1.5.5.7.1.1', 'qc': '1.3.6.1.5.5.7.1.3',
              'capabilities': '1.2.840.113549.1.9.15',
              'lei': '1.3.6.1.4.1.52266.1', 'leiRole': '1.3.6.1.4.1.52266.2',
              'adobe': '1.2.840.113583.1.1.9.2', 'other': '1.2.3.4.5'}
PURPOSES = {'mail': '1.3.6.1.5.5.7.3.4', 'server': '1.3.6.1.5.5.7.3.1',
            'client': '1.3.6.1.5.5.7.3.2', 'code': '1.3.6.1.5.5.7.3.3',
            'any': '2.5.29.37.0'}
DIGITAL, REPUDIATION, ENCIPHER, DATA, AGREE, CERTS, CRLS, ENC_ONLY = range(8)


def purposes(*names):
    return seq(*(oid(PURPOSES[n]) for n in names))


def mailbox(address):
    return tlv(0x81, address.encode())


def utf8_mailbox(address, tag=UTF8):
    return tlv(0xa0, oid('1.3.6.1.5.5.7.8.9'),
               tlv(0xa0, tlv(tag, address.encode())))


def uri(text):
    return tlv(0x86, text.encode())


def points(*uris):
    return seq(*(seq(tlv(0xa0, tlv(0xa0, uri(u)))) for u in uris))


def access(**kinds):
    methods = {'ocsp': '1.3.6.1.5.5.7.48.1', 'issuer': '1.3.6.1.5.5.7.48.2'}
    return seq(*(seq(oid(methods[k]), uri(u))
                 for k, uris in kinds.items() for u in uris))


def policy(dotted, *qualifiers):
    more = [seq(*qualifiers)] if qualifiers else []
    return seq(oid(dotted), *more)


def cps(text):
    return seq(oid('1.3.6.1.5.5.7.2.1'), tlv(IA5, text.encode()))


def notice(*parts):
    return seq(oid('1.3.6.1.5.5.7.2.2'), seq(*parts))


SHA256_RSA = seq(oid('1.2.840.113549.1.1.11'), tlv(5))
SHA1_RSA = seq(oid('1.2.840.113549.1.1.5'), tlv(5))
SHA224_RSA = seq(oid('1.2.840.113549.1.1.14'), tlv(5))


def pss(digest, salt):
    algorithm = seq(oid('2.16.840.1.101.3.4.2.%d' % digest), tlv(5))
    return seq(oid('1.2.840.113549.1.1.10'), seq(
        tlv(0xa0, algorithm),
        tlv(0xa1, seq(oid('1.2.840.113549.1.1.8'), algorithm)),
        tlv(0xa2, integer(salt))))


def modulus(size):
    """No product of two primes perhaps, but without small factors."""
    n = (1 << size) - 1
    while any(n % p == 0 for p in range(3, 752, 2)):
        n -= 2
    return n


def rsa(n=modulus(2048), e=65537, parameters=tlv(5)):
    return seq(seq(oid('1.2.840.113549.1.1.1'), parameters),
               tlv(3, b'\0', seq(integer(n), integer(e))))


def key(*algorithm):
    return seq(seq(*(oid(a) for a in algorithm)), tlv(3, b'\0', b'\4' * 65))


EC = '1.2.840.10045.2.1'
P256, P224 = '1.2.840.10045.3.1.7', '1.3.132.0.33'
ED25519, ED448 = '1.3.101.112', '1.3.101.113'
ML_DSA, ML_KEM = '2.16.840.1.101.3.4.3.18', '2.16.840.1.101.3.4.4.2'

# -------------------------------------------------------- certificates ---

HTTP = 'http://crl.example.com/issuing.crl'
OCSP, ISSUER = 'http://ocsp.example.com', 'http://example.com/issuing.cer'
ALICE = 'alice@example.org'
ORGANIZATION = [('C', 'SE'), ('O', 'Exempel AB'),
                ('orgId', 'NTRSE-556000-0000')]
TYPES = {
    'mailbox': (1, [('CN', ALICE)]),
    'organization': (2, ORGANIZATION + [('CN', 'Exempel AB')]),
    'sponsor': (3, ORGANIZATION + [('CN', 'Alice Al'), ('GN', 'Alice'),
                                   ('SN', 'Al')]),
    'individual': (4, [('CN', 'Alice Al'), ('GN', 'Alice'), ('SN', 'Al')]),
}
GENERATIONS = {'legacy': 1, 'multipurpose': 2, 'strict': 3}
AUTHORITY = name(('C', 'SE'), ('O', 'Example'), ('CN', 'Issuing CA'))


class Cert:
    """One that keeps all rules, until it is changed."""

    def __init__(self, kind='mailbox', generation='strict'):
        number, subject = TYPES[kind]
        self.version = tlv(0xa0, integer(2))
        self.serial = tlv(2, b'\x51' * 16)
        self.algorithm = self.outer_algorithm = SHA256_RSA
        self.issuer = AUTHORITY
        self.validity = ['260101000000Z', '280101000000Z']
        if generation == 'legacy':    # none is issued since 2025-07-15
            self.validity = ['250101000000Z', '270101000000Z']
        self.subject = name(*subject)
        self.spki = rsa()
        self.unique_ids = b''
        self.more = b''     # behind the extensions, in their list
        self.extensions = {
            'aki': (seq(tlv(0x80, b'\1' * 20)), False),
            'ski': (tlv(4, b'\2' * 20), False),
            'ku': (bits(DIGITAL, ENCIPHER), True),
            'eku': (purposes('mail'), False),
            'san': (seq(mailbox(ALICE)), False),
            'policies': (seq(policy('2.23.140.1.5.%d.%d' % (
                number, GENERATIONS[generation]))), False),
            'crldp': (points(HTTP), False),
            'aia': (access(ocsp=[OCSP], issuer=[ISSUER]), False),
        }

    def set(self, kind, value, critical=False):
        self.extensions[kind] = (value, critical)

    def critical(self, kind, yes=True):
        self.extensions[kind] = (self.extensions[kind][0], yes)

    def drop(self, kind):
        del self.extensions[kind]

    def der(self):
        times = [t if isinstance(t, bytes) else
                 tlv(23 if len(t) == 13 else 24, t.encode())
                 for t in self.validity]
        extensions = [extension(oid(EXTENSIONS[k]), *v)
                      for k, v in self.extensions.items()]
        all_of_them = tlv(0xa3, seq(*extensions, self.more))
        tbs = seq(self.version, self.serial, self.algorithm, self.issuer,
                  seq(*times), self.subject, self.spki, self.unique_ids,
                  all_of_them)
        return seq(tbs, self.outer_algorithm, tlv(3, b'\0', b'\x55' * 256))


def extension(identifier, value, critical):
    return seq(identifier, tlv(1, b'\xff') if critical else b'',
               tlv(4, value))


def authority():
    """One below a root, that puts itself under the Baseline Requirements."""
    c = Cert()
    c.issuer = name(('C', 'SE'), ('O', 'Example'), ('CN', 'Root'))
    c.subject = AUTHORITY
    c.set('basic', seq(tlv(1, b'\xff'), integer(0)), True)
    c.set('ku', bits(CERTS, CRLS), True)
    c.drop('san')
    return c


def own_authority():
    """One that is not under them, though it is for mail."""
    c = authority()
    c.drop('policies')
    return c


def private():
    """For mail, without a policy: of an authority of one's own."""
    c = Cert()
    c.subject = name(('CN', 'Alice'))
    c.drop('policies')
    return c


# --------------------------------------------------- what breaks a rule ---

# rules: how the certificate begins, what is done to it
BREAKS = []


def breaks(rules, start=Cert):
    def note(change):
        BREAKS.append((rules, start, change))
        return change
    return note


def of(kind, generation='multipurpose'):
    return lambda: Cert(kind, generation)


def change(rules, start=Cert, **fields):
    breaks(rules, start)(lambda c: vars(c).update(fields))


def put(rules, kind, value, critical=False, start=Cert):
    breaks(rules, start)(lambda c: c.set(kind, value, critical))


def critical(rules, kind, yes=True, start=Cert):
    breaks(rules, start)(lambda c: c.critical(kind, yes))


def drop(rules, kind, start=Cert):
    breaks(rules, start)(lambda c: c.drop(kind))


# RFC 5280 4.1
change('rfc5280-version br-version', version=tlv(0xa0, integer(1)))
change('rfc5280-serial-positive br-serial-entropy', serial=tlv(2, b'\0'))
change('rfc5280-serial-positive', serial=tlv(2, b'\x81' * 16))
change('rfc5280-serial-length', serial=tlv(2, b'\x51' * 21))
change('rfc5280-serial-der', serial=tlv(2, b'\0' + b'\x51' * 16))
change('rfc5280-signature-algorithms', algorithm=pss(1, 32))
change('rfc5280-issuer-empty', issuer=seq())
change('rfc5280-subject-empty br-ca-name', authority, subject=seq())
change('rfc5280-subject-in-san', subject=seq())
change('rfc5280-time-form',
       validity=['20260101000000Z', '280101000000Z'])
change('rfc5280-time-form',
       validity=['260101000000Z', tlv(23, b'2801010000Z')])
change('rfc5280-time-order', validity=['260101000000Z', '251231235959Z'])
change('rfc5280-unique-id', unique_ids=tlv(0x82, b'\0\1'))



@breaks('rfc5280-extensions-empty rfc5280-aki-present rfc5280-ski-present',
        private)
def _(c):
    c.extensions = {}


# RFC 5280 4.1.2.4
change('rfc5280-name-form', private, subject=seq(tlv(0x31)))
change('rfc5280-name-characters', private,
       subject=name(('CN', 'a*b', PRINTABLE)))
change('rfc5280-name-characters', private,
       subject=name(('CN', b'\xff\xfe', UTF8)))
change('rfc5280-name-type', private, subject=name(('C', 'SE', UTF8)))
change('rfc5280-name-type', private,
       subject=name(('CN', 'Alice'), ('serialNumber', '1', UTF8)))
change('rfc5280-name-old-type', private,
       subject=name(('CN', 'Alice', TELETEX)))
change('rfc5280-name-old-type', private, subject=name(('CN', 'Alice', BMP)))
change('rfc5280-name-value-empty', private, subject=name(('CN', '')))
change('rfc5280-name-length', private, subject=name(('CN', 'a' * 65)))
change('rfc5280-name-length', private, subject=name(('C', 'SWE')))
change('rfc5280-name-country', private, subject=name(('C', 'S')))

# RFC 5280 4.2
change('rfc5280-extension-twice',
       more=extension(oid(EXTENSIONS['eku']), purposes('mail'), False))
put('rfc5280-extension-form rfc8550-basic-leaf', 'basic', b'\4\0')
put('rfc5280-extension-form', 'aia', b'\4\0', start=private)
change('rfc5280-critical-der', more=seq(
    oid('1.2.3.4'), tlv(1, b'\0'), tlv(4, b'')))
put('rfc5280-critical-unknown', 'other', b'', True, authority)
put('rfc8550-critical-other', 'other', b'', True)
drop('rfc5280-aki-present', 'aki', private)
drop('rfc5280-aki-present br-aki-present', 'aki')
critical('rfc5280-aki-critical', 'aki', start=private)
critical('rfc5280-aki-critical br-aki', 'aki')
put('rfc5280-aki-pair br-aki', 'aki',
    seq(tlv(0x80, b'\1'), tlv(0x82, b'\1')))
put('rfc5280-aki-present br-aki', 'aki',
    seq(tlv(0xa1, tlv(0xa4, AUTHORITY)), tlv(0x82, b'\1')))
drop('rfc5280-ski-authority', 'ski', authority)
drop('rfc5280-ski-present', 'ski')
critical('rfc5280-ski-critical br-ski-critical', 'ski')
drop('rfc5280-ku-authority rfc5280-basic-path-length br-ca-ku', 'ku',
     authority)
put('rfc5280-ku-empty rfc8550-ku-mail', 'ku', bits(), True)
put('rfc5280-ku-der', 'ku', tlv(3, b'\0\x80'), True)
put('rfc5280-ku-cert-sign br-ku-rsa-strict', 'ku', bits(DIGITAL, CERTS), True)
put('rfc5280-ku-agreement-limit rfc3279-ku-rsa', 'ku',
    bits(DIGITAL, ENC_ONLY), True, private)
put('rfc5280-policies-twice', 'policies',
    seq(policy('2.23.140.1.5.1.3'), policy('1.2.3'), policy('1.2.3')))
put('rfc5280-policy-notice', 'policies', seq(policy(
    '2.23.140.1.5.1.3', notice(tlv(UTF8, b'x' * 201)))))
put('rfc5280-policy-notice', 'policies', seq(policy(
    '2.23.140.1.5.1.3', notice(tlv(IA5, b'x')))))
put('rfc5280-san-form', 'san', seq(mailbox(ALICE), tlv(0xa4)), start=private)
critical('rfc5280-san-critical', 'san', start=private)
put('rfc5280-ian-critical rfc8550-critical-other', 'ian', seq(mailbox(ALICE)),
    True)
put('rfc5280-sda-critical rfc8550-critical-other', 'sda', seq(), True,
    private)
critical('rfc5280-basic-authority', 'basic', False, authority)
put('rfc5280-basic-path-length rfc8550-basic-leaf', 'basic', seq(integer(0)))
put('rfc5280-basic-der rfc8550-basic-leaf', 'basic', seq(tlv(1, b'\0')))
put('rfc5280-nc-authority rfc8550-critical-other', 'nc',
    seq(tlv(0xa0, seq(tlv(0x81, b'example.org')))), True)
put('rfc5280-nc-critical', 'nc',
    seq(tlv(0xa0, seq(tlv(0x81, b'example.org')))), start=authority)
put('rfc5280-pc-critical', 'pc', seq(tlv(0x80, b'\0')), start=authority)
put('rfc5280-any-policy-critical', 'anyPolicy', integer(0), start=authority)
put('rfc5280-eku-any-critical', 'eku', purposes('any', 'mail'), True, private)
critical('rfc5280-crldp-critical rfc8550-critical-other', 'crldp',
         start=private)
put('rfc5280-crldp-form rfc5280-crldp-uri', 'crldp',
    seq(seq(tlv(0x81, b'\0\x80'))), start=private)
put('rfc5280-freshest-critical rfc8550-critical-other', 'freshest',
    points(HTTP), True)
critical('rfc5280-aia-critical rfc8550-critical-other br-aia-critical', 'aia')

# RFC 5280 4.1.2.4, A.1, further
for wrong in ['a\tb', '\u0085', '\x7f']:
    change('rfc5280-name-control', private, subject=name(('CN', wrong)))
change('rfc5280-name-blanks', private, subject=name(('CN', 'Alice ')))
change('rfc5280-name-blanks', private, issuer=name(('CN', ' Root')))
change('rfc5280-name-length', private, subject=name(('street', 'x' * 129)))
change('rfc5280-name-length', private, subject=name(('postalCode', '1' * 17)))

# What keys are for (RFC 3279, 5280, 8813), and how they are written
critical('rfc5280-ku-critical br-ca-policy', 'ku', False, own_authority)
put('rfc5280-ku-length', 'ku', tlv(3, b'\5\x80\x20'), True, private)
put('rfc3279-ku-rsa', 'ku', bits(DIGITAL, AGREE), True, private)
put('rfc3279-ku-rsa-authority br-ca-policy', 'ku', bits(CERTS, CRLS, ENCIPHER),
    True, own_authority)
for usage in [ENCIPHER, DATA]:
    @breaks('rfc8813-ku-ec', private)
    def _(c, usage=usage):
        c.spki = key(EC, P256)
        c.set('ku', bits(DIGITAL, usage), True)
change('rfc3279-key-parameters', private, spki=rsa(parameters=b''))
change('rfc4055-signature-parameters', private,
       algorithm=seq(oid('1.2.840.113549.1.1.11')),
       outer_algorithm=seq(oid('1.2.840.113549.1.1.11')))


@breaks('rfc5280-aki-present', private)
def _(c):
    c.subject = c.issuer
    c.drop('aki')


# What stands in extensions (RFC 5280 4.2)
for wrong in ['a_b.example', '.example.org', 'a..example', '-a.example', ' ',
              'a.*.example', 'a' * 64 + '.example', 'a.' * 127,
              'r\u00e4k.example']:
    put('rfc5280-san-dns', 'san',
        seq(mailbox(ALICE), tlv(0x82, wrong.encode())), start=private)
for wrong in ['example/x', '/x', 'http:', 'http://', 'http:///x', '1a:b',
              'http://a b/', 'http://\u00e4/']:
    put('rfc5280-san-uri', 'san', seq(mailbox(ALICE), uri(wrong)),
        start=private)
for wrong in [b'', tlv(0x82, b'a..b'), uri('x'), tlv(0x81), tlv(0xa4)]:
    put('rfc5280-ian-form', 'ian', seq(wrong), start=private)
put('rfc5280-crldp-uri', 'crldp', points('ftp://example.org/a.crl'),
    start=private)
put('rfc5280-aia-issuer', 'aia',
    access(ocsp=[OCSP], issuer=['ftp://example.org/a.cer']), start=private)
put('rfc5280-policy-any', 'policies',
    seq(policy('2.5.29.32.0', seq(oid('1.2.3'), tlv(5)))), start=private)
BR_POLICY, ANY_POLICY = '2.23.140.1.5.1.3', '2.5.29.32.0'
for pair in [(BR_POLICY, ANY_POLICY), (ANY_POLICY, '1.2.3')]:
    put('rfc5280-mapping-any', 'mapping', seq(seq(*map(oid, pair))), True,
        authority)
put('rfc5280-mapping-critical', 'mapping',
    seq(seq(oid(BR_POLICY), oid('1.2.3'))), False, authority)
put('rfc5280-mapping-policy', 'mapping', seq(seq(oid('1.2.4'), oid('1.2.3'))),
    True, authority)
for wrong in [b'', seq(mailbox('example.org'), tlv(0x80, b'\1')),
              seq(mailbox('example.org'), tlv(0x81, b'\1')), seq(tlv(0x9f)),
              seq(uri('localhost')), seq(uri('*.example.org'))]:
    put('rfc5280-nc-form', 'nc', seq(tlv(0xa0, wrong)), True, authority)
put('rfc5280-nc-kind', 'nc', seq(tlv(0xa1, seq(tlv(0x88, b'\x2a\3')))), True,
    authority)


# RFC 8550, 8551, 4262
drop('rfc8550-address-in-san', 'san', private)
change('rfc8550-address-in-subject', private,
       subject=name(('CN', 'Alice'), ('email', ALICE)))
critical('rfc8550-ku-critical', 'ku', False, private)
put('rfc8550-ku-mail', 'ku', bits(DATA), True, private)
put('rfc8550-eku-mail', 'eku', purposes('client'), start=private)
put('rfc8550-basic-leaf', 'basic', seq(), start=private)
change('rfc8550-digest', private, algorithm=SHA1_RSA,
       outer_algorithm=SHA1_RSA)
change('rfc8550-rsa-size', private, spki=rsa(modulus(1024)))
put('rfc4262-critical rfc8550-critical-other', 'capabilities', seq(), True,
    private)
put('rfc8551-capabilities', 'capabilities', seq(seq()), start=private)
put('rfc8551-capabilities-weak', 'capabilities',
    seq(seq(oid('1.2.840.113549.3.2'), integer(40))), start=private)

# RFC 5280 4.2.1.6, RFC 8398, RFC 9598
for wrong in ['Alice <alice@example.org>', 'a@example.org b@example.org',
              'alice', 'al\u00ed@example.org']:
    put('rfc5280-san-rfc822', 'san', seq(mailbox(wrong)), start=private)
put('rfc9598-ascii-local', 'san', seq(utf8_mailbox(ALICE)), start=private)
put('rfc9598-mailbox', 'san', seq(utf8_mailbox('\ufeffal\u00ed@example.org')),
    start=private)
put('rfc9598-a-labels', 'san', seq(utf8_mailbox('al\u00ed@ex\u00e4.org')),
    start=private)


@breaks('rfc8398-u-labels', private)
def _(c):
    c.validity[0] = '240101000000Z'
    c.set('san', seq(utf8_mailbox('al\u00ed@sub.xn--ex-uia.org')))


# Baseline Requirements 6, 7.1, 7.1.3
change('br-serial-entropy', serial=tlv(2, b'\x51' * 7))
change('br-validity', validity=['260101000000Z', '280405000000Z'])
change('br-validity', of('mailbox', 'legacy'),
       validity=['250101000000Z', '280401000000Z'])
change('br-key-algorithm', spki=rsa(parameters=b''))
for algorithm in [(EC, P224), ('1.2.840.113549.1.1.10',), (EC,)]:
    @breaks('br-key-algorithm')
    def _(c, algorithm=algorithm):
        c.spki = key(*algorithm)
        c.set('ku', bits(DIGITAL), True)


@breaks('br-key-algorithm-first')
def _(c):
    c.spki = key(ML_DSA)
    c.validity = ['250801000000Z', '260801000000Z']
    c.set('ku', bits(DIGITAL), True)


for algorithm in [SHA224_RSA, pss(1, 20), seq(oid('1.2.840.113549.1.1.11'))]:
    change('br-signature-algorithm', algorithm=algorithm,
           outer_algorithm=algorithm)
change('br-signature-algorithm rfc8550-digest', algorithm=SHA1_RSA,
       outer_algorithm=SHA1_RSA)
change('br-rsa-size', spki=rsa(modulus(2040)))
change('br-rsa-size', spki=rsa(modulus(2049)))
change('br-rsa-exponent br-rsa-exponent-usual', spki=rsa(e=1))
change('br-rsa-exponent', spki=rsa(e=65538))
change('br-rsa-exponent-usual', spki=rsa(e=3))
change('br-rsa-exponent-usual', spki=rsa(e=2 ** 256 + 1))
change('br-rsa-modulus', spki=rsa((1 << 2048) - 2))
change('br-rsa-modulus', spki=rsa(751 * modulus(2038)))

# Baseline Requirements 7.1.2.3 e, f
drop('br-ku-present', 'ku')
critical('br-ku-critical', 'ku', False)
put('br-ku-rsa-kind rfc8550-ku-mail', 'ku', bits(DATA), True)
put('br-ku-rsa-strict', 'ku', bits(ENCIPHER, DATA), True)
put('br-ku-rsa-strict', 'ku', bits(ENCIPHER, REPUDIATION), True)
put('br-ku-rsa', 'ku', bits(DIGITAL, ENCIPHER, AGREE), True,
    of('mailbox'))
put('br-ku-rsa', 'ku', bits(DIGITAL, DATA), True, of('mailbox', 'legacy'))
for rule, algorithm, usage in [
        ('br-ku-ec-kind', (EC, P256), (REPUDIATION,)),
        ('br-ku-ec', (EC, P256), (DIGITAL, ENCIPHER)),
        ('br-ku-ec', (EC, P256), (AGREE, REPUDIATION)),
        ('br-ku-ec rfc5280-ku-agreement-limit', (EC, P256),
         (DIGITAL, ENC_ONLY)),
        ('br-ku-edwards', (ED25519,), (DIGITAL, AGREE)),
        ('br-ku-edwards', (ED448,), (REPUDIATION,)),
        ('br-ku-ml-dsa', (ML_DSA,), (DIGITAL, ENCIPHER)),
        ('br-ku-ml-kem', (ML_KEM,), (DIGITAL, ENCIPHER))]:
    @breaks(rule)
    def _(c, algorithm=algorithm, usage=usage):
        c.spki = key(*algorithm)
        c.set('ku', bits(*usage), True)
drop('br-eku-present br-eku-strict', 'eku')
put('br-eku-strict', 'eku', purposes('mail', 'client'))
for purpose in ['server', 'code', 'any']:
    put('br-eku', 'eku', purposes('mail', purpose), start=of('individual'))
put('br-eku rfc8550-eku-mail', 'eku', purposes('client'),
    start=of('individual'))

# Baseline Requirements 7.1.2.3 a, g to n
change('br-policy-one', private)
put('br-policy-one', 'policies', seq(
    policy('2.23.140.1.5.1.3'), policy('2.23.140.1.5.1.2')))
change('br-policy-legacy', of('mailbox', 'legacy'),
       validity=['250715000000Z', '260715000000Z'])
critical('br-policy-critical rfc8550-critical-other', 'policies')
put('br-policy-cps', 'policies', seq(policy(
    '2.23.140.1.5.1.3', cps('ldap://example.com'))))
put('br-policy-notice', 'policies', seq(policy(
    '2.23.140.1.5.1.3', notice(seq(tlv(UTF8, b'x'), seq(integer(1)))))))
put('br-capabilities-critical rfc4262-critical rfc8550-critical-other',
    'capabilities', seq(), True)
put('br-sda', 'sda', seq())
put('br-qc-critical rfc8550-critical-other', 'qc',
    seq(), True)
put('br-lei', 'lei', b'')
put('br-lei', 'leiRole', b'', start=of('organization'))
put('br-lei rfc8550-critical-other', 'lei', b'',
    True, of('sponsor'))
put('br-adobe-strict', 'adobe', b'')
put('br-adobe-critical rfc8550-critical-other',
    'adobe', b'', True, of('mailbox'))

# Baseline Requirements 7.1.2.3 b, c
drop('br-crldp-present', 'crldp')
put('br-crldp-uri', 'crldp', seq(seq(tlv(0xa0, tlv(0xa0, tlv(
    0xa4, AUTHORITY))))))
put('br-crldp-http', 'crldp', points(HTTP, 'ldap://example.com/'))
put('br-crldp-http', 'crldp', points('https://example.com/crl'),
    start=of('individual'))
put('br-crldp-http', 'crldp', points('ldap://example.com/'),
    start=of('mailbox', 'legacy'))
critical('br-crldp-critical rfc5280-crldp-critical rfc8550-critical-other',
         'crldp')
drop('br-aia-present', 'aia')
put('br-aia-http', 'aia', access(ocsp=['ldap://example.com'],
                                 issuer=[ISSUER]))
put('br-aia-http-legacy', 'aia', access(ocsp=['ldap://example.com'],
                                        issuer=[ISSUER]),
    start=of('mailbox', 'legacy'))
put('br-aia-issuer', 'aia', access(ocsp=[OCSP]))
for host in ['pki', 'pki.corp', 'user@pki:8080', 'pki.example.local.']:
    put('br-aia-internal', 'aia', access(issuer=['http://%s/x' % host]))

# Baseline Requirements 7.1.2.3 h, 7.1.4.2
drop('br-san-present br-san-repeats', 'san')
critical('br-san-critical', 'san')
put('br-san-mailbox br-san-repeats', 'san', seq(tlv(0xa4, name(
    ('CN', ALICE)))))
put('br-san-kinds', 'san', seq(mailbox(ALICE), tlv(0x82, b'example.org')))
put('br-san-kinds', 'san', seq(mailbox(ALICE), tlv(
    0xa0, oid('1.2.3'), tlv(0xa0, tlv(UTF8, b'x')))))
put('br-san-address rfc5280-san-rfc822', 'san', seq(
    mailbox(ALICE), mailbox('a@example.org b@example.org')))
put('br-san-repeats', 'san', seq(mailbox('bob@example.org')))
put('br-san-repeats', 'san', seq(mailbox('Alice@example.org')))
put('br-san-repeats', 'san', seq(mailbox(ALICE), tlv(0xa4, name(
    ('email', 'bob@example.org')))))
change('br-subject-address', subject=name(
    ('CN', ALICE), ('email', 'a@example.org b@example.org')))
change('br-cn-mailbox', subject=name(('CN', 'Alice')))
change('br-cn-organization', of('organization'),
       subject=name(*ORGANIZATION, ('CN', 'Exempel')))
change('br-cn-pseudonym', of('individual'),
       subject=name(('CN', 'Alice Al'), ('pseudonym', 'Al')))
change('br-pseudonym-alone', of('individual'), subject=name(
    ('CN', 'Al'), ('pseudonym', 'Al'), ('GN', 'Alice')))
change('br-subject-person', of('individual', 'strict'),
       subject=name(('CN', 'Alice Al')))
change('br-subject-person', of('sponsor'),
       subject=name(*ORGANIZATION, ('CN', 'Alice Al')))
for wrong in [('C', 'SE'), ('DC', 'org'), ('unknown', 'x'), ('GN', 'Alice')]:
    change('br-subject-mailbox', subject=name(('CN', ALICE), wrong))
for wrong in [('GN', 'Alice'), ('title', 'Dr'), ('unknown', 'x'),
              ('pseudonym', 'Al')]:
    change('br-subject-organization', of('organization'),
           subject=name(*ORGANIZATION, wrong))
change('br-subject-sponsor', of('sponsor', 'strict'), subject=name(
    *ORGANIZATION, ('L', 'Lund'), ('SN', 'Al'), ('street', 'Storgatan 1')))
for wrong in [('O', 'Exempel AB'), ('OU', 'x'), ('unknown', 'x')]:
    change('br-subject-individual', of('individual'),
           subject=name(('SN', 'Al'), wrong))
change('br-subject-o', of('organization'), subject=name(*ORGANIZATION[2:]))
change('br-subject-oid', of('sponsor'),
       subject=name(*ORGANIZATION[:2], ('SN', 'Al')))
for wrong in ['.', '-']:
    change('br-subject-placeholder', of('individual'),
           subject=name(('SN', wrong)))
change('br-subject-placeholder rfc5280-name-blanks', of('individual'),
       subject=name(('SN', ' - ')))
change('br-subject-street', of('individual'), subject=name(
    ('SN', 'Al'), ('C', 'SE'), ('street', 'Storgatan 1')))
for part in ['L', 'ST', 'postalCode']:
    change('br-subject-place', of('individual'),
           subject=name(('SN', 'Al'), (part, 'x')))
for wrong in ['ZZ', 'UK', 'EU']:
    change('br-subject-country', of('individual'),
           subject=name(('SN', 'Al'), ('C', wrong)))
change('br-orgid-string', of('organization'), subject=name(
    *ORGANIZATION[:2], ('orgId', 'NTRSE-1', IA5)))
for wrong in ['ABCSE-1', 'NTRSE', 'NTRSE-', 'ntrse-1', 'NTRSE+-1',
              'NTRSE+ABCD-1', 'GOVSE-1', 'LEISE-549300', 'NTRSE1', 'x',
              'INTSE', 'NTRXG-1']:
    change('br-orgid-form', of('organization'), subject=name(
        *ORGANIZATION[1:2], ('orgId', wrong)))
for wrong, country in [('NTRSE-1', 'NO'), ('GOVUS+CA', 'SE'),
                       ('VATEL-1', 'SE'), ('NTREL-1', 'GR')]:
    change('br-orgid-country', of('organization'), subject=name(
        ('O', 'Exempel AB'), ('orgId', wrong), ('C', country)))

# Baseline Requirements 7.1.2.2, 7.1.4.3, 7.1.6.3
drop('br-ca-policy', 'policies', authority)
critical('br-ca-policy-critical', 'policies', start=authority)
drop('br-ca-crldp', 'crldp', authority)
critical('br-ca-crldp-critical rfc5280-crldp-critical', 'crldp',
         start=authority)
drop('br-ca-aia', 'aia', authority)
put('br-ca-ku', 'ku', bits(CERTS), True, authority)
put('br-ca-eku', 'eku', purposes('mail', 'server'), start=authority)
put('br-ca-eku', 'eku', purposes('client'), start=authority)
critical('br-ca-eku-critical', 'eku', start=authority)
put('br-ca-aki', 'aki', seq(tlv(0x80, b'\1'), tlv(
    0xa1, tlv(0xa4, AUTHORITY)), tlv(0x82, b'\1')), start=authority)
change('br-ca-name', authority, subject=name(('O', 'Example'), ('CN', 'CA')))

# ------------------------------------------------- what keeps all rules ---

KEEPS = [(of(kind, generation), lambda c: None)
         for kind in TYPES for generation in GENERATIONS]
KEEPS += [(authority, lambda c: None)]


def keeps(start=Cert):
    def note(change_it):
        KEEPS.append((start, change_it))
        return change_it
    return note


@keeps(private)
def _(c):
    """Names of hosts and URIs of every good kind."""
    c.set('san', seq(mailbox(ALICE), *(
        tlv(0x82, n) for n in [b'example.org', b'*.example.org', b'a',
                               b'xn--rk-via.example', b'1.a-b.example']),
        *map(uri, ['urn:uuid:0', 'https://example.org', 'file:///x',
                   'spiffe://example.org/a', 'sip:alice@example.org'])))
    c.set('ian', seq(uri('https://example.org'), mailbox(ALICE)))


@keeps(authority)
def _(c):
    c.set('nc', seq(tlv(0xa0, seq(uri('.example.org')),
                        seq(uri('www.example.org')), seq(mailbox('')))), True)
    c.set('mapping', seq(seq(oid(BR_POLICY), oid('1.2.3'))), True)


for fields in [{'validity': ['260101000000Z', '280404235959Z']},
               {'algorithm': pss(1, 32), 'outer_algorithm': pss(1, 32)},
               {'algorithm': pss(2, 48), 'outer_algorithm': pss(2, 48)},
               {'algorithm': pss(3, 64), 'outer_algorithm': pss(3, 64)},
               {'subject': name(('CN', ALICE), ('serialNumber', '1'),
                                ('email', ALICE.replace('org', 'ORG')))}]:
    keeps()(lambda c, fields=fields: vars(c).update(fields))
for algorithm, usage in [
        ((EC, P256), (AGREE, ENC_ONLY)), ((EC, P256), (DIGITAL, AGREE)),
        ((ED448,), (DIGITAL, REPUDIATION)), ((ML_DSA,), (DIGITAL,)),
        ((ML_KEM,), (ENCIPHER,))]:
    @keeps()
    def _(c, algorithm=algorithm, usage=usage):
        c.spki = key(*algorithm)
        c.set('ku', bits(*usage), True)
for identifier, country in [
        ('NTRUS+CA-12345678', 'US'), ('VATEL-123456789', 'GR'),
        ('VATGR-123456789', 'GR'), ('GOVUS+CA', 'US'), ('GOVSE', 'SE'),
        ('INTXG', 'BE'), ('PSDBE-NBB-1234.567.890', 'BE'),
        ('LEIXG-AEYE00EKXESVZUUEBP67', 'SE'), ('NTRDE-DER3306.HRB1', 'DE')]:
    keeps(of('organization', 'strict'))(
        lambda c, i=identifier, country=country: vars(c).update(subject=name(
            ('C', country), ('O', 'Exempel AB'), ('orgId', i))))
keeps(of('individual'))(lambda c: vars(c).update(subject=name(
    ('CN', 'Al'), ('pseudonym', 'Al'), ('C', 'XX'))))
keeps(of('individual', 'legacy'))(lambda c: vars(c).update(subject=name(
    ('CN', 'Alice Al'), ('unknown', 'x'))))


@keeps()
def _(c):
    c.subject = seq()
    c.critical('san')


@keeps(of('individual'))
def _(c):
    c.set('san', seq(utf8_mailbox('al\u00ed@xn--ex-uia.org')))


@keeps(of('mailbox', 'legacy'))
def _(c):
    c.set('crldp', points(HTTP, 'ldap://example.com/'))
    c.set('aia', access(ocsp=['ldap://example.com', OCSP], issuer=[ISSUER]))
    c.set('sda', seq())
    c.set('policies', seq(
        policy('2.23.140.1.5.1.1', cps('https://example.com'),
               notice(tlv(UTF8, b'x' * 200))), policy('1.2.3')))
    c.set('ku', bits(ENCIPHER, DATA), True)
    c.set('eku', purposes('mail', 'client'))


@keeps()
def _(c):
    c.set('aia', access(issuer=['http://192.0.2.1/x', 'http://[2001:db8::1]/x',
                                'http://pki.example.com:80/x']))


# --------------------------------------------------------------- running ---

def write(folder, der, file='cert'):
    path = os.path.join(folder, file)
    with open(path, 'wb') as out:
        out.write(der)
    return path


SEEN = {}   # rule: severity and clause, as findings tell them


def lint(path, *options):
    result = run('cert', 'lint', '--json', *options, path)
    assert result.stderr == b'', result
    said = json.loads(result.stdout)
    assert result.returncode == (1 if said['errors'] > 0 else 0), said
    for cert in said['certificates']:
        SEEN.update((f['rule'], (f['severity'], f['clause']))
                    for f in cert['findings'])
    return said


def fingerprint(der):
    return hashlib.sha256(der).hexdigest()


def rules_of(said):
    return {f['rule'] for c in said['certificates'] for f in c['findings']}


def found(folder, ders, *options):
    """The rules that each breaks, by its fingerprint; all in one file."""
    said = lint(write(folder, b''.join(ders)), *options)
    return {c['sha256']: {f['rule'] for f in c['findings']}
            for c in said['certificates']}


def check_rules(folder):
    cases = []    # DER, the rules it breaks, whether with --private
    for rules, start, change_it in BREAKS + [
            ('', start, change_it) for start, change_it in KEEPS]:
        c = start()
        change_it(c)
        want = set(rules.split())
        # An own authority's lack of a policy is a case of its own.
        cases.append((c.der(), want,
                      start is private and 'br-policy-one' not in want))
    got = {yes: found(folder, [c[0] for c in cases if c[2] == yes],
                      *(['--private'] if yes else []))
           for yes in (False, True)}
    wrong = [(sorted(want), sorted(got[yes][fingerprint(der)]))
             for der, want, yes in cases
             if want != got[yes][fingerprint(der)]]
    assert not wrong, wrong


def rules_in_manual():
    """docs/lint.md has a row for each: | `id` | severity | text | clause |
    always, or a date, or "until" and a date |."""
    with open(os.path.join(os.environ['SIGILL_SOURCE'], 'docs/lint.md'),
              encoding='utf-8') as file:
        for line in file:
            cells = [c.strip() for c in line.strip().strip('|').split('|')]
            if len(cells) == 5 and cells[0].startswith('`'):
                yield cells[0].strip('`'), cells[1], cells[3], cells[4]


def check_manual():
    """It has every rule, and each was broken by a certificate here."""
    told = {rule: (severity, clause)
            for rule, severity, clause, _ in rules_in_manual()}
    assert told == SEEN, set(told.items()) ^ set(SEEN.items())


def broken_at(folder, time):
    ders = []
    for _, start, change_it in BREAKS:
        c = start()
        change_it(c)
        ders.append(c.der())
    return set.union(*found(folder, ders, '--at', time).values())


def check_manual_dates(folder):
    """Every rule is in force from the date in the manual, or until it."""
    days = {}
    for rule, _, _, when in rules_in_manual():
        since, until = re.fullmatch(
            r'(?:always|([0-9-]{10})?(?: ?until ([0-9-]{10}))?)',
            when).groups()
        for day, begins in [(since, True), (until, False)]:
            if day is not None:
                days.setdefault(day, []).append((rule, begins))
    for day, rules in days.items():
        eve = str(datetime.date.fromisoformat(day) -
                  datetime.timedelta(days=1)) + 'T23:59:59Z'
        before, after = broken_at(folder, eve), broken_at(folder, day)
        for rule, begins in rules:
            assert (rule in before, rule in after) == (
                not begins, begins), (rule, day)


def check_dates(folder):
    c = Cert()
    c.set('sda', seq())
    path = write(folder, c.der())
    assert rules_of(lint(path)) == {'br-sda'}
    assert rules_of(lint(path, '--at', '2023-08-31')) == set()
    assert rules_of(lint(path, '--at', '2023-09-01')) == {'br-sda'}
    c = Cert('mailbox', 'legacy')
    path = write(folder, c.der())
    assert rules_of(lint(path)) == set()
    assert rules_of(lint(path, '--at', '2025-07-15T00:00:00Z')) == {
        'br-policy-legacy'}
    refused(2, '--at is no time that can be read', 'cert', 'lint', path,
            '--at', 'yesterday')


def check_forms(folder):
    """PEM, DER, P7B; one certificate and two, for people and as JSON."""
    c = Cert()
    c.drop('ku')
    other = Cert('individual')
    pem = ''.join('-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n'
                  % base64.encodebytes(d).decode()
                  for d in (c.der(), other.der()))
    bundle = write(folder, pem.encode())
    p7b = os.path.join(folder, 'p7b')
    subprocess.run(['openssl', 'crl2pkcs7', '-nocrl', '-certfile', bundle,
                    '-outform', 'DER', '-out', p7b], check=True)
    for path in [bundle, p7b]:
        said = lint(path)
        certs = {cert['type']: cert for cert in said['certificates']}
        assert certs['mailbox-validated']['generation'] == 'strict', said
        assert certs['individual-validated']['findings'] == [], said
        finding, = certs['mailbox-validated']['findings']
        assert finding == {
            'severity': 'error', 'rule': 'br-ku-present',
            'text': 'no key usage', 'detail': None,
            'clause': 'S/MIME BR 7.1.2.3 e'}, finding
        assert (said['errors'], said['warnings'], said['notices']) == (1, 0, 0)
    two = run('cert', 'lint', bundle)
    assert two.returncode == 1 and two.stderr == b'', two
    assert b'Certificates that break rules: 1 of 2 (errors: 1, ' in two.stdout, two
    one = run('cert', 'lint', write(folder, c.der(), 'one'))
    assert one.returncode == 1, one
    line, end = one.stdout.decode().splitlines()
    assert line.split(None, 2) == [
        'error', 'br-ku-present',
        'no key usage (S/MIME BR 7.1.2.3 e)'], line
    assert end == ('The certificate breaks rules '
                   '(errors: 1, warnings: 0, notices: 0).'), end
    assert good('cert', 'lint', write(folder, other.der(), 'one')) == (
        'The certificate keeps the rules (warnings: 0, notices: 0).\n')
    with open(bundle, 'rb') as file:
        piped = run('cert', 'lint', '-', stdin=file)
    assert piped.returncode == 1 and piped.stdout == two.stdout, piped


def check_details(folder):
    """What strangers wrote does not play with the terminal."""
    c = Cert()
    c.subject = name(('CN', '\x1b[31mred\u202e\x07' + 'x' * 300))
    text = run('cert', 'lint', write(folder, c.der())).stdout.decode()
    assert '?[31mred??xxx' in text and '\x1b' not in text, text


def check_private(folder):
    path = write(folder, private().der())
    assert rules_of(lint(path)) == {'br-policy-one'}
    assert rules_of(lint(path, '--private')) == set()
    assert 'add --private' in run('cert', 'lint', path).stdout.decode()
    assert 'add --private' not in good('cert', 'lint', '--private', path)


def check_our_own(folder):
    home = os.path.join(folder, 'home')
    good('init', '--domain', 'example.org', '--algorithm', 'p256', home=home)
    good('user', 'add', ALICE, '--name', 'Alice', home=home)
    for purpose in ['signing', 'encryption']:
        path = os.path.join(folder, purpose)
        good('cert', 'export', ALICE, '--purpose', purpose, '--chain', '-o',
             path, home=home)
        assert rules_of(lint(path)) == {'br-policy-one', 'br-ca-policy'}
        assert rules_of(lint(path, '--private')) == set()


def check_keys(folder):
    """cert show names the kinds of keys that are of no use here, too."""
    for spki, said, kind, size in [
            (rsa(), 'rsa (2048 bits)', 'rsa', 2048),
            (rsa(modulus(768)), 'rsa (768 bits, not supported)', 'rsa', 768),
            (key(ML_DSA), 'id-ml-dsa-65 (not supported)', 'id-ml-dsa-65', 0),
            (key(ED448), 'id-Ed448 (not supported)', 'id-Ed448', 0),
            (key(EC, P224), 'secp224r1 (not supported)', 'secp224r1', 0),
            (key(EC), 'id-ecPublicKey (not supported)', 'id-ecPublicKey', 0),
            (key('1.2.3.4'), '1.2.3.4 (not supported)', '1.2.3.4', 0)]:
        c = private()
        c.spki = spki
        path = write(folder, c.der())
        shown = good('cert', 'show', path)
        assert f'  {said}\n' in shown, shown
        told = json.loads(good('cert', 'show', '--json', path))
        told = told['certificates'][0] if 'certificates' in told else told
        assert (told['key'], told['bits']) == (kind, size), told


def refuse_what_is_wrong(folder):
    pem = os.path.join(folder, 'key.pem')
    locked = os.path.join(folder, 'locked.pem')
    subprocess.run(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out',
                    pem], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(['openssl', 'pkey', '-in', pem, '-aes256', '-passout',
                    'pass:secret', '-out', locked], check=True)
    der = Cert().der()
    odd = der.replace(b'260101000000Z', b'26-01-01-0:0Z')
    os.mkdir(os.path.join(folder, 'folder'))
    for status, said, path in [
            (4, 'is empty', write(folder, b'', 'empty')),
            (4, 'not a file of certificates', write(folder, b'\xff' * 999)),
            (4, 'not a file of certificates',
             write(folder, b'From: a@example.org\n\nHello', 'text')),
            (4, 'no certificate is in it', pem),
            (4, 'holds locked keys', locked),
            (4, 'DER', write(folder, der[:-1], 'cut')),
            (4, 'a certificate is malformed', write(folder, odd, 'odd')),
            (4, 'PEM block', write(folder, b'-----BEGIN CERTIFICATE-----\n',
                                   'half')),
            (5, 'is a folder', os.path.join(folder, 'folder')),
            (5, 'no such file', os.path.join(folder, 'none'))]:
        refused(status, said, 'cert', 'lint', path)
        refused(status, os.path.basename(path), 'cert', 'lint', '--json',
                path)
    refused(2, 'something is missing: FILE', 'cert', 'lint')
    refused(2, 'too many arguments', 'cert', 'lint', pem, pem)
    refused(2, 'unknown option', 'cert', 'lint', pem, '--to', 'x')
    full = subprocess.run(
        ['sh', '-c', 'exec "$0" cert lint "$1" >/dev/full', SIGILL,
         write(folder, der)], env=environment(), stderr=subprocess.PIPE,
        check=False)
    assert full.returncode == 5, full


def main():
    with place() as folder:
        check_rules(folder)
        check_dates(folder)
        check_forms(folder)
        check_details(folder)
        check_private(folder)
        check_our_own(folder)
        check_keys(folder)
        refuse_what_is_wrong(folder)
        check_manual()
        check_manual_dates(folder)


main()
