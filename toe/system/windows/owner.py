"""Whether a folder of Windows was made by an administrator: in %ProgramData% everybody may make some."""

from __future__ import annotations

import ctypes
import os
import stat
from typing import Any

from toe.system.windows.api import checked, failure, library

_FILE_OBJECT, _OWNER = 1, 1
# SYSTEM, the group of administrators (owner of what its members make), and Windows' own installer.
_TRUSTED = ("S-1-5-18", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464")


def distrust_of_folder(path: str) -> str:
    """Why a task of the system must not take orders from a folder, "" when it may. Raises OSError.

    It, or the nearest folder above it that exists, must belong to an administrator and be no link.
    """
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    attributes: int = getattr(os.lstat(path), "st_file_attributes", 0)
    if attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT:
        return f"'{path}' is a link"
    return distrust_of_owner(path, owner_of(path))


def distrust_of_owner(path: str, owner: str) -> str:
    """Why a folder with this owner (a SID) is not to be trusted, "" when it is."""
    return "" if owner in _TRUSTED else f"'{path}' belongs to no administrator ({owner})"


def owner_of(path: str) -> str:
    """The owner of a file or folder, as the text of a SID. Raises OSError."""
    rights, kernel = library("advapi32"), library("kernel32")
    pointer: Any = ctypes.c_void_p
    to_pointer = ctypes.POINTER(pointer)
    rights.GetNamedSecurityInfoW.argtypes = (
        *(ctypes.c_wchar_p, ctypes.c_int, ctypes.c_uint32),
        *(to_pointer, pointer, pointer, pointer, to_pointer),
    )
    rights.ConvertSidToStringSidW.argtypes = (pointer, ctypes.POINTER(ctypes.c_wchar_p))
    kernel.LocalFree.argtypes = (pointer,)
    owner, descriptor, text = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_wchar_p()
    reason = rights.GetNamedSecurityInfoW(
        path, _FILE_OBJECT, _OWNER, ctypes.byref(owner), None, None, None, ctypes.byref(descriptor)
    )
    if reason:
        raise failure(reason)
    try:
        checked(rights.ConvertSidToStringSidW(owner, ctypes.byref(text)))
        found = text.value or ""
        kernel.LocalFree(ctypes.cast(text, pointer))
        return found
    finally:
        kernel.LocalFree(descriptor)
