#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What ./run is given travels whole, whatever it looks like, and what is no
mail message is told apart."""
import importlib.machinery
import importlib.util
import pathlib
import subprocess
import tempfile

import tidy

PROGRAM = tidy.path('tools/demo-messages')
FROM = b'From: eve@example.net\r\n'
FILES = {   # name: (content, what `look` says; None: refuses)
    'plain': (FROM + b'\r\nHello\r\n', 'message'),
    'LF': (b'From: eve@example.net\nSubject: x\n\nHello\n', 'message'),
    '8-bit': (FROM + b'Subject: r\xe4ka\r\n\r\nr\xe4ka\r\n', 'message'),
    'header only': (FROM + b'\r\n', 'message'),
    'no end of header': (b'Subject: x', 'message'),
    'empty header': (b'\r\nHello\r\n', 'message'),
    'empty header, LF': (b'\nHello\n', 'message'),
    'no final line end': (FROM + b'\r\nHello', 'message'),
    'ends in CR': (FROM + b'\r\nHello\r', 'message'),
    'NUL in the body': (FROM + b'\r\n' + bytes(range(256)), 'message'),
    'as in an mbox': (b'From eve Mon Nov 23\nSubject: x\n\nHello\n', 'message'),
    'long': (FROM + b'\r\n' + b'0123456789abcdef' * 200000, 'message'),
    'signed': (FROM + b'Content-Type: multipart/signed; boundary=x\r\n\r\n',
               'S/MIME'),
    'encrypted': (FROM + b'content-type:\r\n application/x-pkcs7-mime;\r\n'
                  b' smime-type=enveloped-data\r\n\r\nMII=\r\n', 'S/MIME'),
    'spoken of': (FROM + b'\r\nContent-Type: application/pkcs7-mime\r\n',
                  'message'),
    'DER': (bytes.fromhex('308006092a864886f70d010702a080'), None),
    'PEM': (b'-----BEGIN CMS-----\nMII=\n-----END CMS-----\n', None),
    'noise': (bytes(range(128, 256)) * 9, None),
    'text': (b'this is no message at all\n', None),
}


def the_program():
    loader = importlib.machinery.SourceFileLoader('demo_messages', PROGRAM)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def check(program, folder, name, content, kind):
    source, wrapped, back, inside = (pathlib.Path(folder, n)
                                     for n in ('it s', 'w', 'b', 'i'))
    source.write_bytes(content)
    looked = subprocess.run([PROGRAM, 'look', source], check=False, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    said = looked.stdout.strip() if looked.returncode == 0 else None
    if said != kind:
        tidy.complain(name, f'is called {said}, not {kind}')
    program.wrap(source, wrapped)
    program.unwrap(wrapped, back)
    program.entity(wrapped, inside)
    if back.read_bytes() != content or \
            not inside.read_bytes().endswith(content):
        tidy.complain(name, 'does not come back whole')
    head = wrapped.read_bytes()[:-len(content)]
    for field in (b'From: Alice Demo <alice@', b'To: Bob Demo <bob@'):
        if head.count(b'\r\n' + field) != 1 or b'eve' in head:
            tidy.complain(name, f'its outer header lacks {field}')


with tempfile.TemporaryDirectory() as place:
    for key, row in FILES.items():
        check(the_program(), place, key, *row)
tidy.finish()
