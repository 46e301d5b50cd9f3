from __future__ import annotations

from xml.etree import ElementTree

from toe.check.formats import FORMATS, Report
from toe.errors import Problem, Severity

ERROR = Problem("TOE204", Severity.ERROR, "unknown action 'Bsh'", "toe actions", "a.yml", 3, 9, 3, 12, "action: Bsh")
WARNING = Problem("TOE216", Severity.WARNING, "write 'and'", "", "b.yml", 5, 1, 5, 4, "AND:")
INFO = Problem("TOE307", Severity.INFO, "stays as it is", "", "b.yml", 6, 1, 6, 4, "x")
GONE = ("c.yml", "c.yml: cannot read the document: No such file or directory")


def _suite(report: Report) -> ElementTree.Element:
    root = ElementTree.fromstring(FORMATS["junit"](report).encode())
    suite = root.find("testsuite")
    assert root.tag == "testsuites"
    assert suite is not None
    assert dict(root.items()) == dict(suite.items())
    return suite


def _case(suite: ElementTree.Element, name: str) -> ElementTree.Element:
    found = suite.find(f"testcase[@name='{name}']")
    assert found is not None
    return found


def test_junit_has_a_case_for_each_document_and_right_counts() -> None:
    suite = _suite(Report(("a.yml", "b.yml", "d.yml"), (ERROR, WARNING), unreadable=(GONE,)))
    assert dict(suite.items()) == {"name": "toe validate", "tests": "4", "failures": "1", "errors": "1"}
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == ["a.yml", "b.yml", "d.yml", "c.yml"]
    assert dict(cases[0].items()) == {
        "classname": "toe validate",
        "name": "a.yml",
        "file": "a.yml",
        "time": "0",
    }
    assert len(_case(suite, "d.yml")) == 0


def test_junit_failure_has_the_first_error_and_the_text_of_all() -> None:
    case = _case(_suite(Report(("a.yml",), (ERROR, ERROR._replace(code="TOE201", line=9)))), "a.yml")
    assert [child.tag for child in case] == ["failure"]
    assert case[0].get("type") == "TOE204"
    assert case[0].get("message") == "a.yml:3:9: unknown action 'Bsh' (and 1 more)"
    text = case[0].text or ""
    assert "a.yml:3:9: error[TOE204]: unknown action 'Bsh'\n  action: Bsh\n          ^^^\n  hint: toe actions\n" in text
    assert "a.yml:9:9: error[TOE201]" in text


def test_junit_warnings_are_output_and_failures_only_when_strict() -> None:
    case = _case(_suite(Report(("b.yml",), (WARNING, INFO))), "b.yml")
    assert [child.tag for child in case] == ["system-out"]
    assert "warning[TOE216]" in (case[0].text or "")
    assert "info[TOE307]" in (case[0].text or "")
    strict = _case(_suite(Report(("b.yml",), (WARNING, INFO), strict=True)), "b.yml")
    assert [child.tag for child in strict] == ["failure", "system-out"]
    assert strict[0].get("type") == "TOE216"
    assert "TOE216" not in (strict[1].text or "")


def test_junit_of_an_unreadable_document_is_an_error() -> None:
    case = _case(_suite(Report(("c.yml",), (), unreadable=(GONE,))), "c.yml")
    assert case[0].tag == "error"
    assert dict(case[0].items()) == {
        "message": "cannot read the document: No such file or directory",
        "type": "unreadable",
    }


def test_junit_has_a_case_for_a_nested_document_with_problems() -> None:
    suite = _suite(Report(("top.yml",), (ERROR._replace(file="nested.yml"),)))
    assert len(_case(suite, "top.yml")) == 0
    assert _case(suite, "nested.yml")[0].tag == "failure"


def test_junit_holds_a_document_once_though_it_was_named_twice() -> None:
    assert _suite(Report(("a.yml", "a.yml"), ())).get("tests") == "1"


def test_junit_survives_markup_and_what_xml_cannot_hold() -> None:
    hostile = ERROR._replace(message="]]> <a> & \x00\x1b\ud800\ufffe \"'", source_line="]]></failure>\x0b")
    case = _suite(Report(("a.yml",), (hostile,)))[0]
    assert "]]> <a> & ??\\ud800? \"'" in (case[0].get("message") or "")
    assert "  ]]></failure>?" in (case[0].text or "")
