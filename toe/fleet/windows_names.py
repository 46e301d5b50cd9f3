"""Which files can be brought to a host with Windows: its names are fewer than those here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from toe.errors import ToeError

#: What no name there may have in it or at its end, and the names of its devices.
_REFUSED = re.compile(
    r'.*[<>:"|?*\\\x00-\x1f].*|.*[. ]|(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?', re.IGNORECASE | re.DOTALL
)


def refuse_for_windows(paths: Iterable[str]) -> None:
    """Raises ToeError for a path with a name that Windows cannot have, and for two that are one there."""
    known: dict[str, str] = {}
    for path in paths:
        for name in path.strip("/").split("/"):
            if _REFUSED.fullmatch(name):
                raise ToeError(
                    f"'{path}' cannot be brought to a host with Windows: {name!r} is no name there",
                    hint="documents lie there as they lie here, below the run's folder: rename the file or folder",
                )
        other = known.setdefault(path.casefold(), path)
        if other != path:
            raise ToeError(f"'{path}' and '{other}' are one file on a host with Windows", hint="rename one of them")
