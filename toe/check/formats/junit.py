"""`--format junit`: a test suite in which every document is a test case, for Jenkins, GitLab and test reporters."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from toe.check.formats.people_text import problem_text
from toe.check.formats.report import Report
from toe.errors import Problem, first_of
from toe.sinks.junit_xml import junit_text, set_attributes
from toe.sinks.safe_text import lines

SUITE = "toe validate"


def render(report: Report) -> str:
    """The XML. A document whose problems fail has a `failure`, an unreadable one an `error`; the rest is system-out."""
    root = Element("testsuites", name=SUITE)
    suite = SubElement(root, "testsuite", name=SUITE)
    reasons = dict(report.reasons)
    for document, problems in _by_document(report).items():
        case = SubElement(suite, "testcase")
        # GitLab tells test cases apart by class and name, and shows the class as the suite.
        set_attributes(case, classname=SUITE, name=document, file=document, time="0")
        _fill(case, report, problems, reasons.get(document))
    return junit_text(root)


def _by_document(report: Report) -> dict[str, list[Problem]]:
    """The problems of each document, also of nested ones, in the order in which they were looked at."""
    found: dict[str, list[Problem]] = {document: [] for document in report.documents}
    found.update({document: [] for document, _ in report.unreadable if document not in found})
    for problem in report.problems:
        found.setdefault(problem.file, []).append(problem)
    return found


def _fill(case: Element, report: Report, problems: list[Problem], reason: str | None) -> None:
    failing = [problem for problem in problems if report.is_failure(problem)]
    others = [problem for problem in problems if not report.is_failure(problem)]
    if reason is not None:
        error = SubElement(case, "error")
        set_attributes(error, message=reason, type="unreadable")
        error.text = lines("\n".join([reason, *map(problem_text, failing)]))
    elif failing:
        failure = SubElement(case, "failure")
        set_attributes(failure, message=first_of(failing), type=failing[0].code)
        failure.text = _texts(failing)
    if others:
        SubElement(case, "system-out").text = _texts(others)


def _texts(problems: list[Problem]) -> str:
    return lines("\n".join(map(problem_text, problems)))
