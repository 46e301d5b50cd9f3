"""How the package writes counted words and times, and enums whose members are words of a document or of AWSTOE."""

from __future__ import annotations

import time
from enum import Enum
from functools import lru_cache

NANOSECONDS = 1_000_000_000


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


@lru_cache(maxsize=4)
def _whole_seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


@lru_cache(maxsize=16)
def precise_time(at_ns: int) -> str:
    """`2022-05-25T14:01:45.916286379Z`, the form of the logs. Cached: several sinks ask for the time of one event."""
    return f"{_whole_seconds(at_ns // NANOSECONDS)}.{at_ns % NANOSECONDS:09d}Z"


def whole_second_time(at_ns: int) -> str:
    """`2022-05-25T14:01:45Z`, "" for 0, which stands for "not yet"."""
    return f"{_whole_seconds(at_ns // NANOSECONDS)}Z" if at_ns else ""
