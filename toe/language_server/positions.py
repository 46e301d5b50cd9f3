"""Places in a text: ours, and those of the Language Server Protocol. Nothing else converts one into the other.

Ours are a line and a column that count from 1, in characters, with YAML's ends of lines. The protocol's count from 0,
in code units (of UTF-16 unless agreed otherwise), and end lines at fewer characters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from lsprotocol.types import Position, Range

from toe.document.text import LINE_BREAK
from toe.errors import Problem
from toe.nodes import Node

_PROTOCOL_BREAK = "\r\n|[\n\r]"
#: Encoding of the protocol -> that of Python, and its bytes a unit.
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
_MARK = "\ufeff"


class Positions:
    """The places of one text. `encoding` is the one that the client and the server agreed on.

    Places beyond the text become its nearest: a client may be a version ahead.
    """

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self.mark = int(text.startswith(_MARK))
        self._encoding, self._size = _UNITS[encoding]

    @property
    def content(self) -> str:
        """The text without a byte-order mark, which is no character of our lines; `mark` is its length."""
        return self.text[self.mark :]

    @cached_property
    def _starts(self) -> list[int]:
        """Where our lines start."""
        return _starts(LINE_BREAK, self.text, self.mark)

    @cached_property
    def _protocol_starts(self) -> list[int]:
        return _starts(_PROTOCOL_BREAK, self.text, 0)

    @cached_property
    def lines(self) -> list[str]:
        """Our lines, without their ends."""
        return re.split(LINE_BREAK, self.content)

    def line(self, number: int) -> str:
        """Our line with this number; "" where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def offset(self, line: int, column: int) -> int:
        """The index in the text of our place."""
        if line > len(self._starts):
            return len(self.text)
        return min(self._starts[max(line, 1) - 1] + max(column, 1) - 1, len(self.text))

    def place(self, position: Position) -> tuple[int, int]:
        """Our line and column of a position."""
        offset = self.offset_of(position)
        line = max(bisect_right(self._starts, offset), 1)
        return line, max(offset - self._starts[line - 1], 0) + 1

    def offset_of(self, position: Position) -> int:
        """The index in the text of a position."""
        starts = self._protocol_starts
        if position.line >= len(starts):
            return len(self.text)
        end = starts[position.line + 1] if position.line + 1 < len(starts) else len(self.text)
        units = self._units(self.text[starts[position.line] : end].rstrip("\r\n"))
        before = units[: max(position.character, 0) * self._size]
        return starts[position.line] + len(before.decode(self._encoding, "ignore"))

    def position(self, offset: int) -> Position:
        """The position of an index in the text."""
        line = bisect_right(self._protocol_starts, offset) - 1
        before = self.text[self._protocol_starts[line] : offset]
        return Position(line, len(self._units(before)) // self._size)

    def range(self, start: int, end: int) -> Range:
        """The range between two indices of the text."""
        return Range(self.position(start), self.position(end))

    def range_of(self, found: Node | Problem) -> Range:
        """The range of a node or of a problem."""
        start = self.offset(found.line, found.column)
        return self.range(start, max(start, self.offset(found.end_line, found.end_column)))

    def _units(self, text: str) -> bytes:
        return text.encode(self._encoding, "surrogatepass")


def _starts(line_break: str, text: str, first: int) -> list[int]:
    return [first, *(found.end() for found in re.finditer(line_break, text))]
