# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line share: people with certificates that
openssl made, messages by openssl, and running sigill.

A test is a function whose name begins with test_; run(globals()) calls them
all and ends the script. Files are in FOLDER, a fresh folder below $TMPDIR.
Every message holds MARK, and what sigill leaves is searched for it and for all
keys and passwords: leaks.py."""
import os
import subprocess
import sys
import traceback

BUILD = os.environ.get('SIGILL_BUILD', 'build')
SOURCE = os.environ.get('SIGILL_SOURCE', '.')
SIGILL = os.path.join(os.path.abspath(BUILD), 'sigill')
sys.path.insert(0, os.path.join(SOURCE, 'tests', 'support'))
import leaks  # noqa: E402
from leaks import ENV, FOLDER, MARK, PASSWORD, TEMP  # noqa: E402, F401

BODY = (b'Content-Type: text/plain; charset=us-ascii\r\n\r\n' + MARK
        + b' Hello, Bob.\r\n')
OK, NO, USAGE, KEY, INPUT, ENVIRONMENT = range(6)


def path(name):
    return os.path.join(FOLDER, name)


def write(name, content):
    """A file in FOLDER; its path."""
    with open(path(name), 'wb') as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path(name)


def read(name):
    with open(path(name), 'rb') as file:
        return file.read()


def is_sanitized():
    """Such a build has memory of its own, and no sandbox."""
    done = subprocess.run(['nm', '-D', SIGILL], stdout=subprocess.PIPE,
                          check=False)
    return b'__asan_init' in done.stdout or b'__ubsan' in done.stdout


# ---------------------------------------------------------------- sigill ---

class Result:
    def __init__(self, words, done):
        self.words = words
        self.status = done.returncode
        self.out = done.stdout or b''
        self.err = (done.stderr or b'').decode('utf-8', 'replace')

    def __str__(self):
        return (f'{" ".join(map(str, self.words))}\nstatus {self.status}\n'
                f'stdout {self.out[:2000]!r}\nstderr {self.err[:2000]}')

    def expect(self, status, *words, out=None):
        """The status, and words that standard error or output must hold."""
        assert self.status == status, f'status is not {status}:\n{self}'
        text = self.err + self.out.decode('utf-8', 'replace')
        for word in words:
            assert word in text, f'lacks {word!r}:\n{self}'
        if out is not None:
            assert self.out == out, f'output is not {out!r}:\n{self}'
        if status in (USAGE, INPUT, ENVIRONMENT) and self.err:
            assert any(line.startswith('sigill: ')
                       for line in self.err.splitlines()), f'no line:\n{self}'
        return self


def sigill(*words, stdin=b'', env=None, **options):
    """Runs sigill without a terminal."""
    if isinstance(stdin, bytes):
        options['input'] = stdin
    else:
        options['stdin'] = stdin
    options.setdefault('stdout', subprocess.PIPE)
    options.setdefault('stderr', subprocess.PIPE)
    options.setdefault('timeout', 120)
    program = options.pop('program', SIGILL)
    env = dict(ENV, **env or {})
    streams = [options[s].name for s in ('stdout', 'stderr')
               if hasattr(options[s], 'name')]
    with leaks.watching(words, env=env, asked=streams) as call:
        call.stdin = options.get('input', b'')
        done = call.answered(subprocess.run(
            [program, *map(str, words)], env=env, start_new_session=True,
            check=False, cwd=FOLDER, **options))
    return Result(('sigill',) + words, done)


# --------------------------------------------------------------- openssl ---

def openssl(*words, **options):
    done = subprocess.run(['openssl', *map(str, words)], cwd=FOLDER, env=ENV,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, **options)
    assert done.returncode == 0, f'openssl {words}:\n{done.stderr.decode()}'
    return done.stdout


KEYS = {'rsa': ['RSA', 'rsa_keygen_bits:2048'],
        'rsa1024': ['RSA', 'rsa_keygen_bits:1024'],
        'p256': ['EC', 'ec_paramgen_curve:P-256'],
        'p384': ['EC', 'ec_paramgen_curve:P-384'],
        'ed25519': ['ED25519', None],
        'x25519': ['X25519', None]}

PERSON = '''basicConstraints = CA:false
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
keyUsage = critical, {usage}
extendedKeyUsage = {purpose}
'''
AUTHORITY = '''basicConstraints = critical, CA:true
subjectKeyIdentifier = hash
keyUsage = critical, keyCertSign, cRLSign
'''
CONFIG = '''[ca]
default_ca = this
[this]
database = {name}.index
crlnumber = {name}.crlnumber
rand_serial = yes
new_certs_dir = .
certificate = {name}.pem
private_key = {name}.key
default_md = {md}
policy = any
unique_subject = no
email_in_dn = no
default_crl_days = 30
[any]
commonName = supplied
organizationName = optional
'''


def make_key(name, kind='p256'):
    algorithm, option = KEYS[kind]
    words = ['genpkey', '-algorithm', algorithm, '-out', name + '.key']
    openssl(*words, *(['-pkeyopt', option] if option else []))
    leaks.hide_key(read(name + '.key'))


class Party:
    """Whoever has a certificate: NAME.pem and NAME.key in FOLDER."""

    def __init__(self, name, issuer=None, kind='p256', is_ca=False, address='',
                 usage='digitalSignature, keyEncipherment, keyAgreement',
                 purpose='emailProtection', start='20200101000000Z',
                 end='20491231000000Z', md='sha256', key=None, extra=''):
        self.name, self.issuer = name, issuer or self
        self.is_revoked = False
        self.pem, self.key = path(name + '.pem'), path((key or name) + '.key')
        if key is None:
            make_key(name, kind)
        if kind == 'ed25519':
            usage = 'digitalSignature'
        if kind == 'x25519':
            usage = 'keyAgreement'
        extensions = AUTHORITY if is_ca else PERSON.format(usage=usage,
                                                           purpose=purpose)
        if address is None:
            pass
        elif not is_ca:
            extensions += ('subjectAltName = email:'
                           + (address or name + '@example.org') + '\n')
        write(name + '.ext', '[x]\n' + extensions + extra)
        write(name + '.index', '')
        write(name + '.crlnumber', '01\n')
        write(name + '.cnf', CONFIG.format(name=name, md='sha256'))
        self._issue(start, end, md, kind)

    def _issue(self, start, end, md, kind):
        name, issuer = self.name, self.issuer
        subject = '/CN=' + name.replace('-', ' ').title() + ' Example'
        request = ['req', '-new', '-subj', subject, '-out', name + '.csr']
        if kind == 'x25519':     # it cannot sign a request of its own
            make_key('other')
            openssl(*request, '-key', 'other.key')
            openssl('pkey', '-in', self.key, '-pubout', '-out', name + '.pub')
            openssl('x509', '-req', '-in', name + '.csr', '-CA', issuer.pem,
                    '-CAkey', issuer.key, '-days', '3650', '-force_pubkey',
                    name + '.pub', '-extfile', name + '.ext', '-extensions',
                    'x', '-out', self.pem)
            return
        openssl(*request, '-key', self.key)
        openssl('ca', '-batch', '-notext', '-config', issuer.name + '.cnf',
                '-in', name + '.csr', '-out', self.pem, '-startdate', start,
                '-enddate', end, '-extfile', name + '.ext', '-extensions', 'x',
                '-md', md, *(
                    ['-selfsign', '-keyfile', self.key]
                    if issuer is self else []))

    def revoke(self):
        if self.is_revoked:
            return
        self.is_revoked = True
        openssl('ca', '-config', self.issuer.name + '.cnf', '-revoke', self.pem)

    def crl(self, days=30):
        """This authority's revocation list; its path."""
        openssl('ca', '-config', self.name + '.cnf', '-gencrl', '-crldays',
                days, '-out', self.name + '.crl')
        return path(self.name + '.crl')

    def p12(self, password=PASSWORD, *more, name=None):
        """A PKCS#12 file with the chain in it; its path."""
        out = path((name or self.name) + '.p12')
        openssl('pkcs12', '-export', '-inkey', self.key, '-in', self.pem,
                '-passout', 'pass:' + password, '-out', out, *more)
        return out

    def id(self):
        """Words for the command line that give key and certificate."""
        return ['--key', self.key, '--key', self.pem]


