r"""Paths of Windows that are longer than it takes in their usual form, and names that it gives no file. Pure.

The usual form ends at MAX_PATH, where LongPathsEnabled is not set.
"""

from __future__ import annotations

import ntpath
import re
import sys

#: A folder's path may be no longer than this in the usual form, for a file's name of 8.3 must still fit.
LONGEST = 247
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
# With Windows' separators, special characters, or the name of a device.
_REFUSED = re.compile(
    r'.*[\\/:<>"|?*\x00-\x1f].*|.*[. ]|(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?', re.IGNORECASE | re.DOTALL
)
_SERVER = re.compile(r"[\\/]{2}[^\\/?.]")


def usable_path(path: str) -> str:
    """On Windows a long absolute path in its extended form; every other path, and on other systems, as it is."""
    return extended_path(path) if sys.platform == "win32" else path


def extended_path(path: str) -> str:
    r"""`C:\...` as `\\?\C:\...` and `\\server\...` as `\\?\UNC\server\...`, when too long for the usual form.

    The extended form knows neither `/` nor `.` and `..`, so those are resolved; a separator at the end stays, for it
    means something to actions. Relative paths stay as they are. Pure.
    """
    if len(path) <= LONGEST:
        return path
    plain = ntpath.normpath(path)
    if path.endswith(("\\", "/")) and not plain.endswith("\\"):
        plain += "\\"
    if _DRIVE.match(path):
        return f"\\\\?\\{plain}"
    if _SERVER.match(path):
        return f"\\\\?\\UNC\\{plain[2:]}"
    return path


def is_windows_name(name: str) -> bool:
    """Whether Windows makes a file of this name, in the folder where it is asked to (Microsoft: Naming Files)."""
    return bool(name) and not _REFUSED.fullmatch(name)
