"""Assert: a condition decides whether the step succeeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import toe

if TYPE_CHECKING:
    from tests.conftest import RunDocument


def asserted(run_document: RunDocument, condition: Any, **step: Any) -> toe.RunResult:
    """Run one Assert behind a step that prints "seen"."""
    steps = [
        {"name": "Print", "action": "ExecuteBash", "inputs": {"commands": ["echo seen"]}},
        {"name": "Check", "action": "Assert", "inputs": condition, **step},
    ]
    return run_document(json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]}))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"stringEquals": "SEEN", "value": "{{ build.Print.outputs.stdout }}"}, True),
        ({"stringEquals": "other", "value": "{{ build.Print.outputs.stdout }}"}, False),
        ([{"fileExists": "there"}], True),
        ({"fileExists": "missing"}, False),
        ({"not": {"fileExists": "missing"}}, True),
        ({"and": [{"fileExists": "there"}, {"folderExists": "there"}]}, False),
        ({"or": [{"fileExists": "missing"}, {"numberGreaterThan": 9, "value": 10}]}, True),
    ],
)
def test_assert_succeeds_when_its_condition_holds(condition: Any, holds: bool, run_document: RunDocument) -> None:
    Path("there").touch()
    result = asserted(run_document, condition)
    step = result.documents[0].phases[0].steps[1]
    assert step.status is (toe.Status.SUCCESS if holds else toe.Status.FAILED)
    assert result.status is step.status


def test_assert_obeys_on_failure(run_document: RunDocument) -> None:
    result = asserted(run_document, {"fileExists": "missing"}, onFailure="Ignore")
    assert result.status is toe.Status.SUCCESS
    assert result.counts.ignored == 1


@pytest.mark.parametrize("condition", [{"fileExist": "x"}, {}, {"fileExists": "x", "folderExists": "y"}])
def test_assert_refuses_what_is_no_condition(condition: Any, run_document: RunDocument) -> None:
    with pytest.raises(toe.ToeError):
        asserted(run_document, condition)
