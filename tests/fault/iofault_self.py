#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The fault library itself, with cat(1) as the one that suffers."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ['SIGILL_SOURCE'], 'tests/support'))
import iofault  # noqa: E402

CONTENT = os.urandom(300000)


def check(fault, result):
    if fault.at == 0 or fault.error == 'SHORT':
        assert result.returncode == 0, 'a short transfer is not a failure'
        assert result.stdout == CONTENT, 'content was lost'
    else:
        assert result.returncode == 1, 'the failure was not reported'
        assert CONTENT.startswith(result.stdout), 'content was changed'


with tempfile.NamedTemporaryFile() as source:
    source.write(CONTENT)
    source.flush()
    cat = ['/bin/cat', source.name]
    result, counts = iofault.run(cat)
    assert result.stdout == CONTENT and counts.faults == 0, counts
    assert counts.calls >= 8, counts
    short = iofault.sweep(cat, ['SHORT'], check)
    failed = iofault.sweep(cat, ['ENOSPC', 'EIO'], check, calls='read,write')
    assert 0 < failed < 2 * short, (failed, short)
    result, counts = iofault.run(
        cat, iofault.Fault(2, 'EIO', 'read', keep=True))
    assert result.returncode == 1 and counts.kind == 'read', counts
    _, counts = iofault.run(['/bin/sh', '-c', 'exec cat ' + source.name])
    assert counts.faults == 0, 'only the named program is touched'
