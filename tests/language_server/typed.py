"""A document with a mark where the cursor is, for what is asked of the parts of the server within this process."""

from __future__ import annotations

from lsprotocol import types

from toe.language_server.buffers import Buffer, Buffers
from toe.language_server.completion import complete
from toe.language_server.vocabulary import Vocabulary

CURSOR = "§"
VOCABULARY = Vocabulary()


def typed(marked: str, before: str = "") -> tuple[Buffer, types.Position]:
    """The document without the mark, and the position of that. `before` is a version that was there earlier."""
    buffers = Buffers()
    if before:
        assert buffers.put("file:///w/a.yml", "/w/a.yml", before, 1).parsed is not None
    buffer = buffers.put("file:///w/a.yml", "/w/a.yml", marked.replace(CURSOR, ""), 2)
    return buffer, buffer.positions.position(marked.index(CURSOR))


def offered(marked: str, before: str = "") -> dict[str, str]:
    """What is offered at the mark: the label of each completion, and the document's line with it."""
    buffer, position = typed(marked, before)
    lines: dict[str, str] = {}
    for item in complete(buffer, position, VOCABULARY):
        edit = item.text_edit
        assert isinstance(edit, types.TextEdit)
        start, end = (buffer.positions.offset_of(one) for one in (edit.range.start, edit.range.end))
        text = buffer.text[:start] + edit.new_text + buffer.text[end:]
        assert item.label not in lines
        lines[item.label] = text.splitlines()[position.line].strip()
    return lines
