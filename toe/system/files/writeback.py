"""Large files written out while more of them comes, so that the sync at the end finds little left to do."""

from __future__ import annotations

import sys

_WRITE = 2  # SYNC_FILE_RANGE_WRITE: start, and do not wait


def start_writing_out(descriptor: int, start: int, length: int) -> None:
    """Let Linux begin to write a part of a file to the disk; it stays in memory for readers. Elsewhere nothing happens.

    A hint: what fails here shows when the file is synced.
    """
    if sys.platform != "linux":
        return
    import ctypes

    try:
        call = ctypes.CDLL(None).sync_file_range
    except (AttributeError, OSError):  # a C library without it
        return
    call(descriptor, ctypes.c_int64(start), ctypes.c_int64(length), _WRITE)
