"""What stands in the way of a path, where the system's error names the path and hides the cause."""

from __future__ import annotations

import errno
import os
import stat

_TOLD = (errno.EACCES, errno.ENOENT, errno.ENOTDIR)


def told(error: Exception, path: str) -> str:
    """What the system says of `path`, and behind it which folder on the way is to blame, if one is."""
    text = getattr(error, "strerror", "") or str(error)
    cause = fault_on_the_way(path, getattr(error, "errno", None))
    return f"{text} ({cause})" if cause else text


def fault_on_the_way(path: str, code: int | None) -> str:
    """Which folder of `path` is missing, is no folder or may not be entered, in words; "" where none is to blame.

    `code` is the number of the error that the system gave for the path.
    """
    if code not in _TOLD:
        return ""
    try:
        place = os.path.abspath(path)
    except OSError:  # the working directory is gone
        return ""
    folders = []
    while (place := os.path.dirname(place)) not in folders:
        folders.append(place)
    for folder in reversed(folders):
        fault = _fault_of(folder)
        if fault:
            return fault
    return dangling_link(path) if code == errno.ENOENT else ""


def dangling_link(path: str) -> str:
    """`it is a link to 'x', which does not exist`, or "" where it is none."""
    try:
        target = os.readlink(path)
    except OSError:
        return ""
    return "" if os.path.exists(path) else f"it is a link to '{target}', which does not exist"


def _fault_of(folder: str) -> str:
    try:
        mode = os.stat(folder).st_mode
    except FileNotFoundError:
        broken = dangling_link(folder)
        return f"'{folder}': {broken}" if broken else f"there is no folder '{folder}'"
    except OSError:
        return ""
    if not stat.S_ISDIR(mode):
        return f"'{folder}' is no folder"
    return "" if os.access(folder, os.X_OK) else f"the folder '{folder}' may not be entered"
