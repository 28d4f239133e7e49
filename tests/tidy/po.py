#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The catalogues hold every text, and the programs find and show them.

`tools/texts update` puts new texts into po/*.po; they want a translation.
"""
import os
import re
import shutil
import subprocess
import tempfile

import tidy

CATALOGUES = tidy.files('po', suffixes=('.po',))
FORMAT = re.compile(r'%(?:%|[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?'
                    r'(?:<\w+>|(?:hh?|ll?|z|j|t)?[a-zA-Z]))')
STRING = re.compile(r'"((?:\\.|[^"\\])*)"')
# A message that nobody signed, and what is said of it.
MESSAGE = (b'From: alice@example.org\r\nContent-Type: text/plain\r\n\r\n'
           b'Hello\r\n')


def messages(name):
    """(original, translation) of a catalogue without plurals, but the head."""
    with open(name, encoding='utf-8') as file:
        entries = file.read().split('\n\n')[1:]
    for entry in entries:
        match = re.search(r'^msgid (.*?)^msgstr (.*)', entry, re.M | re.S)
        if match and not entry.startswith('#~'):
            yield tuple(''.join(STRING.findall(g)) for g in match.groups())


def check_catalogue(name, template):
    """Complete, nothing uncertain, arguments and blanks at the ends intact."""
    path = tidy.path(name)
    for command in (['msgfmt', '--check', '-o', '/dev/null', path],
                    ['msgcmp', path, template]):
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.STDOUT, check=False)
        if result.returncode != 0:
            tidy.complain(name, f'{command[0]}: {result.stdout}'
                          '(tools/texts update adds new texts)')
    for original, translation in messages(path):
        if not translation:
            continue
        if FORMAT.findall(original) != FORMAT.findall(translation):
            tidy.complain(name, f'other arguments: {translation}')
        for ends in (r'^(?:\\n| )*', r'(?:\\n| )*$'):
            if re.search(ends, original)[0] != re.search(ends, translation)[0]:
                tidy.complain(name, f'other blanks at an end: {translation}')


def check_catalogues():
    with tempfile.TemporaryDirectory() as folder:
        template = os.path.join(folder, 'sigill.pot')
        with open(template, 'w', encoding='utf-8') as file:
            file.write(tidy.output(tidy.path('tools/texts'), 'template'))
        if ('out of memory', '') not in messages(template):
            tidy.complain('tools/texts', "finds not even the engine's texts")
        for name in CATALOGUES:
            check_catalogue(name, template)


def locales(folder):
    """Environments in which texts are translated: a glibc of 2.39 or newer
    wants a locale of that language, an older one is content with C.UTF-8."""
    yield {'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'sv'}
    made = shutil.which('localedef') and subprocess.run(
        ['localedef', '-f', 'UTF-8', '-i', 'sv_SE',
         os.path.join(folder, 'sv_SE.UTF-8')],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False).returncode == 0
    if made:
        yield {'LC_ALL': 'sv_SE.UTF-8', 'LANGUAGE': '', 'LOCPATH': folder}
    yield {'LC_ALL': 'sv_SE.UTF-8', 'LANGUAGE': 'sv'}


def run(env, *args, stdin=b''):
    env = {**os.environ, 'HOME': '/nonexistent', **env}
    env.pop('SIGILL_HOME', None)
    result = subprocess.run([tidy.built('sigill'), *args], input=stdin, env=env,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=60, check=False)
    return result.stdout.decode()


def expect(env, wanted, *args, **options):
    said = run(env, *args, **options)
    if wanted not in said:
        tidy.complain(' '.join(('sigill',) + args),
                      f'does not say "{wanted}" with {env}, but:\n{said}')


def check_swedish(env):
    expect(env, 'signera ett meddelande', '--help')
    expect(env, 'certifikat att lita på', 'verify', '--help')
    expect(env, 'Inte signerat: ingenting bevisar vem som skrev detta.',
           'verify', stdin=MESSAGE)
    expect(env, 'filen eller mappen finns inte', 'verify', '/nonexistent/x')
    expect(env, 'tips: se: sigill sign --help', 'sign', stdin=MESSAGE)
    # An error of libsigill, which knows nothing of translations.
    expect(env, 'inget meddelande', 'verify', stdin=b'\1\2\3')


def check_english(env):
    expect(env, 'sign a message', '--help')
    expect(env, 'Not signed: nothing proves', 'verify', stdin=MESSAGE)


def check_programs():
    with tempfile.TemporaryDirectory() as folder:
        for env in locales(folder):
            check_english({**env, 'LC_ALL': 'C'})
            if 'signera' in run(env, '--help'):
                check_swedish(env)
                # Found by name too, and only there.
                check_swedish({**env, 'SIGILL_LOCALE_DIR': tidy.built('po')})
                check_english({**env, 'SIGILL_LOCALE_DIR': '/nonexistent'})
                return
    tidy.complain('sigill', 'speaks no Swedish in any locale that is here')


for needed in ('xgettext', 'msgfmt', 'msgcmp'):
    tidy.tool(needed)
check_catalogues()
if tidy.has_programs():
    check_programs()
tidy.finish()
