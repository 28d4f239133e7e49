#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The same as service_killed.py, a thousand times."""
import service_killed
from e2e import run

service_killed.KILLS = 1000

if __name__ == '__main__':
    run(vars(service_killed))
