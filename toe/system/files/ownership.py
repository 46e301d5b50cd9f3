"""Owners and modes: names to ids, and changes of a whole tree that stay inside it.

Linux and macOS only; the password database is looked into when a name is.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable

from toe.errors import ActionError
from toe.system.files.opening import explained, is_root, require_folder, shown
from toe.system.files.trees import TreeEntry, walk_bottom_up
from toe.system.files.writing import Access

#: 2**32 - 1 means "leave it" to chown.
_LARGEST_ID = 2**32 - 2


def user_id(owner: str) -> int:
    """The id of a user by name, or else by number. Raises ActionError for one that is neither."""
    if sys.platform == "win32":
        raise NotImplementedError
    import pwd

    try:
        return pwd.getpwnam(owner).pw_uid
    except (KeyError, ValueError):
        return _numeric("user", owner)


def group_id(group: str) -> int:
    """The id of a group by name, or else by number. Raises ActionError for one that is neither."""
    if sys.platform == "win32":
        raise NotImplementedError
    import grp

    try:
        return grp.getgrnam(group).gr_gid
    except (KeyError, ValueError):
        return _numeric("group", group)


def _numeric(what: str, text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= _LARGEST_ID:
        return int(text)
    raise ActionError(f"unknown {what} '{shown(text)}' (neither a name on this machine nor an id)")


def primary_group(uid: int) -> int:
    """The primary group of a user; -1, which leaves the group as it is, for an id that no user has."""
    if sys.platform == "win32":
        raise NotImplementedError
    import pwd

    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return -1


def apply_to_file(path: str, access: Access, doing: str) -> None:
    """Give a file an owner or a mode. Raises ActionError; `doing` says it in messages ("change the owner of")."""
    with explained(doing, path):
        if stat.S_ISDIR(os.stat(path).st_mode):
            raise ActionError(f"'{shown(path)}' is a folder, not a file")
        access.apply(path)


def apply_to_folder(path: str, access: Access, doing: str, check: Callable[[], None], *, recursive: bool) -> None:
    """Give a folder, and when `recursive` all below it, an owner or a mode. Raises ActionError.

    A link below gets the owner itself, and never a mode. The folder comes last, so that a mode that shuts us out does
    so at the end. `check` is called for each entry.
    """
    with explained(doing, path):
        require_folder(path)
        if recursive:
            if is_root(path):
                raise ActionError(f"refusing to {doing} all files of this machine: '{shown(path)}'")
            for entry in walk_bottom_up(path):
                check()
                _apply_to_entry(entry, access, doing)
        access.apply(path)


def _apply_to_entry(entry: TreeEntry, access: Access, doing: str) -> None:
    if sys.platform == "win32":
        raise NotImplementedError
    with explained(doing, entry.path):
        if access.uid != -1 or access.gid != -1:
            os.chown(entry.name, access.uid, access.gid, dir_fd=entry.folder, follow_symlinks=False)
        if access.mode is not None and not entry.is_link:
            os.chmod(entry.name, access.mode, dir_fd=entry.folder)
