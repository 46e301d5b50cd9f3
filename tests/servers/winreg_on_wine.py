"""A stand-in for the standard library's `winreg`, which sets values by Wine's real regedit.

It shows that the calls toe makes are calls that `winreg` has, and what programs of Windows find afterwards. It does not
show `winreg` itself, which is not to be had on Linux, access rights (Wine has none), or the view of 32-bit programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from wine_machine import WineMachine

HIVES = {
    "HKEY_CLASSES_ROOT": 0x80000000,
    "HKEY_CURRENT_USER": 0x80000001,
    "HKEY_LOCAL_MACHINE": 0x80000002,
    "HKEY_USERS": 0x80000003,
    "HKEY_CURRENT_CONFIG": 0x80000005,
}
KEY_SET_VALUE, KEY_WOW64_64KEY, KEY_WRITE = 0x2, 0x100, 0x20006
REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD = 1, 2, 3, 4, 7, 11


class WineRegistry:
    """The registry of a Wine machine. `folder` takes the .reg files, one a call."""

    def __init__(self, wine: WineMachine, folder: Path) -> None:
        self._wine = wine
        self._folder = folder
        self._numbers = count()

    def module(self) -> ModuleType:
        """What `import winreg` is to find."""
        module = ModuleType("winreg")
        vars(module).update(HIVES, KEY_SET_VALUE=KEY_SET_VALUE, KEY_WOW64_64KEY=KEY_WOW64_64KEY)
        vars(module).update(CreateKeyEx=self.create_key, SetValueEx=self.set_value)
        return module

    @contextmanager
    def create_key(self, key: int, sub_key: str, reserved: int = 0, access: int = KEY_WRITE) -> Iterator[WineKey]:
        """`winreg.CreateKeyEx`."""
        (hive,) = (name for name, number in HIVES.items() if number == key)
        assert reserved == 0
        opened = WineKey(f"{hive}\\{sub_key}", access)
        self._import(opened.path)
        yield opened
        opened.access = 0

    def set_value(self, key: WineKey, value_name: str, reserved: int, kind: int, value: Any) -> None:
        """`winreg.SetValueEx`."""
        assert reserved == 0
        if not key.access & KEY_SET_VALUE:
            raise PermissionError(13, "Access is denied")
        name = '"' + value_name.replace("\\", "\\\\").replace('"', '\\"') + '"' if value_name else "@"
        data = ",".join(f"{byte:02x}" for byte in stored_bytes(kind, value))
        self._import(key.path, f"{name}=hex({kind:x}):{data}")

    def _import(self, path: str, line: str = "") -> None:
        file = self._folder / f"registry-{next(self._numbers)}.reg"
        text = f"Windows Registry Editor Version 5.00\r\n\r\n[{path}]\r\n{line}\r\n"
        file.write_bytes(text.encode("utf-16"))
        done = self._wine.run(["regedit.exe", "/S", self._wine.windows_path(file)])
        assert done.exit_code == 0, done


class WineKey:
    """An open key; `access` is 0 once it is closed."""

    def __init__(self, path: str, access: int) -> None:
        self.path = path
        self.access = access


def stored_bytes(kind: int, value: Any) -> bytes:
    """What `winreg` hands to Windows. Raises OverflowError and TypeError as it does."""
    if kind in (REG_SZ, REG_EXPAND_SZ) and isinstance(value, str):
        return f"{value}\0".encode("utf-16-le")
    if kind == REG_MULTI_SZ and isinstance(value, list):
        return "".join(f"{text}\0" for text in [*value, ""]).encode("utf-16-le")
    if kind in (REG_DWORD, REG_QWORD) and isinstance(value, int):
        return value.to_bytes(4 if kind == REG_DWORD else 8, "little")
    if kind == REG_BINARY and isinstance(value, bytes):
        return value
    raise TypeError(f"{value!r} for a value of type {kind}")
