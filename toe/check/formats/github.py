"""`--format github`: workflow commands that GitHub Actions turns into annotations of the changed files."""

from __future__ import annotations

from toe.check.formats.places import repository_path, span_of
from toe.check.formats.report import Report
from toe.errors import Problem, Severity
from toe.sinks.github_commands import command

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> str:
    """One line for each document that could not be read and for each problem."""
    unreadable = [_command("error", document, {"title": "unreadable"}, why) for document, why in report.reasons]
    return "".join([*unreadable, *map(_annotation, report.problems)])


def _annotation(problem: Problem) -> str:
    span = span_of(problem)
    place = {"line": span.line, "col": span.column, "endLine": span.end_line, "endColumn": span.end_column}
    if span.line != span.end_line:
        # GitHub takes columns of a single line only.
        del place["col"], place["endColumn"]
    message = f"{problem.message}\nhint: {problem.hint}" if problem.hint else problem.message
    return _command(_COMMANDS[problem.severity], problem.file, {**place, "title": problem.code}, message)


def _command(name: str, file: str, properties: dict[str, object], message: str) -> str:
    return command(name, {"file": repository_path(file), **properties}, message)
