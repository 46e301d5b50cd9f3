"""Faults of recipes while they are read: collected with their places, bounded, in the order of the source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toe import codes
from toe.check.findings import Findings
from toe.nodes import Mapping, Node, Scalar
from toe.nodes import Sequence as ListNode
from toe.records import NamedTuple

#: What the functions of one file may do and make; no real file comes near.
MOST_STEPS = 200_000
MOST_CHARACTERS = 8_000_000
#: Levels of values within values and of names that lead to names.
DEEPEST = 150


class Source(NamedTuple):
    """One file that is being read: its name as messages have it, its folder, its bytes and what was found in it."""

    file: str
    folder: str
    data: bytes
    findings: Findings

    def at(self, node: Node, code: str, message: str, hint: str = "") -> None:
        """A problem at a node."""
        self.findings.at(node, code, message, hint)

    def suggestion(self, word: str, candidates: Iterable[str]) -> str:
        """` (did you mean 'x'?)`, or nothing: also where too many were asked for before."""
        return self.findings.suggestion(word, candidates)


class Effort:
    """How far a file's own functions and references may go: in steps, in characters that they make, and in depth.

    A template of a few lines can ask for gigabytes (each text is a reference to the one before, twice), can go on for
    ever (a name that says itself), and can be deeper than Python's stack. Each is told once, at its place.
    """

    def __init__(self, source: Source, file_is: str) -> None:
        self._source = source
        self._file_is = file_is
        self._steps = MOST_STEPS
        self._characters = MOST_CHARACTERS
        self._names: list[str] = []
        self._depth = 0
        self._is_told = False

    def spend(self, at: Node, text: str = "") -> bool:
        """Count one step and the characters of what it made; False, and a problem, when no more may be made."""
        self._steps -= 1
        self._characters -= len(text)
        return self._is_left or self._refuse(at)

    def afford(self, at: Node, values: Sequence[Node]) -> bool:
        """Count all that values hold, before a copy or a text is made of them; False, and a problem, for too much.

        What is said once and used twice counts twice.
        """
        waiting = list(values)
        while waiting and self._is_left:
            node = waiting.pop()
            self._steps -= 1
            if isinstance(node, Scalar):
                self._characters -= len(node.text)
            elif isinstance(node, ListNode):
                waiting += node.items
            elif isinstance(node, Mapping):
                waiting += [value for _, value in node.pairs]
        return self._is_left or self._refuse(at)

    @property
    def _is_left(self) -> bool:
        return self._steps >= 0 and self._characters >= 0

    def deeper(self, at: Node) -> bool:
        """Go one level down, to come `back` from; False, and a problem, where it is too deep."""
        if self._depth >= DEEPEST:
            return self._refuse(at)
        self._depth += 1
        return self.spend(at) or self._returned()

    def back(self) -> None:
        """Come back from one level down."""
        self._depth -= 1

    def enter(self, name: str, at: Node) -> bool:
        """Begin with what a name says, to `leave` it; False, and a problem, where that has begun already."""
        if name in self._names:
            circle = " -> ".join([*self._names[self._names.index(name) :], name])
            self._source.at(at, codes.RECIPE_CYCLE, f"{self._file_is} refers to itself: {circle}")
            return False
        if not self.deeper(at):
            return False
        self._names.append(name)
        return True

    def leave(self) -> None:
        """Come back from what a name says."""
        self._names.pop()
        self.back()

    def _returned(self) -> bool:
        self._depth -= 1
        return False

    def _refuse(self, at: Node) -> bool:
        if not self._is_told:
            self._is_told = True
            self._source.at(at, codes.RECIPE_TOO_MUCH, f"{self._file_is} expands to too much")
        return False
