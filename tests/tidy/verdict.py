#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every key and every word that the verdict's JSON can hold is described in
docs/verdict.md, and every reason there is one that the code can give."""
import re

import tidy

PAGE = 'docs/verdict.md'
JSON = ('src/smime/verdict_json.c', 'src/smime/verdict_headers.c')
JUDGING = ('src/smime/judge.c', 'src/smime/judge_signer.c', 'src/pki/path.c')
WORD = re.compile(r'"([a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)"')


def words(*names):
    """The literals of the sources, without names of rooms and of headers."""
    found = set()
    for name in names:
        text = re.sub(r'/\*.*?\*/', '', tidy.read(name), flags=re.S)
        text = re.sub(r'^#.*$', '', text, flags=re.M)
        found |= set(WORD.findall(text))
    return found


page = tidy.read(PAGE)
described = set(re.findall(r'[`"]([^`"\s]+)[`"]', page))
for word in sorted(words(*JSON, *JUDGING) - described):
    tidy.complain(PAGE, f'does not describe {word}')

table = page.split('### Reasons')[1].split('\n## ')[0]
given = words(*JUDGING)
for row in re.findall(r'^\| (`[^|]*) \|', table, re.M):
    for reason in re.findall(r'`([a-z0-9-]+)`', row):
        if reason not in given:
            tidy.complain(PAGE, f'{reason} is given by nothing')
tidy.finish()
