"""The bytes of a document as text: encodings, characters that YAML does not allow, and single lines of it for messages.

Knows nothing of YAML's structure.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from toe.records import NamedTuple

MOST_BYTES = 16 * 1024 * 1024
LONGEST_SOURCE_LINE = 200

#: What else than a line feed ends a line in YAML 1.1.
_OTHER_BREAKS = ("\r\n", "\r", "\x85", "\u2028", "\u2029")
_FORBIDDEN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_ALLOWED_ASCII = bytes((9, 10, 13, *range(0x20, 0x7F)))


class TextFault(NamedTuple):
    """What is wrong with a text, and where; line and column count from 1."""

    message: str
    line: int
    column: int


def decode(data: bytes) -> tuple[str, TextFault | None]:
    """The text of UTF-8 or, after a byte-order mark, UTF-16 bytes, without the mark.

    Bytes that are neither: the fault, with the text that was decoded up to there.
    """
    encoding, start = _encoding_of(data)
    body = memoryview(data)[start:]
    try:
        return str(body, encoding), None
    except UnicodeDecodeError as error:
        good = str(body[: error.start], encoding, "replace")
        name = "UTF-8" if encoding == "utf-8" else "UTF-16"
        return good, TextFault(f"byte {start + error.start} of the file is not {name} text", *place_of(good, len(good)))


def _encoding_of(data: bytes) -> tuple[str, int]:
    if data.startswith(BOM_UTF16_LE):
        return "utf-16-le", 2
    if data.startswith(BOM_UTF16_BE):
        return "utf-16-be", 2
    return "utf-8", 3 if data.startswith(BOM_UTF8) else 0


def forbidden_character(text: str) -> TextFault | None:
    """The first character that no YAML text may hold, such as NUL, escape or delete."""
    if text.isascii() and not text.encode().translate(None, _ALLOWED_ASCII):
        return None
    found = re.search(_FORBIDDEN, text)
    if found is None:
        return None
    message = f"the character U+{ord(found.group()):04X} is not allowed in YAML"
    return TextFault(message, *place_of(text, found.start()))


def escaped(text: str) -> str:
    """A text for a message: control characters, line ends and marks of direction as escapes such as `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def place_of(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at `index`."""
    lines = lines_of(text[:index])
    return len(lines), len(lines[-1]) + 1


def lines_of(text: str) -> list[str]:
    """The lines without their ends, as the line numbers of positions count them."""
    for line_break in _OTHER_BREAKS:
        text = text.replace(line_break, "\n")
    return text.split("\n")


def excerpt(lines: list[str], line: int, column: int) -> str:
    """Line `line` for `Problem.source_line`: of a long line 200 characters that hold `column`."""
    whole = lines[line - 1] if 0 < line <= len(lines) else ""
    if len(whole) <= LONGEST_SOURCE_LINE:
        return whole
    start = 0 if column <= LONGEST_SOURCE_LINE * 3 // 4 else column - LONGEST_SOURCE_LINE // 2
    return whole[start : start + LONGEST_SOURCE_LINE]


def has_only_comments(script: str) -> bool:
    """Whether no line of a script of bash or PowerShell says anything."""
    lines = map(str.strip, script.split("\n"))
    return all(not line or line.startswith("#") for line in lines)
