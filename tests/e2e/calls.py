#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is asked wrongly is refused with status 2, and help always works."""
import os
import shutil
import subprocess

from e2e import (BODY, ENV, ENVIRONMENT, KEY, OK, SIGILL, USAGE, party, path,
                 read, run, sigill, signed, write)

COMMANDS = ('sign', 'encrypt', 'decrypt', 'verify', 'open', 'inspect')


def test_help_fits_a_terminal():
    for words in [['--help'], ['-h']] + [[c, '--help'] for c in COMMANDS]:
        result = sigill(*words).expect(OK)
        assert result.err == '', result
        for line in result.out.decode().splitlines():
            assert len(line) <= 80, f'{len(line)} columns: {line}'
    listed = sigill('--help').out.decode()
    for command in COMMANDS:
        assert f'\n  {command} ' in listed, command
    sigill('--version').expect(OK, 'sigill ')


def test_wrong_calls():
    message = write('m.eml', b'From: alice@example.org\r\n\r\nHello\r\n')
    for words in (
            [], ['nonsense'], ['--nonsense'], ['verify', '--nonsense'],
            ['verify', '-Z'], ['verify', '--json=yes'], ['verify', '--trust'],
            ['verify', '--at', 'yesterday', message],
            ['verify', '--at', '', message],
            ['verify', '--from', 'nobody', message],
            ['verify', '--accept', 'good', message],
            ['verify', '--accept', '', message],
            ['verify', '--at', '2026-01-01', '--at', '2027-01-01', message],
            ['verify', '-o', 'a', '-o', 'b', message],
            ['verify', 'a', 'b'], ['verify', '--key', 'x', message],
            ['verify', '--trust', '-', '-'], ['verify', '--crl', '-'],
            ['open', '--key', '-', '--password-file', '-', message],
            ['inspect'], ['inspect', 'a', 'b'], ['verify', ''],
            ['verify', '-o', '', message], ['verify', '--trust=', message],
            ['open', '--key', '', message],
            ['sign', message], ['sign', '--key'],
            ['encrypt', message], ['encrypt', '--sign', 'x', message],
            ['encrypt', '--triple', '--to', 'x', message],
            ['encrypt', '--to', 'x', '--cipher', 'des', message],
            ['encrypt', '--to', 'x', '--cipher', 'AES-256-CBC', message],
            ['sign', '--key', 'x', '--digest', 'md5', message],
            ['sign', '--key', 'x', '--digest', 'sha1', message],
            ['sign', '--key', 'x', '--chain', 'some', message],
            ['sign', '--key', 'pkcs11:no-such=t', message]):
        result = sigill(*words)
        result.expect(USAGE)
        assert result.out == b'' and result.err, result


def test_names_are_not_shortened():
    message = signed(party('alice'))
    trust = party('ca').pem
    sigill('verify', '--trust', trust, message).expect(OK)
    for short in ('--tru', '--trus'):
        sigill('verify', short, trust, message).expect(USAGE, short)
    sigill('verify', '--require', '--trust', trust, message).expect(USAGE)
    sigill('ver', '--trust', trust, message).expect(USAGE)


def test_forms_of_options():
    message, trust = signed(party('alice')), party('ca').pem
    for words in ([f'--trust={trust}', message], [message, '--trust', trust],
                  ['-t', trust, message], [f'-t{trust}', message],
                  ['--trust', trust, '--', message]):
        sigill('verify', *words).expect(OK)
    for words in ([], ['-'], ['--', '-']):
        sigill('verify', '--trust', trust, *words,
               stdin=read(message)).expect(OK)
    # Behind -- even this is a file.
    odd = write('--json', read(message))
    assert odd.endswith('--json')
    sigill('verify', '--trust', trust, '--', '--json').expect(OK, 'Signed by')
    sigill('verify', f'--trust={trust}', '-o', path('-o'), message).expect(OK)
    assert read('-o') == BODY


