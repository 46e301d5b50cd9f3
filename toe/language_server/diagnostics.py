"""What is wrong with an open document: the problems of `toe validate`, as diagnostics."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_document, merge
from toe.check.lint.shellcheck import WIKI, shellcheck_code
from toe.check.project import settings_of
from toe.check.settings import NO_SETTINGS, Settings
from toe.errors import DocumentError, Problem, Severity, ToeError
from toe.language_server.buffers import COMPONENT, Buffer, NestedReader
from toe.language_server.nested_calls import call_of
from toe.model import NO_NODE, Document
from toe.records import NamedTuple

SOURCE = "toe"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


class Checked(NamedTuple):
    """What came of a check. `fault` is what is wrong with the settings of the project, "" for nothing."""

    diagnostics: list[types.Diagnostic]
    fault: str = ""


def check_buffer(buffer: Buffer, read: NestedReader) -> Checked:
    """Check a document as `toe validate` does, by the settings of its project; nothing where these exclude it."""
    settings, fault = settings_for(buffer)
    if not buffer.kind or settings.excludes(buffer.path):
        return Checked([], fault)
    if buffer.kind != COMPONENT:
        return _check_of_images(buffer, read, settings, fault)
    document, problems = buffer.loaded
    if document is not None:
        options = options_for(settings, read, lint=True)
        problems = merge(problems, check_document(document, options, ActionTable()))
    kept = [problem for problem in problems if settings.keeps(problem)]
    return Checked(_diagnostics(kept, document, buffer, read), fault)


def _check_of_images(buffer: Buffer, read: NestedReader, settings: Settings, fault: str) -> Checked:
    from toe.images.recipes.validate import problems_of

    try:
        problems = problems_of(buffer.data, buffer.path, options_for(settings, read, lint=True)) or []
    except ToeError as error:  # Terraform's extra is not installed
        return Checked([], f"{buffer.path}: {error.in_one_line}")
    kept = [problem for problem in problems if settings.keeps(problem)]
    return Checked(_diagnostics(kept, None, buffer, read), fault)


def options_for(settings: Settings, read: NestedReader, *, lint: bool) -> CheckOptions:
    """What the check of an open document is told: it stays on this machine."""
    return CheckOptions(read_nested=read, lint=lint, profile=settings.profile, platforms=settings.platforms)


def settings_for(buffer: Buffer) -> tuple[Settings, str]:
    """The settings of a document's project, as they are now, and what is wrong with them: then there are none."""
    settings_of.cache_clear()
    try:
        return settings_of(os.path.dirname(os.path.abspath(buffer.path))), ""
    except ToeError as error:
        return NO_SETTINGS, error.in_one_line


def _diagnostics(
    problems: Sequence[Problem], document: Document | None, buffer: Buffer, read: NestedReader
) -> list[types.Diagnostic]:
    found = []
    for problem in problems:
        if problem.file == buffer.path:
            found.append(_diagnostic(problem, buffer.positions.range_of(problem)))
        else:
            found.append(_of_another_file(problem, document, buffer, read))
    return found


def _diagnostic(problem: Problem, where: types.Range) -> types.Diagnostic:
    number = shellcheck_code(problem)
    return types.Diagnostic(
        where,
        f"{problem.message}\nhint: {problem.hint}" if problem.hint else problem.message,
        _SEVERITIES[problem.severity],
        problem.code,
        types.CodeDescription(f"{WIKI}/{number}") if number else None,
        SOURCE,
    )


def _of_another_file(
    problem: Problem, document: Document | None, buffer: Buffer, read: NestedReader
) -> types.Diagnostic:
    """A problem of a nested document, at the place that runs it; of a file beside a recipe, at the recipe's start."""
    call = (call_of(document, problem.file, read) if document is not None else None) or NO_NODE
    diagnostic = _diagnostic(problem, buffer.positions.range_of(call))
    diagnostic.message = f"{problem.place}: {diagnostic.message}"
    try:
        where = read.positions(problem.file).range_of(problem)
    except DocumentError:  # it was removed meanwhile
        return diagnostic
    location = types.Location(Path(os.path.abspath(problem.file)).as_uri(), where)
    diagnostic.related_information = [types.DiagnosticRelatedInformation(location, problem.message)]
    return diagnostic
