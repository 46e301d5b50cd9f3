from __future__ import annotations

from toe.check.findings import Findings
from toe.check.formats.people_text import problem_text
from toe.errors import Problem, Severity
from toe.nodes import Kind, Node, Scalar


def _problem(line: str, column: int, end_column: int, message: str = "wrong", hint: str = "") -> Problem:
    return Problem("TOE204", Severity.ERROR, message, hint, "a.yml", 3, column, 3, end_column, line)


def test_problem_text_has_place_message_line_caret_and_hint() -> None:
    text = problem_text(
        _problem("        action: InvokeBash", 17, 27, "unknown action 'InvokeBash'", "see toe actions")
    )
    assert text.splitlines() == [
        "a.yml:3:17: error[TOE204]: unknown action 'InvokeBash'",
        "  action: InvokeBash",
        "          ^^^^^^^^^^",
        "  hint: see toe actions",
    ]


def test_problem_text_shows_no_control_characters() -> None:
    text = problem_text(_problem("a: \x1b[31mred", 4, 8, "bad '\x1b[2J\u202e'", "\x07"))
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert "\u202e" not in text


def test_problem_text_keeps_the_caret_under_its_column_when_there_are_tabs() -> None:
    _, source, caret = problem_text(_problem("a:\tb", 4, 5)).splitlines()
    assert source.index("b") == caret.index("^")


def test_problem_text_cuts_a_long_line_around_the_column() -> None:
    line = "x" * 3000 + "WRONG" + "y" * 3000
    findings = Findings("a.yml", line.encode())
    findings.at(Scalar(1, 3001, 1, 3006, "WRONG", Kind.STRING), "TOE204", "wrong")
    _, source, caret = problem_text(findings.problems[0]).splitlines()
    assert len(source) < 250
    assert source[caret.index("^") :].startswith("WRONG")
    assert caret.count("^") == 5


def test_problem_text_has_no_excerpt_for_an_empty_line() -> None:
    assert problem_text(_problem("", 1, 1)).splitlines() == ["a.yml:3:1: error[TOE204]: wrong"]


def test_findings_stop_at_a_limit() -> None:
    findings = Findings("a.yml", b"a\n")
    for _ in range(5000):
        findings.at(Node(1, 1, 1, 2), "TOE204", "wrong")
    assert findings.full
    assert len(findings.problems) == 2000
