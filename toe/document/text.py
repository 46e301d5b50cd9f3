"""The bytes of a document as text, what is wrong with them, and problems at a place of the text.

Knows nothing of YAML's structure. A problem gets its file and its source line later.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from toe import codes
from toe.errors import Problem, Severity

MOST_BYTES = 16 * 1024 * 1024
LONGEST_SOURCE_LINE = 200

#: What ends a line in YAML 1.1, as the line numbers of positions count them.
LINE_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"
#: What else than a line feed ends a line in YAML 1.1.
_OTHER_BREAKS = ("\r\n", "\r", "\x85", "\u2028", "\u2029")
_FORBIDDEN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_ALLOWED_ASCII = bytes((9, 10, 13, *range(0x20, 0x7F)))

#: Of JSON: strings and tabs; escapes; raw characters that YAML refuses in a string, or takes for a line end.
_JSON_TOKEN = r'"(?:[^"\\]|\\.)*"|\t'
_JSON_ESCAPE = r"\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|.)"
_JSON_RAW = {"\x7f": "\\x7f", "\x85": "\\x85", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def problem_at(code: str, message: str, line: int, column: int, hint: str = "") -> Problem:
    """A problem at one character; line and column count from 1."""
    return Problem(code, Severity.ERROR, message, hint, "", line, column, line, column + 1)


def unquoted_expression(line: int, column: int) -> Problem:
    """The problem of a value that begins with `{{`."""
    message = 'an expression at the beginning of a value must stand in quotes; quote it: "{{ ... }}"'
    return problem_at(codes.UNQUOTED_EXPRESSION, message, line, column)._replace(end_column=column + 2)


def decode(data: bytes) -> tuple[str, Problem | None]:
    """The text of UTF-8 or, after a byte-order mark, UTF-16 bytes, without the mark.

    Bytes that are neither: the problem, with the text that was decoded up to there.
    """
    encoding, start = _encoding_of(data)
    body = memoryview(data)[start:]
    try:
        return str(body, encoding), None
    except UnicodeDecodeError as error:
        good = str(body[: error.start], encoding, "replace")
        name = "UTF-8" if encoding == "utf-8" else "UTF-16"
        message = f"byte {start + error.start} of the file is not {name} text"
        return good, problem_at(codes.ENCODING, message, *place_of(good, len(good)))


def with_text(data: bytes, text: str) -> bytes:
    """The bytes of another text in the encoding of `data`, behind its byte-order mark if it has one."""
    encoding, start = _encoding_of(data)
    return data[:start] + text.encode(encoding)


def _encoding_of(data: bytes) -> tuple[str, int]:
    if data.startswith(BOM_UTF16_LE):
        return "utf-16-le", 2
    if data.startswith(BOM_UTF16_BE):
        return "utf-16-be", 2
    return "utf-8", 3 if data.startswith(BOM_UTF8) else 0


def forbidden_character(text: str) -> Problem | None:
    """The first character that no YAML text may hold, such as NUL, escape or delete."""
    if text.isascii() and not text.encode().translate(None, _ALLOWED_ASCII):
        return None
    found = re.search(_FORBIDDEN, text)
    if found is None:
        return None
    message = f"the character U+{ord(found.group()):04X} is not allowed in YAML"
    return problem_at(codes.CONTROL_CHARACTER, message, *place_of(text, found.start()))


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


def json_as_yaml(text: str) -> str:
    """JSON as text that YAML reads the same: YAML 1.1 lacks a few things that JSON's writers use.

    These are pairs of escapes for one character, tabs between tokens, and the raw characters of `_JSON_RAW`. Lines stay
    what they are, and so do columns, but for those in a string behind a rewritten part. Any other text stays itself.
    """
    if not text.lstrip().startswith("{") or not ("\\u" in text or any(mark in text for mark in ("\t", *_JSON_RAW))):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return re.sub(_JSON_TOKEN, lambda token: _rewritten(token[0]), text)


def _rewritten(token: str) -> str:
    if token == "\t":
        return " "
    string = re.sub(_JSON_ESCAPE, lambda escape: _joined(escape[0]), token) if "\\u" in token else token
    for character, escape in _JSON_RAW.items():
        string = string.replace(character, escape)
    return string.ljust(len(token))


def _joined(escape: str) -> str:
    """Two escapes that stand for one character as YAML writes it."""
    if len(escape) == 2:
        return escape
    high, low = int(escape[2:6], 16), int(escape[8:12], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"
