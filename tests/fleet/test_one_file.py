"""The one file that hosts get: which one, and that it is made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from toe.errors import ToeError
from toe.fleet.one_file import given_file, own_file
from toe.fleet.parcel import Asked, parcel


def test_of_a_folder_the_one_for_the_processor_is_taken(tmp_path: Path) -> None:
    for processor in ("x86_64", "aarch64"):
        (tmp_path / f"toe-1.0-linux-{processor}").write_text(f"#!/bin/sh\n# toe, for Linux on {processor}: more\n")
    file = given_file(str(tmp_path), "aarch64")
    assert (file.processor, file.path) == ("aarch64", str(tmp_path / "toe-1.0-linux-aarch64"))
    with pytest.raises(ToeError, match="no executable for riscv64"):
        given_file(str(tmp_path), "riscv64")
    with pytest.raises(ToeError, match="cannot read the executable"):
        given_file(str(tmp_path / "none"))


@pytest.mark.slow
def test_that_of_this_toe_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = own_file()
    changed = Path(made.path).stat().st_mtime_ns
    assert own_file() == made
    assert Path(made.path).stat().st_mtime_ns == changed
    assert given_file(made.path) == made


def test_the_same_order_has_the_same_key_and_another_one_has_another(tmp_path: Path) -> None:
    text = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: A\n        action: ExecuteBash\n"
    Path("a.yml").write_text(f"{text}        inputs: {{commands: ['true']}}\n")
    asked = Asked(("a.yml",), {"Name": "x"})
    first, second, other = parcel(asked), parcel(asked), parcel(asked._replace(parameters={"Name": "y"}))
    assert (first.key, first.order) == (second.key, second.order)
    assert first.execution_id != second.execution_id
    assert first.key != other.key
    Path("a.yml").write_text(f"{text}        inputs: {{commands: ['false']}}\n")
    assert parcel(asked).key != first.key
    assert parcel(asked._replace(execution_id="one")).key == "one"
