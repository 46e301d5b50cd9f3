"""Files of this machine: opening what must be a regular file, making folders, and errors that people can read.

Not for the contents of trees (toe.system.files.trees) nor for putting files in place (toe.system.files.writing).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from toe.errors import ActionError

SEPARATORS = os.sep + (os.altsep or "")
# O_NONBLOCK: opening a fifo that nobody writes to must fail, not wait. It changes nothing for a regular file.
OPEN_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
#: Whether several threads may use one descriptor; else the position of the file is moved by each call.
THREADS_SHARE_A_DESCRIPTOR = hasattr(os, "pwrite")
#: How much of a file is read at a time.
BLOCK_BYTES = 1 << 20

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a fifo",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFREG: "a file",
}


@contextmanager
def explained(doing: str, path: str) -> Iterator[None]:
    """Turn what the operating system refuses into an ActionError: `cannot create '/x/y': permission denied`."""
    try:
        yield
    except OSError as error:
        raise ActionError(f"cannot {doing} '{shown(path)}': {_reason_and_place(error, path)}") from error
    except ValueError as error:  # a NUL in the path, or a character that the file system's encoding lacks
        raise ActionError(f"cannot {doing} '{shown(path)}': not a possible path: {error}") from error


def shown(path: str) -> str:
    """A path as it can stand in a message: one line, and bytes that are not UTF-8 as `\\xff`."""
    try:
        text = os.fsencode(path).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        text = path.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def _reason_and_place(error: OSError, path: str) -> str:
    text = reason(error)
    other = error.filename
    blamed = other if isinstance(other, str) else path
    if blamed != path:
        text = f"'{shown(blamed)}': {text}"
    from toe.system.files.path_faults import fault_on_the_way

    cause = fault_on_the_way(blamed, error.errno)
    return f"{text} ({shown(cause)})" if cause else text


def reason(error: OSError) -> str:
    """What the operating system says, in lower case."""
    text = error.strerror or str(error) or type(error).__name__
    return text[:1].lower() + text[1:]


def kind_of(mode: int) -> str:
    """What an `st_mode` stands for, in words: "a folder", "a fifo"."""
    return _KINDS.get(stat.S_IFMT(mode), "a special file")


def open_regular(path: str, flags: int) -> tuple[int, os.stat_result]:
    """Open what exists at `path` and is a regular file, links followed: its descriptor and status.

    Raises ActionError for a folder or a special file, and never waits for one; OSError for the rest.
    """
    try:
        descriptor = os.open(path, flags | OPEN_FLAGS)
    except OSError as error:
        if error.errno in (errno.EISDIR, errno.ENXIO) or (error.errno == errno.EACCES and os.path.isdir(path)):
            require_regular(path, os.stat(path))
        raise
    try:
        status = os.fstat(descriptor)
        require_regular(path, status)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def require_regular(path: str, status: os.stat_result) -> None:
    """Raise ActionError when `status` is not that of a regular file."""
    if not stat.S_ISREG(status.st_mode):
        raise ActionError(f"'{shown(path)}' is {kind_of(status.st_mode)}, not a file")


def require_folder(path: str) -> None:
    """Raise ActionError unless a folder, or a link to one, is at `path`. Raises OSError when nothing is."""
    mode = os.stat(path).st_mode
    if not stat.S_ISDIR(mode):
        raise ActionError(f"'{shown(path)}' is {kind_of(mode)}, not a folder")


def read_bytes(path: str) -> bytes:
    """All bytes of a regular file, links followed. Raises ActionError and OSError as `open_regular`."""
    descriptor, _ = open_regular(path, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`; one call of the system may take only a part."""
    written = os.write(descriptor, data)
    if written < len(data):
        rest = memoryview(data)
        while written < len(data):
            written += os.write(descriptor, rest[written:])


def write_at(descriptor: int, data: bytes | memoryview, position: int) -> None:
    """Write all of `data` at a position in bytes. Raises OSError."""
    rest = memoryview(data)
    while rest:
        if hasattr(os, "pwrite"):
            written: int = os.pwrite(descriptor, rest, position)
        else:
            os.lseek(descriptor, position, os.SEEK_SET)
            written = os.write(descriptor, rest)
        rest = rest[written:]
        position += written


def read_at(descriptor: int, size: int, position: int) -> bytes:
    """At most `size` bytes from a position on, b"" at the end of the file. Raises OSError."""
    if hasattr(os, "pread"):
        data: bytes = os.pread(descriptor, size, position)
        return data
    os.lseek(descriptor, position, os.SEEK_SET)
    return os.read(descriptor, size)


def missing_folders(path: str) -> list[str]:
    """The folders that have to be made for `path` to be there, itself first."""
    missing, existing = [], path
    while existing and not os.path.lexists(existing):
        missing.append(existing)
        existing = os.path.dirname(existing)
    return missing


def make_folders(path: str) -> None:
    """Make a folder and its missing parents (mode 0777 less umask); one that exists is left as it is.

    Not `os.makedirs`, which recurses: a path of 2,000 short segments is legal.
    """
    missing: list[str] = []
    while path and not os.path.isdir(path) and path not in missing[-1:]:
        missing.append(path)
        path = os.path.dirname(without_separator(path))
    for folder in reversed(missing):
        try:
            os.mkdir(folder)
        except FileExistsError as error:
            if not os.path.isdir(folder):  # not EEXIST: callers take that for the file they were to create
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder) from error


def without_separator(path: str) -> str:
    """A path without its trailing separators; a root stays, that of a drive or a share of Windows too."""
    trimmed, drive = path.rstrip(SEPARATORS), os.path.splitdrive(path)[0]
    return path[: len(drive) + 1] if trimmed == drive else trimmed


def same_file(one: str, other: str) -> bool:
    """Whether two paths lead to one file or folder, links followed; false where one does not exist."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def is_root(path: str) -> bool:
    """Whether a path leads to the root of the file system, by whatever name (`/`, `//`, `/tmp/..`)."""
    place = os.path.realpath(path)
    return place == os.path.dirname(place)