def test_where_the_verdict_goes():
    message, trust = signed(party('alice')), ['--trust', party('ca').pem]
    result = sigill('verify', *trust, message)
    assert b'Signed by' in result.out and result.err == '', result
    result = sigill('verify', *trust, '-o', '-', message)
    assert result.out == BODY and 'Signed by' in result.err, result
    result = sigill('verify', *trust, '-o', path('v'), message)
    assert b'Signed by' in result.out and read('v') == BODY, result
    result = sigill('open', *trust, message)
    assert b'Hello, Bob' in result.out and 'Signed by' in result.err, result
    result = sigill('open', *trust, '-o', path('o'), message)
    assert b'Signed by' in result.out and b'Hello, Bob' in read('o'), result
    result = sigill('open', *trust, '--json', message)
    assert b'Hello, Bob' in result.out, result
    assert '"sigill-verdict": 1' in result.err, result
    result = sigill('open', *trust, '--json', '-o', path('o'), message)
    assert result.out.startswith(b'{\n'), result


def test_output_to_a_descriptor():
    message, trust = signed(party('alice')), ['--trust', party('ca').pem]
    for name in ('/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'):
        result = sigill('verify', *trust, '-o', name, message).expect(OK)
        assert result.out == BODY and 'Signed by' in result.err, result
    result = sigill('verify', *trust, '-o', '/dev/stderr', message)
    assert 'Hello, Bob' in result.err and result.status == OK, result
    with open(path('appended'), 'ab') as file:
        file.write(b'before\n')
        file.flush()
        sigill('verify', *trust, '-o', '-', message, stdout=file).expect(OK)
    assert read('appended') == b'before\n' + BODY


def test_standard_input_at_an_offset():
    """What a shell has read before is not read again."""
    message, trust = signed(party('alice')), ['--trust', party('ca').pem]
    name = write('offset', b'first line\n' + read(message))
    with open(name, 'rb', buffering=0) as file:
        file.seek(11)
        sigill('verify', *trust, stdin=file).expect(OK)


def test_a_home_is_not_needed():
    message = signed(party('alice'))
    sigill('verify', '--trust', party('ca').pem, message,
           env={'HOME': ''}).expect(OK)
    sigill('verify', '--trust', party('ca').pem, message,
           env={'HOME': '/nowhere', 'SIGILL_HOME': '/nowhere'}).expect(OK)
    assert sigill('verify', message).status == 1


def test_a_file_may_have_the_name_of_an_address():
    alice = party('alice')
    name = write('alice@example.org', read(alice.key) + read(alice.pem))
    message = write('m.eml', BODY)
    sigill('open', '--key', 'alice@example.org', '--accept', 'none',
           message).expect(OK)
    assert name
    # And what is no file is an address: there is no organisation here.
    result = sigill('open', '--key', 'nobody@example.org', message)
    assert result.status in (KEY, USAGE, 5), result


def test_without_the_organisations_program():
    """sigill alone, as a small installation has it."""
    folder = path('alone')
    os.makedirs(folder)
    alone = shutil.copy(SIGILL, folder)
    env = {k: v for k, v in ENV.items() if k != 'SIGILL_EXEC_PATH'}

    def run_alone(*words):
        return subprocess.run([alone, *words], env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, text=True)

    done = run_alone('verify', '--trust', party('ca').pem,
                     signed(party('alice')))
    assert done.returncode == OK, done
    done = run_alone('open', '--key', 'alice@example.org', 'x')
    assert done.returncode == ENVIRONMENT and 'sigill-answer' in done.stderr, done
    assert '  verify ' in run_alone('--help').stdout
    done = run_alone('user', 'add')
    assert done.returncode == USAGE and 'sigill-org' in done.stderr, done


def test_closed_descriptors():
    """A file of ours never takes the number of a closed standard one."""
    message, trust = signed(party('alice')), ['--trust', party('ca').pem]
    for closed in ('<&-', '>&-', '2>&-', '<&- >&- 2>&-'):
        done = subprocess.run(
            ['sh', '-c', f'"$0" "$@" {closed}', SIGILL,
             'verify', *trust, '-o', path('closed'), message],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            env=ENV)
        assert done.returncode in (0, 5), (closed, done)
        if done.returncode == 0:
            assert read('closed') == BODY


run(globals())
