#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`sigill` verifies and opens what GnuPG's gpgsm makes, as far as it can make
it: RSA signatures, and RSA v1.5 recipients with the AES-CBC ciphers."""

import functools
import os
import sys

from peers import LARGE, TEXT, Failed, Place, inside, need, run, run_cases
from read_openssl import SIGILL, sigill
from write_gpgsm import fill, start


def read(path):
    with open(path, "rb") as f:
        return f.read()


def sign_case(place, env, name, content, armor):
    path = place[name]
    run("gpgsm", "--yes", "--passphrase-fd", "0", *armor, "--digest-algo",
        "SHA256", "--local-user", "rsa@example.org", "--output", path,
        "--sign", place[content], data=b"x\n", env=env)
    if sigill(path, "verify", "--trust", place["ca.pem"]) != read(
            place[content]):
        raise Failed("the content is another")


def encrypt_case(place, env, name, content, cipher, armor):
    path = place[name]
    run("gpgsm", "--yes", *armor, "--cipher-algo", cipher, "--recipient",
        "rsa@example.org", "--output", path, "--encrypt", place[content],
        env=env)
    if sigill(path, "decrypt", "--key", place["rsa.both"]) != read(
            place[content]):
        raise Failed("the content is another")


ARMOR = {"der": [], "pem": ["--armor"], "base64": ["--base64"]}


def cases(place, env):
    for form, armor in ARMOR.items():
        for content in ("short", "long"):
            name = "sign-%s-%s" % (form, content)
            yield name, functools.partial(
                sign_case, place, env, name, content, armor)
            for cipher in ("AES", "AES192", "AES256", "3DES"):
                name = "encrypt-%s-%s-%s" % (form, content, cipher)
                yield name, functools.partial(
                    encrypt_case, place, env, name, content, cipher, armor)


def main():
    need("openssl", "gpgsm", "gpgconf")
    if not os.path.exists(SIGILL):
        raise Failed("there is no " + SIGILL)
    with Place() as place:
        for who in ("rsa", "rsapss", "p256", "p384"):
            place.person(who)
        place.write("short", inside(TEXT))
        place.write("long", inside(LARGE))
        env = start(place)
        try:
            fill(place, env)
            return run_cases(list(cases(place, env)))
        finally:
            run("gpgconf", "--kill", "gpg-agent", env=env)


if __name__ == "__main__":
    sys.exit(main())
