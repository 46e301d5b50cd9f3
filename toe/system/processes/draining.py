"""Reading on what background children print after their step has ended, and dropping it.

Closing their pipes would kill a daemon by SIGPIPE at its next word, leaving them unread would block it. A thread of
ours would do until our own end only, however that comes; so small processes read them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress

if sys.platform != "win32":
    from toe.system.processes.child import kept_back, spawn

assert sys.platform != "win32"

_SHELL = "/bin/sh"
# The shell ends at once: `cat` is then nobody's child but init's, which reaps it, or ours where we stand in for init.
_SCRIPT = "cd /; exec 3<&0; cat <&3 3<&- &"


def drain(pipes: Iterable[int], inheritable: Iterable[int] = ()) -> None:
    """Have each of these read to its end by a process of its own, and close it here.

    `inheritable` are open descriptors that must not go to those processes. Where none can be started, whoever writes
    to the pipe gets SIGPIPE.
    """
    for pipe in pipes:
        os.set_blocking(pipe, True)
        with suppress(OSError):
            _start(pipe, inheritable)
        os.close(pipe)


def _start(pipe: int, inheritable: Iterable[int]) -> None:
    actions = [
        (os.POSIX_SPAWN_DUP2, pipe, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    environment = {"PATH": os.environ.get("PATH") or os.defpath}
    with kept_back(inheritable) as closings:
        pid = spawn(_SHELL, [_SHELL, "-c", _SCRIPT], environment, [*actions, *closings])
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
