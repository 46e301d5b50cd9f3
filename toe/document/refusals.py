"""What the builder could not take: the node and why. Not yet problems: those have codes and come from the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from toe.nodes import Node
from toe.quick_typing import TypeAlias
from toe.records import NamedTuple

#: Told of each node that has not the right form, with a message for people.
Refuse: TypeAlias = Callable[[Node, str], None]

#: A document of nothing but slips must not take minutes: each suggestion compares a word with every candidate.
MOST_SUGGESTIONS = 50
LONGEST_SHOWN = 80


class Refusal(NamedTuple):
    """A node that has not the right form, and what is wrong with it."""

    node: Node
    message: str


class Refusals:
    """The refusals of one document, in the order in which they were found. Calling it adds one."""

    def __init__(self) -> None:
        self.found: list[Refusal] = []
        self._suggestions_left = MOST_SUGGESTIONS

    def __call__(self, node: Node, message: str) -> None:
        self.found.append(Refusal(node, message))

    def misspelt(self, node: Node, message: str, word: str, candidates: Iterable[str]) -> None:
        """A refusal of a word that may be a slip for one of `candidates`."""
        if self._suggestions_left:
            from toe.document.suggest import did_you_mean

            self._suggestions_left -= 1
            message += did_you_mean(word, candidates)
        self(node, message)


def shown(text: str) -> str:
    """A text as messages quote it, cut when it is long."""
    return f"'{text}'" if len(text) <= LONGEST_SHOWN else f"'{text[:LONGEST_SHOWN]}…'"
