"""Collecting problems with their place in the file. Not for deciding what is a problem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from toe.codes import CODES
from toe.document.text import LINE_BREAK, decode, escaped
from toe.errors import Problem, Severity
from toe.nodes import Node, Scalar

#: Beyond this many problems of one document nobody reads on, and only time is lost.
MOST_PROBLEMS = 2000
#: Each suggestion compares a word with every candidate: a document of nothing but slips must not take minutes.
MOST_SUGGESTIONS = 100
MOST_CANDIDATES = 1000

#: Characters that may be searched for the places of expressions; afterwards a problem stands at its scalar's start.
MOST_SEARCHED = 30_000_000
LINE_COST = 100

LONGEST_SOURCE_LINE = 200
CUT = "…"
#: In a cut line the column that matters is the one after this many characters.
CUT_COLUMN = 100


class Findings:
    """The problems of one file so far."""

    def __init__(self, file: str, source: bytes) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._source = source
        self._suggestions_left = MOST_SUGGESTIONS
        self._search_left = MOST_SEARCHED
        #: the places of the marks in the text that was looked at last
        self._marked: tuple[Scalar, str, dict[int, tuple[int, int]]] | None = None

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the source, without their ends."""
        return re.split(LINE_BREAK, decode(self._source)[0])

    @property
    def full(self) -> bool:
        """Whether there are so many problems that more are not wanted."""
        return len(self.problems) >= MOST_PROBLEMS

    def at(
        self, node: Node, code: str, message: str, hint: str = "", fix: str = "", *, severity: Severity | None = None
    ) -> None:
        """A problem at a node."""
        end_line, end_column = node.end_line, node.end_column
        if not isinstance(node, Scalar):
            # A whole step underlined says less than its first line.
            end_line, end_column = node.line, node.column + 1
        self._add(code, message, hint, severity, (node.line, node.column, end_line, end_column), fix)

    def within(self, scalar: Scalar, offset: int, raw: str, code: str, message: str, hint: str = "") -> None:
        """A problem at `raw`, found at `offset` of the scalar's text; at the scalar's start where that is unclear."""
        if self.full:
            return
        place = self._place(scalar, offset, raw)
        if place is None:
            self.at(scalar, code, message, hint)
            return
        line, column = place
        self._add(code, message, hint, None, (line, column, line, column + len(raw)))

    def suggestion(self, word: str, candidates: Iterable[str]) -> str:
        """` (did you mean 'x'?)`, or nothing."""
        nearest = self.nearest(word, candidates)
        return f" (did you mean '{nearest}'?)" if nearest else ""

    def nearest(self, word: str, candidates: Iterable[str]) -> str | None:
        """The candidate most like a word; None when none is near, and when too many were asked for."""
        if self._suggestions_left <= 0:
            return None
        from toe.document.suggest import suggest

        self._suggestions_left -= 1
        return suggest(word, list(candidates)[:MOST_CANDIDATES])

    def hide(self, places: Iterable[tuple[int, int, int]]) -> None:
        """Asterisks over parts of source lines (line, column, end column), in problems found before and after this."""
        hidden: set[int] = set()
        for line, column, end_column in places:
            whole = self.lines[line - 1]
            self.lines[line - 1] = (
                whole[: column - 1] + "*" * len(whole[column - 1 : end_column - 1]) + whole[end_column - 1 :]
            )
            hidden.add(line)
        self.problems[:] = [
            problem._replace(source_line=self.source_line(problem.line, problem.column))
            if problem.line in hidden
            else problem
            for problem in self.problems
        ]

    def _add(
        self,
        code: str,
        message: str,
        hint: str,
        severity: Severity | None,
        place: tuple[int, int, int, int],
        fix: str = "",
    ) -> None:
        if not self.full:
            line, column, end_line, end_column = place
            found = self.source_line(line, column)
            kind = severity or CODES[code].severity
            said = escaped(message), escaped(hint)
            self.problems.append(Problem(code, kind, *said, self.file, line, column, end_line, end_column, found, fix))

    def source_line(self, line: int, column: int) -> str:
        """A line of the source; a long one is cut around the column and then starts with a mark."""
        whole = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if len(whole) <= LONGEST_SOURCE_LINE:
            return whole
        start = cut_before(column)
        shown = whole[start : start + LONGEST_SOURCE_LINE]
        return CUT + shown[1:] if start else shown

    def _place(self, scalar: Scalar, offset: int, raw: str) -> tuple[int, int] | None:
        """Line and column of `raw`: an expression never spans lines, so it stands in the source as in the text."""
        mark = raw[:2]
        if self._marked is None or self._marked[0] is not scalar or self._marked[1] != mark:
            self._marked = (scalar, mark, self._marks(scalar, mark))
        place = self._marked[2].get(offset)
        if place is None or not self.lines[place[0] - 1].startswith(raw, place[1] - 1):
            return None
        return place

    def _marks(self, scalar: Scalar, mark: str) -> dict[int, tuple[int, int]]:
        """Line and column of each `mark` by its offset in the text; none where text and source have not the same."""
        self._search_left -= 2 * len(scalar.text) + LINE_COST * (scalar.end_line - scalar.line)
        if self._search_left < 0:
            return {}
        offsets = list(_positions(scalar.text, mark, 0, len(scalar.text)))
        places: list[tuple[int, int]] = []
        for number in range(scalar.line, min(scalar.end_line, len(self.lines)) + 1):
            line = self.lines[number - 1]
            start = scalar.column - 1 if number == scalar.line else 0
            end = scalar.end_column - 1 if number == scalar.end_line else len(line)
            places += ((number, position + 1) for position in _positions(line, mark, start, end))
        return dict(zip(offsets, places, strict=True)) if len(offsets) == len(places) else {}


def _positions(text: str, mark: str, start: int, end: int) -> Iterator[int]:
    position = text.find(mark, start, end)
    while position >= 0:
        yield position
        position = text.find(mark, position + 1, end)


def cut_before(column: int) -> int:
    """How many characters a long source line loses at its start so that `column` is seen."""
    return column - 1 - CUT_COLUMN if column > LONGEST_SOURCE_LINE * 3 // 4 else 0
