"""Where a part of a YAML text stands in the source: lines and columns for findings inside of scripts.

Exact where the text stands in the source as it is: `|` blocks line by line, plain and quoted texts of one line. A text
that YAML has folded is pointed at as a whole.
"""

from __future__ import annotations

import re

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
    widths = _widths(scalar, raw, end)
    if widths is None:
        return None
    return first + sum(widths[:start]) + 1, first + sum(widths[:end]) + 1


def _widths(scalar: Scalar, raw: str, end: int) -> list[int] | None:
    """How many characters of the source the first `end` characters of the text take."""
    if raw == scalar.text:
        return [1] * end
    if scalar.style == "'" and raw.replace("''", "'") == scalar.text:
        return [2 if character == "'" else 1 for character in scalar.text[:end]]
    if scalar.style == '"' and not re.search(_LONG_ESCAPE, raw):
        widths = [len(found) for found in re.findall(_ESCAPED_CHARACTER, raw)]
        return widths if len(widths) == len(scalar.text) else None
    return None
