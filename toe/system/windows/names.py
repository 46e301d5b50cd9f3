"""Names that Windows gives no file: with its separators, special characters, or the name of a device. Pure."""

from __future__ import annotations

import re

_REFUSED = re.compile(
    r'.*[\\/:<>"|?*\x00-\x1f].*|.*[. ]|(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?', re.IGNORECASE | re.DOTALL
)


def is_windows_name(name: str) -> bool:
    """Whether Windows makes a file of this name, in the folder where it is asked to (Microsoft: Naming Files)."""
    return bool(name) and not _REFUSED.fullmatch(name)
