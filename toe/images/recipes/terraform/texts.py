"""Texts of Terraform: escapes in quotes, heredocs, and the places of `${...}` in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(r"\\(?:([nrt\"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HEREDOC = re.compile(r"<<-?([A-Za-z][A-Za-z0-9._-]*)\r?\n")


def unescaped(text: str) -> str:
    """The characters that a text in quotes stands for."""
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return _ESCAPED[found[1]]
    code = int(found[2] or found[3], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def heredoc_text(token: str) -> str:
    """The lines of a heredoc, without its marks; `<<-` takes the indentation that all lines share away."""
    head = _HEREDOC.match(token)
    if head is None:
        return ""
    body = token[head.end() :].rstrip("\r\n")
    lines = body.replace("\r\n", "\n").split("\n")[:-1]
    if token.startswith("<<-"):
        indents = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
        shared = min(indents, default=0)
        lines = [line[shared:] if line.strip() else line.lstrip(" \t") for line in lines]
    return "".join(f"{line}\n" for line in lines)


def pieces_of(text: str) -> Iterator[tuple[bool, str]]:
    """The pieces of a heredoc: (False, text) and (True, expression of a `${...}`). `%{...}` counts as one as well.

    `$${` and `%%{` are written for `${` and `%{`.
    """
    position = start = 0
    plain: list[str] = []
    while True:
        found = re.compile(r"[$%]{1,2}\{").search(text, position)
        if found is None:
            break
        plain.append(text[start : found.start()])
        if len(found[0]) == 3 and found[0][0] == found[0][1]:
            plain.append(found[0][1:])
            position = start = found.end()
            continue
        begin = found.end()
        end = _closing(text, begin)
        yield False, "".join(plain)
        plain.clear()
        yield True, text[begin:end]
        position = start = end + 1
    yield False, "".join([*plain, text[start:]])


def _closing(text: str, begin: int) -> int:
    """Where the brace that was opened before `begin` closes; the end of the text where it does not."""
    depth = 1
    for index in range(begin, len(text)):
        if text[index] == "{":
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return len(text)
