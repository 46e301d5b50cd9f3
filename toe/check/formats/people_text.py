"""`--format text`: every problem as people read it, and a last line that sums up."""

from __future__ import annotations

from toe.check.formats.report import Report
from toe.errors import Severity
from toe.sinks.safe_text import encodable, one_line
from toe.sinks.terminal_text import printable_text
from toe.words import counted


def render(report: Report) -> str:
    """Problems with source line, caret and hint; documents that could not be read; the summary."""
    parts: list[str] = []
    if report.problems:
        from toe.check.text import problem_text

        parts += [encodable(problem_text(problem)) for problem in report.problems]
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
