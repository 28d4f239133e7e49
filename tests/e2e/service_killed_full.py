#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The same as service_killed.py, a thousand times."""
import service_killed
from e2e import run
from service_killed import test_what_was_answered_is_kept  # noqa: F401

service_killed.KILLS = 1000

if __name__ == '__main__':
    run(globals())
