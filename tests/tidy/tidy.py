# SPDX-License-Identifier: Apache-2.0
"""What the tidy tests share: where things are, and how to say what is wrong."""
import os
import re
import shutil
import subprocess
import sys

SOURCE = os.environ.get('SIGILL_SOURCE') or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('SIGILL_BUILD') or os.path.join(SOURCE, 'build')
SKIPPED = 77

_complaints = []


def complain(where, what):
    """One thing that is wrong; the test goes on."""
    _complaints.append(f'{where}: {what}')


def finish():
    """Ends the test: fails if there were complaints."""
    for line in _complaints:
        print(line)
    sys.exit(1 if _complaints else 0)


def path(*parts):
    return os.path.join(SOURCE, *parts)


def built(name):
    return os.path.join(BUILD, name)


def read(name):
    with open(path(name), encoding='utf-8') as text:
        return text.read()


def files(*folders, suffixes):
    """Source files below `folders`, relative to the source, sorted."""
    found = []
    for folder in folders:
        for here, below, names in os.walk(path(folder)):
            below[:] = [d for d in below if not d.startswith('.')]
            found += [os.path.relpath(os.path.join(here, n), SOURCE)
                      for n in names if n.endswith(suffixes)]
    return sorted(found)


def c_files(*folders):
    return files(*(folders or ('include', 'src', 'tests', 'bench')),
                 suffixes=('.c', '.h'))


def output(*command, **options):
    """What `command` prints; a failure of it ends the test."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            check=False, **options)
    if result.returncode != 0:
        print(' '.join(command), 'failed:\n' + result.stdout)
        sys.exit(1)
    return result.stdout


def tool(*names):
    """The first of these programs that is there."""
    for name in names:
        if shutil.which(name):
            return name
    print(f'{names[0]} is not installed')
    sys.exit(SKIPPED)


def has_programs():
    """Whether there is a command line to test: from then on it must pass."""
    if not files('src/cmd', suffixes=('.c',)):
        return False
    if not os.path.exists(built('sigill')):
        complain('src/cmd', 'has sources, but there is no program sigill')
        finish()
    return True


def without_comments(text):
    """C with its comments blanked and its strings emptied, lines kept."""
    def blank(match):
        found = match.group(0)
        if found[0] in '"\'':
            return found[0] * 2
        return re.sub(r'[^\n]', ' ', found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
                  r"|'(?:\\.|[^'\\\n])*'", blank, text, flags=re.S)
