"""Having on the disk which files a folder holds, beside what is in them."""

from __future__ import annotations

import os
import sys


def sync_folder(path: str) -> None:
    """Have the names in a folder on the disk. Raises OSError. Windows opens no folder for that, and NTFS logs them."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path or os.curdir, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
