# SPDX-License-Identifier: Apache-2.0
"""A place for a test to run the programs in, and a search for what they must
not leave there.

Each test script has a FOLDER of its own with everything a program could write
to: home, XDG folders, temporary files, and the working folder, where core
files land. Every message of a test holds MARK, and the test says what its
secrets are (hide, hide_key). A call of a program is made inside watching(),
which finds

  - files that the call made or changed though nobody asked for them,
  - MARK anywhere but in the content that was asked for,
  - private keys and passwords anywhere,

as they are, backwards (as libcrypto keeps numbers in memory), in hex and in
base64. search_all() looks through the whole place once more at the end.
"""
import atexit
import base64
import contextlib
import os
import re
import resource
import shutil
import tempfile

MARK = b'canary-5ea1ed-Q7c3f91b2'
PASSWORD = 'canary-password-8Xk20b'
# A test that puts a private key into a file writes it itself: what looks like
# one in a file of ours is a key that was not sealed.
PRIVATE = {'a private key in PEM': b'PRIVATE KEY-----',
           'a bare RSA key': bytes.fromhex('02010002820101'),
           'a bare EC key': bytes.fromhex('0201010420'),
           'a bare Ed25519 or X25519 key': bytes.fromhex('04220420')}

FOLDER = tempfile.mkdtemp(prefix='sigill-')
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def _folder(name):
    os.mkdir(os.path.join(FOLDER, name), 0o700)
    return os.path.join(FOLDER, name)


HOME, TEMP = _folder('home'), _folder('tmp')
XDG = {f'XDG_{name}': _folder('xdg-' + name.split('_')[0].lower())
       for name in ('CACHE_HOME', 'CONFIG_HOME', 'DATA_HOME', 'RUNTIME_DIR',
                    'STATE_HOME')}
# Nothing of the caller's: no home, no language, no terminal.
ENV = {k: v for k, v in os.environ.items()
       if k in ('PATH', 'LD_LIBRARY_PATH', 'ASAN_OPTIONS', 'UBSAN_OPTIONS',
                'SIGILL_IOFAULT', 'SIGILL_EXEC_PATH')}
ENV.update(XDG, LC_ALL='C.UTF-8', HOME=HOME, TMPDIR=TEMP)


def is_marked(message):
    """Whether it holds MARK, or is protected already and holds it inside, or
    has no content at all."""
    return MARK in message or b'application/pkcs7-' in message \
        or message.endswith(b'\r\n\r\n')


class Leak(AssertionError):
    pass


# ------------------------------------------------------------ core files ---

def _switch_cores_on():
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard == 0 and os.getuid() == 0:
        hard = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    return hard != 0


CORES_ARE_ON = _switch_cores_on()


def why_no_cores():
    """Why the search cannot find core files; '' where it can."""
    with open('/proc/sys/kernel/core_pattern', encoding='utf-8') as file:
        pattern = file.read().strip()
    if not CORES_ARE_ON:
        return 'the limit for core files is 0 and only root may raise it'
    if pattern.startswith('|') or '/' in pattern:
        return f'core files go elsewhere: {pattern}'
    return ''


# --------------------------------------------------------------- secrets ---

_content, _secrets = [], []     # (what it is called, *forms())
_homes = []


