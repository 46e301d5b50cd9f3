"""The empty files and folders that an engine makes in a container to mount on, which would be found in its image.

An image's own files are not trusted: no link of it is followed. As a program, `python -m ... MOUNT... -- [NAME...]`, it
does the same within the user namespace in which an engine keeps the files of those who are not root.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.quick_typing import TYPE_CHECKING
from toe.system.host import is_root

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where OCI runtimes, buildah and podman mount something of their own, and where `toe` does.
NAMES: tuple[str, ...] = ("dev", "proc", "sys", "run", "etc", "etc/hosts", "etc/hostname", "etc/resolv.conf")
NAMES += ("run/.containerenv", "run/secrets", ".toe", ".toe/capsule", ".toe/in", ".toe/out", ".toe/logs")
#: A link that podman puts where none is, and where it leads.
_LINK, _LEADS_TO = "etc/mtab", "/proc/mounts"
_OF_ENGINES = {"podman": (_LINK,)}


def visited(mount: Sequence[str], remove: Iterable[str] = ()) -> list[str]:
    """Remove these in what a command of buildah or podman mounts, `podman mount NAME`, as far as they are empty.

    Returns which of the names that this engine may make are not there now. For root a container stays mounted; an image
    does not. Raises ToeError.
    """
    if is_root():
        missing = _visit(mount, remove)
        if "image" in mount:  # one that is mounted cannot be removed
            _unmount(mount)
        return missing
    command = (sys.executable, "-m", __name__, *mount, "--", *remove)
    return asked(mount[0], "unshare", *command, environment={**os.environ, "PYTHONSAFEPATH": "1"}).split()


def _visit(mount: Sequence[str], remove: Iterable[str]) -> list[str]:
    root = asked(*mount)
    for name in sorted(remove, key=len, reverse=True):
        _remove_empty(root, name)
    return [name for name in (*NAMES, *_OF_ENGINES.get(mount[0], ())) if not _is_there(root, name)]


def _unmount(mount: Sequence[str]) -> None:
    asked(*("umount" if word == "mount" else word for word in mount))


@contextmanager
def _parent_of(root: str, name: str) -> Iterator[int]:
    """A descriptor of the folder that holds `name`; no link is followed on the way."""
    folder = os.open(root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for part in name.split("/")[:-1]:
            below = os.open(part, os.O_RDONLY | _OF_FOLDERS, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)


_OF_FOLDERS = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


def _is_there(root: str, name: str) -> bool:
    try:
        with _parent_of(root, name) as folder:
            os.stat(os.path.basename(name), dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _remove_empty(root: str, name: str) -> None:
    last = os.path.basename(name)
    with suppress(OSError), _parent_of(root, name) as folder:
        status = os.stat(last, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            os.rmdir(last, dir_fd=folder)  # which refuses one that is not empty
        elif stat.S_ISLNK(status.st_mode):
            if name == _LINK and os.readlink(last, dir_fd=folder) == _LEADS_TO:
                os.unlink(last, dir_fd=folder)
        elif stat.S_ISREG(status.st_mode) and status.st_size == 0:
            os.unlink(last, dir_fd=folder)


if __name__ == "__main__":
    end = sys.argv.index("--")
    try:
        print(*_visit(sys.argv[1:end], sys.argv[end + 1 :]))
        _unmount(sys.argv[1:end])
    except ToeError as error:
        sys.exit(error.message)
