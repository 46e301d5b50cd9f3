"""A file that arrives in parts beside its destination, and takes the destination's place in one move when it is whole.

What arrives is the caller's business. Unlike with toe.system.files.writing, the parts come from several threads.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from toe.system.files.copying import BLOCK_BYTES
from toe.system.files.opening import OPEN_FLAGS, make_folders, write_all
from toe.system.files.positioned import write_at
from toe.system.files.writing import copy_extended_attributes, write_over

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


class Landing:
    """A temporary file for `path`, whose missing parents are made. The methods raise OSError."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._temporary = os.path.join(os.path.dirname(path), f".toe-{os.getpid()}-{os.urandom(6).hex()}")
        try:
            self._descriptor = self._opened()
        except FileNotFoundError:
            make_folders(os.path.dirname(path))
            self._descriptor = self._opened()

    def _opened(self) -> int:
        mode = 0o600 if os.path.lexists(self._path) else 0o666  # what is to be replaced may be secret
        return os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, mode)

    def write(self, block: bytes, offset: int) -> None:
        """Write a block at an offset; several threads may, where THREADS_SHARE_A_DESCRIPTOR."""
        write_at(self._descriptor, block, offset)

    def place(self, size: int, *, overwrite: bool) -> None:
        """Make the first `size` bytes the file at the destination.

        A file that is there keeps its owner, mode and extended attributes. One with several names, or that cannot be
        replaced (a mount point, such as /etc/hosts in a container), is written to, now that all has arrived. Raises
        FileExistsError when a file came up there meanwhile and must not be overwritten.
        """
        os.ftruncate(self._descriptor, size)  # an attempt that failed may have brought more
        os.fsync(self._descriptor)
        if not overwrite:
            self._close()
            self._move_beside()
            return
        try:
            existing = os.stat(self._path)
        except FileNotFoundError:
            self._close()
            os.replace(self._temporary, self._path)
            return
        if existing.st_nlink > 1 or not self._replaces(existing):
            write_over(self._path, self._copy)
            self.discard()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._close()
        self.forsake()

    def forsake(self) -> None:
        """Remove the file's name; who is still writing to it does so in vain."""
        with suppress(FileNotFoundError):
            os.unlink(self._temporary)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _move_beside(self) -> None:
        """Give the file its name, which nothing else may have. Only a link does that without a gap in time."""
        try:
            os.link(self._temporary, self._path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(self._path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self._path) from error
            os.replace(self._temporary, self._path)
        else:
            os.unlink(self._temporary)

    def _replaces(self, existing: os.stat_result) -> bool:
        """Take the place of the file that is there, with all that belongs to it; false where that is not possible."""
        try:
            new = os.fstat(self._descriptor)
            if hasattr(os, "fchown") and (new.st_uid, new.st_gid) != (existing.st_uid, existing.st_gid):
                os.fchown(self._descriptor, existing.st_uid, existing.st_gid)
            copy_extended_attributes(self._path, self._descriptor, capabilities=False)
            if hasattr(os, "fchmod"):
                os.fchmod(self._descriptor, existing.st_mode & 0o7777)
            self._close()
            os.replace(self._temporary, self._path)
        except OSError:
            return False
        return True

    def _copy(self, target: int) -> None:
        with open(self._temporary, "rb") as file:
            while block := file.read(BLOCK_BYTES):
                write_all(target, block)
