"""`--format junit`: a test suite in which every document is a test case, for Jenkins, GitLab and test reporters."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from toe.check.formats.report import Report
from toe.check.formats.safe_text import lines, one_line
from toe.check.text import problem_text
from toe.errors import Problem, first_of

SUITE = "toe validate"


def render(report: Report) -> str:
    """The XML. A document whose problems fail has a `failure`, an unreadable one an `error`; the rest is system-out."""
    root = Element("testsuites", name=SUITE)
    suite = SubElement(root, "testsuite", name=SUITE)
    reasons = dict(report.reasons)
    for document, problems in _by_document(report).items():
        case = SubElement(suite, "testcase")
        # GitLab tells test cases apart by class and name, and shows the class as the suite.
        _set(case, classname=SUITE, name=document, file=document, time="0")
        _fill(case, report, problems, reasons.get(document))
    for element in (root, suite):
        _count(element, suite)
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data.decode("utf-8") + "\n"


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
        _set(error, message=reason, type="unreadable")
        error.text = lines("\n".join([reason, *map(problem_text, failing)]))
    elif failing:
        failure = SubElement(case, "failure")
        _set(failure, message=first_of(failing), type=failing[0].code)
        failure.text = _texts(failing)
    if others:
        SubElement(case, "system-out").text = _texts(others)


def _texts(problems: list[Problem]) -> str:
    return lines("\n".join(map(problem_text, problems)))


def _set(element: Element, **attributes: str) -> None:
    for key, value in attributes.items():
        element.set(key, one_line(value))


def _count(element: Element, suite: Element) -> None:
    for attribute, path in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        element.set(attribute, str(len(suite.findall(path))))
