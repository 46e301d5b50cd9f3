"""Functions of Windows that Python has no module for, and what they report when they fail. Works on Windows alone."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

# ReplaceFile has deleted the old file and could not rename the new one (ERROR_UNABLE_TO_MOVE_REPLACEMENT).
_OLD_IS_GONE = 1176


def library(name: str) -> Any:
    """A library of the system. Its functions need `argtypes`: ctypes would cut handles and pointers to 32 bits."""
    if sys.platform != "win32":
        raise NotImplementedError(name)
    return ctypes.WinDLL(name, use_last_error=True)


def failure_number() -> int:
    """Windows' number for what went wrong in the last function of a `library` that this thread called."""
    if sys.platform != "win32":
        raise NotImplementedError
    return ctypes.get_last_error()


def failure(number: int) -> OSError:
    """The exception for one of Windows' numbers."""
    if sys.platform != "win32":
        raise NotImplementedError
    return ctypes.WinError(number)


def checked(result: Any) -> int:
    """What a function returned. Raises OSError where it is 0, by which most of them report that they failed."""
    if not result:
        raise failure(failure_number())
    return int(result)


def replace_keeping_rights(temporary: str, path: str) -> None:
    """Put the file `temporary` in the place of the file at `path` in one move. Raises OSError.

    It takes over the access rights, attributes and other streams of the one that it replaces.
    """
    kernel = library("kernel32")
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    kernel.ReplaceFileW.argtypes = (text, text, text, ctypes.c_uint32, pointer, pointer)
    if kernel.ReplaceFileW(path, temporary, None, 0, None, None):
        return
    reason = failure_number()
    if reason != _OLD_IS_GONE:
        raise failure(reason)
    os.replace(temporary, path)
