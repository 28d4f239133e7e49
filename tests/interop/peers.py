# SPDX-License-Identifier: Apache-2.0
"""What the tests with other S/MIME programs share: a folder, people with keys
and certificates, messages, and how our own writer is driven."""

import base64
import concurrent.futures
import email
import os
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ["SIGILL_BUILD"]
DRIVE = os.path.join(BUILD, "tests/support/sgl-drive")

KINDS = {
    "rsa": ["RSA", "rsa_keygen_bits:2048"],
    "rsapss": ["RSA-PSS", "rsa_keygen_bits:2048"],
    "p256": ["EC", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "ec_paramgen_curve:P-384"],
    "p521": ["EC", "ec_paramgen_curve:P-521"],
    "ed25519": ["ED25519"],
    "x25519": ["X25519"],
}

USAGES = {
    "rsa": "digitalSignature,keyEncipherment",
    "rsapss": "digitalSignature",
    "p256": "digitalSignature,keyAgreement",
    "p384": "digitalSignature,keyAgreement",
    "p521": "digitalSignature,keyAgreement",
    "ed25519": "digitalSignature",
    "x25519": "keyAgreement",
}


class Failed(Exception):
    pass


def run(*args, data=b"", env=None):
    """Runs a program and gives its output, or raises with what it said."""
    done = subprocess.run(args, input=data, capture_output=True, env=env,
                          timeout=120)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Failed("%s: status %d: %s" % (
            " ".join(os.path.basename(a) for a in args[:3]), done.returncode,
            " | ".join(said[-4:])))
    return done.stdout


def need(*programs):
    """Ends the test as skipped where a program is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            print("there is no", program)
            sys.exit(77)


class Place:
    """A folder that goes away, with a CA and people in it."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="sigill-interop-")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", self["ca.key"],
            "-out", self["ca.pem"], "-days", "30", "-subj", "/CN=Test CA",
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=keyCertSign,cRLSign")

    def __getitem__(self, name):
        return os.path.join(self.path, name)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        shutil.rmtree(self.path)

    def write(self, name, data):
        with open(self[name], "wb") as f:
            f.write(data)
        return self[name]

    def person(self, kind):
        """Makes KIND.key, KIND.pem (certificate) and KIND.both."""
        key, cert = self[kind + ".key"], self[kind + ".pem"]
        opts = [x for o in KINDS[kind][1:] for x in ("-pkeyopt", o)]
        run("openssl", "genpkey", "-algorithm", KINDS[kind][0], *opts,
            "-out", key)
        pub = self.write(kind + ".pub", run(
            "openssl", "pkey", "-in", key, "-pubout"))
        ext = self.write(kind + ".ext", (
            "basicConstraints=critical,CA:FALSE\n"
            "subjectAltName=email:%s@example.org\n"
            "extendedKeyUsage=emailProtection\n"
            "keyUsage=critical,%s\n"
            "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
            % (kind, USAGES[kind])).encode())
        # An X25519 key cannot sign a request: the CA's does, and is replaced.
        request = run("openssl", "req", "-new", "-key", self["ca.key"],
                      "-subj", "/CN=" + kind)
        run("openssl", "x509", "-req", "-CA", self["ca.pem"], "-CAkey",
            self["ca.key"], "-force_pubkey", pub, "-days", "30", "-extfile",
            ext, "-out", cert, data=request)
        with open(key, "rb") as k, open(cert, "rb") as c:
            self.write(kind + ".both", c.read() + k.read())

    def drive(self, what, *args, data):
        return run(DRIVE, what, *args, data=data)


TEXT = (b"From: alice@example.org\nTo: bob@example.org\nSubject: test\n"
        b"MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n"
        b"\nHello Bob,\n\nthis is a message.\n-- \nAlice\n")
EIGHT_BIT = (b"From: alice@example.org\nSubject: test\n"
             b"Content-Type: text/plain; charset=utf-8\n"
             b"Content-Transfer-Encoding: 8bit\n\n"
             b"Gr\xc3\xbc\xc3\x9fe,\nFrom here it goes on. \n.\n")


def large():
    """A multipart of some 400 kB."""
    body = base64.encodebytes(bytes(range(256)) * 1200)
    return (b"From: alice@example.org\nSubject: test\n"
            b"Content-Type: multipart/mixed; boundary=\"b\"\n\n"
            b"--b\nContent-Type: text/plain\n\nsee below\n"
            b"--b\nContent-Type: application/octet-stream\n"
            b"Content-Transfer-Encoding: base64\n\n" + body + b"--b--\n")


LARGE = large()


def crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def inside(message):
    """What is protected of a message: its content fields and its body."""
    head, _, body = message.partition(b"\n\n")
    fields = [line for line in head.split(b"\n")
              if line.lower().startswith(b"content-")]
    return crlf(b"\n".join(fields) + b"\n\n" + body)


def der_of(message):
    """The CMS object of an application/pkcs7-mime message."""
    return base64.b64decode(message.partition(b"\r\n\r\n")[2])


def parts_of(signed):
    """The bytes of the first part of a multipart/signed, and its signature."""
    message = email.message_from_bytes(signed)
    delimiter = b"--" + message.get_boundary().encode()
    first = signed.split(delimiter + b"\r\n")[1]
    return first[:-2], message.get_payload()[1].get_payload(decode=True)


def same(got, want):
    """Peers write text with the line ends they like."""
    if crlf(got) != crlf(want):
        raise Failed("the content is another: %r" % got[:200])


def run_cases(cases):
    """Runs (name, function) two at a time; the program's exit status."""
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [(name, pool.submit(f)) for name, f in cases]
        for name, job in jobs:
            try:
                job.result()
            except Failed as e:
                print("FAILED %s: %s" % (name, e))
                bad += 1
    print("%d cases, %d failed" % (len(jobs), bad))
    return 1 if bad or not jobs else 0
