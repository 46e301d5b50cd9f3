from __future__ import annotations

from toe.check.formats import FORMATS, Report
from toe.errors import Problem, Severity

PROBLEM = Problem("TOE204", Severity.ERROR, "unknown action 'Bsh'", "", "./sub/a.yml", 3, 9, 3, 12, "action: Bsh")


def _render(*problems: Problem, unreadable: tuple[tuple[str, str], ...] = ()) -> str:
    return FORMATS["github"](Report(("a.yml",), problems, unreadable=unreadable))


def test_github_of_a_problem_is_a_command_with_its_place() -> None:
    expected = "::error file=sub/a.yml,line=3,col=9,endLine=3,endColumn=12,title=TOE204::unknown action 'Bsh'\n"
    assert _render(PROBLEM) == expected


def test_github_has_a_command_for_each_severity() -> None:
    text = _render(PROBLEM, PROBLEM._replace(severity=Severity.WARNING), PROBLEM._replace(severity=Severity.INFO))
    assert [line.split(" ")[0] for line in text.splitlines()] == ["::error", "::warning", "::notice"]


def test_github_leaves_out_columns_when_the_problem_spans_lines() -> None:
    text = _render(PROBLEM._replace(end_line=5))
    assert text.startswith("::error file=sub/a.yml,line=3,endLine=5,title=TOE204::")


def test_github_adds_the_hint_as_a_second_line() -> None:
    assert _render(PROBLEM._replace(hint="toe actions")).endswith("::unknown action 'Bsh'%0Ahint: toe actions\n")


def test_github_escapes_what_ends_a_property_or_a_message() -> None:
    text = _render(PROBLEM._replace(file="a,b:c%.yml", message="100% a: b, c\n::stop-commands::x"))
    assert text.startswith("::error file=a%2Cb%3Ac%25.yml,line=3,")
    assert text.endswith("::100%25 a: b, c%0A::stop-commands::x\n")


def test_github_of_an_unreadable_document_is_an_error_without_a_line() -> None:
    text = _render(unreadable=(("gone.yml", "gone.yml: cannot read the document: No such file"),))
    assert text == "::error file=gone.yml,title=unreadable::cannot read the document: No such file\n"


def test_github_of_no_problems_is_empty() -> None:
    assert _render() == ""
