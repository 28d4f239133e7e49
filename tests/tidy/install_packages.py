#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tools/install-packages with a made-up machine: it names what is missing, be
that all, some or nothing, asks for rights only then, and records what came."""
import os
import re
import subprocess
import tempfile

import tidy

PROGRAM = tidy.path('tools/install-packages')
SUDO = '''#!/bin/sh
echo "sudo $*" >>"$MACHINE/calls"
while [ $# -gt 0 ] && [ "$1" != --as-root ]; do shift; done
shift
for p; do echo "installed $p"; done >>"$MACHINE/packages"
echo 'installed its-library' >>"$MACHINE/packages"
'''
STUBS = {
    # Asked about names it gives those; a stub need not be choosy.
    'dpkg-query': '#!/bin/sh\ncat "$MACHINE/packages"\n',
    'apt-get': '#!/bin/sh\nexit 1\n',
    'id': '#!/bin/sh\necho 1000\n',
    'sudo': SUDO,
}


def wanted():
    with open(tidy.path('packaging/debian-packages.txt'),
              encoding='utf-8') as file:
        return re.findall(r'^(?:build|run)\t+(\S+)', file.read(), re.M)


def run(folder, there):
    """(missing packages it names, whether sudo was called, what it records)"""
    machine = {n: os.path.join(folder, n) for n in
               ('packages', 'calls', 'record')}
    with open(machine['packages'], 'w', encoding='ascii') as file:
        file.writelines(f'installed {p}\n' for p in there)
    for name in ('calls', 'record'):
        open(machine[name], 'w', encoding='ascii').close()
    done = subprocess.run(
        [PROGRAM, '--record', machine['record'], 'build', 'run'],
        env={'PATH': folder + ':' + os.environ['PATH'], 'MACHINE': folder},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        check=True)
    read = {}
    for name in ('calls', 'record'):
        with open(machine[name], encoding='ascii') as file:
            read[name] = file.read().split()
    return (re.findall(r'^  (\S+) +\S', done.stdout, re.M),
            bool(read['calls']), read['record'])


def check(folder, label, there):
    missing, asked, record = run(folder, there)
    want = [p for p in wanted() if p not in there]
    came = sorted({*want, 'its-library'}) if want else []
    if (missing, asked, record) != (want, bool(want), came):
        tidy.complain(label, f'names {missing}, not {want}; sudo: {asked}; '
                      f'records {record}, not {came}')


with tempfile.TemporaryDirectory() as place:
    for stub, text in STUBS.items():
        with open(os.path.join(place, stub), 'w', encoding='ascii') as out:
            out.write(text)
        os.chmod(os.path.join(place, stub), 0o755)
    check(place, 'a bare machine', [])
    check(place, 'another package', ['unrelated'])
    check(place, 'some', wanted()[:3])
    check(place, 'all but one', wanted()[1:])
    check(place, 'all', wanted())
tidy.finish()
