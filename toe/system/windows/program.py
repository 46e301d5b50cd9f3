"""Which file a program's name means on Windows, and the text to start it with. Starts nothing itself.

CreateProcess would look into our own folder and the working directory first, in our PATH instead of the child's, and
for `.exe` alone.
"""

from __future__ import annotations

import errno
import ntpath
import os
from collections.abc import Callable, Iterator, Mapping, Sequence

import toe.environment
from toe.records import NamedTuple
from toe.system.windows.command_line import CommandLine, batch_command_line, command_line, is_batch_file

DEFAULT_EXTENSIONS = ".COM;.EXE;.BAT;.CMD"


class Start(NamedTuple):
    """What CreateProcess is given: the program's file, None where the text itself names it, and the text."""

    program: str | None
    text: str


def start_of(
    argv: Sequence[str], environment: Mapping[str, str], is_file: Callable[[str], bool] = os.path.isfile
) -> Start:
    """How to start `argv`; a batch file by cmd.exe, a `CommandLine` as it is.

    Raises FileNotFoundError, and OSError for arguments that cannot be given to this program.
    """
    if isinstance(argv, CommandLine):
        return Start(None, argv.text)
    program = find_windows_program(argv[0] if argv else "", environment, is_file)
    arguments = tuple(argv[1:])
    if any("\0" in argument for argument in arguments):
        raise OSError(errno.EINVAL, "an argument holds a NUL character", argv[0])
    if not is_batch_file(program):
        return Start(program, command_line(program, arguments))
    shell = variable(environment, "COMSPEC") or system_program("cmd.exe", environment)
    try:
        return Start(shell, batch_command_line(shell, program, arguments))
    except ValueError as fault:
        raise OSError(errno.EINVAL, str(fault), argv[0]) from None


def find_windows_program(name: str, environment: Mapping[str, str], is_file: Callable[[str], bool]) -> str:
    """The file that `name` means, by the PATH and PATHEXT of `environment`; itself when it is a path.

    As on Linux the working directory is searched only where it is named. Raises FileNotFoundError.
    """
    for candidate in _candidates(name, environment):
        if is_file(candidate):
            return candidate
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def system_program(name: str, environment: Mapping[str, str]) -> str:
    """Where a program of Windows itself lies, whatever PATH says."""
    return ntpath.join(variable(environment, "SYSTEMROOT") or r"C:\Windows", "System32", name)


def variable(environment: Mapping[str, str], name: str) -> str:
    """A variable, however its name is written in `environment`; "" where there is none."""
    return toe.environment.variable(environment, name, "windows") or ""


def _candidates(name: str, environment: Mapping[str, str]) -> Iterator[str]:
    if not name or "\0" in name:
        return
    endings = [ending for ending in (variable(environment, "PATHEXT") or DEFAULT_EXTENSIONS).split(";") if ending]
    has_ending = name.lower().endswith(tuple(ending.lower() for ending in endings))
    is_path = any(separator in name for separator in "\\/:")
    folders = [""] if is_path else [entry.strip('"') for entry in variable(environment, "PATH").split(";")]
    for folder in folders:
        if folder or is_path:
            path = ntpath.join(folder, name)
            if has_ending or is_path:
                yield path
            yield from (path + ending.lower() for ending in endings)
