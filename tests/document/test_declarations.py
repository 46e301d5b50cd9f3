from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from toe.document.build import Refusal
from toe.model import Document

Build = Callable[[str], tuple[Document, list[Refusal]]]
REST = "schemaVersion: 1.0\nphases: [{name: build, steps: []}]\n"


def _messages(refusals: list[Refusal]) -> list[str]:
    return [refusal.message for refusal in refusals]


@pytest.mark.parametrize(
    "text",
    [
        "parameters:\n- Host: {type: string, default: h, description: d}\n- Other: {type: stringList}\n",
        "parameters:\n  Host: {type: string, default: h, description: d}\n  Other: {type: stringList}\n",
    ],
)
def test_parameters_are_a_list_or_a_mapping(build: Build, text: str) -> None:
    document, refusals = build(text + REST)
    assert refusals == []
    host, other = document.parameters
    assert (host.name, host.type, host.default, host.description) == ("Host", "string", "h", "d")
    assert (other.name, other.type, other.default, other.allowed_values) == ("Other", "stringList", None, None)
    assert host.node.line == 2


@pytest.mark.parametrize(
    ("kind", "written", "default"),
    [
        ("string", "0777", "0777"),
        ("string", "1.10", "1.10"),
        ("string", "yes", "yes"),
        ("string", "2026-01-01", "2026-01-01"),
        ("string", "", ""),
        ("string", "''", ""),
        ("stringList", "[a, 1.10, yes]", ("a", "1.10", "yes")),
        ("stringList", "'a,b'", ("a", "b")),
        ("stringList", "a", ("a",)),
        ("stringList", "", ()),
        ("stringList", "[]", ()),
    ],
)
def test_defaults_keep_the_text_of_the_source(build: Build, kind: str, written: str, default: Any) -> None:
    document, refusals = build(f"parameters: [{{P: {{type: {kind}, default: {written}}}}}]\n{REST}")
    assert (document.parameters[0].default, refusals) == (default, [])


def test_allowed_values_are_texts(build: Build) -> None:
    document, refusals = build(f"parameters: [{{P: {{type: string, allowedValues: ['', yes, 1.0]}}}}]\n{REST}")
    assert (document.parameters[0].allowed_values, refusals) == (("", "yes", "1.0"), [])


def test_constants_are_texts(build: Build) -> None:
    document, refusals = build(
        f"constants: [{{C: {{type: string, value: 1}}}}, {{D: {{type: string, value: }}}}]\n{REST}"
    )
    assert refusals == []
    assert [(constant.name, constant.value) for constant in document.constants] == [("C", "1"), ("D", "")]


@pytest.mark.parametrize("text", ["parameters:\n", "parameters: []\n", "constants: {}\n", "constants: ~\n"])
def test_nothing_declared_is_fine(build: Build, text: str) -> None:
    assert build(text + REST)[1] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters: x", "'parameters' must be a list, not a string"),
        ("constants: 3", "'constants' must be a list, not an integer"),
        ("parameters: [x]", "a parameter must be a mapping of one name, such as '- Name: {type: string}', not 'x'"),
        (
            "parameters: [{}]",
            "a parameter must be a mapping of one name, such as '- Name: {type: string}', not of 0 keys",
        ),
        ("parameters: [{A: }]", "the parameter 'A' must be declared by a mapping, not nothing"),
        ("parameters: [{A: {default: x}}]", "'type' is missing"),
        ("parameters: [{A: {type: strin}}]", "'type' must be one of string, stringList, not 'strin' (did you mean"),
        ("parameters: [{A: {type: integer}}]", "'type' must be one of string, stringList, not 'integer'"),
        ("parameters: [{A: {type: string, default: [a]}}]", "'default' must be a text, not a list"),
        (
            "parameters: [{A: {type: stringList, default: {a: b}}}]",
            "'default' must be a text or a list of texts, not a mapping",
        ),
        ("parameters: [{A: {type: stringList, default: [[a]]}}]", "an item of 'default' must be a text, not a list"),
        ("parameters: [{A: {type: string, allowedValues: x}}]", "'allowedValues' must be a list, not a string"),
        ("parameters: [{A: {type: string, values: x}}]", "unknown key 'values' in 'A' (did you mean 'allowedValues'?)"),
        ("parameters: [{A b: {type: string}}]", "Invalid parameter name 'A b'. Allowed characters"),
        ("constants: [{A.b: {type: string, value: x}}]", "Invalid constant name 'A.b'. Allowed characters"),
        ("constants: [{A: {type: string}}]", "'value' is missing"),
        ("constants: [{A: {type: stringList, value: x}}]", "'type' must be one of string, not 'stringList'"),
        ("constants: [{A: {type: string, value: [x]}}]", "'value' must be a text, not a list"),
        (
            "parameters: [{name: Host, type: string}]",
            "'Host' is declared as '- name: Host'; its name must be the key: '- Host: {type: string}'",
        ),
        (
            "constants: [{name: Host, type: string, value: x}]",
            "'Host' is declared as '- name: Host'; its name must be the key: '- Host: {type: string, value: ...}'",
        ),
    ],
)
def test_wrong_declaration_is_refused(build: Build, text: str, message: str) -> None:
    messages = _messages(build(f"{text}\n{REST}")[1])
    assert len(messages) == 1
    assert messages[0].startswith(message)


def test_names_are_unique_across_parameters_and_constants(build: Build) -> None:
    text = (
        "parameters:\n- A: {type: string}\n- a: {type: string}\n- A: {type: string}\n"
        "constants:\n- a: {type: string, value: x}\n"
    )
    document, refusals = build(text + REST)
    assert [(refusal.node.line, refusal.message) for refusal in refusals] == [
        (4, "duplicate name 'A': it is declared in line 2 already"),
        (6, "duplicate name 'a': it is declared in line 3 already"),
    ]
    assert [parameter.name for parameter in document.parameters] == ["A", "a"]
