"""Files of the log folder, for their owner alone: one that only ever grows, and one that is whole at every moment."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from toe.system.files.locking import try_lock
from toe.system.files.opening import write_all
from toe.system.files.own_files import open_own_file
from toe.system.files.staging import StagedFile

_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND
#: A part of at least this many bytes is a block of output: more of them will come.
_BLOCK = 32 * 1024
#: Larger than what is in use at a time while a block of output passes through.
_KEPT_BY_MALLOC = 4 * 1024 * 1024


class LogFile:
    """Appends to `path`, which is created with mode 0600."""

    def __init__(self, path: str) -> None:
        self._descriptor = open_own_file(path, _APPEND)
        self._is_small = True

    def write(self, parts: list[bytes]) -> None:
        """Append the parts in one call. Raises OSError."""
        if parts:
            if self._is_small and max(map(len, parts)) >= _BLOCK:
                # glibc gives blocks of this size back to the kernel at each free until it has seen a larger one freed
                # (mallopt(3), M_MMAP_THRESHOLD); the page faults would cost more than all else done with output.
                bytes(_KEPT_BY_MALLOC)
                self._is_small = False
            write_all(self._descriptor, parts[0] if len(parts) == 1 else b"".join(parts))

    def lock(self) -> None:
        """Show others that it is being written. No lock is no reason to write nothing."""
        with contextlib.suppress(OSError):
            try_lock(self._descriptor)

    def close(self) -> None:
        """A second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def write_whole(path: str, content: Iterable[bytes]) -> None:
    """Give the file at `path` new content in one move: whoever opens it finds the old one or the new one, also after
    kill -9. Raises OSError; the file is then what it was.

    Not synced: that would cost more than all else, and the file is wanted when `toe` has crashed, not the machine.
    """
    folder, name = os.path.split(path)
    hidden = os.path.join(folder, f".{name}.new")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(hidden)  # of a run that was killed
    with StagedFile(path, hidden=hidden) as file:
        waiting, size = [], 0
        for piece in content:
            waiting.append(piece)
            size += len(piece)
            if size >= _BLOCK:
                write_all(file.descriptor, b"".join(waiting))
                waiting, size = [], 0
        write_all(file.descriptor, b"".join(waiting))
        file.place()
