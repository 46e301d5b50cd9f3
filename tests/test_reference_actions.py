"""Every action module of AWSTOE, walked: its definition, schema, page, example and test.

The rows say what AWSTOE's guide says of an action: platforms (L, W, M), whether `inputs` is a list, its required
inputs, the others with their defaults (None for an empty one), its outputs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from toe.actions import TABLE, ActionTable
from toe.actions.base import LINUX, MACOS, WINDOWS, Definition
from toe.actions.fields import Field

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared" / "awstoe-reference.md"
LETTERS = {"L": LINUX, "W": WINDOWS, "M": MACOS}


class Row(NamedTuple):
    platforms: str
    is_list: bool
    required: str
    optional: Mapping[str, Any] = MappingProxyType({})
    outputs: str = ""


ENCODED = {"encoding": "utf-8"}
OWNED: dict[str, Any] = {"owner": None, "group": None, "permissions": None, "overwrite": True}
OVERWRITE = {"overwrite": True}
MSI: dict[str, Any] = {
    "reboot": "Allow",
    "logOptions": "*VX",
    "logFile": None,
    "properties": None,
    "ignoreAuthenticodeSignatureErrors": False,
    "allowUnsignedInstaller": False,
}
NESTED: dict[str, Any] = {"document-s3-bucket-owner": None, "phases": None, "parameters": None}
SUMMARY = "executedStepCount executionId failedStepCount failureMessage ignoredFailedStepCount logUrl status"

REFERENCE = {
    "Assert": Row("LWM", False, ""),
    "ExecuteBash": Row("LM", False, "commands", {}, "stdout"),
    "ExecuteBinary": Row("LWM", False, "path", {"arguments": None}, "stdout"),
    "ExecutePowerShell": Row("W", False, "", {"commands": None, "file": None}, "stdout"),
    "ExecuteDocument": Row("LWM", False, "document", NESTED, SUMMARY),
    "S3Download": Row("LWM", True, "source destination", {"expectedBucketOwner": None, "overwrite": True}),
    "S3Upload": Row("LWM", True, "source destination", {"recurse": False, "expectedBucketOwner": None}),
    "WebDownload": Row(
        "LWM",
        True,
        "source destination",
        {"overwrite": True, "checksum": None, "algorithm": None, "ignoreCertificateErrors": False},
        "destination",
    ),
    "AppendFile": Row("LWM", True, "path", {"content": None, **ENCODED}),
    "CopyFile": Row("LWM", True, "source destination", OVERWRITE),
    "CopyFolder": Row("LWM", True, "source destination", OVERWRITE),
    "CreateFile": Row("LWM", True, "path", {"content": None, **ENCODED, **OWNED}),
    "CreateFolder": Row("LWM", True, "path", OWNED),
    "CreateSymlink": Row("LM", True, "path target", {"force": False}),
    "DeleteFile": Row("LWM", True, "path", {"force": False}),
    "DeleteFolder": Row("LWM", True, "path", {"force": False}),
    "ListFiles": Row("LWM", True, "path", {"fileNamePattern": "*", "recursive": False}, "files"),
    "MoveFile": Row("LWM", True, "source destination", OVERWRITE),
    "MoveFolder": Row("LWM", True, "source destination", OVERWRITE),
    "ReadFile": Row("LWM", True, "path", {**ENCODED, "printFileContent": False}, "content"),
    "SetFileEncoding": Row("LWM", True, "path", ENCODED),
    "SetFileOwner": Row("LM", True, "path owner", {"group": None}),
    "SetFolderOwner": Row("LM", True, "path owner", {"group": None, "recursive": True}),
    "SetFilePermissions": Row("LM", True, "path permissions"),
    "SetFolderPermissions": Row("LM", True, "path permissions", {"recursive": True}),
    "InstallMSI": Row("W", False, "path", MSI, "logFile msiExitCode stdout"),
    "UninstallMSI": Row("W", False, "path", MSI, "logFile msiExitCode stdout"),
    "Reboot": Row("LW", False, "", {"delaySeconds": 0}),
    "SetRegistry": Row("W", True, "path name value type"),
    "UpdateOS": Row("LW", False, "", {"include": None, "exclude": None}),
}


def definition_of(name: str) -> Definition:
    found = ActionTable().find(name)
    assert found is not None
    return found


def default_of(field: Field) -> Any:
    return None if field.default in ("", ()) else field.default


def test_the_table_is_the_reference() -> None:
    assert set(TABLE) == set(REFERENCE)


@pytest.mark.skipif(not SHARED.exists(), reason="the reference does not lie beside this repository")
def test_the_rows_are_those_of_the_reference_page() -> None:
    """The tables under its heading "Action modules": names and platforms; a row may name two actions."""
    section = SHARED.read_text(encoding="utf-8").partition("## 6. Action modules")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for names in re.findall(r"^\| ((?:[A-Z]\w+ [LWM]+(?:, )?)+) \|", section, re.MULTILINE):
        found |= dict(pair.split() for pair in names.split(", "))
    assert {name: set(letters) for name, letters in found.items()} == {
        name: set(row.platforms) for name, row in REFERENCE.items()
    }


@pytest.mark.parametrize("name", REFERENCE)
def test_a_definition_is_what_the_reference_says(name: str) -> None:
    definition, row = definition_of(name), REFERENCE[name]
    assert set(definition.platforms) == {LETTERS[letter] for letter in row.platforms}
    assert definition.each == row.is_list
    required = [field.key for field in definition.fields if field.required]
    optional = {field.key: default_of(field) for field in definition.fields if not field.required}
    assert sorted(required) == sorted(row.required.split())
    assert optional == row.optional
    assert sorted(field.key for field in definition.output_fields) == sorted(row.outputs.split())


@pytest.mark.parametrize("name", REFERENCE)
def test_an_action_is_in_the_schema_and_on_the_page(name: str) -> None:
    schema = json.loads((REPOSITORY / "schemas" / "component.schema.json").read_text())
    assert name in json.dumps(schema["$defs"]["step"]["properties"]["action"])
    assert f"\n## {name}\n" in (REPOSITORY / "schemas" / "actions.md").read_text()
    assert f"`{name}`" in (REPOSITORY / "examples/guides/platforms.md").read_text()


@pytest.mark.parametrize("name", REFERENCE)
def test_an_action_has_an_example_and_a_test(name: str) -> None:
    used = re.compile(rf"\baction: {name}$", re.MULTILINE)
    assert any(used.search(path.read_text()) for path in (REPOSITORY / "examples").glob("*/*.yml"))
    named = re.compile(rf"""\baction["']?: ["']?{name}\b|["']{name}["']""")
    tests = [path for folder in ("actions", "engine") for path in (REPOSITORY / "tests" / folder).glob("test_*.py")]
    assert any(named.search(path.read_text()) for path in tests)
