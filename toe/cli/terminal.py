"""Writing to stdout, stderr and the files that options name: a closed, full or odd one is no reason for a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from toe.errors import EXIT_FAILED, EXIT_SUCCESS, ActionError, ToeError

STDOUT, STDERR = 1, 2


#: The standard descriptors that the caller had closed.
_closed: set[int] = set()
#: Who has the terminal that stderr is, while there is somebody: takes text, and says whether it will be shown.
_holder: list[Callable[[str], bool]] = []


def open_standard_streams() -> None:
    """Point the standard descriptors that are closed at /dev/null: a log file must not become stdout."""
    for descriptor in (0, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            _closed.add(descriptor)
            os.open(os.devnull, os.O_RDWR)


def is_closed(descriptor: int) -> bool:
    """Whether the caller had closed a standard descriptor: what is written to it gets nowhere."""
    return descriptor in _closed


def can_redraw() -> bool:
    """Whether stderr is a terminal that lines can be drawn anew on."""
    return os.isatty(STDERR) and os.environ.get("TERM", "dumb") != "dumb"


def hold_stderr(holder: Callable[[str], bool]) -> None:
    """From now on text for stderr goes to `holder`, until it says that it takes no more."""
    _holder[:] = [holder]


def write(descriptor: int, text: str) -> bool:
    """Write all of a text as UTF-8; false when that is not possible, and where nobody can read it."""
    if descriptor == STDERR and _holder and _holder[0](text):
        return True
    return write_bytes(descriptor, text.encode("utf-8", "backslashreplace"))


def write_bytes(descriptor: int, data: bytes) -> bool:
    """As `write`, of bytes."""
    if is_closed(descriptor):
        return not data
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        return False
    return True


def write_file(path: str, pieces: Iterable[str]) -> None:
    """Write a file that an option names, whole or not at all. Raises ToeError."""
    from toe.system.files.path_faults import told
    from toe.system.files.writing import staged

    try:
        with (
            staged(path, overwrite=True) as descriptor,
            open(os.dup(descriptor), "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file,
        ):
            file.writelines(pieces)
    except ActionError as error:
        raise ToeError(f"cannot write '{path}': {error.message}") from error
    except (OSError, ValueError) as error:
        raise ToeError(f"cannot write '{path}': {told(error, path)}") from error


def printed(text: str) -> int:
    """Write what a command is asked for to stdout and return its exit code: it is no success when nobody gets it."""
    if write(STDOUT, text):
        return EXIT_SUCCESS
    say("toe: error: cannot write to stdout")
    return EXIT_FAILED


def say(text: str) -> None:
    """A line for people, on stderr, or several; nothing in them steers a terminal or a CI system."""
    from toe.sinks.terminal_text import printable_text

    write(STDERR, printable_text(text) + "\n")


def say_error(error: ToeError) -> None:
    """The message of an expected error, with its hint."""
    say_line(f"toe: error: {error.message}")
    if error.hint:
        say_line(f"  {error.hint}")


def say_line(text: str) -> None:
    """The same for words from outside: whatever is in them it stays one line."""
    if not text.isprintable():
        from toe.sinks.safe_text import one_line

        text = one_line(text)
    say(text)
