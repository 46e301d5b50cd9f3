"""An open file kept for one process: no other gets the lock until the file is closed, or its holder dies."""

from __future__ import annotations

import errno
import os
import sys

# Windows keeps others from reading what is locked, so the lock lies where no content ever is. Its C library seeks with
# 32 bits, signed.
_LOCKED_BYTE = 2**31 - 2
_TAKEN = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file; false when another process has it. Raises OSError where files cannot be locked."""
    try:
        _lock(descriptor)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, position, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
