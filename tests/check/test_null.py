"""`null` for an optional key is the key left out, for a text the empty text, for a required key the key missing."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from toe.actions import ActionTable
from toe.actions.base import Definition, Doc
from toe.actions.fields import Field, Shape
from toe.check.check import load_document
from toe.check.schema import component_schema, definitions_of
from toe.codes import MISSING_KEY
from toe.model import Document
from toe.nodes import Mapping, Scalar

ACTIONS = ActionTable()
DEFINITIONS = tuple(found for found in definitions_of(ACTIONS) if not found.condition)
VALIDATOR = jsonschema.Draft202012Validator(component_schema(definitions_of(ACTIONS)))
FIELDS = [(definition, field) for definition in DEFINITIONS for field in definition.fields]
SAMPLES = {Shape.TEXT: "x", Shape.TEXTS: ["x"], Shape.BOOLEAN: True, Shape.INTEGER: 1, Shape.ANY: "x"}

STEP: dict[str, Any] = {"name": "One", "action": "ExecuteBash", "inputs": {"commands": ["true"]}}
PHASE: dict[str, Any] = {"name": "build", "steps": [STEP]}
DOCUMENT: dict[str, Any] = {"schemaVersion": 1.0, "phases": [PHASE]}


def _in_step(**keys: Any) -> dict[str, Any]:
    return {**DOCUMENT, "phases": [{"name": "build", "steps": [{**STEP, **keys}]}]}


def _accepted(data: dict[str, Any]) -> Document:
    """The document that `data` makes, which neither the builder nor the published schema may refuse."""
    document, problems = load_document(json.dumps(data).encode(), "doc.yml", ACTIONS)
    assert [f"{problem.code} {problem.message}" for problem in problems] == []
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    assert document is not None
    return document


def _messages(data: dict[str, Any]) -> list[str]:
    """What is wrong with `data`, which the published schema refuses as well."""
    _, problems = load_document(json.dumps(data).encode(), "doc.yml", ACTIONS)
    assert list(VALIDATOR.iter_errors(data)) != []
    return [problem.message for problem in problems]


@pytest.mark.parametrize("key", ["name", "description", "parameters", "constants", "disableLogging"])
def test_optional_key_of_a_document_may_be_null(key: str) -> None:
    assert _accepted({**DOCUMENT, key: None})._replace(node=None, source=b"", phases=()) == Document("doc.yml", ())


@pytest.mark.parametrize("key", ["timeoutSeconds", "onFailure", "maxAttempts", "loop", "if", "disableLogging"])
def test_optional_key_of_a_step_may_be_null(key: str) -> None:
    step = _accepted(_in_step(**{key: None})).phases[0].steps[0]
    plain = _accepted(DOCUMENT).phases[0].steps[0]
    assert step._replace(node=None, inputs_node=None) == plain._replace(node=None, inputs_node=None)


def test_optional_key_of_a_phase_may_be_null() -> None:
    assert not _accepted({**DOCUMENT, "phases": [{**PHASE, "disableLogging": None}]}).phases[0].disable_logging


@pytest.mark.parametrize("action", ["UpdateOS", "Reboot"])
def test_inputs_that_an_action_does_not_need_may_be_null(action: str) -> None:
    assert _accepted(_in_step(action=action, inputs=None)).phases[0].steps[0].inputs == ()


@pytest.mark.parametrize("key", ["timeoutSeconds", "maxAttempts"])
def test_fixed_setting_of_an_action_may_be_null(key: str) -> None:
    _accepted(_in_step(action="ExecuteDocument", inputs={"document": "a.yml"}, **{key: None}))


@pytest.mark.parametrize(
    "loop",
    [
        {"name": None, "for": None, "forEach": ["a", "b"]},
        {"name": None, "for": {"start": 1, "end": 2, "updateBy": 1}, "forEach": None},
        {"forEach": {"list": "a,b", "delimiter": None}},
    ],
)
def test_optional_key_of_a_loop_may_be_null(loop: dict[str, Any]) -> None:
    assert _accepted(_in_step(loop=loop)).phases[0].steps[0].loop is not None


@pytest.mark.parametrize(
    "condition",
    [
        {"fileExists": "/a", "then": None, "else": None},
        {"fileExists": "/a", "folderExists": None, "value": None, "path": None, "and": None, "not": None},
        {"stringEquals": "a", "value": None},
        {"stringEquals": None, "value": "a"},
        {"stringIsEmpty": None},
        {"and": [{"fileExists": "/a", "stringIsEmpty": None}], "path": None},
    ],
)
def test_optional_key_of_a_condition_may_be_null(condition: dict[str, Any]) -> None:
    assert _accepted(_in_step(**{"if": condition})).phases[0].steps[0].condition is not None
    _accepted(_in_step(action="Assert", inputs={**condition, "then": None, "else": None}))


def test_null_is_the_empty_text_of_a_declaration() -> None:
    declared = {
        "parameters": [{"Text": {"type": "string", "default": None, "description": None, "allowedValues": None}}],
        "constants": [{"Fixed": {"type": "string", "value": None}}],
    }
    document = _accepted({**DOCUMENT, **declared})
    assert (document.parameters[0].default, document.parameters[0].allowed_values) == ("", None)
    assert document.constants[0].value == ""
    listed = {"parameters": {"Many": {"type": "stringList", "default": None}}}
    assert _accepted({**DOCUMENT, **listed}).parameters[0].default == ()


@pytest.mark.parametrize(("definition", "field"), FIELDS, ids=[f"{d.name}-{f.key}" for d, f in FIELDS])
def test_null_of_an_input_is_the_key_left_out(definition: Definition, field: Field) -> None:
    needed = {other.key: _sample(other) for other in definition.fields if other.required}
    inputs = {**needed, field.key: None}
    data = _in_step(action=definition.name, inputs=[inputs] if definition.each else inputs)
    if field.required and not field.takes_nothing_as_text:
        assert _messages(data) == [f"'{field.key}' is missing"]
    else:
        entry = _accepted(data).phases[0].steps[0].inputs[0]
        assert entry.get(field.key, "") == ""
        assert (field.key in entry) is field.takes_nothing_as_text


def _sample(field: Field) -> Any:
    return (
        field.doc.choices[0]
        if field.doc.choices
        else field.doc.examples[0]
        if field.doc.examples
        else SAMPLES[field.shape]
    )


def test_null_of_an_items_text_is_the_empty_text() -> None:
    commands = _accepted(_in_step(inputs={"commands": ["echo", None]})).phases[0].steps[0].inputs
    assert commands == ({"commands": ["echo", ""]},)
    nested = {"document": "a.yml", "parameters": [{"name": "A", "value": None}]}
    entry = _accepted(_in_step(action="ExecuteDocument", inputs=nested)).phases[0].steps[0].inputs[0]
    assert entry["parameters"] == [{"name": "A", "value": ""}]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({**DOCUMENT, "schemaVersion": None}, "'schemaVersion' is missing"),
        ({**DOCUMENT, "phases": None}, "Document has 0 phases. Phases list must not be empty."),
        ({**DOCUMENT, "phases": [{"name": None, "steps": []}]}, "'name' is missing"),
        ({**DOCUMENT, "phases": [{"name": "build", "steps": None}]}, "'steps' is missing"),
        (_in_step(name=None), "'name' is missing"),
        (_in_step(action=None), "'action' is missing"),
        (_in_step(inputs=None), "Action ExecuteBash has no inputs; it requires an 'inputs'"),
        ({**DOCUMENT, "parameters": [{"Abc": {"type": None}}]}, "'type' is missing"),
        (_in_step(loop={"for": {"start": None, "end": 1, "updateBy": 1}}), "'start' is missing"),
        (_in_step(loop={"forEach": {"list": None}}), "'list' is missing"),
        (_in_step(loop={"for": None, "forEach": None}), "a loop has exactly one of 'for' and 'forEach'"),
        (_in_step(**{"if": {"fileExists": None}}), "a condition has exactly one operator, and this has none"),
        (_in_step(**{"if": {"fileMD5Equals": "0" * 32, "path": None}}), "'path' is missing"),
    ],
)
def test_null_of_a_required_key_is_the_key_missing(data: dict[str, Any], message: str) -> None:
    assert _messages(data) == [message]


def test_required_key_that_is_null_is_shown_where_it_stands() -> None:
    text = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: ~\n        action: UpdateOS\n"
    _, problems = load_document(text.encode(), "doc.yml", ACTIONS)
    assert [(problem.code, problem.line, problem.column) for problem in problems] == [(MISSING_KEY, 5, 15)]


def test_step_without_a_loop_has_none_when_it_is_null(check: Any) -> None:
    step = "- {name: One, action: ExecuteBash, loop: null, inputs: {commands: ['echo {{ loop.value }}']}}\n"
    assert ["this step has no loop" in problem.message for problem in check(step)] == [True]


def test_condition_keeps_its_nodes() -> None:
    document = _accepted(_in_step(**{"if": {"fileExists": "/a", "then": None}}))
    node = document.phases[0].steps[0].node
    condition = node.get("if") if node is not None else None
    assert isinstance(condition, Mapping)
    assert isinstance(condition.get("then"), Scalar)


def test_null_of_an_optional_input_of_any_kind_is_the_key_left_out() -> None:
    optional = Field("value", "value", Shape.ANY, required=False, default=None, doc=Doc(""))
    assert not optional.takes_nothing_as_text
    assert optional._replace(required=True).takes_nothing_as_text
