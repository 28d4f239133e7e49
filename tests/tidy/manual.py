#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The command line, its manual and its completion say the same.

`sigill --help` lists the subcommands, and `sigill SUB --help` the options (and
the verbs, where SUB has any), each on a line that begins with two blanks:

      sign         sign a message
      -o, --output FILE   where to write

An option is documented where a line of the page begins with it in bold, as in
*-o*, *--output* _FILE_; in docs/man/sigill-SUB.1.scd, or in sigill.1.scd if it
is the same everywhere. sigilld.8.scd documents the options of sigilld likewise,
and each setting of sigilld.conf on a line such as *http* = _ADDRESS_.
"""
import os
import re
import shlex
import subprocess

import tidy

OPTION = re.compile(r'(?<![\w-])(--?[A-Za-z][A-Za-z0-9-]*)')
LISTED = re.compile(r'^ {2,6}([a-z][a-z0-9-]*(?: [a-z]+)?)(?=  |\t|$)', re.M)
OPTION_LINE = re.compile(r'^ {2,10}(-.*)$', re.M)
MAN = 'docs/man'
COMPLETION = 'packaging/bash-completion/sigill'


def help_of(*words, program='sigill'):
    result = subprocess.run(
        [tidy.built(program), *words, '--help'], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30,
        env=dict(os.environ, LC_ALL='C', LANGUAGE=''), check=False)
    if result.returncode != 0 or result.stderr:
        tidy.complain(' '.join((program,) + words + ('--help',)),
                      f'status {result.returncode}: {result.stderr.strip()}')
    return result.stdout


def options_in_help(text):
    """The options that begin a line, up to where their words begin."""
    found = set()
    for line in OPTION_LINE.findall(text):
        found |= set(OPTION.findall(re.split(r' {2,}|\t', line)[0]))
    return found


def verbs_in_help(text):
    return [v for v in LISTED.findall(text) if v not in ('or', 'and')]


def options_in_page(text):
    found = set()
    for line in text.splitlines():
        if line.startswith('*-'):
            head = re.split(r'(?<!,) (?![*_\[|=])', line)[0]
            for bold in re.findall(r'\*([^*]+)\*', head):
                found |= set(OPTION.findall(bold.replace('\\', '')))
    return found


def page_of(subcommand):
    name = f'{MAN}/sigill-{subcommand}.1.scd'
    if os.path.exists(tidy.path(name)):
        return name, tidy.read(name)
    tidy.complain(name, 'does not exist')
    return name, ''


def completions(words):
    """What bash would offer for the last of `words`."""
    script = f'''
        source {shlex.quote(tidy.path(COMPLETION))}
        function_name=$(complete -p sigill | sed 's/.*-F *\\([^ ]*\\).*/\\1/')
        COMP_WORDS=({' '.join(map(shlex.quote, words))})
        COMP_CWORD={len(words) - 1}
        COMP_LINE={shlex.quote(' '.join(words))} COMP_POINT=${{#COMP_LINE}}
        "$function_name" sigill {shlex.quote(words[-1])} {shlex.quote(words[-2])}
        printf '%s\\n' "${{COMPREPLY[@]}}"'''
    env = dict(os.environ, PATH=tidy.BUILD + ':' + os.environ['PATH'])
    return {w.strip().rstrip('=') for w in
            tidy.output('bash', '-c', script, env=env).split('\n')}


def check_completion(words, wanted):
    missing = {w for w in wanted if w.startswith('--')
               or not w.startswith('-')} - completions(words)
    for word in sorted(missing):
        tidy.complain(COMPLETION, f"offers no {word} after {' '.join(words[:-1])}")


def check_subcommand(subcommand, common):
    text = help_of(subcommand)
    options = options_in_help(text)
    verbs = verbs_in_help(text)
    for verb in verbs:
        more = options_in_help(help_of(subcommand, *verb.split()))
        check_completion(['sigill', subcommand, *verb.split(), '--'], more)
        options |= more
    name, page = page_of(subcommand)
    documented = options_in_page(page)
    for option in sorted(options - documented - common):
        tidy.complain(name, f'lacks {option}')
    for option in sorted(documented - options):
        tidy.complain(name, f'has {option}, sigill {subcommand} has not')
    for verb in verbs:
        if not re.search(rf'\b{re.escape(verb)}\b', page):
            tidy.complain(name, f'lacks {verb}')
    if verbs:
        check_completion(['sigill', subcommand, ''],
                         {v.split()[0] for v in verbs})
        for first, second in (v.split() for v in verbs if ' ' in v):
            check_completion(['sigill', subcommand, first, ''], {second})
    else:
        check_completion(['sigill', subcommand, '--'], options)


def compare(name, what, ours, documented):
    for one in sorted(ours - documented):
        tidy.complain(name, f'lacks the {what} {one}')
    for one in sorted(documented - ours):
        tidy.complain(name, f'has the {what} {one}, sigilld has not')


def check_service(common):
    """sigilld's options, and the settings of sigilld.conf."""
    name = f'{MAN}/sigilld.8.scd'
    if not os.path.exists(tidy.built('sigilld')):
        return
    page = tidy.read(name)
    asking = {'-h', '--help', '--version'} & common
    compare(name, 'option',
            options_in_help(help_of(program='sigilld')) | asking,
            options_in_page(page))
    settings = set(re.findall(r'^ +\{"([\w-]+)", set_',
                              tidy.read('src/daemon/config.c'), re.M))
    if not settings:
        tidy.complain('src/daemon/config.c', 'has no settings')
    compare(name, 'setting', settings,
            set(re.findall(r'^\*([\w-]+)\* = ', page, re.M)))


def check_manual():
    text = help_of()
    subcommands = verbs_in_help(text)
    if not subcommands:
        tidy.complain('sigill --help', 'lists no subcommands')
    main_page = tidy.read(f'{MAN}/sigill.1.scd')
    common = options_in_page(main_page)
    for option in sorted(options_in_help(text) - common):
        tidy.complain(f'{MAN}/sigill.1.scd', f'lacks {option}')
    check_completion(['sigill', ''], subcommands)
    for subcommand in subcommands:
        if not re.search(rf'sigill-{re.escape(subcommand)}\b', main_page):
            tidy.complain(f'{MAN}/sigill.1.scd', f'lacks {subcommand}')
        check_subcommand(subcommand, common)
    check_service(common)
    pages = [os.path.basename(p) for p in tidy.files(MAN, suffixes=('.1.scd',))]
    for page in pages:
        match = re.fullmatch(r'sigill-(.+)\.1\.scd', page)
        if match and match.group(1) not in subcommands:
            tidy.complain(f'{MAN}/{page}', 'describes no subcommand')


if tidy.has_programs():
    if not os.path.exists(tidy.path(COMPLETION)):
        tidy.complain(COMPLETION, 'does not exist')
    elif not os.path.exists(tidy.path(MAN, 'sigill.1.scd')):
        tidy.complain(f'{MAN}/sigill.1.scd', 'does not exist')
    else:
        check_manual()
tidy.finish()
