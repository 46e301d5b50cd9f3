"""Who called sudo, and what of root's becomes theirs: logs that only root could read would need sudo once more."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from toe.records import NamedTuple
from toe.system.files.own_files import NotOursError

_LARGEST_ID = 2**32 - 2


class SudoCaller(NamedTuple):
    """The user and the group that `SUDO_UID` and `SUDO_GID` tell."""

    uid: int
    gid: int


def sudo_caller(environment: Mapping[str, str]) -> SudoCaller | None:
    """The user who called sudo to become root, None where nobody did."""
    if "SUDO_UID" not in environment or sys.platform == "win32" or os.geteuid() != 0:
        return None
    numbers = [environment.get(name, "") for name in ("SUDO_UID", "SUDO_GID")]
    if not all(text.isascii() and text.isdecimal() and len(text) <= 10 for text in numbers):
        return None
    caller = SudoCaller(*map(int, numbers))
    return caller if 0 < caller.uid <= _LARGEST_ID and caller.gid <= _LARGEST_ID else None


def give_folder(path: str, caller: SudoCaller, parents: Iterable[str] = ()) -> None:
    """Give a folder of root's with all that is in it, and new folders above it, to the caller. Raises OSError.

    Links are given themselves, and not what they lead to. Nothing in a folder is given before all of it is written.
    """
    if sys.platform == "win32":
        return
    with _opened(path) as top:
        for _, folders, files, descriptor in os.fwalk(".", topdown=False, dir_fd=top):
            for name in (*folders, *files):  # links to folders stand among the folders
                os.chown(name, *caller, dir_fd=descriptor, follow_symlinks=False)
            os.fchown(descriptor, *caller)
    for parent in parents:
        with _opened(parent) as folder:
            os.fchown(folder, *caller)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    """A folder of root's: into any other the caller could have put what must never become theirs. Raises OSError."""
    flags = os.O_RDONLY
    if sys.platform != "win32":
        flags |= os.O_DIRECTORY | os.O_NOFOLLOW
    descriptor = os.open(path, flags)
    try:
        if os.fstat(descriptor).st_uid != 0:
            raise NotOursError(errno.EPERM, "it does not belong to root any more", path)
        yield descriptor
    finally:
        os.close(descriptor)
