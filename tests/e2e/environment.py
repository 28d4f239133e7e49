#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""When files, disks, pipes and people do not do as hoped: a plain line, the
right status, nothing half-written, nothing left behind."""
import os
import pty
import resource
import shutil
import signal
import subprocess
import time

from e2e import (BODY, ENV, ENVIRONMENT, FOLDER, INPUT, OK, SIGILL, TEMP,
                 MARK, encrypted, leaks, party, path, read, run, sigill, signed,
                 write)

LARGE = b'Content-Type: text/plain\r\n\r\n' + (MARK + b'\r\n') * 200000


def trust():
    return ['--trust', party('ca').pem]


def bob():
    return party('bob', kind='rsa')


def calls(message):
    """One call of each command on a good message, without -o."""
    return (['verify', *trust(), message], ['open', *trust(), message],
            ['decrypt', *bob().id(), encrypted(bob())],
            ['sign', *party('alice').id(), message],
            ['encrypt', '--to', bob().pem, message],
            ['inspect', message])


def test_input_that_is_not_there():
    os.makedirs(path('folder'), exist_ok=True)
    for command in calls(signed(party('alice'))):
        for name, word in (('missing', 'no such file'), ('folder', 'folder'),
                           ('folder/below/it', 'no such'),
                           ('body/x', 'not a folder')):
            result = sigill(*command[:-1], path(name))
            result.expect(ENVIRONMENT, word, path(name))
            assert result.out == b'' and len(result.err.splitlines()) == 1, \
                result
        sigill(*command[:-1], write('nothing', b'')).expect(INPUT)


def test_key_files_that_are_not_there():
    message = signed(party('alice'))
    for option in ('--trust', '--intermediate', '--crl'):
        sigill('verify', option, path('missing'), message).expect(
            ENVIRONMENT, 'missing')
        sigill('verify', option, write('nothing', b''), message).expect(INPUT)
        sigill('verify', option, write('noise', b'noise\n'), message).expect(
            INPUT)
        sigill('verify', option, FOLDER, message).expect(ENVIRONMENT)
    for option in ('--key', '--password-file', '--kek',
                   '--password-recipient'):
        sigill('open', option, path('missing'), message).expect(
            ENVIRONMENT, 'missing')
        sigill('open', option, write('nothing', b''), message).expect(INPUT)


def as_nobody():
    """For a child: whoever is root may read and write everything."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def test_no_permission():
    message = signed(party('alice'))
    # The build may lie where only its owner comes, in /root for one.
    program = shutil.copy(SIGILL, path('sigill-of-all'))
    as_other = {'preexec_fn': as_nobody, 'program': program}
    os.chmod(FOLDER, 0o755)
    for name in (party('ca').pem, message):
        os.chmod(name, 0o644)
    secret = write('secret', read(message))
    os.chmod(secret, 0)
    os.makedirs(path('closed'), exist_ok=True)
    os.chmod(path('closed'), 0o555)
    sigill('verify', *trust(), secret, **as_other).expect(
        ENVIRONMENT, 'no permission')
    sigill('verify', '--trust', secret, message, **as_other).expect(
        ENVIRONMENT, 'no permission')
    sigill('verify', *trust(), '-o', path('closed/x'), message,
           **as_other).expect(ENVIRONMENT, 'no permission')
    kept = write('read-only', b'kept')
    os.chmod(kept, 0o444)
    sigill('verify', *trust(), '-o', kept, message,
           **as_other).expect(ENVIRONMENT)
    assert read('read-only') == b'kept'


def test_output_that_cannot_be():
    os.makedirs(path('folder'), exist_ok=True)
    for command in calls(signed(party('alice'))):
        if command[0] == 'inspect':
            continue
        for out in ('folder', 'missing/x', 'folder/', 'body/x'):
            result = sigill(*command[:-1], '-o', path(out), command[-1])
            result.expect(ENVIRONMENT)
            assert result.out == b'', result
    assert os.listdir(path('folder')) == []


def test_full_disk():
    for command in calls(signed(party('alice'))):
        with open('/dev/full', 'wb') as full:
            sigill(*command, stdout=full).expect(ENVIRONMENT, 'no space left')
        if command[0] != 'inspect':
            sigill(*command[:-1], '-o', '/dev/full', command[-1]).expect(
                ENVIRONMENT, 'no space left')
    with open('/dev/full', 'wb') as full:
        sigill('--help', stdout=full).expect(ENVIRONMENT)
        sigill('verify', '--help', stdout=full).expect(ENVIRONMENT)


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


def test_file_size_limit():
    message = signed(party('alice'), body=LARGE, name='large')
    write('kept', b'kept')
    for words in (['verify', *trust(), '-o', path('kept'), message],
                  ['open', *trust(), '-o', path('kept'), message],
                  ['sign', *party('alice').id(), '-o', path('kept'), message],
                  ['encrypt', '--to', bob().pem, '-o', path('kept'), message],
                  # The spool in front of standard output is a file too.
                  ['open', *trust(), message]):
        result = sigill(*words, preexec_fn=limit_files)
        result.expect(ENVIRONMENT)
        assert result.out in (b'',) or words[0] == 'verify', result
        assert read('kept') == b'kept'


def test_closed_pipe():
    message = signed(party('alice'), body=LARGE, name='large')
    for command in calls(message):
        if command[0] in ('inspect', 'decrypt'):
            continue
        reader, writer = os.pipe()
        os.close(reader)
        sigill(*command, stdout=writer).expect(ENVIRONMENT, 'broken pipe')
        os.close(writer)


