#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Domains that come and go: only addresses in the organisation's domains get
into certificates, and only those that its issuing authority may vouch for."""
import json
import os

from e2e import BODY, NO, OK, USAGE, openssl, path, run, sigill, write

HOME = ['--home', path('organisation')]
ODD = 'b\u00fccher.example'
ASCII = 'xn--bcher-kva.example'


def org(*words, status=OK):
    return sigill(*words, *HOME).expect(status)


def answer(*words, **options):
    return json.loads(org(*words, '--json', **options).out)


def home():
    if not os.path.exists(HOME[1]):
        org('init', '--domain', 'example.org', '--algorithm', 'p256')
        org('user', 'add', 'alice@example.org')


def domains():
    return {d['domain']: d for d in answer('domain', 'list')['domains']}


def test_a_domain_comes():
    home()
    org('user', 'add', 'bob@' + ODD, status=USAGE).expect(
        USAGE, "not in the organisation's domain")
    told = answer('domain', 'add', ODD)
    assert told == {'domain': ODD, 'ascii': ASCII, 'addresses': 0,
                    'can_issue': False}, told
    for again in ODD, ASCII, ASCII.upper(), 'example.org':
        org('domain', 'add', again, status=USAGE).expect(USAGE, 'already')
    for bad in 'no', 'a b.example', 'a..example', '-', '@example.com':
        org('domain', 'add', bad, status=USAGE).expect(USAGE, 'mail domain')
    # The authority's name constraints do not know it yet.
    org('user', 'add', 'bob@' + ODD, status=USAGE).expect(
        USAGE, 'ca replace-issuing')
    assert list(domains()) == ['example.org', ODD]
    org('domain', 'list').expect(OK, ASCII, 'replace-issuing')
    org('user', 'add', 'carol@example.org')
    org('ca', 'replace-issuing')
    assert domains()[ODD]['can_issue']
    org('user', 'add', 'bob@' + ODD)
    assert domains()[ODD]['addresses'] == 1
    org('cert', 'export', 'bob@' + ODD, '--purpose', 'signing', '--chain', '-o',
        path('bob.pem'))
    org('trust', 'export', '-o', path('root.pem'))
    openssl('verify', '-CAfile', path('root.pem'), '-untrusted',
            path('bob.pem'), '-purpose', 'smimesign', path('bob.pem'))
    text = openssl('x509', '-in', path('bob.pem'), '-noout', '-ext',
                   'subjectAltName').decode()
    assert 'email:bob@' + ASCII in text, text
    org('audit', 'list').expect(OK, 'domain.add', ASCII)


def test_a_chosen_alias_in_it():
    home()
    org('domain', 'add', 'example.net')
    org('user', 'alias', 'add', 'alice@example.org', 'alice@example.com',
        status=USAGE)
    org('user', 'alias', 'add', 'alice@example.org', 'a@example.net')
    org('user', 'alias', 'add', 'alice@example.org', 'al@example.net',
        '--certify')
    org('cert', 'renew', 'alice@example.org', status=USAGE).expect(
        USAGE, 'al@example.net', 'ca replace-issuing')
    org('ca', 'replace-issuing')
    org('cert', 'renew', 'alice@example.org', '--purpose', 'signing')
    org('cert', 'confirm', 'alice@example.org')
    org('cert', 'export', 'alice@example.org', '--purpose', 'signing', '-o',
        path('alice.pem'))
    text = openssl('x509', '-in', path('alice.pem'), '-noout', '-ext',
                   'subjectAltName').decode()
    assert 'email:al@example.net' in text and 'email:a@' not in text, text
    sigill('sign', *HOME, '--key', 'alice@example.org', '-o', path('s.eml'),
           write('plain', BODY)).expect(OK)


def test_a_domain_goes():
    home()
    for name in 'example.org', 'EXAMPLE.org':
        org('domain', 'remove', name, status=USAGE).expect(USAGE, 'known by')
    org('domain', 'remove', 'example.com', status=NO).expect(NO, 'domain list')
    org('domain', 'add', 'example.edu')
    org('user', 'alias', 'add', 'alice@example.org', 'alice@example.edu')
    org('domain', 'remove', 'example.edu', status=USAGE).expect(
        USAGE, 'example.edu (1)')
    org('user', 'alias', 'remove', 'alice@example.org', 'alice@example.edu')
    org('domain', 'remove', 'EXAMPLE.edu').expect(OK, 'no longer a domain')
    assert 'example.edu' not in domains()
    org('user', 'alias', 'add', 'alice@example.org', 'alice@example.edu',
        status=USAGE)
    org('audit', 'list').expect(OK, 'domain.remove')
    org('audit', 'verify')


def test_no_more_than_there_is_room_for():
    home()
    for i in range(32 - len(domains())):
        org('domain', 'add', f'{"x" * 60}{i:02}.{"y" * 60}.example')
    assert len(domains()) == 32
    sigill('domain', 'add', 'one-more.example', *HOME).expect(
        4, 'too many domains')
    org('ca', 'replace-issuing')
    assert all(d['can_issue'] for d in domains().values())


run(globals())
