"""Whether anybody else has a file open: a Linux write lease says so, and keeps new readers waiting meanwhile."""

from __future__ import annotations

import contextlib
import errno
import signal
from enum import Enum
from importlib import import_module
from typing import Any

fcntl: Any = None
with contextlib.suppress(ImportError):
    fcntl = import_module("fcntl")  # not `import`: to type checkers it is empty on Windows


class Lease(Enum):
    """What came of asking for one."""

    HELD = "held"
    REFUSED = "somebody has the file open"
    UNSUPPORTED = "the system or the file system has none"


def take(descriptor: int) -> Lease:
    """Ask for the write lease of an open file that belongs to this user; who opens it then waits for `give_back`.

    The kernel tells us of that by a signal: SIGURG, which is ignored unless asked for, in place of SIGIO, which would
    end the process. Giving a lease back undoes the choice of the signal, so it is made each time.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.Signals["SIGURG"])
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except (KeyError, AttributeError):
        return Lease.UNSUPPORTED
    except OSError as error:
        return Lease.REFUSED if error.errno in (errno.EAGAIN, errno.EACCES) else Lease.UNSUPPORTED
    return Lease.HELD


def give_back(descriptor: int) -> None:
    """Let the others in."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
