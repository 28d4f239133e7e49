#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""NSS, the library of Thunderbird, opens what our writer makes, as far as NSS
3.87 can: no Ed25519, no id-RSASSA-PSS keys, no OAEP, no AEAD, no EC keys to
encrypt to."""

import functools
import os
import sys

from peers import (EIGHT_BIT, LARGE, TEXT, Failed, Place, der_of, inside, need,
                   parts_of, run, run_cases, same)

SIGNERS = ["rsa", "p256", "p384", "p521"]


def start(place):
    db = "sql:" + place["nss"]
    os.mkdir(place["nss"])
    run("certutil", "-N", "-d", db, "--empty-password")
    run("certutil", "-A", "-d", db, "-n", "ca", "-t", "C,C,C", "-i",
        place["ca.pem"])
    for who in SIGNERS:
        p12 = place[who + ".p12"]
        run("openssl", "pkcs12", "-export", "-in", place[who + ".pem"],
            "-inkey", place[who + ".key"], "-passout", "pass:x", "-out", p12)
        run("pk12util", "-i", p12, "-d", db, "-W", "x")
    return db


def decode(place, db, name, der, *more):
    path, out = place.write(name + ".der", der), place[name + ".out"]
    run("cmsutil", "-D", "-d", db, "-i", path, "-o", out, *more)
    with open(out, "rb") as f:
        return f.read()


def opaque_case(place, db, name, message, args):
    signed = place.drive("sign", "--opaque", *args, data=message)
    same(decode(place, db, name, der_of(signed)), inside(message))


def clear_case(place, db, name, message, args):
    signed = place.drive("sign", *args, data=message)
    first, signature = parts_of(signed)
    decode(place, db, name, signature, "-c",
           place.write(name + ".part", first))


def tampered_case(place, db, name):
    """That a peer says yes means something only if it can say no."""
    signed = place.drive("sign", "--opaque", "--signer", place["rsa.both"],
                         data=TEXT)
    try:
        decode(place, db, name, der_of(signed).replace(b"Hello", b"Hallo"))
    except Failed:
        return
    raise Failed("it was accepted")


def decrypt_case(place, db, name, message, args):
    sealed = place.drive("encrypt", *args, data=message)
    same(decode(place, db, name, der_of(sealed)), inside(message))


def cases(place, db):
    def case(f, *args):
        name = args[0].replace(" ", ".")
        return args[0], functools.partial(f, place, db, name, *args[1:])

    signers = [[who, "--signer", place[who + ".both"]] for who in SIGNERS]
    signers.append(["pss", "--signer", place["rsa.both"], "--pss"])
    signers.append(["two"] + signers[0][1:] + signers[1][1:])
    for who, *args in signers:
        yield case(opaque_case, "opaque " + who, TEXT, args)
        yield case(clear_case, "clear " + who, EIGHT_BIT, args)
    args = signers[0][1:]
    yield case(opaque_case, "opaque large", LARGE, args)
    yield case(clear_case, "clear large", LARGE, args)
    yield case(tampered_case, "tampered")
    to = ["--to", place["rsa.pem"]]
    for cipher in ("aes-256-cbc", "aes-192-cbc", "aes-128-cbc"):
        use = to + ["--cipher", cipher]
        yield case(decrypt_case, "decrypt " + cipher, EIGHT_BIT, use)
        yield case(decrypt_case, "decrypt large " + cipher, LARGE, use)
        yield case(decrypt_case, "decrypt ski " + cipher, TEXT,
                   use + ["--ski"])


def main():
    need("openssl", "certutil", "pk12util", "cmsutil")
    with Place() as place:
        for who in SIGNERS:
            place.person(who)
        return run_cases(cases(place, start(place)))


if __name__ == "__main__":
    sys.exit(main())
