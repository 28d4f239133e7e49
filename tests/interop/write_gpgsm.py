#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""GnuPG's gpgsm 2.2 verifies and decrypts what our writer makes, as far as it
can: no P-521 with SHA-512, no Ed25519, no OAEP, no subject key identifiers, no
AEAD, and no import of EC keys."""

import functools
import hashlib
import os
import re
import sys

from peers import (EIGHT_BIT, LARGE, TEXT, Failed, Place, der_of, inside, need,
                   parts_of, run, run_cases, same)


def start(place):
    home = place["gnupg"]
    os.mkdir(home, 0o700)
    # The agent need not work hard for a password that everybody knows.
    place.write("gnupg/gpg-agent.conf", b"allow-loopback-pinentry\n"
                b"disable-scdaemon\ns2k-count 65536\n")
    place.write("gnupg/gpgsm.conf",
                b"disable-crl-checks\ndisable-policy-checks\ndisable-dirmngr\nbatch\nno-tty\n"
                b"pinentry-mode loopback\n")
    print_ = run("openssl", "x509", "-in", place["ca.pem"], "-noout",
                 "-fingerprint", "-sha1").decode()
    place.write("gnupg/trustlist.txt", (
        print_.strip().split("=")[1].replace(":", "") + " S relax\n").encode())
    # By a short name, for the agent's socket lies in it and the name of a
    # socket has 107 bytes at the most.
    opened = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    return dict(os.environ, GNUPGHOME="/proc/%d/fd/%d" % (os.getpid(), opened))


ROUNDS = 2048
# The parameters of PBE-SHA1-3DES: a salt of 8 bytes, ROUNDS.
PARAMETERS = re.compile(
    rb"\x30\x0e\x04\x08(.{8})\x02\x02" + ROUNDS.to_bytes(2, "big"), re.DOTALL)


def loses_a_byte(salt, password):
    """Whether gpgsm 2.2 gets another key from this salt than everybody else
    (RFC 7292 B.2, step 6): it adds the numbers I_j and B + 1 as big integers
    and writes the sum back without its leading zero, one in 256 times."""
    letters = (password + "\0").encode("utf-16-be")
    filled = [(x * 64)[:64] for x in (salt, letters)]
    block = hashlib.sha1(b"\x01" * 64 + filled[0] + filled[1]).digest()
    for _ in range(ROUNDS - 1):
        block = hashlib.sha1(block).digest()
    more = int.from_bytes((block * 4)[:64], "big") + 1
    sums = [(int.from_bytes(x, "big") + more) % 2**512 for x in filled]
    return any(x < 2**504 for x in sums)


def p12_for_gpgsm(place):
    """The keys of rsa, with salts that gpgsm can read; its path."""
    path = place["rsa.p12"]
    for _ in range(20):
        run("openssl", "pkcs12", "-export", "-in", place["rsa.pem"], "-inkey",
            place["rsa.key"], "-keypbe", "PBE-SHA1-3DES", "-certpbe",
            "PBE-SHA1-3DES", "-iter", str(ROUNDS), "-macalg", "sha1",
            "-passout", "pass:x", "-out", path)
        with open(path, "rb") as f:
            salts = PARAMETERS.findall(f.read())
        if len(salts) != 2:
            raise Failed("%d salts in the PKCS#12, not 2" % len(salts))
        if not any(loses_a_byte(salt, "x") for salt in salts):
            return path
        print("a PKCS#12 that gpgsm 2.2 cannot read; another salt")
    raise Failed("no PKCS#12 that gpgsm can read in 20 tries")


def fill(place, env):
    run("gpgsm", "--import", place["ca.pem"], env=env)
    for who in ("rsapss", "p256", "p384"):
        run("gpgsm", "--import", place[who + ".pem"], env=env)
    run("gpgsm", "--passphrase-fd", "0", "--import", p12_for_gpgsm(place),
        data=b"x\n", env=env)


def opaque_case(place, env, name, message, args):
    signed = place.drive("sign", "--opaque", *args, data=message)
    path = place.write(name + ".p7m", der_of(signed))
    out = place[name + ".out"]
    run("gpgsm", "--yes", "--output", out, "--verify", path, env=env)
    with open(out, "rb") as f:
        same(f.read(), inside(message))


def clear_case(place, env, name, message, args):
    signed = place.drive("sign", *args, data=message)
    first, signature = parts_of(signed)
    run("gpgsm", "--verify", place.write(name + ".p7s", signature),
        place.write(name + ".part", first), env=env)


def tampered_case(place, env, name):
    """That a peer says yes means something only if it can say no."""
    signed = place.drive("sign", "--opaque", "--signer", place["rsa.both"],
                         data=TEXT)
    bad = der_of(signed).replace(b"Hello", b"Hallo")
    try:
        run("gpgsm", "--verify", place.write(name + ".p7m", bad), env=env)
    except Failed:
        return
    raise Failed("it was accepted")


def decrypt_case(place, env, name, message, args):
    sealed = place.drive("encrypt", *args, data=message)
    path = place.write(name + ".p7m", der_of(sealed))
    same(run("gpgsm", "--passphrase-fd", "0", "--decrypt", path, data=b"x\n",
             env=env), inside(message))


def cases(place, env):
    def case(f, *args):
        name = args[0].replace(" ", ".")
        return args[0], functools.partial(f, place, env, name, *args[1:])

    signers = [[who, "--signer", place[who + ".both"]]
               for who in ("rsa", "rsapss", "p256", "p384")]
    signers.append(["pss", "--signer", place["rsa.both"], "--pss"])
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
    yield case(decrypt_case, "decrypt among others", TEXT,
               ["--to", place["p256.pem"]] + to)


def main():
    need("openssl", "gpgsm", "gpgconf")
    with Place() as place:
        for who in ("rsa", "rsapss", "p256", "p384"):
            place.person(who)
        env = start(place)
        try:
            fill(place, env)
            return run_cases(cases(place, env))
        finally:
            run("gpgconf", "--kill", "gpg-agent", env=env)


if __name__ == "__main__":
    sys.exit(main())
