"""Which files an upload means, and the keys that they get: a file, a wildcard, a folder.

Only folders are read. Keys of several files are relative to the folder that the source names.
"""

from __future__ import annotations

import os
import stat

from toe.actions.base import Context
from toe.actions.files.paths import has_wildcard, matching
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.opening import explained, kind_of, shown

MOST_LINKS_NAMED = 20


class Departure(NamedTuple):
    """A file and the key of the object that it becomes. `size` in bytes, as it was found."""

    path: str
    key: str
    size: int


class Sources(NamedTuple):
    """What is to be uploaded, and what cannot be, each with the reason."""

    departures: list[Departure]
    failures: list[str]


def sources_of(source: str, key: str, ctx: Context, *, recurse: bool) -> Sources:
    """The files that a source stands for; `key` is the destination's, "" for none.

    With a wildcard or a folder the key is a prefix, whether it ends in `/` or not. Links to files are followed, links
    to folders in a folder are not. Raises ActionError where there is nothing to upload.
    """
    found, is_prefix = Sources([], []), key == "" or key.endswith("/")
    if has_wildcard(source):
        entries = [(path, os.path.basename(path)) for path in matching(source)]
    elif os.path.isdir(source):
        entries = _entries_of(source, "")
    else:
        _add(found, source, key + os.path.basename(source) if is_prefix else key)
        return found
    _walk(found, entries, key if is_prefix else f"{key}/", ctx, recurse=recurse)
    if not found.departures and not found.failures:
        where = "matches" if has_wildcard(source) else "is in"
        hint = "" if recurse else " (folders are entered with 'recurse: true')"
        raise ActionError(f"no file {where} '{shown(source)}'{hint}")
    return found


def _walk(found: Sources, entries: list[tuple[str, str]], prefix: str, ctx: Context, *, recurse: bool) -> None:
    links = []
    for path, relative in entries:  # grows while it is read
        ctx.check()
        if not os.path.isdir(path):
            _add(found, path, prefix + relative)
        elif recurse and os.path.islink(path):
            links.append(f"'{shown(path)}'")
        elif recurse:
            try:
                entries.extend(_entries_of(path, f"{relative}/"))
            except ActionError as error:
                found.failures.append(error.message)
    if links:
        more = f" and {len(links) - MOST_LINKS_NAMED} more" if len(links) > MOST_LINKS_NAMED else ""
        ctx.log(f"links to folders are not followed: {', '.join(links[:MOST_LINKS_NAMED])}{more}")


def _entries_of(folder: str, relative: str) -> list[tuple[str, str]]:
    with explained("read", folder):
        return [(os.path.join(folder, name), relative + name) for name in sorted(os.listdir(folder))]


def _add(found: Sources, path: str, key: str) -> None:
    try:
        with explained("upload", path):
            status = os.stat(path)
            key.encode()
    except ActionError as error:
        found.failures.append(error.message)
        return
    if stat.S_ISREG(status.st_mode):
        found.departures.append(Departure(path, key, status.st_size))
    else:
        found.failures.append(f"cannot upload '{shown(path)}': it is {kind_of(status.st_mode)}")
