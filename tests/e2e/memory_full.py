#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""As memory.py, at 1 GiB, and beyond the 2 GiB of a signed 32-bit number."""
import longmail
from e2e import run


def test_memory():
    for size in (1024, 2200):
        longmail.check(size << 20)


longmail.need_plain_build()
run(globals())
