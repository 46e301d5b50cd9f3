"""Where a part of a YAML text stands in the source: lines and columns for findings inside of scripts.

Exact where the text stands in the source as it is: `|` blocks line by line, plain and quoted texts of one line. A text
that YAML has folded is pointed at as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from toe.nodes import Kind, Scalar

_ESCAPED_CHARACTER = r"(?s)\\.|."
#: Escapes that are longer than one character behind the backslash.
_LONG_ESCAPE = r"\\[xuU]"


def place_in(scalar: Scalar, start: int, end: int, lines: list[str]) -> Scalar:
    """The place of `scalar.text[start:end]`, of its first line alone; the scalar itself where that is unclear.

    `lines` are those of the source. The answer stands for the place and has no text.
    """
    line_end = scalar.text.find("\n", start, end)
    if line_end >= 0:
        end = line_end
    if scalar.style == "|":
        found = _in_block(scalar, start, lines)
        columns = None if found is None else (found[1], found[1] + end - start)
        line = scalar.line if found is None else found[0]
    else:
        line = scalar.line
        columns = _in_one_line(scalar, start, end, lines) if scalar.line == scalar.end_line else None
    if columns is None:
        return scalar
    return Scalar(line, columns[0], line, max(columns[1], columns[0] + 1), "", Kind.STRING)


def _in_block(scalar: Scalar, start: int, lines: list[str]) -> tuple[int, int] | None:
    """Line and column; the text begins in the line below the `|`."""
    text = scalar.text
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    content = text[line_start : line_end if line_end >= 0 else len(text)]
    number = scalar.line + 1 + text.count("\n", 0, start)
    source = lines[number - 1] if number <= len(lines) else ""
    if not source.endswith(content):
        return None
    return number, len(source) - len(content) + start - line_start + 1


def _in_one_line(scalar: Scalar, start: int, end: int, lines: list[str]) -> tuple[int, int] | None:
    source = lines[scalar.line - 1] if scalar.line <= len(lines) else ""
    quotes = 1 if scalar.style else 0
    first = scalar.column - 1 + quotes
    raw = source[first : scalar.end_column - 1 - quotes]
    starts = _starts_of_characters(scalar.text, raw, scalar.style)
    return None if starts is None else (first + starts[start] + 1, first + starts[end] + 1)


@lru_cache(maxsize=2)
def _starts_of_characters(text: str, raw: str, style: str) -> Sequence[int] | None:
    """Where each character of the text, and its end, stands in the source; None where that is unclear."""
    if raw == text:
        return range(len(text) + 1)
    if style == "'" and raw.replace("''", "'") == text:
        return list(accumulate((2 if character == "'" else 1 for character in text), initial=0))
    if style == '"' and not re.search(_LONG_ESCAPE, raw):
        starts = list(accumulate((len(found) for found in re.findall(_ESCAPED_CHARACTER, raw)), initial=0))
        return starts if len(starts) == len(text) + 1 else None
    return None
