"""`--format json`: AWSTOE's object (reference, section 7), to which the problems are added."""

from __future__ import annotations

import json
import re

from toe.check.formats.places import span_of
from toe.check.formats.report import Report
from toe.errors import Problem, first_of
from toe.sinks.safe_text import HIDDEN

_ESCAPED = re.compile(f"[{HIDDEN}\ud800-\udfff]")


def render(report: Report) -> str:
    """One object on one line: `validationStatus`, `message`, `problems`, and `unreadable` where there are such."""
    whole: dict[str, object] = {
        "validationStatus": "failed" if report.failed else "success",
        "message": _message(report),
        "problems": [_entry(problem) for problem in report.problems],
    }
    unreadable = [{"file": document, "message": reason} for document, reason in report.reasons if document]
    if unreadable:
        whole["unreadable"] = unreadable
    return json_line(whole)


def _message(report: Report) -> str:
    if report.unreadable:
        document, reason = report.reasons[0]
        # Without a document it is the command that was wrong.
        return f"{document}: {reason}" if document else reason
    if report.failing:
        return first_of(report.failing)
    return f"Document(s) [{', '.join(report.documents)}] is/are valid."


def _entry(problem: Problem) -> dict[str, object]:
    span = span_of(problem)
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "hint": problem.hint,
        "file": problem.file,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def json_line(value: object) -> str:
    """The JSON text with its newline. Text stays readable: only characters that are not shown are escaped."""
    return _ESCAPED.sub(_escape, json.dumps(value, ensure_ascii=False)) + "\n"


def _escape(found: re.Match[str]) -> str:
    """Outside of strings JSON is ASCII, so an escape is right wherever one of these stands."""
    code = ord(found.group())
    backslash = "\\\\" if 0xD800 <= code <= 0xDFFF else "\\"
    return f"{backslash}u{code:04x}"
