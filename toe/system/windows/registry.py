"""Values of the Windows registry set by Python's `winreg`, which exists on Windows alone. What a value may be is not
judged here. Access rights and the two views of a 64-bit Windows are proven on Windows only.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, TypeAlias

from toe.records import NamedTuple
from toe.system.files.opening import explained

Data: TypeAlias = "int | str | list[str] | bytes"


class RegistryValue(NamedTuple):
    """A value with its place. `hive` is `HKEY_LOCAL_MACHINE` in full, `name` "" for the key's default value.

    `kind` is Windows' number for the type, `data` what `winreg` takes for it.
    """

    hive: str
    key: str
    name: str
    kind: int
    data: Data


def set_value(value: RegistryValue) -> None:
    """Set a value, whatever stood there, and create the keys that are missing. Raises ActionError."""
    winreg: Any = import_module("winreg")  # not `import`: to type checkers it has no content elsewhere
    # Windows shows a 32-bit Python another part of the registry (WOW6432Node). AWSTOE is a 64-bit program.
    access = winreg.KEY_SET_VALUE | winreg.KEY_WOW64_64KEY
    what = f"'{value.name}'" if value.name else "the default value"
    with (
        explained(f"set {what} of", f"{value.hive}\\{value.key}"),
        winreg.CreateKeyEx(getattr(winreg, value.hive), value.key, 0, access) as key,
    ):
        winreg.SetValueEx(key, value.name, 0, value.kind, value.data)
