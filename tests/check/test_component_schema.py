from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import regress

from toe.actions import TABLE, ActionTable
from toe.check.schema import component_schema, definitions_of, schema_text

COMMITTED = Path(__file__).parents[2] / "schemas" / "component.schema.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return component_schema(definitions_of(ActionTable()))


def test_component_schema_passes_the_meta_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_component_schema_is_committed_as_generated(schema: dict[str, Any]) -> None:
    assert COMMITTED.read_text() == schema_text(schema), (
        "run: python -m toe.check.schema > schemas/component.schema.json"
    )


def test_component_schema_has_patterns_that_editors_read(schema: dict[str, Any]) -> None:
    def patterns(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            found = part.get("pattern")
            yield from [found] if isinstance(found, str) else []
            yield from part.get("patternProperties", {})
            part = list(part.values())
        for below in part if isinstance(part, list) else []:
            yield from patterns(below)

    found = sorted(set(patterns(schema)))
    assert found
    for pattern in found:
        # ECMAScript with the flag u, as JSON Schema asks for; it raises for an escape that Python lets through.
        regress.Regex(pattern, "u")


def test_component_schema_names_and_documents_every_input(schema: dict[str, Any]) -> None:
    for definition in definitions_of(ActionTable()):
        if definition.condition:
            continue
        properties = schema["$defs"][f"{definition.name}Inputs"]["properties"]
        for field in definition.fields:
            assert properties[field.key]["description"], f"{definition.name}.{field.key}"


def test_component_schema_lists_every_action(schema: dict[str, Any]) -> None:
    action = schema["$defs"]["step"]["properties"]["action"]
    assert action["enum"] == list(TABLE)
    assert all(action["enumDescriptions"])


@pytest.mark.parametrize(
    "step",
    [
        {"action": "CreateFile", "inputs": {"path": "/a", "content": 1, "permissions": 511}},
        {"action": "CreateFile", "inputs": [{"path": "/a", "content": True, "overwrite": "True"}]},
        {"action": "CreateFile", "inputs": [{"path": "/a", "content": None, "overwrite": "{{ Yes }}"}]},
        {"action": "ExecuteBash", "inputs": {"commands": ["a", 1, True]}, "timeoutSeconds": "60"},
        {"action": "Reboot", "inputs": {"delaySeconds": "30"}},
        {"action": "Reboot", "inputs": None},
        {"action": "UpdateOS"},
        {"action": "Assert", "inputs": {"stringEquals": 1, "value": "a"}},
        {"action": "Assert", "inputs": [{"and": [{"stringlessThan": 1, "value": 2}]}]},
        {"action": "UpdateOS", "if": {"not": {"binaryExists": "a", "then": "Execute", "else": "Skip"}}},
    ],
)
def test_component_schema_accepts(schema: dict[str, Any], step: dict[str, Any]) -> None:
    document = {"schemaVersion": 1.0, "phases": [{"name": "build", "steps": [{"name": "One", **step}]}]}
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(document)] == []


@pytest.mark.parametrize(
    "step",
    [
        {"action": "CreateFile", "inputs": {"path": "/a", "contents": "x"}},
        {"action": "CreateFile", "inputs": [{"path": "/a", "encoding": "latin1"}]},
        {"action": "ExecuteBash", "inputs": {"commands": "echo"}},
        {"action": "ExecuteBash", "inputs": [{"commands": ["echo"]}]},
        {"action": "ExecuteBash"},
        {"action": "S3Download", "inputs": []},
        {"action": "UpdateOS", "timeoutSeconds": 0},
        {"action": "UpdateOS", "timeoutSeconds": "-2"},
        {"action": "UpdateOS", "maxAttempts": 0},
        {"action": "ExecuteDocument", "inputs": {"document": "a.yml"}, "maxAttempts": 2},
        {"action": "Assert", "inputs": {"stringEquals": "a"}},
        {"action": "Assert", "inputs": {"fileExists": "a", "value": "b"}},
        {"action": "Assert", "inputs": {"fileExists": "a", "folderExists": "b"}},
        {"action": "Assert", "inputs": {}},
        {"action": "UpdateOS", "loop": {"for": {"start": 1, "end": 2, "updateBy": 1}, "forEach": ["a"]}},
    ],
)
def test_component_schema_refuses(schema: dict[str, Any], step: dict[str, Any]) -> None:
    document = {"schemaVersion": "1.0", "phases": [{"name": "build", "steps": [{"name": "One", **step}]}]}
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(document))


def test_component_schema_is_plain_json(schema: dict[str, Any]) -> None:
    assert json.loads(schema_text(schema)) == schema
