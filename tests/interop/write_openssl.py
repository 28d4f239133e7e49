#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Everything our writer makes is opened by `openssl cms`; what OpenSSL 3.0 does
not know (Ed25519, X25519, ChaCha20-Poly1305 in CMS) is taken apart here, with
`openssl` for the primitives alone."""

import email
import functools
import hashlib
import hmac
import itertools
import struct
import sys

from peers import (EIGHT_BIT, LARGE, TEXT, Failed, Place, crlf, der_of, inside,
                   need, parts_of, run, run_cases, same)

SIGNERS = ["rsa", "rsapss", "p256", "p384", "p521"]
DIGESTS = ["sha256", "sha384", "sha512"]
CIPHERS = ["aes-256-cbc", "aes-192-cbc", "aes-128-cbc", "aes-256-gcm",
           "aes-128-gcm"]
FORMS = {"clear": [], "opaque": ["--opaque"]}
MICALGS = {"sha256": "sha-256", "sha384": "sha-384", "sha512": "sha-512"}


def leaves(entity):
    message = email.message_from_bytes(entity)
    return [(p.get_content_type(), p.get_payload(decode=True))
            for p in message.walk() if not p.is_multipart()]


def same_leaves(got, want):
    """A clear signature may change transfer encodings."""
    normal = [[(t, crlf(b).rstrip()) for t, b in leaves(x)]
              for x in (crlf(got), crlf(want))]
    if normal[0] != normal[1]:
        raise Failed("the content is another: %r" % got[:200])


# --- signatures ---

def verify(place, signed):
    return run("openssl", "cms", "-verify", "-CAfile", place["ca.pem"],
               "-purpose", "smimesign", data=signed)


def check_clear_head(signed, digests):
    head = email.message_from_bytes(signed)
    if head.get_content_type() != "multipart/signed":
        raise Failed("it is no multipart/signed")
    want = {"protocol": "application/pkcs7-signature",
            "micalg": ",".join(MICALGS[d] for d in digests)}
    for name, value in want.items():
        if head.get_param(name) != value:
            raise Failed("%s is %r" % (name, head.get_param(name)))
    if not all(b < 0x80 for b in signed):
        raise Failed("a clear signature that is not 7-bit")


def sign_case(place, form, message, args, digests):
    signed = place.drive("sign", *FORMS[form], *args, data=message)
    got = verify(place, signed)
    if form == "clear":
        check_clear_head(signed, digests)
        same_leaves(got, inside(message))
    else:
        same(got, inside(message))


def sign_cases(place):
    def case(name, form, message, args, digests):
        return ("sign " + name + " " + form, functools.partial(
            sign_case, place, form, message, args, digests))

    for who, digest, form in itertools.product(SIGNERS, DIGESTS, FORMS):
        args = ["--signer", place[who + ".both"], "--digest", digest]
        yield case(who + " " + digest, form, TEXT, args, [digest])
        if who == "rsa":
            yield case("pss " + digest, form, EIGHT_BIT, args + ["--pss"],
                       [digest])
    one = ["--signer", place["rsa.both"]]
    two = one + ["--signer", place["p384.both"]]
    for form in FORMS:
        yield case("large", form, LARGE, one, ["sha256"])
        yield case("8-bit", form, EIGHT_BIT, one, ["sha256"])
        yield case("two", form, TEXT, two, ["sha256", "sha384"])
        yield case("late", form, LARGE, two + ["--late"], ["sha256", "sha384"])
        yield case("bytes", form, TEXT, one + ["--step", "1"], ["sha256"])
        yield case("pieces", form, LARGE, one + ["--step", "1021"], ["sha256"])


# --- encryption ---

def decrypt(place, sealed, *how):
    return run("openssl", "cms", "-decrypt", *how, data=sealed)


def key_of(place, who):
    return ["-inkey", place[who + ".key"], "-recip", place[who + ".pem"]]


def encrypt_case(place, message, args, openings):
    sealed = place.drive("encrypt", *args, data=message)
    for how in openings:
        same(decrypt(place, sealed, *how), inside(message))


def encrypt_cases(place):
    def case(name, message, args, *openings):
        return ("encrypt " + name, functools.partial(
            encrypt_case, place, message, args, openings))

    kek = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    people = ["rsa", "p256", "p384", "p521"]
    for cipher in CIPHERS:
        use = ["--cipher", cipher]
        for who, more in itertools.product(people, ([], ["--ski"])):
            yield case(" ".join([who, cipher] + more), TEXT,
                       use + more + ["--to", place[who + ".pem"]],
                       key_of(place, who))
        yield case("oaep " + cipher, TEXT,
                   use + ["--oaep", "--to", place["rsa.pem"]],
                   key_of(place, "rsa"))
        yield case("large " + cipher, LARGE,
                   use + ["--to", place["p256.pem"]], key_of(place, "p256"))
        yield case("pieces " + cipher, LARGE,
                   use + ["--step", "997", "--to", place["rsa.pem"]],
                   key_of(place, "rsa"))
        yield case("password " + cipher, TEXT,
                   use + ["--password", "correct horse"],
                   ["-pwri_password", "correct horse"])
        for size in (32, 48, 64):
            yield case("kek %d %s" % (size * 4, cipher), EIGHT_BIT,
                       use + ["--kek", kek[:size], "--kek-id", "name"],
                       ["-secretkey", kek[:size], "-secretkeyid",
                        b"name".hex()])
    everybody = [a for who in people for a in ("--to", place[who + ".pem"])]
    yield case("everybody", LARGE, everybody + ["--password", "x"],
               *[key_of(place, who) for who in people],
               ["-pwri_password", "x"])


# --- both ---

def both_case(place, what, cipher, opaque):
    message = EIGHT_BIT
    sealed = place.drive(what, "--signer", place["rsa.both"], "--to",
                         place["p256.pem"], "--cipher", cipher, *opaque,
                         data=message)
    if what == "triple":
        sealed = verify(place, sealed)
    signed = decrypt(place, crlf(sealed), *key_of(place, "p256"))
    same(verify(place, signed), inside(message))


def both_cases(place):
    for what, cipher, opaque in itertools.product(
            ("sign-encrypt", "triple"), ("aes-256-cbc", "aes-128-gcm"),
            ([], ["--opaque"])):
        yield ("%s %s %s" % (what, cipher, "".join(opaque)), functools.partial(
            both_case, place, what, cipher, opaque))


# --- what OpenSSL 3.0 does not know ---

def elements(data):
    """The (tag, contents, whole) of DER elements."""
    found = []
    while data:
        length, at = data[1], 2
        if length >= 0x80:
            n = length & 0x7f
            length, at = int.from_bytes(data[2:2 + n], "big"), 2 + n
        found.append((data[0], data[at:at + length], data[:at + length]))
        data = data[at + length:]
    return found


def open_cms(der):
    """The fields of SignedData or (Auth)EnvelopedData."""
    info = elements(elements(der)[0][1])
    return elements(elements(info[1][1])[0][1])


def ed25519_case(place, form):
    signed = place.drive("sign", *FORMS[form], "--signer",
                         place["ed25519.both"], data=TEXT)
    if form == "clear":
        content, der = parts_of(signed)
    else:
        der = der_of(signed)
        eci = elements(open_cms(der)[2][1])
        content = elements(eci[1][1])[0][1]
        same(content, inside(TEXT))
    signer = elements(elements(open_cms(der)[-1][1])[0][1])
    attributes = b"\x31" + signer[3][2][1:]
    if hashlib.sha512(content).digest() not in attributes:
        raise Failed("the message digest is not there")
    # OpenSSL wants what is to be verified as a file.
    run("openssl", "pkeyutl", "-verify", "-rawin", "-certin", "-inkey",
        place["ed25519.pem"], "-in",
        place.write("ed.%s.attributes" % form, attributes), "-sigfile",
        place.write("ed.%s.signature" % form, signer[5][1]))


def hkdf(secret, info, length):
    prk = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()[:length]


def x25519_key(place, name, recipients):
    """The content key, as RFC 8418 says."""
    kari = elements(elements(recipients)[0][1])
    originator = elements(elements(kari[1][1])[0][1])
    point, wrapped = originator[1][1][1:], elements(
        elements(kari[3][1])[0][1])[1][1]
    # SubjectPublicKeyInfo: RFC 8410 4
    peer = place.write(name + ".peer", bytes.fromhex(
        "302a300506032b656e032100") + point)
    secret = run("openssl", "pkeyutl", "-derive", "-inkey",
                 place["x25519.key"], "-peerkey", peer, "-peerform", "DER")
    wrap = elements(kari[2][1])[1][2]
    bits = {0x05: 128, 0x2d: 256}[wrap[-1]]
    shared = b"\xa2\x06\x04\x04" + struct.pack(">I", bits)
    info = bytes([0x30, len(wrap) + len(shared)]) + wrap + shared
    kek = hkdf(secret, info, bits // 8)
    return run("openssl", "enc", "-d", "-id-aes%d-wrap" % bits, "-K",
               kek.hex(), "-iv", "a6" * 8, data=wrapped)


def x25519_case(place, cipher):
    name = "x25519." + cipher
    sealed = place.drive("encrypt", "--cipher", cipher, "--to",
                         place["x25519.pem"], data=TEXT)
    fields = open_cms(der_of(sealed))
    key = x25519_key(place, name, fields[1][1])
    eci = elements(fields[2][1])
    params = elements(eci[1][1])[1]
    if cipher == "chacha20-poly1305":
        got = chacha_open(key, params[1], eci[2][1], fields[3][1])
    else:
        got = run("openssl", "enc", "-d", "-" + cipher, "-K", key.hex(),
                  "-iv", params[1].hex(), data=eci[2][1])
    same(got, inside(TEXT))


def chacha_block(key, counter, nonce):
    """RFC 8439 2.3."""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key
                               + struct.pack("<I", counter) + nonce))
    work = list(state)
    rounds = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
              (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for a, b, c, d in rounds * 10:
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8),
                              (c, d, b, 7)):
            work[x] = (work[x] + work[y]) & 0xffffffff
            mixed = work[z] ^ work[x]
            work[z] = (mixed << turn | mixed >> (32 - turn)) & 0xffffffff
    return struct.pack("<16I", *((x + y) & 0xffffffff
                                 for x, y in zip(state, work)))


def poly1305(key, data):
    """RFC 8439 2.5."""
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    total = 0
    for at in range(0, len(data), 16):
        block = data[at:at + 16] + b"\x01"
        total = (total + int.from_bytes(block, "little")) * r % (2**130 - 5)
    total += int.from_bytes(key[16:], "little")
    return (total & (2**128 - 1)).to_bytes(16, "little")


def chacha_open(key, nonce, sealed, tag):
    """RFC 8439 2.8, without associated data."""
    mac_key = chacha_block(key, 0, nonce)[:32]
    padded = sealed + bytes(-len(sealed) % 16)
    lengths = struct.pack("<QQ", 0, len(sealed))
    if poly1305(mac_key, padded + lengths) != tag:
        raise Failed("the tag is wrong")
    stream = b"".join(chacha_block(key, i + 1, nonce)
                      for i in range(len(padded) // 64 + 1))
    return bytes(a ^ b for a, b in zip(sealed, stream))


def own_cases(place):
    for form in FORMS:
        yield ("sign ed25519 " + form,
               functools.partial(ed25519_case, place, form))
    for cipher in ("aes-256-cbc", "aes-128-cbc", "chacha20-poly1305"):
        yield ("encrypt x25519 " + cipher,
               functools.partial(x25519_case, place, cipher))


def main():
    need("openssl")
    with Place() as place:
        for who in SIGNERS + ["ed25519", "x25519"]:
            place.person(who)
        return run_cases(itertools.chain(
            sign_cases(place), encrypt_cases(place), both_cases(place),
            own_cases(place)))


if __name__ == "__main__":
    sys.exit(main())
