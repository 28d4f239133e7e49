#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A process of sigilld that hangs, which a stopped one looks like: the others
do without it, and get another one."""
import os
import signal
import sys

import service
import watching
from e2e import OK, is_sanitized, run


def test_a_keyholder_that_hangs_is_replaced():
    # Control asks it first when it is joined, and nobody else lost anything.
    with service.Service() as s:
        s.sigill('user', 'add', 'a@example.org').expect(OK)
        keyholder, control = s.pid_of('keyholder'), s.pid_of('control')
        os.kill(keyholder, signal.SIGSTOP)
        os.kill(control, signal.SIGKILL)
        s.wait_for(lambda: s.pid_of('control') != control)
        s.wait_for(lambda: s.pid_of('keyholder') != keyholder, 60)
        assert len(s.events('keyholder-hangs')) == 1
        s.wait_for(lambda: s.sigill(
            'cert', 'renew', 'a@example.org').status == OK)
        ended = [e['name'] for e in s.events('ended')]
        assert ended == ['control', 'keyholder'], ended
        s.stop()


def test_everybody_who_hangs_is_replaced():
    # And nobody who was stopped together with the one who asks.
    with service.Service(settings='patience = 10s\n') as s, \
            service.Service(settings='patience = 10s\n') as asleep:
        for number in (signal.SIGSTOP, signal.SIGCONT):
            os.kill(asleep.process.pid, number)
            for role in service.ROLES:
                os.kill(asleep.pid_of(role), number)
            if number == signal.SIGCONT:
                break
            hung = {role: s.pid_of(role) for role in service.ROLES}
            for pid in hung.values():
                os.kill(pid, signal.SIGSTOP)
            for role, pid in hung.items():
                s.wait_for(lambda: s.pid_of(role) != pid, 60)
        assert {(e['name'], e['pid']) for e in s.events('hangs')} == \
            set(hung.items()), s.text()
        s.wait_for(lambda: s.sigill(
            'user', 'add', 'a@example.org').status == OK)
        asleep.sigill('user', 'add', 'a@example.org').expect(OK)
        s.stop()
        assert not asleep.events('hangs') and not asleep.events('ended')
        asleep.stop()


def test_a_fetcher_that_hangs_is_replaced():
    with watching.way() as port, watching.Service(port) as s:
        s.seen()
        hung = s.wait_for(lambda: s.pid_of('fetcher'))

        def stop(handler):
            del handler
            os.kill(hung, signal.SIGSTOP)
            watching.Way.fault = None
            return False

        def begins(handler):
            del handler
            nonlocal hung
            hung = s.pid_of('fetcher')
            watching.Way.fault = stop
            return False

        watching.Way.fault = begins
        s.wait_for(lambda: s.events('watch'), 70)
        assert s.events('watch')[0]['error'] == \
            'the process that fetches does not answer'
        # It is still there, but was let go.
        s.wait_for(lambda: s.pid_of('fetcher') != hung, 40)
        assert s.seen()['failing'] == []
        s.stop()


if is_sanitized():
    print('Nothing here is about memory.')
    sys.exit(0)
run(globals())
