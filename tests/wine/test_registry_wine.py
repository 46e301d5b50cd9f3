"""SetRegistry from a document's text to the registry: set by the action, read back by real programs of Windows.

`reg query` says what people see; Wine's lacks 64-bit integers and characters that the console has not. An export by
`regedit` has every byte. The action sets by the stand-in for `winreg`: what that does not show is said there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from wine_machine import WineMachine
from winreg_on_wine import WineRegistry

from toe.actions import ActionTable
from toe.actions.base import Context
from toe.actions.inputs import typed_inputs
from toe.actions.set_registry import set_registry
from toe.check.check import CheckOptions, check_all

pytestmark = pytest.mark.wine

SetEntries = Callable[..., None]
Export = Callable[[str], list[str]]

EVERY_TYPE = (
    "{path: '%s', name: Text, value: 1.10, type: SZ}",
    "{path: '%s', name: Expanded, value: '%%SystemRoot%%\\x', type: EXPAND_SZ}",
    "{path: '%s', name: Many, value: [one, two words, 3], type: MULTI_SZ}",
    "{path: '%s', name: Small, value: 0xFFFFFFFE, type: DWORD}",
    "{path: '%s', name: Big, value: 18446744073709551614, type: QWORD}",
    "{path: '%s', name: Bytes, value: [0xDE, 173, 0], type: BINARY}",
)


@pytest.fixture
def set_entries(wine: WineMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetEntries:
    """Carry out entries of a SetRegistry step, given as YAML in flow style."""
    monkeypatch.setitem(sys.modules, "winreg", WineRegistry(wine, tmp_path).module())

    def set_them(*entries: str) -> None:
        inputs = ", ".join(entries)
        steps = f"[{{name: Set, action: SetRegistry, inputs: [{inputs}]}}]"
        text = f"schemaVersion: 1.0\nphases: [{{name: build, steps: {steps}}}]\n"
        document, problems = check_all(text.encode(), "doc.yml", CheckOptions(), ActionTable())
        assert document is not None
        assert problems == []
        for entry in document.phases[0].steps[0].inputs:
            set_registry.run(typed_inputs(set_registry, entry), cast(Context, object()))

    return set_them


@pytest.fixture
def export(wine: WineMachine, tmp_path: Path) -> Export:
    """The lines that `regedit` exports of a key and those below, without blank and continued ones."""

    def exported(key: str) -> list[str]:
        file = tmp_path / "exported.reg"
        assert wine.run(["regedit.exe", "/E", wine.windows_path(file), key]).exit_code == 0
        text = file.read_text("utf-16").replace("\\\n  ", "")
        return [line for line in text.splitlines()[1:] if line]

    return exported


def test_every_type_is_stored(wine: WineMachine, set_entries: SetEntries, export: Export) -> None:
    set_entries(*(entry % r"HKLM:\SOFTWARE\toe\Types" for entry in EVERY_TYPE))
    assert export(r"HKEY_LOCAL_MACHINE\SOFTWARE\toe\Types") == [
        r"[HKEY_LOCAL_MACHINE\SOFTWARE\toe\Types]",
        '"Big"=hex(b):fe,ff,ff,ff,ff,ff,ff,ff',
        '"Bytes"=hex:de,ad,00',
        f'"Expanded"=hex(2):{utf16_hex("%SystemRoot%", chr(92), "x", chr(0))}',
        f'"Many"=hex(7):{utf16_hex("one", chr(0), "two words", chr(0), "3", chr(0), chr(0))}',
        '"Small"=dword:fffffffe',
        '"Text"="1.10"',
    ]
    seen = wine.run(["reg", "query", r"HKLM\SOFTWARE\toe\Types"]).stdout
    for line in (
        *("Text    REG_SZ    1.10", r"Expanded    REG_EXPAND_SZ    %SystemRoot%\x", "Bytes    REG_BINARY    DEAD00"),
        *(r"Many    REG_MULTI_SZ    one\0two words\03", "Small    REG_DWORD    0xfffffffe", "Big    REG_QWORD    "),
    ):
        assert f"\n    {line}" in seen


def utf16_hex(*texts: str) -> str:
    return ",".join(f"{byte:02x}" for byte in "".join(texts).encode("utf-16-le"))


def test_a_value_is_what_reg_add_stores(wine: WineMachine, set_entries: SetEntries, export: Export) -> None:
    set_entries(*(entry % r"HKCU:\Software\toe\Ours" for entry in EVERY_TYPE if "QWORD" not in entry))
    for name, kind, data in (
        ("Text", "REG_SZ", "1.10"),
        ("Expanded", "REG_EXPAND_SZ", r"%SystemRoot%\x"),
        ("Many", "REG_MULTI_SZ", r"one\0two words\03"),
        ("Small", "REG_DWORD", "0xFFFFFFFE"),
        ("Bytes", "REG_BINARY", "DEAD00"),
    ):
        added = wine.run(["reg", "add", r"HKCU\Software\toe\Theirs", "/v", name, "/t", kind, "/d", data, "/f"])
        assert added.exit_code == 0
    ours, theirs = (export(rf"HKEY_CURRENT_USER\Software\toe\{key}")[1:] for key in ("Ours", "Theirs"))
    assert len(ours) == 5
    assert ours == theirs


@pytest.mark.parametrize(
    ("short", "full", "key"),
    [
        ("HKLM:", "HKEY_LOCAL_MACHINE", r"SOFTWARE\toe\Spelt"),
        ("HKCU:", "HKEY_CURRENT_USER", r"Software\toe\Spelt"),
        ("HKCR:", "HKEY_CLASSES_ROOT", r"toe\Spelt"),
        ("HKU:", "HKEY_USERS", r".Default\toe\Spelt"),
        ("HKCC:", "HKEY_CURRENT_CONFIG", r"toe\Spelt"),
    ],
)
def test_both_spellings_of_a_hive_lead_to_it(
    short: str, full: str, key: str, set_entries: SetEntries, export: Export
) -> None:
    set_entries(
        rf"{{path: '{short}\{key}', name: Short, value: a, type: SZ}}",
        rf"{{path: '{full}\{key}', name: Full, value: b, type: SZ}}",
    )
    assert export(rf"{full}\{key}") == [rf"[{full}\{key}]", '"Full"="b"', '"Short"="a"']


def test_missing_keys_are_created_and_existing_values_stay(set_entries: SetEntries, export: Export) -> None:
    top = r"HKEY_LOCAL_MACHINE\SOFTWARE\toe\Deep"
    set_entries(
        rf"{{path: '{top}', name: Kept, value: a, type: SZ}}",
        rf"{{path: '{top}\a\\b\text/html\', name: Version, value: b, type: SZ}}",
    )
    below = [rf"[{top}{key}]" for key in (r"\a", r"\a\b", r"\a\b\text/html")]
    assert export(top) == [f"[{top}]", '"Kept"="a"', *below, '"Version"="b"']


def test_a_value_of_another_type_is_overwritten(set_entries: SetEntries, export: Export) -> None:
    top = r"HKEY_LOCAL_MACHINE\SOFTWARE\toe\Changed"
    for value, kind, line in (
        ("[a, b]", "MULTI_SZ", f'"N"=hex(7):{utf16_hex("a", chr(0), "b", chr(0), chr(0))}'),
        ("7", "DWORD", '"N"=dword:00000007'),
        ("7", "SZ", '"N"="7"'),
    ):
        set_entries(rf"{{path: '{top}', name: N, value: {value}, type: {kind}}}")
        assert export(top)[1:] == [line]


def test_empty_data_can_be_stored(set_entries: SetEntries, export: Export) -> None:
    top = r"HKEY_LOCAL_MACHINE\SOFTWARE\toe\Empty"
    kinds = {"A": ("''", "SZ"), "B": ("''", "BINARY"), "C": ("[]", "BINARY"), "D": ("[]", "MULTI_SZ")}
    set_entries(
        *(rf"{{path: '{top}', name: {name}, value: {value}, type: {kind}}}" for name, (value, kind) in kinds.items())
    )
    assert export(top)[1:] == ['"A"=""', '"B"=hex:', '"C"=hex:', '"D"=hex(7):00,00']


def test_the_default_value_and_unusual_names_and_texts_are_kept(set_entries: SetEntries, export: Export) -> None:
    top = r"HKEY_LOCAL_MACHINE\SOFTWARE\toe\ümläut [☃] 😀"
    set_entries(
        rf"{{path: '{top}', name: '', value: unnamed, type: SZ}}",
        rf"""{{path: '{top}', name: 'a "b"\c=ü 漢', value: '\ "x" ☃ 😀', type: SZ}}""",
    )
    assert export(top) == [f"[{top}]", '@="unnamed"', r'"a \"b\"\\c=ü 漢"="\\ \"x\" ☃ 😀"']


def test_a_long_list_of_texts_is_kept_whole(set_entries: SetEntries, export: Export) -> None:
    texts = [f"text number {number} of many" for number in range(2000)]
    set_entries(
        rf"{{path: 'HKLM:\SOFTWARE\toe\Long', name: N, value: [{', '.join(texts)}], type: MULTI_SZ}}",
    )
    (line,) = export(r"HKEY_LOCAL_MACHINE\SOFTWARE\toe\Long")[1:]
    stored = bytes.fromhex(line.removeprefix('"N"=hex(7):').replace(",", "")).decode("utf-16-le")
    assert stored.split("\0") == [*texts, "", ""]
