"""What a value of the registry holds: from a document's texts and lists to what `winreg.SetValueEx` takes.

Values come as their source text: `0777` is a text of four characters, and `true` is no number.
"""

from __future__ import annotations

import re

from toe.actions.registry.places import RegistryFault, refuse_nul
from toe.model import Value
from toe.system.windows.registry import Data

#: The numbers that Windows has for the types; `winreg` has them too, but exists on Windows alone.
KINDS = {"SZ": 1, "EXPAND_SZ": 2, "BINARY": 3, "DWORD": 4, "MULTI_SZ": 7, "QWORD": 11}
INTEGER_BITS = {"DWORD": 32, "QWORD": 64}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]{1,99})|([0-9]{1,99}))")
_FRACTION = re.compile(r"[0-9]{1,99}\.[0-9]{1,99}")
_HEX_PAIRS = re.compile(r"(?:[0-9a-fA-F]{2}[\s,:-]*)*")
_BYTES_HINT = "write hexadecimal pairs such as DE,AD or DEAD, or a list of integers from 0 to 255"


def registry_data(value: Value, kind: str) -> Data:
    """The data of a value of type `kind` (`DWORD`). Raises RegistryFault where that type cannot hold it."""
    refuse_mapping(value)
    if kind in INTEGER_BITS:
        return _integer(value, kind)
    if kind == "BINARY":
        return _bytes(value)
    if kind == "MULTI_SZ":
        return _texts(value)
    if isinstance(value, list):
        raise RegistryFault(f"a list is no {kind}", "the type for a list of texts is MULTI_SZ")
    return _text(value)


def refuse_mapping(value: Value) -> None:
    """Raises RegistryFault for what no type can hold."""
    if isinstance(value, dict):
        raise RegistryFault("'value' is a text, a number or a list, not a mapping")
    for item in value if isinstance(value, list) else ():
        if isinstance(item, list | dict):
            described = "a list" if isinstance(item, list) else "a mapping"
            raise RegistryFault(f"an item of 'value' is a text or a number, not {described}")


def _integer(value: Value, kind: str) -> int:
    if isinstance(value, list):
        # AWS's documents have it, as `1.1` below.
        raise RegistryFault(f"a list is no {kind}", "write one number", is_published=True)
    bits = INTEGER_BITS[kind]
    number = _number(value, f"no {kind}", f"a {kind} is an integer from 0 to {2**bits - 1}")
    if -(2 ** (bits - 1)) <= number < 0:
        # reg.exe refuses it as well, PowerShell stores the two's complement: who means that can say so.
        raise RegistryFault(f"'{value}' is no {kind}", f"the {bits} bits of {number} are those of {number + 2**bits}")
    if not 0 <= number < 2**bits:
        raise RegistryFault(f"'{value}' is no {kind}", f"a {kind} is an integer from 0 to {2**bits - 1}")
    return number


def _number(value: Value, lacking: str, hint: str) -> int:
    """An integer, decimal or `0x...`. Raises RegistryFault, for leading zeros too.

    `010` is eight in YAML 1.1, ten for reg.exe and sixteen in a .reg file.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value).strip()
    found = _INTEGER.fullmatch(text)
    if found is None:
        # An example of AWS's guide has `value: 1.1` with `type: DWORD`.
        raise RegistryFault(f"'{text}' is {lacking}", hint, is_published=bool(_FRACTION.fullmatch(text)))
    sign, hexadecimal, decimal = found.groups()
    digits = (decimal or "").lstrip("0")
    if decimal and digits != decimal and len(digits) > 1:
        raise RegistryFault(f"'{text}' is {lacking}", f"leading zeros are ambiguous: write {digits} or 0x{digits}")
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return -number if sign == "-" else number


def _bytes(value: Value) -> bytes:
    if isinstance(value, list):
        return bytes(_byte(item) for item in value)
    text = _text(value).strip()
    if not _HEX_PAIRS.fullmatch(text):
        raise RegistryFault("'value' is no BINARY", _BYTES_HINT)
    return bytes.fromhex(re.sub(r"[\s,:-]", "", text))


def _byte(item: Value) -> int:
    hint = "a byte is an integer from 0 to 255, decimal or with 0x"
    number = _number(item, "no byte of a BINARY", hint)
    if not 0 <= number < 256:
        raise RegistryFault(f"'{item}' is no byte of a BINARY", hint)
    return number


def _texts(value: Value) -> list[str]:
    texts = [_text(item) for item in (value if isinstance(value, list) else [value])]
    if "" in texts:
        # Each text ends with a NUL and the list with one more: an empty text would be that end.
        raise RegistryFault("a MULTI_SZ cannot hold an empty text", "leave it out; an empty list is []")
    return texts


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return refuse_nul("" if value is None else str(value), "'value'")
