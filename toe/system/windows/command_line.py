"""Command lines of Windows, where a program gets one text and splits it itself. Pure.

A program that was built with Microsoft's C runtime splits by the rules of `quoted`; a batch file is read by cmd.exe,
whose rules are others (`batch_command_line`); a program with rules of its own (msiexec) needs a `CommandLine`.
"""

from __future__ import annotations

import re

from toe.records import NamedTuple

#: cmd.exe takes no longer one, CreateProcess one four times as long.
LONGEST_BATCH_LINE = 8191

_PLAIN = re.compile(r"[A-Za-z0-9#$*+\-./:?@\\_]+")
_IMPOSSIBLE = ("\0", "\r", "\n")
# A variable that is always there, and of which no character is taken: it stands for nothing, and keeps the % before it
# from beginning a variable. Between double quotes there is no other way to write a %.
_PERCENT = "%%cd:~,%"


class CommandLine(NamedTuple):
    """The whole text that a program of Windows is started with, for programs that do not split it as others do.

    Stands in the place of an argv, and is one of a single item to whoever prints it. It begins with the program, in
    double quotes where its path has blanks.
    """

    text: str


def quoted(argument: str) -> str:
    """An argument as Microsoft's C runtime reads it back: backslashes count double before a double quote only."""
    if argument and not re.search(r'[\s"]', argument):
        return argument
    escaped = re.sub(r'(\\*)"', r"\1\1\\" + '"', argument)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'


def command_line(program: str, arguments: tuple[str, ...]) -> str:
    """The text for a program. Double quotes cannot occur in its path, so it is quoted whatever it is."""
    return " ".join((f'"{program}"', *map(quoted, arguments)))


def is_batch_file(program: str) -> bool:
    """Whether cmd.exe must run this. Windows leaves blanks and dots out at the end of a name."""
    return program.rstrip(" .").lower().endswith((".bat", ".cmd"))


def batch_command_line(shell: str, script: str, arguments: tuple[str, ...]) -> str:
    """The text for cmd.exe to run a batch file, in which no argument can become a command or a variable.

    The batch file sees arguments that hold more than letters, digits and the like in double quotes (`%~1` is the text
    itself). /d: no AutoRun of this machine; /v:off: `!` is a character. Raises ValueError for an argument that cmd.exe
    cannot take.
    """
    words = [f'"{script}"', *map(_batch_argument, arguments)]
    line = f'"{shell}" /d /e:on /v:off /c "{" ".join(words)}"'
    if len(line) > LONGEST_BATCH_LINE:
        raise ValueError(f"a batch file cannot be given more than {LONGEST_BATCH_LINE} characters")
    return line


def _batch_argument(argument: str) -> str:
    if any(character in argument for character in _IMPOSSIBLE):
        raise ValueError("a batch file cannot be given a line break or a NUL character")
    if _PLAIN.fullmatch(argument) and not argument.endswith("\\"):
        return argument
    doubled = re.sub(r"(\\+)$", r"\1\1", re.sub(r'(\\*)"', r'\1\1""', argument))
    return '"' + doubled.replace("%", _PERCENT) + '"'
