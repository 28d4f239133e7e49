# SPDX-License-Identifier: Apache-2.0
"""A client of SCEP (RFC 8894), made of nothing but DER and the openssl command,
for messages that no other client would send."""
import hashlib
import os
import subprocess

PREFIX = '2.16.840.1.113733.1.9.'
MESSAGE_TYPE, PKI_STATUS, FAIL_INFO, SENDER_NONCE, RECIPIENT_NONCE, \
    TRANSACTION = (PREFIX + str(n) for n in range(2, 8))
CONTENT_TYPE, MESSAGE_DIGEST = '1.2.840.113549.1.9.3', '1.2.840.113549.1.9.4'
DATA, SIGNED = '1.2.840.113549.1.7.1', '1.2.840.113549.1.7.2'
RSA = '1.2.840.113549.1.1.1'
DIGESTS = {'sha256': '2.16.840.1.101.3.4.2.1', 'sha512': '2.16.840.1.101.3.4.2.3',
           'sha1': '1.3.14.3.2.26'}
SEQUENCE, SET, OCTETS, PRINTABLE, OID, INTEGER = 0x30, 0x31, 4, 0x13, 6, 2


# ---------------------------------------------------------------------- DER ---

def der(tag, *parts):
    body = b''.join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, 'big')
    return bytes([tag, 0x80 | len(length)]) + length + body


def oid(text):
    first, second, *rest = map(int, text.split('.'))
    out = bytes([first * 40 + second])
    for number in rest:
        group = [number & 0x7f]
        while number := number >> 7:
            group.append(0x80 | number & 0x7f)
        out += bytes(reversed(group))
    return der(OID, out)


def read(data, at=0):
    """Tag, contents, whole element."""
    size, start = data[at + 1], at + 2
    if size & 0x80:
        start += size & 0x7f
        size = int.from_bytes(data[at + 2:start], 'big')
    return data[at], data[start:start + size], data[at:start + size]


def elements(contents):
    at, out = 0, []
    while at < len(contents):
        out.append(read(contents, at))
        at += len(out[-1][2])
    return out


def issuer_and_serial(cert):
    """Of a certificate in DER, as IssuerAndSerialNumber."""
    fields = elements(elements(read(cert)[1])[0][1])
    version = fields[0][0] == 0xa0
    return der(SEQUENCE, fields[2 + version][2], fields[version][2])


# ------------------------------------------------------------------- asking ---

def run(*words, data=b''):
    return subprocess.run(['openssl', *words], input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def attribute(kind, value):
    return der(SEQUENCE, oid(kind), der(SET, value))


def envelop(content, to, cipher='aes-128-cbc'):
    """`to` is the path of a certificate."""
    return run('cms', '-encrypt', '-binary', f'-{cipher}', '-outform', 'DER', to,
               data=content)


def sign(content, kind, key, cert, nonce, transaction='t-1', digest='sha256'):
    """A message around what was enveloped; `key` and `cert` are paths."""
    own = run('x509', '-in', cert, '-outform', 'DER')
    algorithm = der(SEQUENCE, oid(DIGESTS[digest]), b'\x05\x00')
    attributes = sorted((
        attribute(CONTENT_TYPE, oid(DATA)),
        attribute(MESSAGE_DIGEST,
                  der(OCTETS, hashlib.new(digest, content).digest())),
        attribute(MESSAGE_TYPE, der(PRINTABLE, str(kind).encode())),
        attribute(TRANSACTION, der(PRINTABLE, transaction.encode())),
        attribute(SENDER_NONCE, der(OCTETS, nonce))))
    signature = run('dgst', f'-{digest}', '-sign', key,
                    data=der(SET, *attributes))
    signer = der(SEQUENCE, b'\x02\x01\x01', issuer_and_serial(own), algorithm,
                 der(0xa0, *attributes), der(SEQUENCE, oid(RSA), b'\x05\x00'),
                 der(OCTETS, signature))
    return der(SEQUENCE, oid(SIGNED), der(0xa0, der(
        SEQUENCE, b'\x02\x01\x01', der(SET, algorithm),
        der(SEQUENCE, oid(DATA), der(0xa0, der(OCTETS, content))),
        der(0xa0, own), der(SET, signer))))


# ------------------------------------------------------------------ reading ---

class Reply:
    """What the door answered; its signature is verified by openssl."""

    def __init__(self, message, door, folder):
        place = os.path.join(folder, 'scep-reply')
        with open(place, 'wb') as file:
            file.write(message)
        signed = elements(read(elements(read(message)[1])[1][1])[1])
        inside = elements(signed[2][1])
        self.content = elements(inside[1][1])[0][1] if len(inside) > 1 else b''
        self.found = {}
        for tag, body, _ in elements(elements(signed[-1][1])[0][1]):
            if tag == 0xa0:
                for _, one, _ in elements(body):
                    kind, values = elements(one)
                    self.found[kind[2]] = elements(values[1])[0][1]
        with open(place + '-content', 'wb') as file:
            file.write(self.content)
        words = [] if self.content else ['-content', place + '-content']
        run('cms', '-verify', '-noverify', '-binary', '-inform', 'DER', '-in',
            place, '-certfile', door, '-nointern', '-out', os.devnull, *words)

    def get(self, kind):
        return self.found.get(oid(kind))

    @property
    def fail(self):
        """None if it went well, else failInfo."""
        assert self.get(MESSAGE_TYPE) == b'3'
        if self.get(PKI_STATUS) == b'0':
            assert self.get(FAIL_INFO) is None
            return None
        assert self.get(PKI_STATUS) == b'2' and not self.content
        return int(self.get(FAIL_INFO))

    def opened(self, key, cert):
        return run('cms', '-decrypt', '-binary', '-inform', 'DER', '-inkey', key,
                   '-recip', cert, data=self.content)
