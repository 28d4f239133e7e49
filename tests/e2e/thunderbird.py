#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Thunderbird, the program that most people on a desktop have: it imports what
is handed out, reads new and old mail with it, and writes mail that we read."""
import base64
import json
import os
import sys
from email.utils import formatdate

from e2e import (BODY, MARK, OK, SOURCE, leaks, openssl, path, read, run,
                 sigill, write)

sys.path.insert(0, os.path.join(SOURCE, 'tests', 'support'))
from thunderbird import PROGRAM, Thunderbird  # noqa: E402

ALICE, BOB = 'alice@example.org', 'bob@example.org'
HEADERS = (f'From: {ALICE}\r\nTo: {BOB}\r\nSubject: Hello\r\n'
           'Date: {date}\r\nMIME-Version: 1.0\r\n')

IMPORT = '''
const db = Cc["@mozilla.org/security/x509certdb;1"].getService(
    Ci.nsIX509CertDB);
const [root, files] = args;
db.addCertFromBase64(root, ",C,");
const results = [];
for (const [name, password] of files) {
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    file.initWithPath(name);
    results.push(db.importPKCS12File(file, password));
}
return results;
'''

USABLE = '''
const db = Cc["@mozilla.org/security/x509certdb;1"].getService(
    Ci.nsIX509CertDB);
const found = [];
// Newer releases want to know of signed certificate timestamps, too.
const timestamps = db.asyncVerifyCertAtTime.length == 7 ? [[]] : [];
for (const cert of db.getCerts()) {
    if (cert.certType & Ci.nsIX509Cert.USER_CERT) {
        const uses = {};
        for (const [name, use] of [["sign", db.verifyUsageEmailSigner],
                                   ["encrypt", db.verifyUsageEmailRecipient]])
            uses[name] = await new Promise(answer =>
                db.asyncVerifyCertAtTime(cert, use, 0, null,
                    Date.now() / 1000, ...timestamps, (code, chain) =>
                        answer(code == 0 ? chain.length : code)));
        found.push({serial: cert.serialNumber.replaceAll(":", "").toLowerCase(),
                    address: cert.emailAddress, key: cert.dbKey, uses});
    }
}
return found;
'''

READ = '''
const {MailServices} = ChromeUtils.importESModule(
    "resource:///modules/MailServices.sys.mjs");
const folder = MailServices.accounts.localFoldersServer.rootFolder
    .getChildNamed(args[0]);
const wait = ms => new Promise(on => setTimeout(on, ms));
const headers = () => [...folder.msgDatabase.enumerateMessages()];
await new Promise(on => {
    try {
        folder.QueryInterface(Ci.nsIMsgLocalMailFolder).getDatabaseWithReparse({
            OnStartRunningUrl() {}, OnStopRunningUrl() { on(); },
            QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"])}, null);
        on();
    } catch (e) { /* it is being read; the listener will be told */ }
});
const tabmail = document.getElementById("tabmail");
const found = [];
for (const header of headers()) {
    const tab = tabmail.openTab("mailMessageTab",
        {messageURI: folder.getUriForMsg(header), background: false});
    let w = null, text = "";
    for (let i = 0; i < 200 && !text; i++) {
        await wait(50);
        w = tab.chromeBrowser?.contentWindow;
        if (w?.msgLoaded && w.gEncryptionStatus != -1
            && w.gSignatureStatus != -1)
            text = w.getMessagePaneBrowser().contentDocument?.body
                ?.textContent.trim();
    }
    found.push({signature: w.gSignatureStatus, encryption: w.gEncryptionStatus,
        signer: w.gSignerCert?.emailAddress, text});
    tabmail.closeTab(tab);
}
return found;
'''

# "Send later" puts what would be sent into a local folder.
WRITE = '''
const {MailServices} = ChromeUtils.importESModule(
    "resource:///modules/MailServices.sys.mjs");
const [to, text, signing, encryption] = args;
const identity = MailServices.accounts.getIdentity("id1");
identity.setUnicharAttribute("signing_cert_name", "signing");
identity.setCharAttribute("signing_cert_dbkey", signing);
identity.setUnicharAttribute("encryption_cert_name", "encryption");
identity.setCharAttribute("encryption_cert_dbkey", encryption);
const fields = Cc["@mozilla.org/messengercompose/composefields;1"]
    .createInstance(Ci.nsIMsgCompFields);
fields.from = identity.email;
fields.to = to;
fields.subject = "Hello again";
fields.body = text;
const secure = Cc["@mozilla.org/messengercompose/composesecure;1"]
    .createInstance(Ci.nsIMsgComposeSecure);
secure.signMessage = secure.requireEncryptMessage = true;
fields.composeSecure = secure;
const params = Cc["@mozilla.org/messengercompose/composeparams;1"]
    .createInstance(Ci.nsIMsgComposeParams);
params.type = Ci.nsIMsgCompType.New;
params.format = Ci.nsIMsgCompFormat.PlainText;
params.identity = identity;
params.composeFields = fields;
const opened = new Promise(on => Services.ww.registerNotification({
    observe(w, topic) {
        if (topic == "domwindowopened")
            w.addEventListener("compose-editor-ready", () => {
                Services.ww.unregisterNotification(this);
                on(w);
            }, {once: true});
    }}));
MailServices.compose.OpenComposeWindowWithParams(null, params);
const w = await opened;
await new Promise(on => setTimeout(on, 1000));
w.gSendSigned = w.gSendEncrypted = true;
const closed = new Promise(on => w.addEventListener("unload", () => on(true),
    {once: true}));
w.GenericSendMessage(Ci.nsIMsgCompDeliverMode.Later);
return await Promise.race([closed,
    new Promise(on => setTimeout(() => on(false), 20000))]);
'''


def org(kind, *words, **options):
    home = ['--home', path('organisation-' + kind)]
    if words[0] in ('encrypt', 'open', 'verify'):
        return sigill(words[0], *home, *words[1:], **options)
    return sigill(*words, *home, **options)


def mail(name, text):
    return write(name, HEADERS.format(date=formatdate()).encode() + BODY
                 + text.encode() + b'\r\n')


def sealed(kind, name):
    """From Alice to Bob, signed and encrypted."""
    out = path(f'{name}-{kind}.eml')
    org(kind, 'encrypt', '--to', BOB, '--sign', ALICE, '-o', out,
        mail('plain.eml', f'{name} {kind}')).expect(OK)
    return out


def organisation(kind, algorithm):
    """Its messages, under each of Bob's three keys in turn."""
    org(kind, 'init', '--domain', 'example.org', '--algorithm',
        algorithm).expect(OK)
    for who in ALICE, BOB:
        org(kind, 'user', 'add', who, '--custody', 'server').expect(OK)
    messages = [sealed(kind, 'oldest')]
    for name in 'older', 'newest':
        org(kind, 'cert', 'renew', BOB, '--purpose', 'encryption').expect(OK)
        messages.append(sealed(kind, name))
    org(kind, 'trust', 'export', '-o', path(kind + '-root.pem')).expect(OK)
    org(kind, 'cert', 'export', BOB, '--pkcs12', '--password-out',
        path(kind + '.pw'), '-o', path(kind + '.p12')).expect(OK)
    word = read(kind + '.pw').decode().strip()
    leaks.hide(kind, word.encode())
    return messages, word


