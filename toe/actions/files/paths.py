"""Paths as documents write them: the wildcard `*` in the last segment, separators at the end, paths left empty.

The `Doc` of an input says whether it is a path, and what it names.
Only `*` is a wildcard; `?` and `[` are ordinary characters of a name. As in Go, `*` matches a leading dot as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from toe.actions.base import InputFault
from toe.actions.fields import Field
from toe.errors import ActionError
from toe.expressions.resolve import holds_expression
from toe.model import Entry
from toe.system.files.opening import SEPARATORS, explained, shown
from toe.system.windows.paths import usable_path

NO_SEPARATOR = "a source with a wildcard needs a 'destination' that ends in a separator"
_WINDOWS_PATH = re.compile(r"[A-Za-z]:|\\\\|[^/]*\\[^/]*$")


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


def path_faults(fields: Sequence[Field], entry: Entry) -> list[InputFault]:
    """What is wrong with the paths of an entry, seen before the run. Paths with expressions are left to the run."""
    known = [(field, path) for field, path in _given(fields, entry) if not holds_expression(path)]
    faults = [fault for field, path in known if (fault := _fault(field, path)) is not None]
    if faults or not any(field.doc.wildcard and "*" in path for field, path in known):
        return faults
    # The guide's own examples for Windows lack the separator: those are left to the run.
    return [
        InputFault(field.key, NO_SEPARATOR, f"write '{shown(path)}/'")
        for field, path in known
        if field.doc.path == "destination" and not path.endswith(("/", "\\")) and not _WINDOWS_PATH.match(path)
    ]


def usable_paths(fields: Sequence[Field], entry: Entry) -> Entry:
    """An entry whose paths can be used: on Windows long ones in the form that they need there.

    Raises ActionError for a path that cannot be meant, before anything is done with it.
    """
    usable = dict(entry)
    for field, path in _given(fields, entry):
        fault = _fault(field, path)
        if fault is not None:
            raise ActionError(fault.message)
        usable[field.key] = usable_path(path)
    return usable


def _given(fields: Sequence[Field], entry: Entry) -> Iterator[tuple[Field, str]]:
    for field in fields:
        path = entry.get(field.key)
        if isinstance(path, str):
            yield field, path


def _fault(field: Field, path: str) -> InputFault | None:
    key = field.key
    if not path:
        return InputFault(key, f"'{key}' is empty", "name a path")
    if "\0" in path:
        return InputFault(key, f"'{key}' holds a NUL character: '{shown(path)}'")
    if field.doc.path == "file" and path.endswith("/"):
        # Documents that AWS publishes delete a folder by DeleteFile: that step fails, and the others are run.
        message, hint = f"'{shown(path)}' ends in a separator, but '{key}' is a file", "add the file's name"
        return InputFault(key, message, hint, is_published=field.doc.wildcard)
    if field.doc.wildcard and "*" in _folder(path):
        return InputFault(
            key, f"'{shown(path)}' has a wildcard in a folder's name", "'*' is possible after the last separator only"
        )
    return None


def _folder(path: str) -> str:
    """The text before the last separator of a POSIX or Windows path."""
    separators = "/\\" if _WINDOWS_PATH.match(path) else "/"
    trimmed = path.rstrip(separators)
    return trimmed[: max(map(trimmed.rfind, separators)) + 1]
