"""Paths as documents write them: the wildcard `*` in the last segment, separators at the end, paths left empty.

Only `*` is a wildcard; `?` and `[` are ordinary characters of a name. As in Go, `*` matches a leading dot as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from toe.actions.base import InputFault, holds_expression
from toe.errors import ActionError
from toe.model import Entry
from toe.system.files.opening import SEPARATORS, explained, shown

WINDOWS_PATH = re.compile(r"[A-Za-z]:|\\\\|[^/]*\\[^/]*$")


def has_wildcard(path: str) -> bool:
    """Whether the last segment of a path holds a `*`."""
    return "*" in os.path.basename(path)


def ends_in_separator(path: str) -> bool:
    """Whether a path says "into this folder"."""
    return path.endswith(tuple(SEPARATORS))


def name_matches(pattern: str, name: str) -> bool:
    """Whether the whole name matches a pattern whose only wildcard is `*`; in linear steps, whatever the pattern."""
    first, *parts = os.path.normcase(pattern).split("*")
    name = os.path.normcase(name)
    if not parts:
        return name == first
    *middle, last = parts
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    position, end = len(first), len(name) - len(last)
    for part in middle:
        found = name.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


def matching(path: str) -> list[str]:
    """What matches a path with a wildcard in its last segment, sorted; nothing where its folder does not exist."""
    folder, pattern = os.path.split(path)
    with explained("read", folder or os.curdir):
        try:
            names = os.listdir(folder or os.curdir)
        except (FileNotFoundError, NotADirectoryError):
            return []
    return sorted(os.path.join(folder, name) for name in names if name_matches(pattern, name))


def require_path(key: str, path: str, *, wildcard: bool = False, file: bool = False) -> None:
    """Raise ActionError for a path that cannot be meant, before anything is done with it.

    `wildcard`: the last segment may hold a `*`; `file`: a file's name must stand at its end.
    """
    fault = _fault(key, path, wildcard=wildcard, file=file)
    if fault is not None:
        raise ActionError(fault.message)


def path_faults(entry: Entry, *keys: str, wildcards: Iterable[str] = (), files: Iterable[str] = ()) -> list[InputFault]:
    """The static faults of the paths of an entry; those with expressions are left to the run."""
    faults = []
    for key in keys:
        path = entry.get(key)
        if isinstance(path, str) and not holds_expression(path):
            faults.append(_fault(key, path, wildcard=key in wildcards, file=key in files))
    return [fault for fault in faults if fault is not None]


def _fault(key: str, path: str, *, wildcard: bool, file: bool) -> InputFault | None:
    if not path:
        return InputFault(key, f"'{key}' is empty", "name a path")
    if "\0" in path:
        return InputFault(key, f"'{key}' holds a NUL character: '{shown(path)}'")
    if file and path.endswith("/"):
        return InputFault(key, f"'{shown(path)}' ends in a separator, but '{key}' is a file", "add the file's name")
    if wildcard and "*" in _folder(path):
        return InputFault(
            key, f"'{shown(path)}' has a wildcard in a folder's name", "'*' is possible after the last separator only"
        )
    return None


def _folder(path: str) -> str:
    """What stands before the last separator, be the path a POSIX or a Windows one."""
    trimmed = path.rstrip("/\\") if WINDOWS_PATH.match(path) else path.rstrip("/")
    end = trimmed.rfind("/")
    if WINDOWS_PATH.match(path):
        end = max(end, trimmed.rfind("\\"))
    return trimmed[: max(end, 0)]