def current(kind):
    """Serial number of Bob's certificate for each purpose."""
    told = json.loads(org(kind, 'cert', 'list', BOB, '--json').expect(OK).out)
    return {c['purpose']: c['serial'].lower().replace(':', '')
            for c in told['certificates'] if c['status'] == 'current'}


def check_usable(kind, peer):
    found = {f['serial'].lstrip('0'): f for f in peer.call(USABLE)}
    now = {p: found[s.lstrip('0')] for p, s in current(kind).items()}
    assert all(f['address'] == BOB for f in found.values()), found
    # Itself, the issuing authority, the root.
    assert now['signing']['uses']['sign'] == 3, now
    assert now['encryption']['uses']['encrypt'] == 3, now
    assert now['signing']['uses']['encrypt'] < 0, now
    assert now['encryption']['uses']['sign'] < 0, now
    assert len(found) == 4, found
    return now


def check_read(kind, peer):
    for name, f in zip(('oldest', 'older', 'newest'), peer.call(READ, 'Test')):
        assert f['signature'] == 0 and f['encryption'] == 0, (name, f)
        assert f['signer'] == ALICE, f
        assert MARK.decode() in f['text'] and f'{name} {kind}' in f['text'], f


def check_written(kind, peer, now):
    assert peer.call(WRITE, BOB, MARK.decode() + ' from Thunderbird\r\n',
                     now['signing']['key'], now['encryption']['key'])
    with open(os.path.join(peer.local, 'Unsent Messages'), 'rb') as file:
        lines = file.read().split(b'\n', 1)[1]
    org(kind, 'open', '--key', BOB, write('answer.eml', lines)).expect(
        OK, 'You can believe it', MARK.decode() + ' from Thunderbird')


def both_ways(kind, algorithm):
    messages, word = organisation(kind, algorithm)
    peer = Thunderbird(BOB)
    peer.put('Test', *messages)
    with peer:
        root = base64.b64encode(openssl('x509', '-in', kind + '-root.pem',
                                        '-outform', 'DER')).decode()
        wrong, right = peer.call(IMPORT, root, [
            [path(kind + '.p12'), 'wrong'], [path(kind + '.p12'), word]])
        assert wrong != 0 and right == 0, (wrong, right)
        now = check_usable(kind, peer)
        check_read(kind, peer)
        check_written(kind, peer, now)


def test_with_rsa():
    both_ways('rsa', 'rsa-2048')


def test_with_p256():
    both_ways('p256', 'p256')


if PROGRAM is None:
    sys.exit('thunderbird is not installed')
run(globals())
