from __future__ import annotations

import pytest

from toe.actions import ActionTable
from toe.check.check import load_document
from toe.check.explanations import EXPLANATIONS, whole_document
from toe.check.findings import Findings
from toe.check.platform_needs import check_platform_needs
from toe.errors import Problem, Severity

BASH = "- {name: Bash, action: ExecuteBash, inputs: {commands: [a]}}\n"
POWERSHELL = "- {name: Power, action: ExecutePowerShell, inputs: {commands: [a]}}\n"
UPDATE = "- {name: Update, action: UpdateOS}\n"
ANYWHERE = "- {name: Folder, action: CreateFolder, inputs: [{path: a}]}\n"
OWNED = "- {name: Owned, action: CreateFolder, inputs: [{path: a}, {path: b, owner: root}]}\n"
CONDITIONAL = "- {name: Maybe, action: ExecutePowerShell, if: {fileExists: a}, inputs: {commands: [a]}}\n"


def judged(text: str) -> list[Problem]:
    """What the pass says about a list of steps."""
    data, table = whole_document(text).encode(), ActionTable()
    document, problems = load_document(data, "doc.yml", table)
    assert document is not None
    assert problems == []
    findings = Findings("doc.yml", data)
    check_platform_needs(document, table, findings)
    return findings.problems


@pytest.mark.parametrize(
    "steps",
    [
        ANYWHERE,
        ANYWHERE + ANYWHERE.replace("name: Folder", "name: Two"),
        BASH,
        BASH + OWNED,
        ANYWHERE + POWERSHELL + CONDITIONAL,
    ],
)
def test_document_whose_actions_run_on_the_same_platforms_gets_nothing(steps: str) -> None:
    assert judged(steps) == []


@pytest.mark.parametrize(
    ("steps", "line", "remaining", "hint"),
    [
        (ANYWHERE + UPDATE + POWERSHELL, 6, "windows", "UpdateOS: linux, windows; ExecutePowerShell: windows"),
        (UPDATE + BASH, 5, "linux", "UpdateOS: linux, windows; ExecuteBash: linux, darwin"),
        (OWNED + UPDATE, 5, "linux", "owner of CreateFolder: linux, darwin; UpdateOS: linux, windows"),
        (UPDATE + CONDITIONAL, 5, "windows", "UpdateOS: linux, windows; ExecutePowerShell: windows"),
    ],
)
def test_document_that_runs_on_some_platforms_is_information_once(
    steps: str, line: int, remaining: str, hint: str
) -> None:
    (problem,) = judged(steps)
    assert (problem.code, problem.severity) == ("TOE420", Severity.INFO)
    assert problem.message == f"this document can run on {remaining} only"
    assert problem.hint == hint
    assert problem.line == line
    assert problem.source_line[problem.column - 1 :].startswith(("Execute", "Update", "Create"))


@pytest.mark.parametrize(
    ("steps", "line", "first", "second"),
    [
        (BASH + POWERSHELL, 6, "'ExecuteBash' (line 5)", "'ExecutePowerShell'"),
        (UPDATE + BASH + ANYWHERE + POWERSHELL, 8, "'ExecuteBash' (line 6)", "'ExecutePowerShell'"),
        (POWERSHELL + OWNED, 6, "'ExecutePowerShell' (line 5)", "'owner of CreateFolder'"),
        (CONDITIONAL + BASH + POWERSHELL, 7, "'ExecuteBash' (line 6)", "'ExecutePowerShell'"),
    ],
)
def test_actions_that_exclude_each_other_are_a_warning(steps: str, line: int, first: str, second: str) -> None:
    (problem,) = judged(steps)
    assert (problem.code, problem.severity, problem.line) == ("TOE421", Severity.WARNING, line)
    assert problem.message == f"no platform has both {first} and {second}"


def test_actions_that_exclude_each_other_are_information_where_a_condition_may_choose() -> None:
    (problem,) = judged(BASH + CONDITIONAL)
    assert (problem.code, problem.line) == ("TOE420", 5)
    assert problem.message == "no platform has everything that this document may use"
    assert problem.hint == "ExecuteBash: linux, darwin; ExecutePowerShell: windows"


@pytest.mark.parametrize("code", ["TOE420", "TOE421"])
def test_examples_of_a_code_are_wrong_and_right(code: str) -> None:
    explanation = EXPLANATIONS[code]
    assert [problem.code for problem in judged(explanation.wrong)] == [code]
    assert code not in [problem.code for problem in judged(explanation.right)]
