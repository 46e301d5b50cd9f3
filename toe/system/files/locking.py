"""An open file kept for one process: no other gets the lock until the file is closed, or its holder dies."""

from __future__ import annotations

import errno
import os
import sys
import time

# Windows keeps others from reading what is locked, so the lock lies where no content ever is. Its C library seeks with
# 32 bits, signed.
_LOCKED_BYTE = 2**31 - 2
_TAKEN = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
# How long somebody may be asking: on a busy machine it gets no time to give the lock back for a while.
_ASKING_SECONDS = 1.0
_PATIENCE_SECONDS, _SLICE_SECONDS = 0.2, 0.01


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file; false when another process has it. Raises OSError where files cannot be locked.

    Whoever just asks (`is_locked`) has it for a moment and is no reason to give up.
    """
    limit = time.monotonic() + _ASKING_SECONDS
    while not _taken(descriptor):
        if is_locked(descriptor) or time.monotonic() >= limit:
            return False
        if sys.platform != "win32":
            os.sched_yield()
    return True


def is_locked(descriptor: int) -> bool:
    """Whether another process has the lock of an open file. Raises OSError where files cannot be locked."""
    if sys.platform == "win32":  # it has no lock that several may share
        limit = time.monotonic() + _PATIENCE_SECONDS
        while not _taken(descriptor):
            if time.monotonic() >= limit:
                return True
            time.sleep(_SLICE_SECONDS)
        _unlock(descriptor)
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return True
        raise
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _taken(descriptor: int) -> bool:
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

        _at_locked_byte(descriptor, msvcrt.LK_NBLCK)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _at_locked_byte(descriptor: int, mode: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, mode, 1)
        finally:
            os.lseek(descriptor, position, os.SEEK_SET)


def _unlock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        _at_locked_byte(descriptor, msvcrt.LK_UNLCK)
