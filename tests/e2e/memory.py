#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Long messages cost no more memory than short ones: 8 MiB at the most, also
through pipes, at 64 and 256 MiB."""
import sys

import longmail
from e2e import path, run
from service import Service


def test_memory():
    for size in (64, 256):
        longmail.check(size << 20)


def test_by_address_through_the_service():
    longmail.make('plain', 64 << 20)
    with Service(home=longmail.organisation(), init=False):
        longmail.by_address(path('plain'), longmail.SERVED_KIB)


if __name__ == '__main__':
    longmail.need_plain_build()
    sys.exit(run(globals()))
