from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toe.actions import ActionTable
from toe.actions.inputs import read_inputs
from toe.document.build import Refusal, build_document
from toe.document.loader import parse_yaml
from toe.model import Document, OnFailure

Build = Callable[[str], tuple[Document, list[Refusal]]]
BuildStep = Callable[[str], Any]

SECONDS = "a number of seconds of 1 or more, or -1 for no limit"
GOOD = """\
# comment
phases:
  - steps:
      - action: Say
        name: First
        inputs: {text: 0777}
      - {name: a-b_9, action: Need, inputs: {x: y}, timeoutSeconds: "60", onFailure: Ignore, maxAttempts: 3}
    name: build
    disableLogging: "true"
  - {name: x-1, steps: []}
disableLogging: false
description:
name: 1.10
schemaVersion: 1
"""


def _messages(refusals: list[Refusal]) -> list[str]:
    return [refusal.message for refusal in refusals]


def _placed(refusals: list[Refusal]) -> list[tuple[int, int, str]]:
    return [(refusal.node.line, refusal.node.column, refusal.message) for refusal in refusals]


def test_document_is_built_from_keys_in_any_order(build: Build) -> None:
    document, refusals = build(GOOD)
    assert refusals == []
    assert (document.path, document.name, document.description, document.schema_version) == (
        "doc.yml", "1.10", "", "1.0",
    )  # fmt: skip
    assert document.source == GOOD.encode()
    assert document.disable_logging is False
    build_phase, empty = document.phases
    assert (build_phase.name, build_phase.disable_logging, empty.name, empty.steps) == ("build", True, "x-1", ())
    first, second = build_phase.steps
    assert (first.name, first.action, first.inputs) == ("First", "Say", ({"text": "0777"},))
    assert (first.timeout_seconds, first.on_failure, first.max_attempts) == (7200, OnFailure.ABORT, 1)
    assert (second.timeout_seconds, second.on_failure, second.max_attempts) == (60, OnFailure.IGNORE, 3)
    assert first.node is not None
    assert (first.node.line, first.inputs_node and first.inputs_node.line) == (4, 6)


@pytest.mark.parametrize("version", ["1.0", "1", "'1.0'", "'1'", '"1.0"'])
def test_schema_version_is_normalised(build: Build, version: str) -> None:
    document, refusals = build(f"schemaVersion: {version}\nphases: [{{name: build, steps: []}}]\n")
    assert (document.schema_version, refusals) == ("1.0", [])


@pytest.mark.parametrize(
    ("text", "refusals"),
    [
        ("just text\n", [(1, 1, "the document must be a mapping, not a string")]),
        ("[]\n", [(1, 1, "the document must be a mapping, not a list")]),
        ("schemaVersion: 1.0\n", [(1, 1, "'phases' is missing")]),
        ("phases: [{name: build, steps: []}]\n", [(1, 1, "'schemaVersion' is missing")]),
        (
            "schemaVersion: 2.0\nphases: [{name: build, steps: []}]\n",
            [(1, 16, "unknown schema version '2.0'")],
        ),
        ("schemaVersion: 1\nphases: []\n", [(2, 9, "Document has 0 phases. Phases list must not be empty.")]),
        ("schemaVersion: 1\nphases:\n", [(2, 8, "Document has 0 phases. Phases list must not be empty.")]),
        ("schemaVersion: 1\nphases: {a: b}\n", [(2, 9, "'phases' must be a list, not a mapping")]),
        ("schemaVersion: 1\nphases: [build]\n", [(2, 10, "a phase must be a mapping, not a string")]),
        ("schemaVersion: 1\nphases: [{name: build}]\n", [(2, 10, "'steps' is missing")]),
        ("schemaVersion: 1\nphases: [{name: build, steps: x}]\n", [(2, 31, "'steps' must be a list, not a string")]),
        (
            "schemaVersion: 1\nphases: [{name: build, steps: [x]}]\n",
            [(2, 32, "a step must be a mapping, not a string")],
        ),
        (
            "schemaVersion: 1\nname: [a]\nphases: [{name: build, steps: []}]\n",
            [(2, 7, "'name' must be a text, not a list")],
        ),
    ],
)  # fmt: skip
def test_document_of_the_wrong_form_is_refused(build: Build, text: str, refusals: list[tuple[int, int, str]]) -> None:
    assert _placed(build(text)[1]) == refusals


def test_unknown_keys_are_refused_at_every_level_with_an_absent_key_as_suggestion(build: Build) -> None:
    text = (
        "SchemaVersion: 1.0\nmetadata: {}\nphases:\n- name: build\n  step: []\n  steps:\n"
        "  - {name: One, actions: Say, onFailur: Abort, loop: {fr: {}, for: {start: 1, end: 2, updateBy: 1, by: 1}}}\n"
    )
    messages = _messages(build(text)[1])
    assert messages == [
        "unknown key 'SchemaVersion' (did you mean 'schemaVersion'?)",
        "unknown key 'metadata'",
        "'schemaVersion' is missing",
        "unknown key 'step'",
        "unknown key 'actions' (did you mean 'action'?)",
        "unknown key 'onFailur' (did you mean 'onFailure'?)",
        "'action' is missing",
        "unknown key 'fr' in 'loop'",
        "unknown key 'by' in 'for'",
    ]


