"""One file copied or moved, whole or not at all.

Which files, and under which names, is decided in toe.actions.files.routes; trees are tree_copying's business.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress

from toe.errors import ActionError, Check
from toe.system.files.opening import make_folders, open_regular, require_regular, same_file, shown
from toe.system.files.staging import StagedFile, hidden_name
from toe.system.files.writing import content_of, copy_extended_attributes, write_new, write_over


def copy_file(source: str, destination: str, check: Check, *, overwrite: bool) -> None:
    """Copy a regular file, links followed on both sides.

    A new file gets the source's mode less umask, without setuid and setgid (they would change whom they stand for);
    an existing one keeps its own. Raises ActionError and OSError; the destination is then as it was.
    """
    descriptor, status = open_regular(source, os.O_RDONLY)
    try:
        refuse_same(source, destination)
        fill = content_of(descriptor, check)
        try:
            write_new(destination, fill, mode=status.st_mode & 0o777)
        except FileExistsError:
            if not overwrite:
                raise
            write_over(destination, fill)
    finally:
        os.close(descriptor)


def refuse_same(source: str, destination: str) -> None:
    """Raise ActionError when source and destination are one file."""
    if same_file(source, destination):
        raise ActionError(f"'{shown(source)}' and '{shown(destination)}' are the same file")


def put_link(target: str, path: str, *, replace: bool) -> None:
    """Make a symbolic link, with missing parents; `replace` what is there in one move (folders are never replaced)."""
    make_folders(os.path.dirname(path))
    if not replace or not os.path.lexists(path):
        os.symlink(target, path)
        return
    temporary = hidden_name(path)
    os.symlink(target, temporary)
    try:
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def move_file(source: str, destination: str, check: Check) -> None:
    """Move a file, or a link as a link; what is at the destination is replaced, folders excepted.

    Across file systems it is copied with owner, mode, times and extended attributes, and deleted once all is there.
    """
    refuse_loss(source, destination)
    if not rename(source, destination):
        copy_whole(source, destination, check)
        os.unlink(source)


def refuse_loss(source: str, destination: str) -> None:
    """Raise ActionError when a move to the destination would do nothing or lose the file.

    `rename` does nothing between two names of one file, and a link moved onto its own target would lead to itself.
    """
    if not same_file(source, destination):
        return
    status = os.lstat(source)
    if _entry(source) == _entry(destination) or stat.S_ISLNK(status.st_mode) or status.st_nlink > 1:
        raise ActionError(f"'{shown(source)}' and '{shown(destination)}' are the same file")


def _entry(path: str) -> str:
    """A path whose folder is without links; a link at its end stays."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def rename(source: str, destination: str) -> bool:
    """Rename, making the destination's parents; false when it is on another file system."""
    make_folders(os.path.dirname(destination))
    try:
        os.replace(source, destination)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
        raise
    return True


def copy_whole(source: str, destination: str, check: Check) -> None:
    """Copy a regular file or a link with all that belongs to it, replacing what is at the destination."""
    status = os.lstat(source)
    if stat.S_ISLNK(status.st_mode):
        put_link(os.readlink(source), destination, replace=True)
        if sys.platform != "win32":
            with suppress(OSError):
                os.chown(destination, status.st_uid, status.st_gid, follow_symlinks=False)
        return
    require_regular(source, status)
    descriptor, status = open_regular(source, os.O_RDONLY)
    try:
        with StagedFile(destination) as file:
            content_of(descriptor, check)(file.descriptor)
            copy_attributes(descriptor, status, file.descriptor)
            file.place()
    finally:
        os.close(descriptor)


def copy_attributes(source: int | str, status: os.stat_result, target: int | str) -> None:
    """Give `target` the owner, mode, extended attributes and times of the source, as far as this user may."""
    if sys.platform == "win32":  # it has neither owners nor modes of this kind, nor sets times of an open file
        return
    mode, owned = stat.S_IMODE(status.st_mode), True
    try:
        os.chown(target, status.st_uid, status.st_gid)
    except OSError:
        mode, owned = mode & 0o1777, False  # setuid and setgid would stand for another owner
    copy_extended_attributes(source, target, capabilities=owned)
    os.chmod(target, mode)
    with suppress(OSError):
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
