"""Files put in place: new ones without a moment of wider permissions, existing ones replaced in one move.

Contents come from a `Fill`, or into a file that is staged; who may own a file, and by which name, is
toe.system.files.ownership's business.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from toe.errors import ActionError, Check, go_on
from toe.records import NamedTuple
from toe.system.files.opening import BLOCK_BYTES, OPEN_FLAGS, make_folders, require_regular, shown, write_all
from toe.system.files.staging import StagedFile, hidden_name

#: Writes the content to a descriptor, from the beginning each time it is called.
Fill = Callable[[int], None]

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
    path = behind_link(path)
    status = status_to_replace(path)
    if status is None:  # a broken link: its target is created, as open() would
        write_new(path, fill, access)
        return
    try:
        file = StagedFile(path) if status.st_nlink == 1 else None
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise
        file = None
    if file is not None:
        with file:
            fill(file.descriptor)
            if _took_place(file, status, access):
                return
    _write_in_place(path, fill, access)


@contextmanager
def staged(path: str, *, overwrite: bool) -> Iterator[int]:
    """A descriptor for contents that take long to come; they get to `path` when the block ends without an exception.

    A new file has the mode 0666 less umask, and missing parents are made; an existing one is replaced as `write_over`
    does it. Raises OSError, and ActionError for something else than a file and, without `overwrite`, for whatever
    exists; `path` is then as it was.
    """
    if not overwrite and os.path.lexists(path):
        raise _taken(path)
    path = behind_link(path)
    status_to_replace(path)
    with stage(path) as file:
        yield file.descriptor
        try:
            put_in_place(file, overwrite=overwrite)
        except FileExistsError as error:
            raise _taken(path) from error


def _taken(path: str) -> ActionError:
    return ActionError(f"'{shown(path)}' already exists, and 'overwrite' is false")


def stage(path: str) -> StagedFile:
    """A staged file for `put_in_place`; missing folders are made.

    An existing file can be writable in a folder where no file can be made: the new one is then made elsewhere.
    """
    make_folders(os.path.dirname(path))
    exists = os.path.lexists(path)
    try:
        return StagedFile(path, 0o600 if exists else 0o666)  # what is to be replaced may be secret
    except OSError:
        if not exists:
            raise
    import tempfile

    return StagedFile(path, hidden=hidden_name(os.path.join(tempfile.gettempdir(), "")))


def put_in_place(file: StagedFile, *, overwrite: bool) -> None:
    """Sync a staged file and move it to its path; `write_over` says how an existing file is replaced.

    Raises FileExistsError without `overwrite`.
    """
    file.sync()
    if not overwrite:
        file.place_new()
        return
    status = status_to_replace(file.path)
    if status is None:
        file.place()
    elif status.st_nlink > 1 or not _took_place(file, status, UNCHANGED):
        with open(file.hidden, "rb") as content:
            _write_in_place(file.path, content_of(content.fileno()), UNCHANGED)
        file.discard()


def behind_link(path: str) -> str:
    """Where a link leads. Any other path stays relative: folders above the current one may be closed to us."""
    return os.path.realpath(path) if os.path.islink(path) else path


def status_to_replace(path: str) -> os.stat_result | None:
    """Of the file at `path`, None for nothing. Raises ActionError for no file, PermissionError for a read-only one."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    require_regular(path, status)
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        # replacing needs no write permission on the file, but must not get around it
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return status


def _took_place(file: StagedFile, status: os.stat_result, access: Access) -> bool:
    """Replace a file by a staged one with its owner, mode and attributes; false where the system does not let us."""
    try:
        _keep(file.path, status, file.descriptor)
        access.apply(file.descriptor)
        file.place(_keeping_move())
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise
        return False
    return True


def _keeping_move() -> Callable[[str, str], None]:
    """A move that leaves to the new file what only the system can carry over from the old one."""
    if sys.platform == "win32":
        from toe.system.windows.api import replace_keeping_rights

        return replace_keeping_rights
    return os.replace


def content_of(descriptor: int, check: Check = go_on) -> Fill:
    """What is in an open file, from its beginning. `check` is called now and then and may raise."""

    def fill(target: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        while block := os.read(descriptor, BLOCK_BYTES):
            write_all(target, block)
            check()

    return fill


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
