"""Whether output is still to come of a filter that has not read its input yet, asked of Linux's /proc.

`exec > >(sleep 9; cat)`: nothing is printed for 9 seconds, and yet all that the script has said is in cat's input.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from collections.abc import Mapping

if sys.platform == "linux":
    from toe.system.processes.linux import process_ids

assert sys.platform == "linux"


def streams_of_waiting_filters(pipes: Mapping[str, int]) -> set[str]:
    """The streams to which a process will write that has unread input in a pipe.

    `pipes` are streams and their pipes, of which we have the reading end. Processes that we may not look at do not
    count.
    """
    own = str(os.getpid())
    streams = {f"pipe:[{os.fstat(descriptor).st_ino}]": stream for stream, descriptor in pipes.items()}
    found: set[str] = set()
    for name in process_ids():
        if name != own:
            with contextlib.suppress(OSError):  # it has ended, or is not ours
                folder = f"/proc/{name}/fd"
                if os.readlink(f"{folder}/0").startswith("pipe:"):
                    written = _targets(folder) & streams.keys()
                    if written and _has_unread_bytes(f"{folder}/0"):
                        found.update(streams[pipe] for pipe in written)
    return found


def _targets(folder: str) -> set[str]:
    """What a process has open."""
    found = set()
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"{folder}/{name}"))
    return found


def _has_unread_bytes(pipe: str) -> bool:
    import fcntl
    import termios

    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))
    finally:
        os.close(descriptor)
    return bool(count)