_parties = {}


def party(name, issuer='ca', **options):
    """Made once per script. `ca` and `stranger` are roots."""
    if name not in _parties:
        if name in ('ca', 'stranger'):
            _parties[name] = Party(name, is_ca=True, **options)
        else:
            _parties[name] = Party(name, party(issuer), **options)
    return _parties[name]


# -------------------------------------------------------------- messages ---

HEADERS = ['-from', 'alice@example.org', '-to', 'bob@example.org', '-subject',
           'Hello']


def signed(who, *options, name=None, body=BODY, headers=True, certs=()):
    """A message signed by openssl; its path."""
    assert leaks.is_marked(body), 'a message without the mark'
    out = path((name or 'signed-by-' + who.name) + '.eml')
    words = ['cms', '-sign', '-binary', '-in', write('body', body), '-signer',
             who.pem, '-inkey', who.key, '-out', out, *options]
    if certs:
        bundle = b''.join(read(c.pem) for c in certs)
        words += ['-certfile', write('bundle.pem', bundle)]
    openssl(*words, *(HEADERS if headers else []))
    return out


def encrypted(to, *options, name=None, body=BODY, headers=True):
    """A message that openssl encrypted to one or several; its path."""
    assert leaks.is_marked(body), 'a message without the mark'
    people = to if isinstance(to, list) else [to]
    out = path((name or 'encrypted-to-' + people[0].name) + '.eml')
    words = ['cms', '-encrypt', '-binary', '-in', write('body', body), '-out',
             out, *(options or ['-aes256'])]
    openssl(*words, *(HEADERS if headers else []), *(p.pem for p in people))
    return out


def changed(file, old, new, name='changed.eml'):
    """A copy with some bytes changed; its path."""
    content = read(file)
    assert old in content, f'{file} does not hold {old!r}'
    return write(name, content.replace(old, new, 1))


def split(message):
    """(header lines, body) of a message."""
    for end in (b'\r\n\r\n', b'\n\n'):
        if end in message:
            head, body = message.split(end, 1)
            return head.splitlines(), body
    return message.splitlines(), b''


def may_look_into_processes():
    """Whether we are root: to everybody else sigill is closed, which is what
    test_a_debugger_cannot_look of canary.py sees."""
    if os.getuid() != 0:
        print('     (needs root to look into a process)')
    return os.getuid() == 0


# --------------------------------------------------------------- running ---

def run(names):
    """Runs the script's tests; ends it."""
    if not os.access(SIGILL, os.X_OK):
        sys.exit(f'{SIGILL} is not built')
    chosen = sys.argv[1:]
    failed = 0
    for name, test in list(names.items()):
        if not name.startswith('test_') or (chosen and name not in chosen):
            continue
        try:
            test()
            leaks.search_all()
            print(f'ok   {name}')
        except Exception:   # whatever it is, the other tests go on
            failed += 1
            print(f'FAIL {name}')
            traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
