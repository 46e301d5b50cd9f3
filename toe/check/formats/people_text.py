"""`--format text`: every problem as people read it, and a last line that sums up."""

from __future__ import annotations

from toe.check.formats.report import Report
from toe.check.formats.safe_text import encodable, one_line
from toe.errors import Severity


def render(report: Report) -> str:
    """Problems with source line, caret and hint; documents that could not be read; the summary."""
    parts: list[str] = []
    if report.problems:
        from toe.check.text import problem_text

        parts += [encodable(problem_text(problem)) for problem in report.problems]
    parts += [one_line(f"{document}: error: {reason}") for document, reason in report.reasons]
    return "\n".join([*parts, summary(report)]) + "\n"


def summary(report: Report) -> str:
    """`3 documents: 2 errors, 1 warning`."""
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    counts = {
        "unreadable": len(report.unreadable),
        _plural("error", errors): errors,
        _plural("warning", warnings): warnings,
        "info": report.count(Severity.INFO),
    }
    found = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    looked_at = len(dict.fromkeys([*report.documents, *(document for document, _ in report.unreadable)]))
    return f"{looked_at} {_plural('document', looked_at)}: {found or 'no problems'}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
