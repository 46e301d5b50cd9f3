"""SetRegistry: what its inputs stand for, what the registry cannot hold, and that check and run agree on it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from toe.actions.inputs import typed_inputs
from toe.actions.set_registry import registry_value
from toe.errors import ActionError
from toe.system.windows.registry import RegistryValue

if TYPE_CHECKING:
    from local_actions import Actions

pytest_plugins = ("local_actions",)

PATH = r"HKLM:\SOFTWARE\MyApp"
LONG = "k" * 255


def faults_of(act: Actions, entry: dict[str, Any]) -> list[tuple[str, str]]:
    check = act.definition("SetRegistry").check
    assert check is not None
    return [(fault.key, fault.message) for fault in check(entry)]


def run(act: Actions, entry: dict[str, Any]) -> None:
    definition = act.definition("SetRegistry")
    definition.run(typed_inputs(definition, entry), act.ctx)


def data_of(value: Any, kind: str) -> Any:
    return registry_value(PATH, "N", value, kind).data


def test_a_value_has_its_hive_in_full_its_key_and_windows_number_for_its_type() -> None:
    expected = RegistryValue("HKEY_LOCAL_MACHINE", r"SOFTWARE\MyApp", "Version", 1, "1.0")
    assert registry_value(PATH, "Version", "1.0", "SZ") == expected


@pytest.mark.parametrize(
    ("kind", "number"),
    [("SZ", 1), ("EXPAND_SZ", 2), ("BINARY", 3), ("DWORD", 4), ("MULTI_SZ", 7), ("QWORD", 11)],
)
def test_a_type_is_windows_number_for_it(kind: str, number: int) -> None:
    assert registry_value(PATH, "N", "10", kind).kind == number


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("HKLM:", "HKEY_LOCAL_MACHINE"),
        ("HKCU:", "HKEY_CURRENT_USER"),
        ("HKCR:", "HKEY_CLASSES_ROOT"),
        ("HKU:", "HKEY_USERS"),
        ("HKCC:", "HKEY_CURRENT_CONFIG"),
    ],
)
def test_a_hive_has_two_spellings_in_any_case(short: str, full: str) -> None:
    for root in (short, full, short.lower(), full.title()):
        assert registry_value(rf"{root}\A b\c", "N", "", "SZ")[:2] == (full, r"A b\c")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (r"HKLM:\\SOFTWARE\\X", r"SOFTWARE\X"),
        ("HKLM:\\SOFTWARE\\X\\\\", r"SOFTWARE\X"),
        (r"HKCR:\MIME\Database\Content Type\text/html", r"MIME\Database\Content Type\text/html"),
        (rf"HKLM:\{LONG}\ümläut", rf"{LONG}\ümläut"),
    ],
)
def test_a_key_is_what_stands_below_the_hive(path: str, key: str) -> None:
    assert registry_value(path, "N", "", "SZ").key == key


def test_a_value_without_a_name_is_the_default_value_of_its_key() -> None:
    assert registry_value(PATH, "", "x", "SZ").name == ""


@pytest.mark.parametrize(
    ("kind", "value", "data"),
    [
        ("DWORD", "1", 1),
        ("DWORD", " 4294967295 ", 2**32 - 1),
        ("DWORD", "0xFFffFFff", 2**32 - 1),
        ("DWORD", "+7", 7),
        ("DWORD", "00000001", 1),
        ("DWORD", "0000", 0),
        ("DWORD", 5, 5),
        ("QWORD", "18446744073709551615", 2**64 - 1),
        ("QWORD", "0x8000000000000000", 2**63),
        ("SZ", "0777", "0777"),
        ("SZ", "", ""),
        ("SZ", None, ""),
        ("SZ", 1.5, "1.5"),
        ("SZ", True, "true"),
        ("EXPAND_SZ", r"%SystemRoot%\x", r"%SystemRoot%\x"),
        ("MULTI_SZ", ["a", "b c", 3], ["a", "b c", "3"]),
        ("MULTI_SZ", "one, two", ["one, two"]),
        ("MULTI_SZ", [], []),
        ("BINARY", ["0", "0x1f", 255], b"\x00\x1f\xff"),
        ("BINARY", [], b""),
        ("BINARY", "", b""),
        ("BINARY", "DEADbeef", b"\xde\xad\xbe\xef"),
        ("BINARY", "de,ad, be:ef 00-10\n", b"\xde\xad\xbe\xef\x00\x10"),
        ("BINARY", "10", b"\x10"),
    ],
)
def test_a_value_is_stored_by_its_type(kind: str, value: Any, data: Any) -> None:
    found = data_of(value, kind)
    assert (found, type(found)) == (data, type(data))


#: What the registry cannot hold: the inputs that differ, the one that is blamed, what is said, and the way out.
REFUSED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"path": r"HKXX:\A"}, "path", r"'HKXX:\A' is no registry path", "it starts with one of HKLM:"),
    ({"path": r"HKLM\A"}, "path", r"'HKLM\A' is no registry path", "it starts with one of HKLM:"),
    ({"path": "HKLM:/SOFTWARE/X"}, "path", "'HKLM:/SOFTWARE/X' is no registry path", "separated by backslashes"),
    ({"path": "HKLM:"}, "path", "'HKLM:' is no registry path", "a key below HKEY_LOCAL_MACHINE"),
    ({"path": "HKEY_USERS\\\\"}, "path", "'HKEY_USERS\\\\' is no registry path", "a key below HKEY_USERS"),
    ({"path": rf"HKLM:\A\k{LONG}"}, "path", "'path' has a key whose name is too long", "255"),
    ({"path": "HKLM:" + "\\a" * 513}, "path", "'path' is too deep", "512"),
    ({"path": "HKLM:\\A\0B"}, "path", "'path' has a NUL character", ""),
    ({"name": "(Default)"}, "name", "'(Default)' is no value's name", "the name ''"),
    ({"name": "☃" * 16384}, "name", "'name' is too long", "16383"),
    ({"name": "😀" * 8192}, "name", "'name' is too long", "16383"),
    ({"name": "a\0b"}, "name", "'name' has a NUL character", ""),
    ({"value": "1.1", "type": "DWORD"}, "value", "'1.1' is no DWORD", "from 0 to 4294967295"),
    ({"value": "", "type": "DWORD"}, "value", "'' is no DWORD", "from 0 to 4294967295"),
    ({"value": "true", "type": "DWORD"}, "value", "'true' is no DWORD", "from 0 to 4294967295"),
    ({"value": True, "type": "DWORD"}, "value", "'true' is no DWORD", "from 0 to 4294967295"),
    ({"value": "1_000", "type": "DWORD"}, "value", "'1_000' is no DWORD", "from 0 to 4294967295"),
    ({"value": "٣", "type": "DWORD"}, "value", "'٣' is no DWORD", "from 0 to 4294967295"),
    ({"value": "9" * 100, "type": "QWORD"}, "value", f"'{'9' * 100}' is no QWORD", "an integer from 0"),
    ({"value": "4294967296", "type": "DWORD"}, "value", "'4294967296' is no DWORD", "from 0 to 4294967295"),
    ({"value": "-1", "type": "DWORD"}, "value", "'-1' is no DWORD", "4294967295"),
    ({"value": "-2147483649", "type": "DWORD"}, "value", "'-2147483649' is no DWORD", "from 0"),
    ({"value": "0x10000000000000000", "type": "QWORD"}, "value", "'0x10000000000000000' is no QWORD", "615"),
    ({"value": "0010", "type": "DWORD"}, "value", "'0010' is no DWORD", "write 10 or 0x10"),
    ({"value": ["1"], "type": "DWORD"}, "value", "a list is no DWORD", "one number"),
    ({"value": ["a"], "type": "SZ"}, "value", "a list is no SZ", "MULTI_SZ"),
    ({"value": ["a"], "type": "EXPAND_SZ"}, "value", "a list is no EXPAND_SZ", "MULTI_SZ"),
    ({"value": "a\0b", "type": "SZ"}, "value", "'value' has a NUL character", ""),
    ({"value": ["a", ""], "type": "MULTI_SZ"}, "value", "a MULTI_SZ cannot hold an empty text", "an empty list is []"),
    ({"value": "", "type": "MULTI_SZ"}, "value", "a MULTI_SZ cannot hold an empty text", "an empty list is []"),
    ({"value": ["a", ["b"]], "type": "MULTI_SZ"}, "value", "an item of 'value' is a text or a number, not a list", ""),
    ({"value": [{"a": "b"}], "type": "BINARY"}, "value", "an item of 'value' is a text or a number, not a mapping", ""),
    ({"value": {"a": "b"}, "type": "SZ"}, "value", "'value' is a text, a number or a list, not a mapping", ""),
    ({"value": "abc", "type": "BINARY"}, "value", "'value' is no BINARY", "hexadecimal pairs"),
    ({"value": "0xDEAD", "type": "BINARY"}, "value", "'value' is no BINARY", "hexadecimal pairs"),
    ({"value": ["ff"], "type": "BINARY"}, "value", "'ff' is no byte of a BINARY", "with 0x"),
    ({"value": ["256"], "type": "BINARY"}, "value", "'256' is no byte of a BINARY", "from 0 to 255"),
    ({"value": ["-1"], "type": "BINARY"}, "value", "'-1' is no byte of a BINARY", "from 0 to 255"),
]


@pytest.mark.parametrize(("inputs", "key", "fault", "hint"), REFUSED)
def test_what_the_registry_cannot_hold_is_refused_by_check_and_run_alike(
    inputs: dict[str, Any], key: str, fault: str, hint: str, act: Actions
) -> None:
    entry = {"path": PATH, "name": "N", "value": "x", "type": "SZ", **inputs}
    assert faults_of(act, entry) == [(key, fault)]
    with pytest.raises(ActionError) as failure:
        run(act, entry)
    assert failure.value.message.startswith(fault)
    assert hint in failure.value.message


def test_check_reports_every_input_of_an_entry(act: Actions) -> None:
    entry = {"path": "X", "name": "(default)", "value": "y", "type": "DWORD"}
    assert [key for key, _ in faults_of(act, entry)] == ["path", "name", "value"]


@pytest.mark.parametrize(
    "inputs",
    [
        {"path": r"{{ env:HIVE }}\A"},
        {"name": "({{ env:NAME }})"},
        {"value": "{{ env:NUMBER }}", "type": "DWORD"},
        {"value": ["1000", "{{ env:NUMBER }}"], "type": "BINARY"},
        {"value": "abc", "type": "{{ env:TYPE }}"},
        {"value": ["a"], "type": "NUMBER"},
    ],
)
def test_check_leaves_what_only_the_run_knows(inputs: dict[str, Any], act: Actions) -> None:
    assert faults_of(act, {"path": PATH, "name": "N", "value": "x", "type": "SZ", **inputs}) == []


def test_a_mapping_is_a_fault_whatever_the_type_will_be(act: Actions) -> None:
    entry = {"path": PATH, "name": "N", "value": {"a": "b"}, "type": "{{ env:TYPE }}"}
    assert [key for key, _ in faults_of(act, entry)] == ["value"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the message names the platform")
def test_a_document_with_set_registry_is_refused_on_linux_before_anything_runs(tmp_path: Path) -> None:
    first = f"{{name: First, action: CreateFile, inputs: [{{path: '{tmp_path}/made', content: x}}]}}"
    second = f"{{name: Second, action: SetRegistry, inputs: [{{path: '{PATH}', name: N, value: 1, type: DWORD}}]}}"
    document = tmp_path / "doc.yml"
    document.write_text(f"schemaVersion: 1.0\nphases: [{{name: build, steps: [{first}, {second}]}}]\n")
    argv = [sys.executable, "-m", "toe", "run", str(document), "--log-directory", str(tmp_path / "logs")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "Unsupported action SetRegistry for os platform linux." in json.loads(done.stdout)["failureMessage"]
    assert not (tmp_path / "made").exists()
