"""Files put in place: new ones without a moment of wider permissions, existing ones replaced in one move.

Contents come from a `Fill`; who may own a file, and by which name, is toe.system.files.ownership's business.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from toe.records import NamedTuple
from toe.system.files.opening import OPEN_FLAGS, make_folders, require_regular

#: Writes the content to a descriptor, from the beginning each time it is called.
Fill = Callable[[int], None]
#: Moves a file to a path, onto the file that is there.
Move = Callable[[str, str], None]

_NO_SPACE = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_PERMISSION_BITS = 0o7777


class Access(NamedTuple):
    """Owner, group and mode to give; -1 and None leave them as they are. The umask plays no part."""

    uid: int = -1
    gid: int = -1
    mode: int | None = None

    def apply(self, target: int | str) -> None:
        """Give a file or folder (a descriptor, or a path whose links are followed) this owner, group and mode."""
        if sys.platform != "win32" and (self.uid != -1 or self.gid != -1):
            os.chown(target, self.uid, self.gid)
        if self.mode is not None:  # after the owner, because a change of owner drops the setuid bit
            os.chmod(target, self.mode)


UNCHANGED = Access()


def write_new(path: str, fill: Fill, access: Access = UNCHANGED, *, mode: int = 0o666) -> None:
    """Create a file with its missing parents; `mode` is cut by the umask, one in `access` is not.

    Raises FileExistsError where anything is at `path`, a broken link too. What fails half-way leaves no file.
    """
    if access.mode is not None:
        mode = access.mode & 0o600
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, mode)
    except FileNotFoundError:
        make_folders(os.path.dirname(path))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, mode)
    try:
        try:
            fill(descriptor)
            access.apply(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise


def write_over(path: str, fill: Fill, access: Access = UNCHANGED) -> None:
    """Give the regular file at `path` new content in one move, so that nobody ever sees half of it.

    A link is written through. Owner, mode and extended attributes (SELinux label, ACL), on Windows all access rights,
    stay, but for what `access` asks. A file that must stay the same file is written in place: one with several names,
    a mount point such as /etc/hosts in a container, one in a folder where nothing can be created (/proc/sys).
    """
    if os.path.islink(path):  # otherwise the path stays relative: folders above the current one may be closed to us
        path = os.path.realpath(path)
    try:
        status = os.stat(path)
    except FileNotFoundError:  # a broken link: its target is created, as open() would
        write_new(path, fill, access)
        return
    require_regular(path, status)
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        # replacing needs no write permission on the file, but must not get around it
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    if status.st_nlink > 1:
        _write_in_place(path, fill, access)
        return

    def dress(descriptor: int) -> None:
        _keep(path, status, descriptor)
        access.apply(descriptor)

    try:
        put_in_place(path, fill, dress, _keeping_move())
    except CannotReplaceError:
        _write_in_place(path, fill, access)


def _keeping_move() -> Move:
    """A move that leaves to the new file what only the system can carry over from the old one."""
    if sys.platform == "win32":
        from toe.system.windows.replace import replace_keeping_rights

        return replace_keeping_rights
    return os.replace


def put_in_place(path: str, fill: Fill, dress: Callable[[int], None], move: Move = os.replace) -> None:
    """Write a temporary file beside `path`, `dress` it, and `move` it there; whatever fails, `path` stays as it was.

    Raises CannotReplaceError when the folder, not the content, is the reason.
    """
    temporary = os.path.join(os.path.dirname(path), f".toe-{os.getpid()}-{os.urandom(6).hex()}")
    with _replacing(path):
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, 0o600)
    try:
        try:
            fill(descriptor)
            with _replacing(path):
                dress(descriptor)
        finally:
            os.close(descriptor)
        with _replacing(path):
            move(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


class CannotReplaceError(OSError):
    """A file cannot be replaced by another one; writing to the file itself may still be possible."""


@contextmanager
def _replacing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise
        raise CannotReplaceError(error.errno, error.strerror, path) from error


def _write_in_place(path: str, fill: Fill, access: Access) -> None:
    descriptor = os.open(path, os.O_WRONLY | OPEN_FLAGS)
    try:
        access.apply(descriptor)
        os.ftruncate(descriptor, 0)
        fill(descriptor)
        if access.mode is not None and access.mode & 0o6000:  # writing may have dropped setuid and setgid
            os.chmod(descriptor, access.mode)
    finally:
        os.close(descriptor)


def _keep(path: str, status: os.stat_result, descriptor: int) -> None:
    """Give the new file owner, group, extended attributes and mode of the old one. Raises OSError where it may not."""
    if sys.platform == "win32":  # the move does it
        return
    new = os.fstat(descriptor)
    if (new.st_uid, new.st_gid) != (status.st_uid, status.st_gid):
        os.chown(descriptor, status.st_uid, status.st_gid)
    copy_extended_attributes(path, descriptor, capabilities=False)
    os.chmod(descriptor, status.st_mode & _PERMISSION_BITS)


def copy_extended_attributes(source: int | str, target: int | str, *, capabilities: bool) -> None:
    """Carry over extended attributes (SELinux label, ACL) as far as the file systems let us.

    `capabilities`: file capabilities too. New content must not inherit them: the kernel drops them at each write.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError):
        for name in os.listxattr(source):
            if capabilities or name != "security.capability":
                with suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))
