"""`--format text`: every problem as people read it, and a last line that sums up. Plain text, no colours."""

from __future__ import annotations

import re

from toe.check.findings import CUT, CUT_COLUMN, LONGEST_SOURCE_LINE
from toe.check.formats.report import Report
from toe.errors import Problem, Severity
from toe.sinks.safe_text import encodable, one_line
from toe.sinks.terminal_text import printable_text
from toe.words import counted

TAB_WIDTH = 4
# C0 and C1 controls, and the marks that turn the direction of text: a document must not repaint a terminal.
_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def render(report: Report) -> str:
    """Problems with source line, caret and hint; documents that could not be read; the summary."""
    parts = [encodable(problem_text(problem)) for problem in report.problems]
    parts += [one_line(f"{document}: error: {reason}") for document, reason in report.reasons]
    return printable_text("\n".join([*parts, summary(report)])) + "\n"


def summary(report: Report) -> str:
    """`3 documents: 2 errors, 1 warning`."""
    errors, warnings, info = (report.count(severity) for severity in Severity)
    found = [
        f"{len(report.unreadable)} unreadable" if report.unreadable else "",
        counted(errors, "error") if errors else "",
        counted(warnings, "warning") if warnings else "",
        f"{info} info" if info else "",
    ]
    looked_at = len(dict.fromkeys([*report.documents, *(document for document, _ in report.unreadable)]))
    return f"{counted(looked_at, 'document')}: {', '.join(filter(None, found)) or 'no problems'}"


def problem_text(problem: Problem) -> str:
    """One problem as lines: `file:line:col: error[TOE204]: message`, then the source line, a caret and the hint."""
    head = f"{problem.place}: {problem.severity.value}[{problem.code}]: {problem.message}"
    lines = [_clean(head)]
    if problem.source_line.strip():
        lines += _excerpt(problem)
    if problem.hint:
        lines.append(f"  hint: {_clean(problem.hint)}")
    return "\n".join(lines)


def _clean(text: str) -> str:
    return _CONTROLS.sub("?", text).replace("\t", " ")


def _excerpt(problem: Problem) -> list[str]:
    index = problem.column - 1
    if problem.source_line.startswith(CUT) and problem.column > LONGEST_SOURCE_LINE * 3 // 4:
        index = CUT_COLUMN
    source = _CONTROLS.sub("?", problem.source_line)
    before = _widen(source[:index])
    length = problem.end_column - problem.column if problem.end_line == problem.line else len(source) - index
    marked = max(1, min(length, len(source) - index))
    indent = len(before) - len(before.lstrip()) if before.strip() else len(before)
    # Deep indentation says nothing here and pushes the line off the screen.
    shown = _widen(source.rstrip())
    dropped = min(indent, len(shown) - len(shown.lstrip()))
    return [f"  {shown[dropped:]}", f"  {' ' * (len(before) - dropped)}{'^' * marked}"]


def _widen(text: str) -> str:
    return text.replace("\t", " " * TAB_WIDTH)