def forms(secret):
    """(bytes as they are, text in which line ends do not matter)."""
    text = [secret.hex().encode(), secret.hex().upper().encode()]
    for shift in range(3):      # where its first byte stands in a base64 group
        coded = base64.b64encode(bytes(shift) + secret)
        text.append(coded[(0, 2, 3)[shift]:8 * (shift + len(secret)) // 6])
    return [secret, secret[::-1]], text


def mark_content(secret):
    """Content that may be where content was asked for; MARK is known."""
    _content.append(('marked content', *forms(secret)))


def hide(name, secret):
    """Bytes that may be nowhere; their first 24 are looked for."""
    assert len(secret) >= 12, f'{name} is too short to be searched for'
    known = (name, *forms(secret[:24]))
    if known not in _secrets:
        _secrets.append(known)


def elements(data):
    """[(tag, contents)] of DER elements; nothing where it is no DER."""
    found = []
    while data:
        if len(data) < 2:
            return []
        tag, length, at = data[0], data[1], 2
        if length >= 0x80:
            at += length & 0x7f
            length = int.from_bytes(data[2:at], 'big')
        if at + length > len(data):
            return []
        found.append((tag, data[at:at + length]))
        data = data[at + length:]
    return found


def _numbers(der):
    """The long numbers in a private key: RSA's INTEGERs but the modulus, the
    OCTET STRING of the others."""
    modulus = None
    for tag, body in elements(der):
        if tag == 0x30:
            yield from _numbers(body)
        elif tag == 0x04 and len(body) >= 24:
            yield body.lstrip(b'\0')      # a number, or again DER
            yield from _numbers(body)
        elif tag == 0x02 and len(body) >= 24:
            if modulus is not None:
                yield body.lstrip(b'\0')
            modulus = modulus or body


def hide_key(pem):
    """The private keys in PEM text, PKCS#8 without a password, are secret."""
    found = 0
    for text in re.findall(rb'-----BEGIN PRIVATE KEY-----(.*?)-----END', pem,
                           re.DOTALL):
        for number in _numbers(base64.b64decode(text)):
            hide('a private key', number)
            found += 1
    assert found, 'there is no private key to hide'


def home_of_organisation(home):
    """A home is searched like all else, and its files may change."""
    if home and home not in _homes:
        _homes.append(home)


mark_content(MARK)
hide('a password', PASSWORD.encode())


# ---------------------------------------------------------------- search ---

_SPACE = b'\r\n\t :'


def found_in(data, content_allowed=False):
    """What of the above is in `data`, in words."""
    text = data.translate(None, _SPACE)
    wanted = _secrets if content_allowed else _secrets + _content
    found = {name for name, raw, coded in wanted
             if any(n in data for n in raw) or any(n in text for n in coded)}
    return found | {name for name, needle in PRIVATE.items() if needle in data}


def files_below(folder):
    """{path: what changes when the file does}"""
    found = {}
    for here, _, names in os.walk(folder):
        for name in names:
            file = os.path.join(here, name)
            with contextlib.suppress(FileNotFoundError):
                state = os.lstat(file)
                found[file] = (state.st_ino, state.st_size, state.st_mtime_ns)
    return found


def search(file, content_allowed=False):
    """Raises Leak if the file holds a secret."""
    try:
        with open(file, 'rb') as opened:
            data = opened.read()
    except OSError:     # a socket, or gone
        return
    found = found_in(data, content_allowed)
    if found:
        raise Leak(f'{file} holds {", ".join(sorted(found))}')


def search_all():
    """Everything in the programs' own places, asked for or not."""
    for folder in (HOME, TEMP, *XDG.values(), *_homes):
        for file in files_below(folder):
            search(file)
    left = [f for folder in (TEMP, HOME) for f in files_below(folder)
            if not any(f.startswith(home + '/') for home in _homes)]
    if left:
        raise Leak(f'left behind: {", ".join(left)}')


# ----------------------------------------------------------------- calls ---

_RELEASING = ('decrypt', 'verify', 'open')


class Call:
    """A call of a program: its words, and what it answered."""

    def __init__(self, words, env, cwd, asked):
        self.words = [str(w) for w in words]
        self.cwd = cwd
        self.status, self.out, self.err, self.stdin = None, b'', b'', b''
        outputs = [after for word, after in zip(self.words, self.words[1:])
                   if word in ('-o', '--output')]
        asked = [*asked, *(after for word, after in
                           zip(self.words, self.words[1:])
                           if word in ('--root-key-out', '--key-out',
                                       '--parent-csr-out',
                                       '--key-file', '--from',
                                       '--password-out'))]
        self.output = outputs[0] if outputs else None
        self.asked = {self.whole(name) for name in (*outputs, *asked)}
        self.homes = [env['SIGILL_HOME']] if env.get('SIGILL_HOME') else []
        self.homes += [after for word, after in zip(self.words, self.words[1:])
                       if word == '--home']
        for home in self.homes:
            home_of_organisation(home)

    def whole(self, name):
        return os.path.realpath(os.path.join(self.cwd or FOLDER, name))

    def answered(self, done):
        """`done` is what subprocess.run returned."""
        self.status = done.returncode
        self.out, self.err = done.stdout or b'', done.stderr or b''
        return done

    def gives_content(self):
        """Whether the content was asked for, and may be given."""
        name = self.words[0] if self.words else ''
        if name == 'sign':
            return True
        return name in _RELEASING and (
            self.status in (None, 0, 5) or '--release-unverified' in self.words)

    def may_hold_content(self, stream):
        """Whether the content goes to standard output, or error."""
        if not self.gives_content():
            return False
        if self.output is not None:
            names = {'stdout': ('-', 'stdout', '1'), 'stderr': ('stderr', '2')}
            return self.output.split('/')[-1] in names[stream]
        return stream == 'stdout' and self.words[0] != 'verify'

    def check_message(self):
        """A test that protects a message without MARK would find nothing."""
        if self.status != 0 or self.words[:1] not in (['sign'], ['encrypt']) \
                or '--help' in self.words:
            return
        message = self.stdin
        if not message and os.path.isfile(self.whole(self.words[-1])):
            with open(self.whole(self.words[-1]), 'rb') as file:
                message = file.read()
        assert is_marked(message), f'a message without the mark: {self.words}'

    def check(self, before):
        told = f'\nafter: {" ".join(self.words)}, status {self.status}'
        for stream, said in (('stdout', self.out), ('stderr', self.err)):
            found = found_in(said, self.may_hold_content(stream))
            if found:
                raise Leak(f'{stream} holds {", ".join(sorted(found))}{told}')
        for file, state in files_below(FOLDER).items():
            if before.get(file) == state:
                continue
            is_asked = os.path.realpath(file) in self.asked
            if not is_asked and not any(file.startswith(home + '/')
                                        for home in (*self.homes, *_homes)):
                raise Leak(f'{file}: nobody asked for it{told}')
            try:
                search(file, is_asked and self.gives_content())
            except Leak as leak:
                raise Leak(f'{leak}{told}') from None


@contextlib.contextmanager
def watching(words, env=None, cwd=None, asked=()):
    """Inside, programs run: one with `words`, or several ([]). `asked` are
    files that they may write beside those that `words` name. Tell the Call
    that it yields what was answered."""
    call = Call(words, ENV if env is None else env, cwd, asked)
    before = files_below(FOLDER)
    yield call
    call.check(before)
    call.check_message()
