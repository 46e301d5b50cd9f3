"""Writing to stdout and stderr so that a closed, full or odd one is no reason for a traceback."""

from __future__ import annotations

import os

STDOUT, STDERR = 1, 2


def open_standard_streams() -> frozenset[int]:
    """Point the standard descriptors that are closed at /dev/null and say which: a log file must not become stdout."""
    closed: set[int] = set()
    for descriptor in (0, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            os.open(os.devnull, os.O_RDWR)
    return frozenset(closed)


def write(descriptor: int, text: str) -> bool:
    """Write all of a text as UTF-8; false when that is not possible."""
    data = memoryview(text.encode("utf-8", "backslashreplace"))
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError:
        return False
    return True


def say(text: str) -> None:
    """A line for people, on stderr."""
    write(STDERR, text + "\n")
