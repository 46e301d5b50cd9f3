"""Small files that must be whole and on the disk before the machine goes down. The rest: toe.system.files.writing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from toe.errors import ToeError
from toe.system.files.opening import reason, shown, write_all
from toe.system.files.staging import StagedFile, sync_folder


@contextmanager
def reported(doing: str, path: str) -> Iterator[None]:
    """Turn an OSError into a ToeError: `cannot write '/x/y': no space left on device`."""
    try:
        yield
    except OSError as error:
        raise ToeError(f"cannot {doing} '{shown(path)}': {reason(error)}") from error


def write_durably(path: str, data: bytes, mode: int) -> None:
    """Put a file with these bytes and this mode (the umask plays no part) at `path` in one move. Raises ToeError."""
    with reported("write", path), StagedFile(path) as file:
        write_all(file.descriptor, data)
        os.chmod(file.hidden, mode)  # by its name: Windows knows no other way
        file.sync()
        file.place()
        sync_folder(os.path.dirname(path))


def remove_durably(path: str) -> None:
    """Delete a file or link, or find that it is gone. Raises ToeError."""
    if not os.path.lexists(path):  # deleting nothing fails all the same where the file system is read-only
        return
    with reported("delete", path):
        try:
            os.unlink(path)
        except (FileNotFoundError, NotADirectoryError):
            return
        sync_folder(os.path.dirname(path))
