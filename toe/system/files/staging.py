"""A file that appears at its place only when it is whole: written beside it, synced, moved there in one step.

For contents that take long or must be verified first; for contents that are at hand see toe.system.files.writing.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from toe.errors import ActionError
from toe.system.files.opening import OPEN_FLAGS, make_folders, open_regular, require_regular, shown, write_all
from toe.system.files.writing import Access, Fill, copy_extended_attributes, write_over

_BLOCK_BYTES = 1 << 20
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS


@contextmanager
def staged(path: str, *, overwrite: bool) -> Iterator[int]:
    """A descriptor to write a file to; where the block ends without an exception, the file gets to `path`.

    A new file has the mode 0666 less umask, and missing parents are made. An existing one is replaced as
    `writing.write_over` does it: links are written through, owner, mode and extended attributes stay, and
    what cannot be replaced by another file is written in place, once all has come. Without `overwrite` anything that
    exists is an error. Raises OSError, and ActionError where something else than a file is; `path` is then as it was.
    """
    if not overwrite:
        _refuse_existing(path)
    if os.path.islink(path):
        path = os.path.realpath(path)
    status = _status(path)
    temporary, descriptor = _create(path, status)
    try:
        try:
            yield descriptor
            os.fsync(descriptor)
            replaces = status is None or _took_over(path, status, descriptor)
        finally:
            os.close(descriptor)
        if not overwrite:
            _refuse_existing(path)
        if status is None:
            os.replace(temporary, path)
        elif not (replaces and _replaced(temporary, path)):
            write_over(path, _contents_of(temporary))
            os.unlink(temporary)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _refuse_existing(path: str) -> None:
    if os.path.lexists(path):
        raise ActionError(f"'{shown(path)}' already exists, and 'overwrite' is false")


def _status(path: str) -> os.stat_result | None:
    """Of the file at `path`, None for nothing. Raises ActionError for no file, PermissionError for a read-only one."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    require_regular(path, status)
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return status


def _create(path: str, status: os.stat_result | None) -> tuple[str, int]:
    """A temporary file beside `path`, or elsewhere for an existing file in a folder where none can be made."""
    make_folders(os.path.dirname(path))
    name = f".toe-{os.getpid()}-{os.urandom(6).hex()}"
    beside = os.path.join(os.path.dirname(path), name)
    try:
        return beside, os.open(beside, _CREATE, 0o666 if status is None else 0o600)
    except OSError:
        if status is None:
            raise
    import tempfile

    elsewhere = os.path.join(tempfile.gettempdir(), name)
    return elsewhere, os.open(elsewhere, _CREATE, 0o600)


def _took_over(path: str, status: os.stat_result, descriptor: int) -> bool:
    """Give the new file what belongs to the old one; false where it may not take the old one's place."""
    if status.st_nlink > 1:  # its other names would keep the old content
        return False
    new = os.fstat(descriptor)
    same_owner = (new.st_uid, new.st_gid) == (status.st_uid, status.st_gid)
    uid, gid = (-1, -1) if same_owner else (status.st_uid, status.st_gid)
    copy_extended_attributes(path, descriptor, capabilities=False)
    try:
        Access(uid, gid, stat.S_IMODE(status.st_mode)).apply(descriptor)
    except OSError:
        return False
    return True


def _replaced(temporary: str, path: str) -> bool:
    """Whether the move was possible; it is not onto a mount point, nor in a folder where nothing can be created."""
    try:
        os.replace(temporary, path)
    except OSError:
        return False
    return True


def _contents_of(path: str) -> Fill:
    def fill(target: int) -> None:
        descriptor, _ = open_regular(path, os.O_RDONLY)
        try:
            while block := os.read(descriptor, _BLOCK_BYTES):
                write_all(target, block)
        finally:
            os.close(descriptor)

    return fill