def test_a_reader_that_stops():
    message = signed(party('alice'), body=LARGE, name='large')
    words = ['open', *trust(), message]
    with leaks.watching(words) as call:
        done = call.answered(subprocess.run(
            ['sh', '-c', '{ "$0" "$@"; echo "status $?" >&2; } | head -c 10',
             SIGILL, *words], env=ENV, cwd=FOLDER, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=True))
    assert b'status 5' in done.stderr, done
    assert len(done.stdout) == 10


def start(*words, **options):
    return subprocess.Popen([SIGILL, *words], env=ENV, cwd=FOLDER,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, start_new_session=True,
                            **options)


def interrupt(words, number, feed):
    """Feeds half a message, waits until it was read, and sends a signal."""
    with leaks.watching(words) as call:
        process = start(*words)
        process.stdin.write(feed)
        process.stdin.flush()
        time.sleep(0.3)
        assert process.poll() is None, process.communicate()
        process.send_signal(number)
        try:
            call.out, call.err = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        call.status = process.returncode
    assert call.out == b'', call.out
    assert not os.path.exists(path('interrupted'))
    return call


def test_signals_in_the_middle():
    half = read(signed(party('alice'), body=LARGE, name='large'))[:2000000]
    out = ['-o', path('interrupted')]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        call = interrupt(['verify', *trust(), *out], number, half)
        assert call.status == 128 + number, (call.status, call.err)
    for words in (['open', *trust()], ['sign', *party('alice').id(), *out],
                  ['sign', *party('alice').id(), '--opaque'],
                  ['encrypt', '--to', bob().pem, *out],
                  ['decrypt', *bob().id(), *out]):
        call = interrupt(words, signal.SIGINT, half)
        assert call.status == 128 + signal.SIGINT, (call.status, call.err)


def test_killed_leaves_nothing():
    half = read(signed(party('alice'), body=LARGE, name='large'))[:2000000]
    for words in (['encrypt', '--to', bob().pem, '-o', path('interrupted')],
                  ['open', *trust()]):
        interrupt(words, signal.SIGKILL, half)


def test_a_crash_leaves_no_core_file():
    """In the middle of content, with core files switched on."""
    half = read(encrypted(bob(), body=LARGE, name='large-to-bob'))[:2000000]
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT):
        call = interrupt(['decrypt', *bob().id()], number, half)
        assert call.status != 0, call.err
    if leaks.why_no_cores():
        print('  not seen:', leaks.why_no_cores())


def core_limit(process):
    """[soft, hard]"""
    with open(f'/proc/{process.pid}/limits', encoding='ascii') as file:
        line = next(l for l in file if l.startswith('Max core file size'))
    return line.split()[4:6]


def test_no_core_file_is_made():
    process = start('verify', *trust())
    limit = time.monotonic() + 10
    while core_limit(process) != ['0', '0'] and time.monotonic() < limit:
        time.sleep(0.02)
    found = core_limit(process)
    process.kill()
    process.communicate()
    assert found == ['0', '0'], found


def test_output_replaces_only_when_whole():
    message = signed(party('alice'))
    target = write('target', b'old')
    os.chmod(target, 0o640)
    os.symlink('target', path('link'))
    sigill('verify', *trust(), '-o', path('link'), message).expect(OK)
    assert read('target') == BODY and os.path.islink(path('link'))
    assert os.stat(target).st_mode & 0o777 == 0o640
    # In place.
    mine = write('mine.eml', BODY)
    sigill('sign', *party('alice').id(), '-o', mine, mine).expect(OK)
    sigill('verify', *trust(), mine).expect(OK)


def test_decrypted_files_are_the_owners_alone():
    os.umask(0o022)
    for command, options in (('decrypt', []), ('open', ['--accept', 'none'])):
        out = path('opened-' + command)
        sigill(command, *bob().id(), *options, '-o', out,
               encrypted(bob())).expect(OK)
        assert os.stat(out).st_mode & 0o777 == 0o600, oct(os.stat(out).st_mode)


def test_no_folder_for_temporary_files():
    message = signed(party('alice'), body=LARGE, name='large')
    sigill('open', *trust(), message, env={'TMPDIR': '/nowhere'}).expect(
        ENVIRONMENT, '/nowhere')
    # With -o nothing waits in a temporary file.
    sigill('open', *trust(), '-o', path('direct'), message,
           env={'TMPDIR': '/nowhere'}).expect(OK)


def test_progress_on_a_terminal():
    """Only there, and only when it takes long."""
    half = read(signed(party('alice'), body=LARGE, name='large'))
    master, slave = pty.openpty()
    words = ['verify', *trust(), '-o', path('x')]
    with leaks.watching(words) as call:
        process = subprocess.Popen(
            [SIGILL, *words], env=ENV, cwd=FOLDER, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=slave, start_new_session=True)
        os.close(slave)
        for start_at in range(0, len(half), len(half) // 4 + 1):
            process.stdin.write(half[start_at:start_at + len(half) // 4 + 1])
            process.stdin.flush()
            time.sleep(0.5)
        process.stdin.close()
        try:
            while chunk := os.read(master, 4096):
                call.err += chunk
        except OSError:
            pass
        call.status = process.wait(timeout=20)
    assert call.status == 0
    assert b'sigill: verify: ' in call.err and b'\n' not in call.err, call.err
    os.close(master)


def test_temporary_folder_is_empty():
    assert os.listdir(TEMP) == []


run(globals())
