"""Faults of recipes while they are read: collected with their places, bounded, in the order of the source."""

from __future__ import annotations

from toe.check.findings import Findings
from toe.nodes import Node
from toe.records import NamedTuple


class Budget:
    """How much may be made of one file by its own functions and references, in steps and in characters.

    A template of a few lines can ask for gigabytes: each text is a reference to the one before, twice.
    """

    def __init__(self, steps: int = 200_000, characters: int = 8_000_000) -> None:
        self._steps = steps
        self._characters = characters

    def spend(self, text: str = "") -> bool:
        """Count one step and the characters of what it made; False when no more may be made."""
        self._steps -= 1
        self._characters -= len(text)
        return self._steps >= 0 and self._characters >= 0


class Source(NamedTuple):
    """One file that is being read: its name as messages have it, its folder, its bytes and what was found in it."""

    file: str
    folder: str
    data: bytes
    findings: Findings

    def at(self, node: Node, code: str, message: str, hint: str = "") -> None:
        """A problem at a node."""
        self.findings.at(node, code, message, hint)
