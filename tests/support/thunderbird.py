# SPDX-License-Identifier: Apache-2.0
"""Thunderbird without a screen: a profile of its own, driven over Marionette
(a JSON text behind its length, over TCP), with the rights of its own windows.

    with Thunderbird(address) as peer:
        peer.call('script', argument...)    # what the script answers

A script is the body of an async function; its arguments are in `args`."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

PROGRAM = shutil.which('thunderbird')
PATIENCE = 90   # seconds for whatever takes longest: its first start

# What would ask, phone home or show a page at the first start is off.
PREFERENCES = {
    'mail.accountmanager.accounts': 'account1',
    'mail.accountmanager.defaultaccount': 'account1',
    'mail.accountmanager.localfoldersserver': 'server1',
    'mail.account.account1.server': 'server1',
    'mail.account.account1.identities': 'id1',
    'mail.server.server1.type': 'none',
    'mail.server.server1.hostname': 'Local Folders',
    'mail.server.server1.userName': 'nobody',
    'mail.server.server1.name': 'Local Folders',
    'mail.identity.id1.valid': True,
    'mail.identity.id1.fcc': False,
    'mail.identity.id1.smtpServer': 'smtp1',
    'mail.smtpservers': 'smtp1',
    'mail.smtp.defaultserver': 'smtp1',
    'mail.smtpserver.smtp1.hostname': '127.0.0.1',
    'mail.provider.suppress_dialog_on_startup': True,
    'mail.spotlight.firstRunDone': True,
    'mail.shell.checkDefaultClient': False,
    'mail.rights.version': 1,
    'mailnews.start_page.enabled': False,
    'mailnews.start_page_override.mstone': 'ignore',
    'mail.openpgp.enable': False,
    'datareporting.policy.dataSubmissionEnabled': False,
    'datareporting.policy.dataSubmissionPolicyBypassNotification': True,
    'toolkit.telemetry.reportingpolicy.firstRun': False,
    'app.update.enabled': False,
    'app.donation.eoy.version.viewed': 9999,
    'network.captive-portal-service.enabled': False,
    'network.connectivity-service.enabled': False,
    'services.settings.server': 'data:,',
    'security.OCSP.enabled': 0,
    'network.proxy.type': 0,
}


def _free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def _written(value):
    return json.dumps(value) if isinstance(value, str) else str(value).lower()


class Thunderbird:
    """Ends with its `with`, and its profile is removed."""

    def __init__(self, address):
        self.folder = tempfile.mkdtemp(prefix='sigill-thunderbird-')
        self.profile = os.path.join(self.folder, 'profile')
        self.local = os.path.join(self.profile, 'Mail', 'Local Folders')
        os.makedirs(self.local)
        self.port = _free_port()
        self.num = 0
        self.socket = self.process = None
        wanted = dict(PREFERENCES, **{
            'mail.identity.id1.fullName': address.split('@')[0],
            'mail.identity.id1.useremail': address,
            'mail.server.server1.directory': self.local,
            'marionette.port': self.port})
        with open(os.path.join(self.profile, 'user.js'), 'w',
                  encoding='ascii') as file:
            for name, value in wanted.items():
                file.write(f'user_pref("{name}", {_written(value)});\n')

    def put(self, folder, *messages):
        """Files of messages become a local mail folder; before the start."""
        with open(os.path.join(self.local, folder), 'wb') as file:
            for name in messages:
                with open(name, 'rb') as message:
                    content = message.read().replace(b'\r\n', b'\n')
                file.write(b'From - Thu Jan  1 00:00:00 2026\n' + content
                           + b'\n')

    def __enter__(self):
        env = dict(PATH=os.environ['PATH'], HOME=self.folder, MOZ_HEADLESS='1',
                   LC_ALL='C.UTF-8', TMPDIR=self.folder)
        self.process = subprocess.Popen(
            [PROGRAM, '--headless', '--no-remote', '--profile', self.profile,
             '--marionette', '--remote-allow-system-access'], env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.socket:
            self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _connect(self):
        until = time.monotonic() + PATIENCE
        while self.socket is None:
            try:
                self.socket = socket.create_connection(('127.0.0.1', self.port))
            except OSError:
                assert time.monotonic() < until, 'Thunderbird does not listen'
                assert self.process.poll() is None, 'Thunderbird has ended'
                time.sleep(0.1)
        self.socket.settimeout(PATIENCE)
        self._read()
        self._ask('WebDriver:NewSession', {})
        self._ask('Marionette:SetContext', {'value': 'chrome'})
        self._ask('WebDriver:SetTimeouts', {'script': PATIENCE * 1000})

    def _read(self):
        length = b''
        while not length.endswith(b':'):
            byte = self.socket.recv(1)
            assert byte, 'Thunderbird has closed the connection'
            length += byte
        text = b''
        while len(text) < int(length[:-1]):
            text += self.socket.recv(65536)
        return json.loads(text)

    def _ask(self, name, parameters):
        self.num += 1
        text = json.dumps([0, self.num, name, parameters]).encode()
        self.socket.sendall(str(len(text)).encode() + b':' + text)
        _, _, error, value = self._read()
        assert error is None, error
        return value

    def call(self, script, *args):
        answer = self._ask('WebDriver:ExecuteAsyncScript', {
            'script': 'const done = arguments[arguments.length - 1];'
                      'const args = Array.from(arguments).slice(0, -1);'
                      '(async () => {' + script + '})().then('
                      'value => done({value}),'
                      'e => done({error: `${e} ${e.stack}`}));',
            'args': list(args), 'newSandbox': True})['value']
        assert 'error' not in answer, answer['error']
        return answer.get('value')
