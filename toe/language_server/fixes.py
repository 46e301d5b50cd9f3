"""Code actions: what `toe validate --fix` mends, one spot or all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from toe import codes
from toe.actions import ActionTable
from toe.check.check import check_all
from toe.check.fixing import Judge, edits, fix_document
from toe.document.text import decode
from toe.errors import Problem
from toe.language_server.buffers import Buffer, NestedReader, bytes_of
from toe.language_server.diagnostics import SOURCE, options_for, settings_for

KINDS = (types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll)


def fixes(buffer: Buffer, params: types.CodeActionParams, read: NestedReader) -> list[types.CodeAction]:
    """The changes that mend problems within the range, and the one that mends all of the document."""
    settings, _ = settings_for(buffer)
    options = options_for(settings, read, lint=False)  # which mends nothing

    def judge(data: bytes) -> list[Problem]:
        return list(filter(settings.keeps, check_all(data, buffer.path, options, ActionTable())[1]))

    wanted = params.context.only
    found: list[types.CodeAction] = []
    if _is_wanted(types.CodeActionKind.QuickFix, wanted):
        found += _single(buffer, params, judge)
    if _is_wanted(types.CodeActionKind.SourceFixAll, wanted):
        fixed = fix_document(buffer.data, buffer.path, judge)
        if fixed.changes:
            edit = _whole(buffer, decode(fixed.data)[0])
            title = "toe: mend all that is mechanical"
            found.append(_action(title, types.CodeActionKind.SourceFixAll, buffer, [edit]))
    return found


def _is_wanted(kind: types.CodeActionKind, wanted: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Kinds are parts of each other: `source` asks for `source.fixAll` too."""
    if wanted is None:
        return True
    names = [str(getattr(one, "value", one)) for one in wanted]
    return any(name == "" or f"{kind.value}.".startswith(f"{name}.") for name in names)


def _single(buffer: Buffer, params: types.CodeActionParams, judge: Judge) -> Iterator[types.CodeAction]:
    problems = judge(buffer.data)
    for problem in problems:
        where = buffer.positions.range_of(problem)
        if problem.file != buffer.path or where.end < params.range.start or params.range.end < where.start:
            continue
        for edit in edits(buffer.positions.content, [problem]):
            start, end = (buffer.positions.mark + index for index in (edit.start, edit.end))
            after = f"{buffer.text[:start]}{edit.text}{buffer.text[end:]}"
            if _yaml_faults(judge(bytes_of(after))) <= _yaml_faults(problems):
                quoted = problem.code == codes.UNQUOTED_EXPRESSION
                title = "Put the expression in quotes" if quoted else f"Change to '{edit.text}'"
                change = types.TextEdit(buffer.positions.range(start, end), edit.text)
                action = _action(title, types.CodeActionKind.QuickFix, buffer, [change])
                action.diagnostics = [one for one in params.context.diagnostics if _is_of(one, problem, where)]
                action.is_preferred = True
                yield action


def _yaml_faults(problems: Sequence[Problem]) -> int:
    """More of them afterwards: the word in its right spelling stands there already, as a key."""
    return sum(problem.code.startswith("TOE1") for problem in problems)


def _is_of(diagnostic: types.Diagnostic, problem: Problem, where: types.Range) -> bool:
    return diagnostic.source == SOURCE and diagnostic.code == problem.code and diagnostic.range == where


def _whole(buffer: Buffer, after: str) -> types.TextEdit:
    """One edit from the first character that differs to the last."""
    before = buffer.text
    after = before[: buffer.positions.mark] + after
    shorter = min(len(before), len(after))
    start = next((index for index in range(shorter) if before[index] != after[index]), shorter)
    most = shorter - start
    same = next((count for count in range(most) if before[-1 - count] != after[-1 - count]), most)
    return types.TextEdit(buffer.positions.range(start, len(before) - same), after[start : len(after) - same])


def _action(title: str, kind: types.CodeActionKind, buffer: Buffer, changes: list[types.TextEdit]) -> types.CodeAction:
    return types.CodeAction(title, kind, edit=types.WorkspaceEdit({buffer.uri: changes}))
