"""How the package writes counted words, and enums whose members are words of a document or of AWSTOE."""

from __future__ import annotations

from enum import Enum


class Word(str, Enum):
    """An enum of words: `str()` of a member is the word itself."""

    def __str__(self) -> str:
        return str(self.value)


def counted(number: float, noun: str) -> str:
    """`1 step`, `2 steps`, `0.5 seconds`: a number with its noun, which takes a plain s."""
    shown = f"{number:g}" if isinstance(number, float) else str(number)
    return f"{shown} {noun}" if number == 1 else f"{shown} {noun}s"


def with_commas(text: str) -> str:
    """The names of a text such as `a;b` or `a b`, with commas between them; "" where it is one name."""
    names = text.replace(";", " ").split()
    return ",".join(names) if len(names) > 1 else ""
