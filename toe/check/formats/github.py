"""`--format github`: workflow commands that GitHub Actions turns into annotations of the changed files."""

from __future__ import annotations

import os

from toe.check.formats.places import repository_path, span_of
from toe.check.formats.report import Report
from toe.errors import Problem, Severity, ToeError
from toe.sinks.github_commands import command, path_in

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> str:
    """One line for each document that could not be read and for each problem."""
    unreadable = [_command("error", document, {"title": "unreadable"}, why) for document, why in report.reasons]
    return "".join([*unreadable, *map(_annotation, report.problems)])


def refusal(error: ToeError) -> str:
    """The same of what keeps documents from being run: a line for each of its problems, or one for the error."""
    if error.problems:
        return "".join(map(_annotation, error.problems))
    return command("error", {"title": "toe"}, _with_hint(error.message, error.hint))


def _annotation(problem: Problem) -> str:
    span = span_of(problem)
    place = {"line": span.line, "col": span.column, "endLine": span.end_line, "endColumn": span.end_column}
    if span.line != span.end_line:
        # GitHub takes columns of a single line only.
        del place["col"], place["endColumn"]
    message = _with_hint(problem.message, problem.hint)
    return _command(_COMMANDS[problem.severity], problem.file, {**place, "title": problem.code}, message)


def _with_hint(message: str, hint: str) -> str:
    return f"{message}\nhint: {hint}" if hint else message


def _command(name: str, file: str, properties: dict[str, object], message: str) -> str:
    path = path_in(os.environ.get("GITHUB_WORKSPACE", ""), file) or repository_path(file)
    return command(name, {"file": path, **properties}, message)
