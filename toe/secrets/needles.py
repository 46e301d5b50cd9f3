"""Finds needles in bytes: any number of them, in time linear in the text however they overlap. Pure."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

from toe.records import NamedTuple
from toe.secrets.unquoting import Region

#: So many needles are looked for one by one; of more, those alone of which some four bytes are in the text.
_FEW = 64
_GRAM = 4
#: Where in a needle the four bytes are taken from.
_GRAM_SPAN = 64


class Needle(NamedTuple):
    """Some bytes to look for. `tails`: what may follow and belongs to it."""

    text: bytes
    tails: tuple[bytes, ...] = ()


class Needles:
    """Needles that are looked for together; more of them may be added."""

    def __init__(self) -> None:
        self._all: dict[Needle, bytes] = {}
        self._shortest = sys.maxsize
        self._by_gram: dict[tuple[int, ...], list[Needle]] = {}
        self._short: dict[Needle, bytes] = {}

    def add(self, needles: Iterable[Needle]) -> None:
        """Look for these as well."""
        for needle in needles:
            if needle not in self._all:
                self._all[needle] = needle.text
                self._shortest = min(self._shortest, len(needle.text))
                if len(needle.text) < _GRAM:
                    self._short[needle] = needle.text
                else:
                    self._by_gram.setdefault(self._rarest_gram(needle.text), []).append(needle)

    @property
    def texts(self) -> Iterable[bytes]:
        """What is looked for, without tails."""
        return self._all.values()

    def found(self, text: bytes) -> list[Region]:
        """Where they stand in `text`, in order; what overlaps or touches is one region."""
        if len(text) < self._shortest:
            return []
        near = self._all if len(self._all) <= _FEW else self._near(text)
        needles = [needle for needle, needle_text in near.items() if needle_text in text]
        if not needles:
            return []
        if len(needles) == 1:
            return merged(_occurrences(text, needles[0]))
        marked = bytearray(len(text))
        for needle in needles:
            for start, end in _occurrences(text, needle):
                marked[start:end] = b"\1" * (end - start)
        return list(_runs(marked))

    def _near(self, text: bytes) -> dict[Needle, bytes]:
        """The needles of which four bytes are in the text, and those that are shorter."""
        grams = zip(*(text[start:] for start in range(_GRAM)), strict=False)
        seen = set(filter(self._by_gram.__contains__, grams))
        return {**self._short, **{needle: needle.text for gram in seen for needle in self._by_gram[gram]}}

    def _rarest_gram(self, text: bytes) -> tuple[int, ...]:
        """Four bytes of `text` by which as few needles as possible are known."""
        last = min(len(text), _GRAM_SPAN) - _GRAM
        grams = (tuple(text[start : start + _GRAM]) for start in range(0, last + 1, _GRAM))
        return min(grams, key=lambda gram: len(self._by_gram.get(gram, ())))


def merged(regions: Iterable[Region]) -> list[Region]:
    """The regions in order, with those that overlap or touch as one."""
    joined: list[Region] = []
    for start, end in sorted(regions):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _occurrences(text: bytes, needle: Needle) -> Iterator[Region]:
    """Where a needle stands in the text; occurrences of which each overlaps or touches the next may come as one region.

    A needle that overlaps itself is one of which some bytes come again and again, and then so is what overlaps.
    """
    size, period = len(needle.text), _period(needle.text)
    again = needle.text[size - period :]
    step = 1 if period < size else size
    start = text.find(needle.text)
    while start >= 0:
        end = start + size
        if text.startswith(again, end):
            end += (_repeats_until(text, end, period) - end) // period * period
        yield start, _tail_end(text, end, needle.tails) if needle.tails else end
        start = text.find(needle.text, end - size + step)


@lru_cache(maxsize=256)
def _period(text: bytes) -> int:
    """The shortest distance at which two occurrences of `text` can overlap; its length when they cannot."""
    border = 0
    borders = [0] * len(text)
    for position in range(1, len(text)):
        while border and text[position] != text[border]:
            border = borders[border - 1]
        border += text[position] == text[border]
        borders[position] = border
    return len(text) - border


def _repeats_until(text: bytes, position: int, period: int) -> int:
    """The end of the bytes from `position` on that are each the same as the one `period` before it."""
    step = 64
    while step:
        same = text[position : position + step] == text[position - period : position - period + step]
        if same and position + step <= len(text):
            position += step
            step *= 2
        else:
            step //= 2
    return position


def _tail_end(text: bytes, end: int, tails: tuple[bytes, ...]) -> int:
    tail = next((tail for tail in tails if text.startswith(tail, end)), b"")
    if tail:
        end += len(tail)
        end += text.startswith(b"=", end)
        end += text.startswith(b"=", end)
    return end


def _runs(marked: bytearray) -> Iterator[Region]:
    start = marked.find(1)
    while start >= 0:
        end = marked.find(0, start)
        end = len(marked) if end < 0 else end
        yield start, end
        start = marked.find(1, end)