def test_bad_step_name_has_the_message_of_awstoe(build: Build) -> None:
    text = "schemaVersion: 1\nphases: [{name: build, steps: [{name: Loading ssh keys, action: Say}]}]\n"
    document, refusals = build(text)
    assert _placed(refusals) == [
        (
            2,
            39,
            "Invalid step name 'Loading ssh keys' in phase 'build'. Allowed characters are combinations of numbers "
            "[0-9], english letters [a-z,A-Z] and special characters [-_].",
        )
    ]
    assert document.phases[0].steps[0].name == "Loading ssh keys"


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("abc", True),
        ("ab", False),
        ("a" * 128, True),
        ("a" * 129, False),
        ("a.b", False),
        ("äbc", False),
        ("123", True),
    ],
)
def test_phase_names_have_3_to_128_characters(build: Build, name: str, good: bool) -> None:
    refusals = build(f"schemaVersion: 1\nphases: [{{name: {name}, steps: []}}]\n")[1]
    assert [message[:19] for message in _messages(refusals)] == ([] if good else ["Invalid phase name "])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "'name' is missing"),
        ("~", "'name' is missing"),
        ("[a]", "the name of a step must be a text, not a list"),
        ("{a: b}", "the name of a step must be a text, not a mapping"),
    ],
)
def test_step_without_a_readable_name_is_kept(build: Build, name: str, message: str) -> None:
    document, refusals = build(f"schemaVersion: 1\nphases: [{{name: build, steps: [{{name: {name}, action: Say}}]}}]\n")
    assert _messages(refusals) == [message]
    assert len(document.phases[0].steps) == 1


def test_names_that_come_twice_are_refused_at_the_second(build: Build) -> None:
    text = """\
schemaVersion: 1
phases:
- name: build
  steps:
  - {name: One, action: Say, loop: {name: L, forEach: [a]}}
  - {name: One, action: Say, loop: {name: L, forEach: [a]}}
  - {name: one, action: Say}
- name: build
  steps:
  - {name: One, action: Say, loop: {name: L, forEach: [a]}}
"""
    document, refusals = build(text)
    assert _placed(refusals) == [
        (6, 12, "duplicate step name in phase 'build': 'One' stands in line 5 already"),
        (6, 43, "duplicate loop name in phase 'build': 'L' stands in line 5 already"),
        (8, 9, "duplicate phase name 'build': it stands in line 3 already"),
    ]
    assert [len(phase.steps) for phase in document.phases] == [3, 1]


@pytest.mark.parametrize(
    ("keys", "timeout", "attempts"),
    [
        ("timeoutSeconds: -1", -1, 1),
        ("timeoutSeconds: 1", 1, 1),
        ("timeoutSeconds: '90'\nmaxAttempts: '2'", 90, 2),
        ("maxAttempts: 5", 7200, 5),
    ],
)
def test_limits_are_read(build_step: BuildStep, keys: str, timeout: int, attempts: int) -> None:
    step, refusals = build_step(keys)
    assert (step.timeout_seconds, step.max_attempts, refusals) == (timeout, attempts, [])


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("timeoutSeconds: 0", f"'timeoutSeconds' must be {SECONDS}, not '0'"),
        ("timeoutSeconds: -2", f"'timeoutSeconds' must be {SECONDS}, not '-2'"),
        ("timeoutSeconds: 1.5", f"'timeoutSeconds' must be {SECONDS}, not '1.5'"),
        ("timeoutSeconds: +-5", f"'timeoutSeconds' must be {SECONDS}, not '+-5'"),
        ("timeoutSeconds: '{{ T }}'", f"expressions are not allowed in 'timeoutSeconds', which must be {SECONDS}"),
        ("timeoutSeconds: 9999999999999999999", f"'timeoutSeconds' must be {SECONDS}, not '9999999999999999999'"),
        ("maxAttempts: 0", "'maxAttempts' must be an integer of 1 or more, not '0'"),
        ("maxAttempts: -1", "'maxAttempts' must be an integer of 1 or more, not '-1'"),
        ("maxAttempts: [1]", "'maxAttempts' must be an integer of 1 or more, not a list"),
        ("onFailure: Retry", "'onFailure' must be one of Abort, Continue, Ignore, not 'Retry'"),
        ("onFailure: abort", "'onFailure' must be one of Abort, Continue, Ignore, not 'abort' (did you mean 'Abort'?)"),
        ("disableLogging: maybe", "'disableLogging' must be true or false, not 'maybe'"),
        ("disableLogging: {}", "'disableLogging' must be true or false, not a mapping"),
        ("loop: 3", "'loop' must be a mapping, not an integer"),
        ("if: yes", "'if' must be a condition (a mapping), not a boolean"),
    ],
)
def test_wrong_values_of_a_step_are_refused_and_defaults_stand_in(
    build_step: BuildStep, keys: str, message: str
) -> None:
    step, refusals = build_step(keys)
    assert [(line, found) for line, _, found in refusals] == [(1, message)]
    assert (step.timeout_seconds, step.max_attempts, step.on_failure) == (7200, 1, OnFailure.ABORT)
    assert (step.disable_logging, step.loop, step.condition) == (False, None, None)


