"""JUnit's XML as Jenkins, GitLab and test reporters read it: counts, attributes, the text of the whole file."""

from __future__ import annotations

from xml.etree.ElementTree import Element, indent, tostring

from toe.sinks.safe_text import one_line

_COUNTS = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}


def set_attributes(element: Element, **attributes: str) -> None:
    """Set attributes to texts from outside; each text becomes one line."""
    for key, value in attributes.items():
        element.set(key, one_line(value))


def junit_text(root: Element) -> str:
    """The XML of a `testsuites` element, in which every suite and the whole get their counts."""
    suites = root.findall("testsuite")
    for attribute, path in _COUNTS.items():
        numbers = [len(suite.findall(path)) for suite in suites]
        for suite, number in zip(suites, numbers, strict=True):
            suite.set(attribute, str(number))
        root.set(attribute, str(sum(numbers)))
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data.decode("utf-8") + "\n"
