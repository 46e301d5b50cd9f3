"""What may be written between double braces: names, steps that ran before, their outputs and inputs, facts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from toe.expressions.execution_values import CONTEXT_KEYS
from toe.language_server.buffers import Buffer
from toe.language_server.line_reader import Spot
from toe.language_server.references import described_field, described_value, values_of
from toe.language_server.vocabulary import Vocabulary
from toe.model import Document, Step
from toe.records import NamedTuple

_OPEN = re.compile(r"\{\{[ \t]*([^{}]*)$")
_SIDES = {"outputs": "what the step gave", "inputs": "what the step was given"}
_LOOP = {"index": "the number of the iteration, from 0", "value": "the value of the iteration"}
_SOURCES = {
    "env:": "an environment variable of the run",
    "context:": "a fact of the run",
    "aws:ssm:": "a parameter of Systems Manager",
    "aws:ssm:resolve(": "a parameter of Systems Manager whose name is a value",
    "aws:imds:": "metadata of the instance",
}


class _Choice(NamedTuple):
    """What may be written instead of all that stands behind the braces. `ends`: the expression is whole then."""

    text: str
    label: str
    kind: types.CompletionItemKind
    detail: str = ""
    documentation: str = ""
    ends: bool = True


def open_expression(before: str) -> str | None:
    """What was written behind double braces that are open at the end of a text; None where none are."""
    found = _OPEN.search(before)
    return found[1] if found else None


def complete_expression(
    buffer: Buffer, line: int, column: int, spot: Spot, vocabulary: Vocabulary
) -> list[types.CompletionItem]:
    """The completions of an open expression at a place."""
    whole = buffer.positions.line(line)
    written = open_expression(whole[: column - 1]) or ""
    document = buffer.around(line)
    if document is None:
        return []
    closed = re.match(r"[^{}]*\}\}", whole[column - 1 :]) is not None
    end = buffer.positions.offset(line, column)
    where = buffer.positions.range(end - len(written), end)
    scope = _Scope(document, _first_line(spot, line), spot, vocabulary)
    return [_item(choice, where, closed=closed) for choice in scope.choices(written)]


def _first_line(spot: Spot, line: int) -> int:
    return min((token.line for token in spot.step.values()), default=line)


def _item(choice: _Choice, where: types.Range, *, closed: bool) -> types.CompletionItem:
    text = choice.text if closed or not choice.ends else f"{choice.text} }}}}"
    said = choice.documentation
    documentation = types.MarkupContent(types.MarkupKind.Markdown, said) if said else None
    return types.CompletionItem(
        choice.label,
        kind=choice.kind,
        detail=choice.detail or None,
        documentation=documentation,
        filter_text=choice.text,
        text_edit=types.TextEdit(where, text),
    )


class _Scope:
    """What an expression may name in the step that begins in a line: of the steps, only those above it."""

    def __init__(self, document: Document, line: int, spot: Spot, vocabulary: Vocabulary) -> None:
        self._document = document
        self._spot = spot
        self._vocabulary = vocabulary
        self._steps: dict[str, dict[str, Step]] = {}
        for phase in document.phases:
            for step in phase.steps:
                if step.node is not None and step.node.line < line and step.name:
                    self._steps.setdefault(phase.name, {}).setdefault(step.name, step)

    def choices(self, written: str) -> Iterator[_Choice]:
        """What may stand there instead of `written`, which is the beginning of an expression."""
        if written.startswith("context:"):
            for key in CONTEXT_KEYS:
                yield _Choice(f"context:{key}", key, types.CompletionItemKind.Constant, "a fact of the run")
        elif written.startswith("aws:ssm:resolve("):
            yield from (choice._replace(text=f"aws:ssm:resolve({choice.text})") for choice in self._values())
        elif "." in written:
            yield from self._behind(written.split(".")[:-1])
        elif ":" not in written:
            yield from self._first()

    def _first(self) -> Iterator[_Choice]:
        yield from self._values()
        for name in self._loops():
            yield _Choice(name, name, types.CompletionItemKind.Variable, "the loop of this step", ends=False)
        for phase in self._steps:
            yield _Choice(phase, phase, types.CompletionItemKind.Module, "a phase", ends=False)
        for source, what in _SOURCES.items():
            yield _Choice(source, source, types.CompletionItemKind.Keyword, what, ends=False)

    def _values(self) -> Iterator[_Choice]:
        for value in values_of(self._document):
            yield _Choice(
                value.name, value.name, types.CompletionItemKind.Variable, documentation=described_value(value)
            )

    def _loops(self) -> list[str]:
        """How the loop of the step around is called: a place in the step's loop itself knows none."""
        if "loop" not in self._spot.step or "loop" in self._spot.path:
            return []
        line = self._spot.step["loop"].line
        loops = (step.loop for phase in self._document.phases for step in phase.steps)
        own = next((loop.name for loop in loops if loop is not None and loop.node.line in (line, line + 1)), None)
        return ["loop", *([own] if own else [])]

    def _behind(self, parts: list[str]) -> Iterator[_Choice]:
        begun = ".".join(parts)
        if len(parts) == 1 and parts[0] in self._loops():
            for field, what in _LOOP.items():
                yield _Choice(f"{begun}.{field}", field, types.CompletionItemKind.Field, what)
        elif len(parts) == 1:
            for name, step in self._steps.get(parts[0], {}).items():
                yield _Choice(f"{begun}.{name}", name, types.CompletionItemKind.Function, step.action, ends=False)
        elif len(parts) == 2 and parts[1] in self._steps.get(parts[0], {}):
            for side, what in _SIDES.items():
                yield _Choice(f"{begun}.{side}", side, types.CompletionItemKind.Struct, what, ends=False)
        elif len(parts) == 3 and parts[1] in self._steps.get(parts[0], {}):
            yield from self._fields(begun, self._steps[parts[0]][parts[1]], parts[2].partition("[")[0])

    def _fields(self, begun: str, step: Step, side: str) -> Iterator[_Choice]:
        definition = self._vocabulary.definitions.get(step.action)
        if definition is None:
            return
        for field in definition.output_fields if side == "outputs" else definition.fields if side == "inputs" else ():
            yield _Choice(
                f"{begun}.{field.key}", field.key, types.CompletionItemKind.Field, documentation=described_field(field)
            )
