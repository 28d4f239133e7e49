#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the pages tell people to type is there, and what they say a program says
is what it says.

Every `sigill COMMAND --option` in README.md and docs/*.md is a command with that
option. In docs/troubleshooting.md every text in code in the first column of a
table headed `text` is part of one that po/sv.po has.
"""
import functools
import os
import re
import subprocess

import tidy

TROUBLES = 'docs/troubleshooting.md'
# Up to what ends the command in a line of shell, or the code.
COMMAND = re.compile(r'\b(?:sigill )+((?:[a-z][a-z-]*|--?[A-Za-z])[^`|;&#\n]*)')
OPTION = re.compile(r'(?<![\w-])--[a-z][a-z0-9-]*')


@functools.lru_cache(None)
def help_of(*words):
    """What --help says of a command; None if there is no such command."""
    done = subprocess.run([tidy.built('sigill'), *words, '--help'],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, timeout=30,
                          env=dict(os.environ, LC_ALL='C', LANGUAGE=''),
                          check=False)
    return done.stdout if done.returncode == 0 else None


def verbs_of(text):
    return re.findall(r'^ {2,4}([a-z][a-z-]*(?: [a-z][a-z-]*)?)(?=  |\t|$)',
                      text, re.M)


def command_of(line):
    """The words of the command, and whether they are one."""
    words = []
    for word in line.split():
        if not re.fullmatch(r'[a-z][a-z-]*', word):
            break
        words.append(word)
    if not words:
        return (), True
    text = help_of(words[0])
    if text is None:
        return words[:1], False
    verbs = verbs_of(text) if 'VERB' in text.split('\n', 1)[0] else []
    for verb in sorted(verbs, key=len, reverse=True):
        if words[1:1 + len(verb.split())] == verb.split():
            return (words[0], *verb.split()), True
    # One verb of two words may stand for all that begin like it.
    return words[:3], not verbs or len(words) == 1 or len(words) == 2 and any(
        v.startswith(words[1] + ' ') for v in verbs)


def code_of(text):
    """The code of a page, one piece a line, continued lines as one."""
    blocks = re.findall(r'^```.*?\n(.*?)^```', text, re.M | re.S)
    rest = re.sub(r'^```.*?^```', '', text, flags=re.M | re.S)
    return [re.sub(r'\s*\\?\n\s*', ' ', piece) for piece in
            re.findall(r'`([^`]+)`', rest) +
            [line for block in blocks
             for line in re.sub(r'\\\n', ' ', block).split('\n')]]


def check_commands(page):
    for line in code_of(tidy.read(page)):
        for call in COMMAND.findall(line):
            command, is_one = command_of(call)
            if not is_one:
                tidy.complain(page, f'there is no sigill {" ".join(command)}')
                continue
            known = OPTION.findall(help_of(*command) or '')
            for option in OPTION.findall(call):
                if option not in known + ['--help', '--version']:
                    tidy.complain(page, f'sigill {" ".join(command)} has no '
                                  f'{option}')


def check_texts():
    texts = ''.join(re.findall(r'^(?:msgid )?"(.*)"$', tidy.read('po/sv.po'),
                               re.M)).replace('\\"', '"')
    tables = re.findall(r'^\| text \|.*\n((?:\|.*\n)+)', tidy.read(TROUBLES),
                        re.M)
    if not tables:
        tidy.complain(TROUBLES, 'has no tables of texts')
    for row in '\n'.join(tables).split('\n'):
        for quoted in re.findall(r'`([^`]+)`', row.split(' | ')[0]):
            if quoted not in texts:
                tidy.complain(TROUBLES, f'nothing says: {quoted}')


for name in ['README.md', *tidy.files('docs', suffixes=('.md',))]:
    check_commands(name)
check_texts()
tidy.finish()
