# SPDX-License-Identifier: Apache-2.0
"""Running a program with its I/O failing, call by call (see iofault.c).

    import iofault
    iofault.sweep(['.../sigill', 'verify', 'mail.eml'],
                  errors=['EIO', 'EINTR', 'SHORT'], check=check)

runs the command once to count, then once for every counted call and every
error, and calls check(fault, result) after each; `result` is what
subprocess.run returned. It raises AssertionError to say that it was wrong.
"""
import os
import subprocess
import tempfile
from dataclasses import dataclass

import leaks


@dataclass(frozen=True)
class Fault:
    at: int = 0            # which call fails, from 1; 0: none
    error: str = 'EIO'     # or SHORT
    calls: str = ''        # kinds that count, comma-separated; '' is all
    keep: bool = False     # all later ones fail too

    def __str__(self):
        return (f'{self.error} at call {self.at} of {self.calls or "all kinds"}'
                + (' and all later' if self.keep else ''))


@dataclass(frozen=True)
class Counts:
    calls: int
    faults: int
    kind: str              # of the last call that failed, or '-'


def preload(env):
    """Names without folders: LD_PRELOAD is split at blanks too, and a folder
    may have some in its name."""
    folders, names = zip(*map(os.path.split,
                              os.environ['SIGILL_IOFAULT'].split(':')))
    already = env.get('LD_LIBRARY_PATH')
    return {'LD_PRELOAD': ':'.join(names), 'LD_LIBRARY_PATH': ':'.join(
        (*filter(None, folders), *([already] if already else [])))}


def run(command, fault=Fault(), timeout=60, env=None, **options):
    """Runs `command`; returns (what subprocess.run returned, Counts)."""
    with tempfile.NamedTemporaryFile(prefix='iofault-') as report:
        full = dict(os.environ if env is None else env)
        full.update(preload(full),
                    IOFAULT_PROGRAM=os.path.basename(command[0]),
                    IOFAULT_AT=str(fault.at), IOFAULT_ERRNO=fault.error,
                    IOFAULT_REPORT=report.name)
        if fault.calls:
            full['IOFAULT_CALLS'] = fault.calls
        if fault.keep:
            full['IOFAULT_KEEP'] = '1'
        options.setdefault('stdin', subprocess.DEVNULL)
        options.setdefault('stdout', subprocess.PIPE)
        options.setdefault('stderr', subprocess.PIPE)
        with leaks.watching(command[1:], env=full,
                            cwd=options.get('cwd')) as call:
            result = call.answered(subprocess.run(
                command, env=full, timeout=timeout, **options))
        with open(report.name, encoding='ascii') as text:
            words = text.read().split()
    assert len(words) == 3, f'{command[0]} was not seen by iofault'
    return result, Counts(int(words[0]), int(words[1]), words[2])


def sweep(command, errors, check, calls='', keep=False, every=1, **options):
    """Makes every `every`-th call fail in turn; returns how many runs. The run
    that counts them, in which none fails, is checked like the others."""
    runs = 0
    result, whole = run(command, Fault(calls=calls), **options)
    check(Fault(calls=calls), result)
    for error in errors:
        for at in range(1, whole.calls + 1, every):
            fault = Fault(at, error, calls, keep)
            result, counts = run(command, fault, **options)
            assert counts.faults > 0 or counts.calls < at, f'{fault}: not made'
            try:
                check(fault, result)
            except AssertionError as wrong:
                raise AssertionError(f'{fault} ({counts.kind}): {wrong}\n'
                                     f'{result}') from wrong
            runs += 1
    return runs
