"""Reads and writes at a position of an open file, also where the system has no such calls (Windows)."""

from __future__ import annotations

import os

#: Whether several threads may use one descriptor; else the position of the file is moved by each call.
THREADS_SHARE_A_DESCRIPTOR = hasattr(os, "pwrite")


def write_at(descriptor: int, data: bytes | memoryview, position: int) -> None:
    """Write all of `data` at a position in bytes. Raises OSError."""
    rest = memoryview(data)
    while rest:
        if hasattr(os, "pwrite"):
            written: int = os.pwrite(descriptor, rest, position)
        else:
            os.lseek(descriptor, position, os.SEEK_SET)
            written = os.write(descriptor, rest)
        rest = rest[written:]
        position += written


def read_at(descriptor: int, size: int, position: int) -> bytes:
    """At most `size` bytes from a position on, b"" at the end of the file. Raises OSError."""
    if hasattr(os, "pread"):
        data: bytes = os.pread(descriptor, size, position)
        return data
    os.lseek(descriptor, position, os.SEEK_SET)
    return os.read(descriptor, size)
