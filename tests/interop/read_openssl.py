#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`sigill` verifies and opens what OpenSSL makes: every signature algorithm
with every digest in every form, every kind of recipient with every cipher in
every form that `openssl cms` can write."""

import functools
import os
import subprocess
import sys

from peers import BUILD, LARGE, TEXT, Failed, Place, crlf, inside, need, run
from peers import run_cases

SIGILL = os.path.join(BUILD, "sigill")

DIGESTS = ["sha256", "sha384", "sha512"]
SIGNERS = {
    "rsa": [],
    "pss": ["-keyopt", "rsa_padding_mode:pss"],
    "p256": [],
    "p384": [],
    "p521": [],
}
SIGN_FORMS = {
    "clear": [],
    "clear without certificates": ["-nocerts"],
    "clear by key identifier": ["-keyid"],
    "opaque": ["-nodetach"],
    "opaque stream": ["-nodetach", "-stream"],
    "opaque without attributes": ["-nodetach", "-noattr"],
    "opaque der": ["-nodetach", "-outform", "DER"],
    "opaque pem": ["-nodetach", "-outform", "PEM"],
}
CIPHERS = ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des-ede3-cbc",
           "aes-128-gcm", "aes-192-gcm", "aes-256-gcm"]
RECIPIENTS = {
    "rsa": [],
    "rsa by key identifier": ["-keyid"],
    "oaep sha1": ["-keyopt", "rsa_padding_mode:oaep"],
    "oaep sha256": ["-keyopt", "rsa_padding_mode:oaep",
                    "-keyopt", "rsa_oaep_md:sha256"],
    "oaep sha512 mgf sha256": ["-keyopt", "rsa_padding_mode:oaep",
                               "-keyopt", "rsa_oaep_md:sha512",
                               "-keyopt", "rsa_mgf1_md:sha256"],
    "p256": [],
    "p256 sha384": ["-keyopt", "ecdh_kdf_md:sha384"],
    "p256 cofactor": ["-keyopt", "ecdh_cofactor_mode:1"],
    "p384": [],
    "p521": [],
}
ENCRYPT_FORMS = {
    "mime": [],
    "mime stream": ["-stream"],
    "der": ["-outform", "DER"],
    "der stream": ["-outform", "DER", "-stream"],
    "pem": ["-outform", "PEM"],
}


def sigill(*args):
    """The content of a good outcome."""
    out = args[0] + ".out"
    done = subprocess.run([SIGILL, args[1], *args[2:], "-o", out, args[0]],
                          capture_output=True, timeout=60)
    if done.returncode != 0:
        raise Failed("status %d: %s" % (
            done.returncode, (done.stderr + done.stdout).decode(
                errors="replace").strip().replace("\n", " | ")[:300]))
    with open(out, "rb") as f:
        return f.read()


def sign_case(place, name, content, kind, digest, args, form):
    path = place.write(name, b"")
    key = "rsa" if kind == "pss" else kind
    run("openssl", "cms", "-sign", "-binary", "-signer", place[key + ".both"],
        "-md", digest, *args, *form, "-crlfeol", "-out", path, "-in",
        place[content])
    # -nocerts: the signer's certificate comes from elsewhere.
    extra = ["--intermediate", place[key + ".pem"]]
    got = sigill(path, "verify", "--trust", place["ca.pem"], *extra)
    with open(place[content], "rb") as f:
        if got != f.read():
            raise Failed("the content is another")


def encrypt_case(place, name, content, kind, cipher, args, form):
    path = place.write(name, b"")
    key = "rsa" if kind.startswith("oaep") else kind.split()[0]
    run("openssl", "cms", "-encrypt", "-binary", "-" + cipher, *form, "-out",
        path, "-in", place[content], "-recip", place[key + ".pem"], *args)
    got = sigill(path, "decrypt", "--key", place[key + ".both"])
    with open(place[content], "rb") as f:
        want = f.read()
    if not got.endswith(want):
        raise Failed("the content is another")


def refused_case(place, name):
    """A changed byte in a signed message: never good."""
    path = place.write(name, b"")
    run("openssl", "cms", "-sign", "-binary", "-signer", place["p256.both"],
        "-nodetach", "-outform", "DER", "-out", path, "-in", place["short"])
    with open(path, "rb") as f:
        data = f.read().replace(b"Hello", b"Hallo")
    place.write(name, data)
    try:
        sigill(path, "verify", "--trust", place["ca.pem"])
    except Failed:
        return
    raise Failed("it was accepted")


def cases(place):
    def case(f, *args):
        name = " ".join(str(a) for a in args[:-2])
        return name, functools.partial(
            f, place, name.replace(" ", ".") + ".msg", *args[-5:])

    for kind, args in SIGNERS.items():
        for digest in DIGESTS:
            for form, more in SIGN_FORMS.items():
                # OpenSSL 3.0 cannot write this itself.
                if (kind, form) == ("pss", "opaque stream"):
                    continue
                yield case(sign_case, "sign", form, "short", kind, digest,
                           args, more)
        form = "opaque" if kind == "pss" else "opaque stream"
        yield case(sign_case, "sign", form, "long", kind, "sha256", args,
                   SIGN_FORMS[form])
    for kind, args in RECIPIENTS.items():
        for cipher in CIPHERS:
            for form, more in ENCRYPT_FORMS.items():
                yield case(encrypt_case, "encrypt", form, "short", kind,
                           cipher, args, more)
        yield case(encrypt_case, "encrypt", "der stream", "long", kind,
                   "aes-256-gcm", args, ENCRYPT_FORMS["der stream"])
    yield "refused", functools.partial(refused_case, place, "refused.msg")


def main():
    need("openssl")
    if not os.path.exists(SIGILL):
        raise Failed("there is no " + SIGILL)
    with Place() as place:
        for kind in ("rsa", "p256", "p384", "p521"):
            place.person(kind)
        place.write("short", inside(TEXT))
        place.write("long", inside(crlf(LARGE).replace(b"\r\n", b"\n")))
        return run_cases(list(cases(place)))


if __name__ == "__main__":
    sys.exit(main())
