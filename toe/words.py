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


def comma_hint(text: str) -> str:
    """What to write for names such as `a;b` or `a b`; "" where it is one name."""
    names = text.replace(";", " ").split()
    return f"put commas between the names: {','.join(names)}" if len(names) > 1 else ""
