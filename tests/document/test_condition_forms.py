from __future__ import annotations

import pytest

from toe.document.conditions import read_condition, read_if
from toe.document.keys import OPERATORS, OPERATORS_ANY_CASE
from toe.document.loader import parse_yaml
from toe.document.refusals import Refusals
from toe.model import Comparison, Condition, If, Logical, Verdict
from toe.nodes import Node


def _node(text: str) -> Node:
    root, problems = parse_yaml(text.encode(), "doc.yml")
    assert problems == []
    assert root is not None
    return root


def _read(text: str) -> tuple[If | None, list[str]]:
    refuse = Refusals()
    found = read_if(_node(text), refuse)
    return found, [f"{refusal.node.column} {refusal.message}" for refusal in refuse.found]


def _good(text: str) -> If:
    found, messages = _read(text)
    assert messages == []
    assert found is not None
    return found


def _words(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        subject = "" if condition.subject is None else f" {condition.subject}"
        return f"{condition.operator} {condition.operand}{subject}"
    return f"{condition.operator}({', '.join(_words(part) for part in condition.conditions)})"


def test_there_are_23_operators() -> None:
    assert len(OPERATORS) == 23
    assert len(OPERATORS_ANY_CASE) == 23


@pytest.mark.parametrize("name", [name for name, operator in OPERATORS.items() if operator.group != "logical"])
@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
def test_every_operator_is_read_in_any_case(name: str, spelling: type[str]) -> None:
    key = OPERATORS[name].subject
    subject = f", {key}: 1.10" if key else ""
    condition = _good(f"{{{spelling(name)}: 0777{subject}}}").condition
    assert isinstance(condition, Comparison)
    assert (condition.operator, condition.operand, condition.subject) == (name, "0777", "1.10" if key else None)
    assert condition.node.column == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{not: {fileExists: a}}", "not(fileExists a)"),
        ("{not: [{fileExists: a}]}", "not(fileExists a)"),
        ("[{fileExists: a}]", "fileExists a"),
        ("{and: [{fileExists: a}, {or: [{fileExists: b}]}]}", "and(fileExists a, or(fileExists b))"),
        ("{AND: [{fileExists: a}]}", "and(fileExists a)"),
        ("{stringIsEmpty: }", "stringIsEmpty "),
        ("{stringIsEmpty: ''}", "stringIsEmpty "),
        ("{not: {not: {not: {not: {fileExists: a}}}}}", "not(not(not(not(fileExists a))))"),
        ("{value: v, stringEquals: a}", "stringEquals a v"),
    ],
)
def test_condition_is_read(text: str, words: str) -> None:
    assert _words(_good(text).condition) == words


@pytest.mark.parametrize(
    ("text", "then", "otherwise"),
    [
        ("{fileExists: a}", Verdict.EXECUTE, Verdict.SKIP),
        ("{fileExists: a, then: Skip, else: Execute}", Verdict.SKIP, Verdict.EXECUTE),
        ("{fileExists: a, else: Abort}", Verdict.EXECUTE, Verdict.ABORT),
        ("{not: {fileExists: a, then: Abort, else: Skip}}", Verdict.ABORT, Verdict.SKIP),
        ("{not: {fileExists: a, then: Abort}, else: Execute}", Verdict.ABORT, Verdict.EXECUTE),
        ("{not: [{fileExists: a, then: Abort}]}", Verdict.ABORT, Verdict.SKIP),
        ("[{not: {fileExists: a}, then: Skip}]", Verdict.SKIP, Verdict.SKIP),
        ("{and: [{fileExists: a}], then: Skip}", Verdict.SKIP, Verdict.SKIP),
    ],
)
def test_branches_stand_beside_the_operator_or_inside_the_top_not(text: str, then: Verdict, otherwise: Verdict) -> None:
    found = _good(text)
    assert (found.then, found.otherwise) == (then, otherwise)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "1 'if' must be a condition (a mapping), not a string"),
        ("[]", "1 a condition must stand alone, not in a list of 0 conditions"),
        ("[{fileExists: a}, {fileExists: b}]", "1 a condition must stand alone, not in a list of 2 conditions"),
        ("{}", "1 a condition has exactly one operator, and this has none"),
        ("{then: Skip}", "1 a condition has exactly one operator, and this has none"),
        ("{and: [], or: []}", "11 a condition has exactly one operator, not 'and', 'or'"),
        ("{fileExist: a}", "2 unknown operator 'fileExist' (did you mean 'fileExists'?)"),
        ("{fileExists: [a]}", "14 'fileExists' must be a text, not a list"),
        ("{fileExists: a, path: b}", "17 the operator 'fileExists' has no 'path'"),
        ("{stringEquals: a}", "1 'value' is missing"),
        ("{fileMD5Equals: a, path: {}}", "26 'path' must be a text, not a mapping"),
        ("{and: {fileExists: a}}", "7 'and' must be a list of conditions, not a mapping"),
        ("{or: []}", "6 the operator 'or' must have at least one condition"),
        ("{not: []}", "7 a condition must stand alone, not in a list of 0 conditions"),
        ("{not: x}", "7 'not' must be a condition (a mapping), not a string"),
        ("{and: [{fileExists: a}], value: b}", "26 the operator 'and' has no 'value'"),
        (
            "{fileExists: a, then: skip}",
            "23 'then' must be one of Abort, Execute, Skip, not 'skip' (did you mean 'Skip'?)",
        ),
        ("{fileExists: a, else: [Skip]}", "23 'else' must be one of Abort, Execute, Skip, not a list"),
        ("{not: {fileExists: a, then: Skip}, then: Skip}", "23 'then' stands here and beside the 'not' around it"),
        (
            "{and: [{fileExists: a, then: Skip}]}",
            "24 'then' stands beside the operator at the top of 'if', and nowhere else",
        ),
        (
            "{not: {not: {fileExists: a, else: Skip}}}",
            "29 'else' stands beside the operator at the top of 'if', and nowhere else",
        ),
        (
            "{not: {not: {not: {not: {not: {stringIsEmpty: ''}}}}}}",
            "25 and, or, not are nested more than 4 levels deep",
        ),
    ],
)  # fmt: skip
def test_wrong_condition_is_refused(text: str, message: str) -> None:
    assert _read(text)[1] == [message]


def test_faults_of_all_branches_are_found_at_once() -> None:
    found, messages = _read("{and: [{x: a}, {fileExists: b}, {or: [{}, {stringEquals: c}]}]}")
    assert found is None
    assert len(messages) == 3


def test_condition_of_assert_has_no_branches() -> None:
    refuse = Refusals()
    read_condition(_node("{not: {fileExists: a, then: Skip}}"), refuse)
    (refusal,) = refuse.found
    assert refusal.message == "'then' stands beside the operator at the top of 'if', and nowhere else"
    good = read_condition(_node("[{not: {fileExists: a}}]"), refuse)
    assert isinstance(good, Logical)
    assert len(refuse.found) == 1
