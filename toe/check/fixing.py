"""Mends what is mechanical in a document: the words that problems name as their `fix`, and quotes around expressions.

Only these spots change: comments, line ends and encoding stay. A document that would be worse afterwards is left as it
was.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from toe import codes
from toe.document.text import decode, with_text
from toe.errors import Problem, Severity
from toe.records import NamedTuple

#: A text that cannot be parsed shows one problem at a time. That many are mended; the rest by the next call.
MOST_ROUNDS = 200
_LINE = re.compile("[^\r\n\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029]|$)")
_WORD = re.compile(r"""(?P<quote>["']?)(?P<word>[A-Za-z][A-Za-z0-9]*)(?P=quote)""")
#: What may stand before a value in block style: indentation, the dashes of lists, a key.
_BEFORE_VALUE = re.compile(r"""[ ]*(?:-[ ]+)*(?:(?:"[^"\\]*"|'[^']*'|[A-Za-z0-9_][^:#'"{}\[\],]*):[ ]+)?""")
_COMMENT = re.compile(r"[ \t]+(?:#.*)?$|[ \t]+#.*")
#: The errors of a text that is no YAML, which hide all others.
_YAML = "TOE1"

#: Gives the problems of a document's bytes.
Judge = Callable[[bytes], Sequence[Problem]]


class Fixed(NamedTuple):
    """The document after its fixes, and how many spots were changed.

    `worse`: an error that the fixes would have brought, for which the document was left as it was.
    """

    data: bytes
    changes: int = 0
    worse: Problem | None = None


class Edit(NamedTuple):
    """Other text between two indices of a document's text."""

    start: int
    end: int
    text: str


def fix_document(data: bytes, name: str, judge: Judge) -> Fixed:
    """Mend a document as far as it can be done without people. `name` is the file that its own problems carry."""
    mended, changes, problems = data, 0, judge(data)
    for _ in range(MOST_ROUNDS):
        text, fault = decode(mended)
        found = [] if fault is not None else list(edits(text, [one for one in problems if one.file == name]))
        if not found:
            break
        for edit in reversed(found):
            text = text[: edit.start] + edit.text + text[edit.end :]
        candidate = with_text(mended, text)
        after = judge(candidate)
        worse = _new_error(problems, after)
        if worse is not None:
            return Fixed(data, worse=worse)
        mended, problems, changes = candidate, after, changes + len(found)
    return Fixed(mended, changes)


def difference(before: bytes, after: bytes, name: str) -> str:
    """A unified diff that `patch` takes; "" where nothing changed."""
    old, new = (decode(data)[0].split("\n") for data in (before, after))
    lines = []
    for line in difflib.unified_diff(_with_ends(old), _with_ends(new), name, name):
        lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _with_ends(lines: list[str]) -> list[str]:
    return [*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])]


def _new_error(before: Sequence[Problem], after: Sequence[Problem]) -> Problem | None:
    """An error that was not there. Where the text was no YAML, the errors of its content were there, but hidden."""
    known = {(problem.code, problem.line, problem.message) for problem in before}
    hidden = any(_is_error(problem) and problem.code.startswith(_YAML) for problem in before)
    for problem in after:
        if _is_error(problem) and (problem.code, problem.line, problem.message) not in known:
            next_expression = problem.code == codes.UNQUOTED_EXPRESSION
            if not hidden or (problem.code.startswith(_YAML) and not next_expression):
                return problem
    return None


def _is_error(problem: Problem) -> bool:
    return problem.severity is Severity.ERROR


def edits(text: str, problems: Sequence[Problem]) -> Iterator[Edit]:
    """The changes that the problems call for, in the order of the text, none inside of another."""
    if not any(problem.fix or problem.code == codes.UNQUOTED_EXPRESSION for problem in problems):
        return
    lines = _LINE.findall(text)
    starts = list(accumulate(map(len, lines), initial=0))
    found = set()
    for problem in problems:
        start = starts[problem.line - 1] + problem.column - 1
        if problem.code == codes.UNQUOTED_EXPRESSION:
            found.add(_quotes(lines[problem.line - 1], problem.column - 1, start))
        elif problem.fix and problem.end_line == problem.line:
            found.add(_other_word(text, start, starts[problem.line - 1] + problem.end_column - 1, problem.fix))
    end = 0
    for edit in sorted(edit for edit in found if edit is not None):
        if edit.start >= end:
            yield edit
            end = edit.end


def _other_word(text: str, start: int, end: int, word: str) -> Edit | None:
    """A word in the place of another, whose quotes stay; None where no plain word stands: an alias, an escape."""
    found = _WORD.fullmatch(text, start, end)
    return Edit(*found.span("word"), word) if found else None


def _quotes(line: str, column: int, start: int) -> Edit | None:
    """Quotes around a value that begins with an expression; None where its end is not certain, as in `[{{ a }}, b]`."""
    if not _BEFORE_VALUE.fullmatch(line, 0, column):
        return None
    value = _COMMENT.sub("", line[column:].rstrip("\r\n\x85\u2028\u2029"), count=1)
    _, closing, behind = value.rpartition("}}")
    if not closing or value.count("{{") != value.count("}}") or any(mark in behind for mark in ",[]{}"):
        return None
    for quote, forbidden in (('"', '"\\'), ("'", "'")):
        if not any(mark in value for mark in forbidden):
            return Edit(start, start + len(value), f"{quote}{value}{quote}")
    return None
