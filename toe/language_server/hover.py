"""Hover: what a key, an action or a reference is, and why there is a problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from toe.check.explanations import explanation_text
from toe.language_server.buffers import COMPONENT, Buffer
from toe.language_server.line_reader import STEP
from toe.language_server.references import described_reference, reference_at
from toe.language_server.vocabulary import Vocabulary, action_described, described


def hover(
    buffer: Buffer, position: types.Position, diagnostics: Sequence[types.Diagnostic], vocabulary: Vocabulary
) -> types.Hover | None:
    """What is to be said of a position; None for nothing. `diagnostics` are those that are shown of the document."""
    line, column = buffer.positions.place(position)
    if buffer.kind == COMPONENT:
        found = _of_place(buffer, line, column, vocabulary)
    else:
        from toe.language_server.recipes.hover import said_of

        found = said_of(buffer, line, column)
    texts = [*found, *_explained(position, diagnostics)]
    if not texts:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(texts)))


def _of_place(buffer: Buffer, line: int, column: int, vocabulary: Vocabulary) -> Iterator[str]:
    found = reference_at(buffer.positions, line, column)
    if found is not None:
        text = described_reference(found.reference, buffer.good, vocabulary)
        yield from [text] if text else []
        return
    spot = buffer.lines.spot(line, column)
    if spot.text:
        return
    token = buffer.lines.key_at(line, column)
    if token is not None:
        above = buffer.lines.spot(line, token.column).path
        schema = vocabulary.at((*above, token.key), spot.value("action"))
        if schema:
            required = token.key in vocabulary.at(above, spot.value("action")).get("required", ())
            yield described(token.key, schema, required=required)
    elif (*spot.path, spot.key) == (*STEP, "action"):
        definition = vocabulary.definitions.get(spot.value("action"))
        yield from [action_described(definition)] if definition is not None else []


def _explained(position: types.Position, diagnostics: Sequence[types.Diagnostic]) -> Iterator[str]:
    for code in {str(one.code): None for one in diagnostics if one.range.start <= position <= one.range.end}:
        yield explanation_text(code) or ""
