"""File systems that live in memory: a reboot empties them."""

from __future__ import annotations

import os
import sys

_IN_MEMORY = frozenset((b"tmpfs", b"ramfs", b"rootfs"))
_MOUNTS = "/proc/self/mountinfo"


def memory_file_system(path: str) -> str:
    """The kind of file system that a path lies on, where that lives in memory; "" on disks, and where nothing tells.

    What is not there yet lies where its nearest parent does.
    """
    if sys.platform == "win32":
        return ""
    path = os.path.abspath(path)
    while not os.path.exists(path):
        path = os.path.dirname(path)
    device = os.stat(path).st_dev
    try:
        with open(_MOUNTS, "rb") as file:
            mounts = file.read().splitlines()
    except OSError:
        return ""
    number = b"%d:%d" % (os.major(device), os.minor(device))
    for mount in mounts:  # proc(5): id, parent, major:minor, root, ...; "-", type, ...
        kind = mount.partition(b" - ")[2].split(b" ")[0]
        if mount.split(b" ")[2] == number and kind in _IN_MEMORY:
            return kind.decode()
    return ""
