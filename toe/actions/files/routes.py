"""What CopyFile, CopyFolder, MoveFile and MoveFolder share: which sources go where, and what is refused beforehand.

A destination that ends in a separator keeps the source's name; a wildcard in the source needs such a destination.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Annotated

from toe.actions.base import Doc
from toe.actions.files.paths import NO_SEPARATOR, ends_in_separator, has_wildcard, matching
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.opening import shown, without_separator

Overwrite = Annotated[
    bool, Doc("Whether files that exist at the destination are replaced; if not, they are an error.", examples=(False,))
]


class Route(NamedTuple):
    """One file or folder, and the path it goes to."""

    source: str
    destination: str


def routes(source: str, destination: str, wanted: Callable[[str], bool], what: str) -> list[Route]:
    """The routes that a source and a destination stand for, sorted by name.

    `wanted` says which matches of a wildcard count, `what` names them in messages. Raises ActionError when a wildcard
    has no folder to go to, or matches nothing: a copy that copies nothing is hardly what was meant.
    """
    found = [source]
    if has_wildcard(source):
        if not ends_in_separator(destination):
            raise ActionError(f"{NO_SEPARATOR}: '{shown(source)}' to '{shown(destination)}'")
        found = [path for path in matching(source) if wanted(path)]
        if not found:
            raise ActionError(f"no {what} matches '{shown(source)}'")
    if ends_in_separator(destination):
        return [Route(path, os.path.join(destination, _name(path))) for path in found]
    return [Route(path, destination) for path in found]


def _name(path: str) -> str:
    name = os.path.basename(without_separator(path))
    return os.path.basename(os.path.realpath(path)) if name in (os.curdir, os.pardir) else name


def is_file(path: str) -> bool:
    """Whether a wildcard of CopyFile and MoveFile takes this match: all but folders and links to folders.

    A broken link or a fifo is taken as well, so that the copy fails on it instead of leaving it out silently.
    """
    return not os.path.isdir(path)


def refuse_file_conflicts(found: Iterable[Route], *, overwrite: bool) -> None:
    """Raise ActionError when a file would go onto a folder, or onto anything without `overwrite`."""
    for _, destination in found:
        if os.path.isdir(destination):
            raise ActionError(f"'{shown(destination)}' is a folder (end the destination in a separator to go into it)")
        if not overwrite and os.path.lexists(destination):
            raise ActionError(f"'{shown(destination)}' already exists, and 'overwrite' is false")
