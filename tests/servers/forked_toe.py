"""`toe` in a fork of this process: all is imported already, so it takes a third of the time of a new interpreter.

It is a process of its own from its first word to its exit code, and leaves nothing in this one. What it does not show
is how `toe` starts: what it imports, and what it makes of signals and streams that were there before. That, and the
whole way of each command, remains with real starts (`tests/cli/test_command_line.py` and others).
"""

from __future__ import annotations

import importlib
import io
import os
import pkgutil
import sys
import tempfile
import traceback
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from subprocess import CompletedProcess
from typing import IO, NoReturn

from toe.__main__ import main

_ROOMS = ("actions", "check", "cli", "document", "engine", "session", "sinks")


@cache
def _import_all() -> None:
    """What each fork would else import for itself."""
    for room in _ROOMS:
        package = importlib.import_module(f"toe.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"toe.{room}."):
            importlib.import_module(module.name)


def forked_toe(
    *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> CompletedProcess[bytes]:
    """Run `toe` with these arguments; the variables are added to this process's own."""
    _import_all()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads: those are servers of tests
            child = os.fork()
        if child == 0:
            _be_toe(arguments, environment or {}, (given, out, err))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return CompletedProcess(["toe", *arguments], code, _content(out), _content(err))


def toe_says(*arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None) -> CompletedProcess[str]:
    """As `forked_toe`, with texts."""
    done = forked_toe(*arguments, stdin=stdin.encode(), environment=environment)
    return CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def _be_toe(arguments: Sequence[str], environment: Mapping[str, str], streams: Sequence[IO[bytes]]) -> NoReturn:
    """Never back into pytest, whatever happens."""
    code = 1
    try:
        os.environ.update(environment)
        for number, file in enumerate(streams):
            os.dup2(file.fileno(), number)
        sys.stdin, sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.FileIO(number, mode, closefd=False), "utf-8", "backslashreplace")
            for number, mode in enumerate("rww")
        )
        sys.argv = ["toe", *arguments]
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
