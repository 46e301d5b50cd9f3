"""Whether anybody else has a file open: a Linux write lease says so, and keeps new readers waiting meanwhile."""

from __future__ import annotations

import contextlib
import errno
from enum import Enum


class Lease(Enum):
    """What came of asking for one."""

    HELD = "held"
    REFUSED = "somebody has the file open"
    UNSUPPORTED = "the system or the file system has none"


def take(descriptor: int) -> Lease:
    """Ask for the write lease of an open file that belongs to this user.

    A process that opens the file meanwhile waits until `give_back`; the kernel then sends us SIGURG, which is ignored
    unless somebody asked for it (the default, SIGIO, would end the process).
    """
    try:
        import fcntl
        from signal import SIGURG

        fcntl.fcntl(descriptor, fcntl.F_SETSIG, SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except (ImportError, AttributeError):
        return Lease.UNSUPPORTED
    except OSError as error:
        return Lease.REFUSED if error.errno in (errno.EAGAIN, errno.EACCES) else Lease.UNSUPPORTED
    return Lease.HELD


def give_back(descriptor: int) -> None:
    """Let the others in."""
    import fcntl

    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
