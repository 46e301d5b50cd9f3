"""A file of Windows replaced by another one that takes over its access rights, attributes and other streams."""

from __future__ import annotations

import ctypes
import sys


def replace_keeping_rights(temporary: str, path: str) -> None:
    """Put the file `temporary` in the place of the file at `path` in one move. Raises OSError."""
    assert sys.platform == "win32"
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    kernel.ReplaceFileW.argtypes = (text, text, text, ctypes.c_uint32, pointer, pointer)
    if not kernel.ReplaceFileW(path, temporary, None, 0, None, None):
        raise ctypes.WinError(ctypes.get_last_error())
