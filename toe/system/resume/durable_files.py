"""Small files that must be whole and on the disk before the machine goes down. The rest: toe.system.files.writing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from toe.errors import ToeError
from toe.system.files.opening import shown, write_all

# Without O_BINARY Windows writes a byte 13 before each byte 10, which no text in UTF-16 survives.
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@contextmanager
def reported(doing: str, path: str) -> Iterator[None]:
    """Turn an OSError into a ToeError: `cannot write '/x/y': no space left on device`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ToeError(f"cannot {doing} '{shown(path)}': {reason[:1].lower()}{reason[1:]}") from error


def write_durably(path: str, data: bytes, mode: int) -> None:
    """Put a file with these bytes and this mode (the umask plays no part) at `path` in one move. Raises ToeError."""
    temporary = os.path.join(os.path.dirname(path), f".toe-{os.getpid()}-{os.urandom(6).hex()}")
    with reported("write", path):
        try:
            descriptor = os.open(temporary, _CREATE, 0o600)
            try:
                write_all(descriptor, data)
                os.chmod(temporary, mode)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        sync_folder_of(path)


def remove_durably(path: str) -> None:
    """Delete a file or link, or find that it is gone. Raises ToeError."""
    if not os.path.lexists(path):  # deleting nothing fails all the same where the file system is read-only
        return
    with reported("delete", path):
        try:
            os.unlink(path)
        except (FileNotFoundError, NotADirectoryError):
            return
        sync_folder_of(path)


def sync_folder_of(path: str) -> None:
    """Have on the disk that `path` is in its folder, or no longer. Raises OSError.

    Windows opens no folder, and NTFS keeps a journal of its folders.
    """
    if sys.platform == "win32":
        return
    descriptor = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
