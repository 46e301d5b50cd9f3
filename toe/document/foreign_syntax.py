"""Faults of syntax whose cause is not where YAML stumbles: here-documents that leave their block, other templates."""

from __future__ import annotations

import re

from toe import codes
from toe.document.text import problem_at
from toe.errors import Problem

_TERRAFORM = re.compile(r"(?:- )?(?P<directive>%\{~?\s*(?:if|else|endif|for|endfor)\b[^}]*\}?)")
_JINJA = re.compile(r"(?:- )?(?P<directive>\{%.*)")
_HERE_DOCUMENT = re.compile(r"<<-?\s*(?P<quote>[\"']?)(?P<word>\w+)(?P=quote)")
_BLOCK_HEADER = re.compile(r"(?:^|[\s:-])[|>][-+1-9]{0,2}\s*(?:#.*)?$")
#: A script longer than this is looked at from its end only.
MOST_LINES = 5000


def template_directive(lines: list[str], line: int) -> Problem | None:
    """That line `line` is a directive of Terraform's templates, or of Jinja's, which must be rendered first."""
    text = lines[line - 1].lstrip()
    for pattern, tool in ((_TERRAFORM, "Terraform's templatefile()"), (_JINJA, "Jinja")):
        found = pattern.match(text)
        if found is not None:
            shown = found["directive"].strip()[:60]
            message = f"'{shown}' is a directive of a template for {tool}: this file is no YAML before it is rendered"
            hint = "check what the tool makes of it"
            return problem_at(
                codes.SYNTAX, message, line, len(lines[line - 1]) - len(text) + found.start("directive") + 1, hint
            )
    return None


def here_document_outside(lines: list[str], line: int) -> Problem | None:
    """That a here-document before line `line` is indented less than the text block it begins in, and so ends that."""
    for opened in range(line, max(0, line - MOST_LINES), -1):
        found = _HERE_DOCUMENT.search(lines[opened - 1])
        if found is None:
            continue
        left = _line_outside(lines, opened, line, found["word"])
        if left is None:
            return None
        message = f"the here-document of line {opened} leaves its text block here: it is indented less than the block"
        hint = f"indent all of it like the script, '{found['word']}' too: YAML takes that indentation away again"
        return problem_at(codes.SYNTAX, message, left, _indentation(lines[left - 1]) + 1, hint)
    return None


def _line_outside(lines: list[str], opened: int, last: int, word: str) -> int | None:
    """The first line of the here-document that stands outside of the block around `opened`."""
    block = _block_indentation(lines, opened)
    if block is None:
        return None
    for number in range(opened + 1, last + 1):
        text = lines[number - 1]
        if text.strip() and _indentation(text) < block:
            return number
        if text.strip() == word:
            return None
    return None


def _block_indentation(lines: list[str], line: int) -> int | None:
    """The indentation of the text block that a line stands in; None when it stands in none."""
    least = _indentation(lines[line - 1])
    for number in range(line - 1, max(0, line - MOST_LINES), -1):
        text = lines[number - 1]
        if not text.strip():
            continue
        if _indentation(text) < least and _BLOCK_HEADER.search(text):
            return next(_indentation(inside) for inside in lines[number:line] if inside.strip())
        least = min(least, _indentation(text))
    return None


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
