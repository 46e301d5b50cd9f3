"""Whether anybody else has a file open: a Linux write lease says so, and keeps new readers waiting meanwhile."""

from __future__ import annotations

import contextlib
import errno
from enum import Enum

with contextlib.suppress(ImportError):
    import fcntl


class Lease(Enum):
    """What came of asking for one."""

    HELD = "held"
    REFUSED = "somebody has the file open"
    UNSUPPORTED = "the system or the file system has none"


def take_first(descriptor: int) -> Lease:
    """`take` for a file that was just opened.

    The kernel tells us by a signal when somebody waits: SIGURG, which is ignored unless asked for, in place of SIGIO,
    which would end the process.
    """
    try:
        from signal import SIGURG

        fcntl.fcntl(descriptor, fcntl.F_SETSIG, SIGURG)
    except (ImportError, NameError, AttributeError, OSError):
        return Lease.UNSUPPORTED
    return take(descriptor)


def take(descriptor: int) -> Lease:
    """Ask for the write lease of an open file that belongs to this user; who opens it then waits for `give_back`."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError as error:
        return Lease.REFUSED if error.errno in (errno.EAGAIN, errno.EACCES) else Lease.UNSUPPORTED
    return Lease.HELD


def give_back(descriptor: int) -> None:
    """Let the others in."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