def test_unknown_action_is_refused_at_the_action(build: Build) -> None:
    steps = "[{name: A, action: Sai}, {name: B, action: }, {name: C, action: [Say]}, {name: D, action: 'x y'}]"
    document, refusals = build(f"schemaVersion: 1\nphases: [{{name: build, steps: {steps}}}]\n")
    assert _messages(refusals) == [
        "unknown action 'Sai' (did you mean 'Say'?)",
        "'action' is missing",
        "'action' must be the name of an action, not a list",
        "unknown action 'x y'",
    ]
    assert [step.action for step in document.phases[0].steps] == ["Sai", "", "", "x y"]


@pytest.mark.parametrize("inputs", ["", ", inputs: ", ", inputs: []"])
@pytest.mark.parametrize("action", ["Need", "Claim"])
def test_action_without_its_inputs_is_refused(build: Build, action: str, inputs: str) -> None:
    text = f"schemaVersion: 1\nphases: [{{name: build, steps: [{{name: A, action: {action}{inputs}}}]}}]\n"
    assert _messages(build(text)[1]) == [f"Action {action} has no inputs; it requires an 'inputs'"]


def test_fixed_limits_are_defaults_and_the_only_values(build: Build) -> None:
    steps = (
        "[{name: A, action: Fixed}, {name: B, action: Fixed, timeoutSeconds: -1, maxAttempts: 1}, "
        "{name: C, action: Fixed, timeoutSeconds: 60, maxAttempts: 2}]"
    )
    document, refusals = build(f"schemaVersion: 1\nphases: [{{name: build, steps: {steps}}}]\n")
    assert _messages(refusals) == [
        "'timeoutSeconds' may only be -1 for Fixed, not '60'",
        "'maxAttempts' may only be 1 for Fixed, not '2'",
    ]
    limits = [(step.timeout_seconds, step.max_attempts) for step in document.phases[0].steps]
    assert limits == [(-1, 1)] * 3


def test_inputs_of_an_action_with_a_condition_are_read_as_one(build: Build) -> None:
    def step(inputs: str) -> str:
        return f"schemaVersion: 1\nphases: [{{name: build, steps: [{{name: A, action: Claim, inputs: {inputs}}}]}}]\n"

    for good in ("{fileExists: /x}", "[{fileExists: /x}]"):
        document, refusals = build(step(good))
        assert (document.phases[0].steps[0].inputs, refusals) == (({"fileExists": "/x"},), [])
    assert len(build(step("{fileExists: /x, then: Skip}"))[1]) == 1
    assert len(build(step("{}"))[1]) == 1
    assert len(build(step("[{fileExists: /x}, {fileExists: /y}]"))[1]) == 1


def test_real_actions_read_their_inputs_without_being_told_how() -> None:
    text = (
        b"schemaVersion: 1\nphases: [{name: build, steps: [{name: A, action: ExecuteBash, inputs: {commands: [a]}}]}]\n"
    )
    root, _ = parse_yaml(text, "doc.yml")
    assert root is not None
    document, refusals = build_document(root, "doc.yml", text, ActionTable(), read_inputs)
    assert refusals == []
    assert document.phases[0].steps[0].inputs == ({"commands": ["a"]},)


def test_thousands_of_slips_cost_no_more_than_some_suggestions(build: Build) -> None:
    steps = "".join(f"  - {{name: S{n}, action: Sai, onFailur: x}}\n" for n in range(5000))
    refusals = build(f"schemaVersion: 1\nphases:\n- name: build\n  steps:\n{steps}")[1]
    assert len(refusals) == 10_000
    assert sum("did you mean" in refusal.message for refusal in refusals) == 100


WORDS = (
    "name description schemaVersion parameters constants phases disableLogging steps action timeoutSeconds onFailure "
    "maxAttempts inputs loop if for forEach list delimiter start end updateBy type default value allowedValues then "
    "else not and or fileExists stringEquals path build One Say Need Claim Fixed string stringList Abort Skip"
)
words = st.sampled_from(WORDS.split())
leaves = words | st.sampled_from(["", "1", "0", "-1", "1.0", "true", "~", "{{ x }}", "a b", "ä"])
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(words, values, max_size=7), st.booleans())
def test_anything_is_built_or_refused(build: Build, tree: dict[str, Any], inside: bool) -> None:
    _check_answer(build, tree, inside)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(words, values, max_size=7), st.booleans())
def test_any_of_many_things_is_built_or_refused(build: Build, tree: dict[str, Any], inside: bool) -> None:
    _check_answer(build, tree, inside)


def _check_answer(build: Build, tree: dict[str, Any], inside: bool) -> None:
    import json

    if inside:
        tree = {
            "schemaVersion": "1.0",
            "phases": [{"name": "build", "steps": [{"name": "A", "action": "Say", **tree}]}],
        }
    document, refusals = build(json.dumps(tree))
    assert refusals or document.phases
    assert all(refusal.message for refusal in refusals)
