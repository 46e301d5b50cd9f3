"""SetRegistry: values of the Windows registry (reference, section 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from toe.actions.base import WINDOWS, Context, Doc, InputFault, action
from toe.actions.registry.data import KINDS, refuse_mapping, registry_data
from toe.actions.registry.places import RegistryFault, hive_and_key, value_name
from toe.expressions.resolve import holds_expression
from toe.model import Entry, Value
from toe.records import NamedTuple
from toe.system.windows.registry import RegistryValue, set_value


class Inputs(NamedTuple):
    """One value of a registry key."""

    path: Annotated[
        str,
        Doc(
            "The key; missing ones are created.",
            examples=(r"HKLM:\SOFTWARE\MyApp", r"HKEY_LOCAL_MACHINE\SOFTWARE\MyApp"),
        ),
    ]
    name: Annotated[
        str, Doc("The value's name; empty: the key's default value.", examples=("Version",), may_be_empty=True)
    ]
    value: Annotated[
        Any,
        Doc(
            "A text, a number, or a list: of texts for MULTI_SZ, of integers for BINARY, which also takes hexadecimal "
            "pairs (DE,AD).",
            examples=("1.0", 1),
        ),
    ]
    type: Annotated[
        Literal["BINARY", "DWORD", "QWORD", "SZ", "EXPAND_SZ", "MULTI_SZ"], Doc("The value's type.", examples=("SZ",))
    ]


def check(entry: Entry) -> Iterator[InputFault]:
    """What the run would refuse, as far as the entry holds no expressions."""
    path, name, kind = entry.get("path"), entry.get("name"), entry.get("type")
    if isinstance(path, str) and not holds_expression(path):
        yield from _faults("path", lambda: hive_and_key(path))
    if isinstance(name, str) and not holds_expression(name):
        yield from _faults("name", lambda: value_name(name))
    if "value" in entry:
        value = entry["value"]
        known = isinstance(kind, str) and kind in KINDS and not _may_change(value)
        yield from _faults("value", lambda: registry_data(value, str(kind)) if known else refuse_mapping(value))


def _may_change(value: Value) -> bool:
    return any(holds_expression(item) for item in value) if isinstance(value, list) else holds_expression(value)


def _faults(key: str, judge: Callable[[], object]) -> Iterator[InputFault]:
    try:
        judge()
    except RegistryFault as refusal:
        yield InputFault(key, refusal.fault, refusal.hint, refusal.is_published)


def registry_value(path: str, name: str, value: Value, kind: str) -> RegistryValue:
    """The value that resolved inputs stand for. Raises RegistryFault where the registry cannot hold it."""
    hive, key = hive_and_key(path)
    return RegistryValue(hive, key, value_name(name), KINDS[kind], registry_data(value, kind))


@action("SetRegistry", Inputs, each=True, platforms=(WINDOWS,), check=check)
def set_registry(inputs: Inputs, ctx: Context) -> None:
    """Set a value of the Windows registry."""
    set_value(registry_value(inputs.path, inputs.name, inputs.value, inputs.type))
