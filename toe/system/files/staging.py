"""A file that is whole or absent: written under a hidden name beside its place, and moved there in one step.

All such files are made here. toe.system.files.writing says what an existing file keeps: owner, mode, attributes.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from toe.system.files.opening import OPEN_FLAGS

# Windows replaces and deletes no file that somebody has open (`toe status` may just be reading it): how long readers
# are waited for, and Windows' numbers for it.
_PATIENCE_SECONDS, _SLICE_SECONDS = 1.0, 0.01
_IN_USE = (5, 32)


class StagedFile:
    """A new file for `path`, open for writing by `descriptor` until it is moved there.

    `with` discards it at the end unless it was placed. Raises OSError, which names `path` and not the hidden name.
    `hidden`: a fixed hidden name, so that the next run finds what a killed one has left; by default it is a new one.
    """

    def __init__(self, path: str, mode: int = 0o600, *, hidden: str = "") -> None:
        self.path = path
        self.hidden = hidden or hidden_name(path)
        with self._naming_the_path():
            self.descriptor = os.open(self.hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, mode)

    def __enter__(self) -> StagedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def sync(self) -> None:
        """Have the content on the disk: after a power cut the file is whole, or the old one."""
        os.fsync(self.descriptor)

    def place(self, move: Callable[[str, str], None] = os.replace) -> None:
        """Move the file to its path, in the place of what is there."""
        self._close()
        with self._naming_the_path():
            patiently(move, self.hidden, self.path)
        self.hidden = ""

    def place_new(self) -> None:
        """Move the file to its path, where nothing may be: FileExistsError. Only a link does that without a gap."""
        self._close()
        with self._naming_the_path():
            try:
                os.link(self.hidden, self.path)
            except OSError:  # it exists, or the file system has no links
                if os.path.lexists(self.path):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self.path) from None
                os.replace(self.hidden, self.path)
                self.hidden = ""
        self.forsake()

    def discard(self) -> None:
        """Leave nothing behind of a file that was not placed."""
        self._close()
        self.forsake()

    def forsake(self) -> None:
        """Remove the hidden name; a thread that is still writing to the file does so in vain."""
        if self.hidden:
            with suppress(OSError):
                os.unlink(self.hidden)

    def _close(self) -> None:
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    @contextmanager
    def _naming_the_path(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            error.filename, error.filename2 = self.path, None
            raise


def hidden_name(path: str) -> str:
    """A name beside `path` that nothing has."""
    return os.path.join(os.path.dirname(path), f".toe-{os.getpid()}-{os.urandom(6).hex()}")


def patiently(operation: Callable[..., None], *paths: str) -> None:
    """`os.replace`, `os.unlink` or the like, which on Windows wait up to a second for readers to close the file."""
    limit = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            operation(*paths)
        except PermissionError as error:
            if not is_in_use(error) or time.monotonic() >= limit:
                raise
            time.sleep(_SLICE_SECONDS)
        else:
            return


def is_in_use(error: OSError) -> bool:
    """Whether Windows refused because somebody has the file open: later it may go."""
    return getattr(error, "winerror", None) in _IN_USE


def sync_folder(path: str) -> None:
    """Have the names in a folder on the disk. Raises OSError."""
    if sys.platform == "win32":  # opens no folder for that, and NTFS logs what is in one
        return
    folder = os.open(path or ".", os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
