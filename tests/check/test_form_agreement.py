"""The fast builder and the JSON Schema say the same: what one refuses for its form, the other refuses too."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.check.form_agreement import ACTIONS, assert_agreement
from toe.actions.inputs import read_inputs
from toe.check.check import CheckOptions, check_all, load_document
from toe.check.findings import Findings
from toe.check.formats.people_text import problem_text
from toe.document.build import build_document
from toe.document.loader import parse_yaml
from toe.errors import Severity

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

GOOD: dict[str, Any] = {
    "name": "Good",
    "description": "All forms",
    "schemaVersion": 1.0,
    "parameters": [
        {"Host": {"type": "string", "default": "a", "description": "d", "allowedValues": ["a", "b"]}},
        {"Hosts": {"type": "stringList", "default": "a,b"}},
    ],
    "constants": [{"Port": {"type": "string", "value": 80}}],
    "phases": [
        {
            "name": "build",
            "disableLogging": False,
            "steps": [
                {
                    "name": "One",
                    "action": "ExecuteBash",
                    "timeoutSeconds": 60,
                    "onFailure": "Continue",
                    "maxAttempts": 2,
                    "if": {"and": [{"fileExists": "/a"}, {"not": {"stringEquals": "a", "value": "b"}}], "then": "Skip"},
                    "loop": {"name": "L", "for": {"start": 1, "end": 3, "updateBy": 1}},
                    "inputs": {"commands": ["echo one", "echo two"]},
                },
                {
                    "name": "Two",
                    "action": "CreateFile",
                    "loop": {"forEach": {"list": "a,b", "delimiter": ","}},
                    "inputs": [{"path": "/a", "content": "b", "overwrite": True, "permissions": "0644"}],
                },
                {"name": "Three", "action": "Assert", "inputs": {"fileMD5Equals": "0" * 32, "path": "/a"}},
                {"name": "Four", "action": "Reboot", "inputs": {"delaySeconds": 5}},
                {
                    "name": "Five",
                    "action": "ExecuteDocument",
                    "inputs": {"document": "{{ env:D }}", "parameters": [{"name": "A", "value": "b"}]},
                },
                {
                    "name": "Six",
                    "action": "InstallMSI",
                    "loop": {"forEach": ["a", "b"]},
                    "inputs": {"path": "a.msi", "properties": {"A": "b"}},
                },
            ],
        },
        {"name": "validate", "steps": [{"name": "One", "action": "UpdateOS", "inputs": {"include": ["a"]}}]},
    ],
}

ODD_VALUES: tuple[Any, ...] = (
    None, True, "true", "maybe", 0, 1, -1, "1", "-1", 99, "text", "{{ Host }}", "Has space", "", [], ["a"], [[]],
    [{"a": "b"}], {}, {"a": "b"}, {"name": "X", "type": "string"}, {"fileExists": "/a"}, {"stringEquals": "a"},
    {"fileexists": "/a"}, {"or": []}, [{"fileExists": "/a"}], {"fileExists": "/a", "folderExists": "/b"}, "x" * 200,
)  # fmt: skip
ODD_KEYS = ("name", "type", "value", "path", "inputs", "if", "loop", "for", "else", "not", "onFailur", "force", "X y")


def _paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in below for found in _paths(value, (*path, key)))]


def _mutated(seed: int) -> Any:
    chance = random.Random(seed)
    data = copy.deepcopy(GOOD)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _mutate(data, chance)
    return data


def _mutate(data: Any, chance: random.Random) -> None:
    path = chance.choice(_paths(data)[1:])
    parent = data
    for key in path[:-1]:
        parent = parent[key]
    kind = chance.randrange(4)
    if kind == 0:
        del parent[path[-1]]
    elif kind == 1 and isinstance(parent, dict):
        parent[chance.choice(ODD_KEYS)] = copy.deepcopy(chance.choice(ODD_VALUES))
    elif kind == 2 and isinstance(parent, dict):
        parent[str(path[-1])[:-1] + "x"] = parent.pop(path[-1])
    else:
        parent[path[-1]] = copy.deepcopy(chance.choice(ODD_VALUES))


def _text(data: Any) -> bytes:
    # JSON is YAML, but for the escapes of characters that these documents do not have.
    return json.dumps(data, indent=1).encode()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(min_value=0, max_value=2**32))
def test_builder_and_schema_agree(seed: int) -> None:
    assert_agreement(_text(_mutated(seed)))


@pytest.mark.slow
def test_builder_and_schema_agree_on_many_documents() -> None:
    for seed in range(3_000):
        try:
            assert_agreement(_text(_mutated(seed)))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of real documents is not here")
@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.yml")), ids=lambda path: path.name)
def test_builder_and_schema_agree_on_real_documents(path: Path) -> None:
    assert_agreement(path.read_bytes())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(min_value=0, max_value=2**32))
def test_whatever_the_builder_refuses_is_explained(seed: int) -> None:
    _assert_explained(seed)


@pytest.mark.slow
def test_whatever_the_builder_refuses_in_many_documents_is_explained() -> None:
    for seed in range(1_000):
        _assert_explained(seed)


def _assert_explained(seed: int) -> None:
    source = _text(_mutated(seed))
    root, _ = parse_yaml(source, "doc.yml")
    assert root is not None
    _, refusals = build_document(root, "doc.yml", source, ACTIONS, read_inputs)
    _, problems = load_document(source, "doc.yml", ACTIONS)
    assert bool(refusals) == any(problem.severity is Severity.ERROR for problem in problems)
    assert len(set(problems)) == len(problems)
    _, everything = check_all(source, "doc.yml", CheckOptions(platforms=("linux", "windows")), ACTIONS)
    assert all(problem_text(problem).startswith("doc.yml:") for problem in everything)
    assert set(problems) <= set(everything)


any_bytes = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))


@settings(max_examples=100, deadline=None)
@given(any_bytes)
def test_any_bytes_are_answered(data: bytes) -> None:
    _assert_answered(data)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(any_bytes)
def test_many_bytes_are_answered(data: bytes) -> None:
    _assert_answered(data)


def _assert_answered(data: bytes) -> None:
    document, problems = check_all(data, "doc.yml", CheckOptions(), ACTIONS)
    assert document is not None or problems


def test_good_document_of_these_tests_is_good() -> None:
    document, problems = load_document(_text(GOOD), "doc.yml", ACTIONS)
    assert document is not None
    assert problems == []
    assert isinstance(Findings("doc.yml", _text(GOOD)).lines, list)
