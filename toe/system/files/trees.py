"""Everything below a folder, without ever going through a symbolic link: walked and deleted.

Each folder is opened relative to the one that holds it, so that nobody can lead the walk elsewhere by putting a link
where a folder was. Needs the dir_fd calls of POSIX.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator

from toe.records import NamedTuple
from toe.system.files.opening import explained


class TreeEntry(NamedTuple):
    """One entry: `name` in the open folder `folder`; `path` is for messages. A link to a folder is no folder."""

    folder: int
    name: str
    path: str
    is_folder: bool
    is_link: bool


class _Open(NamedTuple):
    descriptor: int
    entry: TreeEntry | None
    rest: Iterator[TreeEntry]


def walk_bottom_up(path: str) -> Iterator[TreeEntry]:
    """All entries below the folder `path`, each folder after its contents. Raises OSError with the path it met."""
    stack = [_open(path, None)]
    try:
        while stack:
            entry = next(stack[-1].rest, None)
            if entry is None:
                done = stack.pop()
                os.close(done.descriptor)
                if done.entry is not None:
                    yield done.entry
            elif entry.is_folder:
                stack.append(_open(entry.path, entry))
            else:
                yield entry
    finally:
        for folder in stack:
            os.close(folder.descriptor)


def _open(path: str, entry: TreeEntry | None) -> _Open:
    if sys.platform == "win32":
        raise NotImplementedError
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        if entry is None:
            descriptor = os.open(path, flags)
        else:
            descriptor = os.open(entry.name, flags | os.O_NOFOLLOW, dir_fd=entry.folder)
        try:
            return _Open(descriptor, entry, iter(_entries(descriptor, path)))
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def _entries(descriptor: int, path: str) -> list[TreeEntry]:
    with os.scandir(descriptor) as found:
        return [
            TreeEntry(
                descriptor,
                item.name,
                os.path.join(path, item.name),
                item.is_dir(follow_symlinks=False),
                item.is_symlink(),
            )
            for item in found
        ]


def remove_tree(path: str, check: Callable[[], None]) -> None:
    """Delete a folder and all in it; links are deleted, what they lead to is not. `check` is called for each entry."""
    if os.unlink not in os.supports_dir_fd:
        _remove_tree_by_path(path, check)
        return
    for entry in walk_bottom_up(path):
        check()
        with explained("delete", entry.path):
            if entry.is_folder:
                os.rmdir(entry.name, dir_fd=entry.folder)
            else:
                os.unlink(entry.name, dir_fd=entry.folder)
    os.rmdir(path)


def _remove_tree_by_path(path: str, check: Callable[[], None]) -> None:
    folders = [path]
    for folder in folders:  # grows while it is read: parents stand before their children
        with os.scandir(folder) as found:
            entries = list(found)
        for entry in entries:
            check()
            if is_folder_itself(entry):
                folders.append(entry.path)
            else:
                with explained("delete", entry.path):
                    _unlink_by_path(entry.path)
    for folder in reversed(folders):
        os.rmdir(folder)


def is_folder_itself(entry: os.DirEntry[str]) -> bool:
    """Whether this is a folder, and no link to one of any kind."""
    return entry.is_dir(follow_symlinks=False) and not leads_elsewhere(entry.stat(follow_symlinks=False))


def leads_elsewhere(status: os.stat_result) -> bool:
    """Whether this is a link of some kind: on Windows a junction is one too, though it is no symbolic link."""
    if stat.S_ISLNK(status.st_mode):
        return True
    attributes: int = getattr(status, "st_file_attributes", 0)
    return bool(attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)


def _unlink_by_path(path: str) -> None:
    """Delete a file or a link; Windows deletes none that is read-only."""
    try:
        os.unlink(path)
    except PermissionError:
        os.chmod(path, stat.S_IWRITE)
        os.unlink(path)
