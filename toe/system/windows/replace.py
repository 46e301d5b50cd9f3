"""A file of Windows replaced by another one that takes over its access rights, attributes and other streams."""

from __future__ import annotations

import ctypes
import os

from toe.system.windows.api import failure, failure_number, library

# ReplaceFile has deleted the old file and could not rename the new one (ERROR_UNABLE_TO_MOVE_REPLACEMENT).
_OLD_IS_GONE = 1176


def replace_keeping_rights(temporary: str, path: str) -> None:
    """Put the file `temporary` in the place of the file at `path` in one move. Raises OSError."""
    kernel = library("kernel32")
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    kernel.ReplaceFileW.argtypes = (text, text, text, ctypes.c_uint32, pointer, pointer)
    if kernel.ReplaceFileW(path, temporary, None, 0, None, None):
        return
    reason = failure_number()
    if reason != _OLD_IS_GONE:
        raise failure(reason)
    os.replace(temporary, path)
