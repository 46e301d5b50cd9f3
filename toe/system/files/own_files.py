"""Files and folders that are ours alone: this user's, writable by nobody else, no links, no FIFOs.

A run takes its past from such files and writes into them, often as root: what a stranger could have made, or could
change, is refused. Windows has no such owners and modes; there only the kind of a file is looked at.
"""

from __future__ import annotations

import errno
import os
import stat
from importlib import import_module

from toe.errors import ToeError
from toe.quick_typing import Any
from toe.system.files.opening import OPEN_FLAGS

#: No link is followed.
_OPEN = getattr(os, "O_NOFOLLOW", 0) | OPEN_FLAGS
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a folder",
    stat.S_IFREG: "a file",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
}


class NotOursError(OSError):
    """A file that is not to be trusted; `strerror` says why."""


def open_own_file(path: str, flags: int, mode: int = 0o600) -> int:
    """A descriptor of a regular file that is ours, made with `mode` where `flags` say so. Raises OSError.

    `O_TRUNC` has no place in `flags`: what is not ours must stay as it is.
    """
    try:
        descriptor = os.open(path, flags | _OPEN, mode)
    except OSError as error:
        reason = _odd_kind(path)
        if error.errno != errno.EEXIST and reason:
            raise NotOursError(errno.EPERM, reason, path) from error
        raise
    reason = _why_not_ours(os.fstat(descriptor), stat.S_IFREG)
    if reason:
        os.close(descriptor)
        raise NotOursError(errno.EPERM, reason, path)
    return descriptor


def require_own_folder(path: str, what: str, hint: str) -> None:
    """Raise ToeError, with what the folder is in `what`, unless it is a folder of ours. Nothing happens without one."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ToeError(f"cannot use {what} '{path}': {error.strerror}", hint=hint) from error
    reason = _why_not_ours(status, stat.S_IFDIR)
    if reason:
        raise ToeError(f"{what} '{path}' is not to be trusted: {reason}", hint=hint)


def why_not_ours(status: os.stat_result) -> str:
    """Why a file or folder that `lstat` has told of is not ours, "" when it is."""
    return _why_not_ours(status, stat.S_IFDIR if stat.S_ISDIR(status.st_mode) else stat.S_IFREG)


def _odd_kind(path: str) -> str:
    """What stands in the place of a file, "" where there is a file or nothing."""
    try:
        kind = stat.S_IFMT(os.lstat(path).st_mode)
    except OSError:
        return ""
    return "" if kind == stat.S_IFREG else _is_a(kind)


def _why_not_ours(status: os.stat_result, kind: int) -> str:
    if stat.S_IFMT(status.st_mode) != kind:
        return _is_a(stat.S_IFMT(status.st_mode))
    if not hasattr(os, "geteuid"):
        return ""
    if status.st_uid != os.geteuid():
        return f"it belongs to {_user(status.st_uid)}, not to {_user(os.geteuid())}"
    if status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and not _is_private_group(status)):
        return f"others may write to it (mode {stat.S_IMODE(status.st_mode):04o})"
    return ""


def _is_a(kind: int) -> str:
    return f"it is {_KINDS.get(kind, 'a device')}"


def _user(uid: int) -> str:
    try:
        users: Any = import_module("pwd")  # Windows has none
        return f"user '{users.getpwuid(uid).pw_name}'"
    except (ImportError, KeyError):
        return f"user {uid}"


def _is_private_group(status: os.stat_result) -> bool:
    """Whether the group is the owner's own, with nobody else in it: with a umask of 002 it may write everywhere."""
    try:
        users: Any = import_module("pwd")
        groups: Any = import_module("grp")
        owner, members = users.getpwuid(status.st_uid), groups.getgrgid(status.st_gid).gr_mem
        others = [user for user in users.getpwall() if user.pw_gid == status.st_gid and user.pw_uid != status.st_uid]
    except (ImportError, KeyError):
        return False
    return owner.pw_gid == status.st_gid and not others and set(members) <= {owner.pw_name}
