"""SetRegistry: values of the Windows registry (reference, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from toe.actions.base import WINDOWS, Context, Doc, InputFault, action, holds_expression
from toe.errors import ActionError
from toe.model import Entry, Value
from toe.records import NamedTuple

HIVES = {
    "HKLM:": "HKEY_LOCAL_MACHINE",
    "HKCU:": "HKEY_CURRENT_USER",
    "HKCR:": "HKEY_CLASSES_ROOT",
    "HKU:": "HKEY_USERS",
    "HKCC:": "HKEY_CURRENT_CONFIG",
}
INTEGER_BITS = {"DWORD": 32, "QWORD": 64}


class Inputs(NamedTuple):
    """One value of a registry key."""

    path: Annotated[
        str,
        Doc(
            "The key; missing ones are created.",
            examples=(r"HKLM:\SOFTWARE\MyApp", r"HKEY_LOCAL_MACHINE\SOFTWARE\MyApp"),
        ),
    ]
    name: Annotated[str, Doc("The value's name.", examples=("Version",))]
    value: Annotated[Any, Doc("A text, a number, or a list (MULTI_SZ, BINARY).", examples=("1.0", 1))]
    type: Annotated[
        Literal["BINARY", "DWORD", "QWORD", "SZ", "EXPAND_SZ", "MULTI_SZ"], Doc("The value's type.", examples=("SZ",))
    ]


def check(entry: Entry) -> Iterator[InputFault]:
    """The path starts at a known hive; the value is one that its type can hold."""
    path, kind = entry.get("path"), entry.get("type")
    if isinstance(path, str) and not holds_expression(path) and not _starts_at_hive(path):
        yield InputFault("path", f"'{path}' is no registry path", f"it starts with one of {', '.join(HIVES)}")
    if "value" in entry and kind in INTEGER_BITS:
        yield from _check_integer(entry["value"], str(kind))
    if isinstance(entry.get("value"), dict):
        yield InputFault("value", "'value' is a text, a number or a list, not a mapping")


def _starts_at_hive(path: str) -> bool:
    root, _, rest = path.replace("/", "\\").partition("\\")
    known = root.upper() in HIVES or root.upper() in HIVES.values()
    return known and bool(rest.strip("\\"))


def _check_integer(value: Value, kind: str) -> Iterator[InputFault]:
    if isinstance(value, dict) or holds_expression(value):
        return
    number = value if isinstance(value, int) else _integer(str(value))
    if number is None or not 0 <= number < 2 ** INTEGER_BITS[kind]:
        limit = f"0 to {2 ** INTEGER_BITS[kind] - 1}"
        yield InputFault("value", f"'{value}' is no {kind}", f"a {kind} is an integer from {limit}")


def _integer(text: str) -> int | None:
    digits = text.strip()
    if len(digits) > 20:
        return None
    try:
        return int(digits, 16) if digits[:2].lower() == "0x" else int(digits)
    except ValueError:
        return None


@action("SetRegistry", Inputs, each=True, platforms=(WINDOWS,), check=check)
def set_registry(inputs: Inputs, ctx: Context) -> None:
    """Set a value of the Windows registry."""
    raise ActionError("SetRegistry is not available in this version of toe yet")
