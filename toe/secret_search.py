"""Finds secrets in texts, in time linear in the text for any secret and any text. Pure.

A text is searched in all its layers and readings (toe.secret_forms), each for plain bytes; what is found there is
carried back to the bytes it was made of. Every pass is one over the bytes in C, or visits places that are at least some
bytes apart.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import compress, count, islice
from typing import TypeAlias

from toe.secret_forms import (
    BASE64,
    HEXADECIMAL,
    PLAIN,
    Needle,
    Reading,
    base64_needles,
    exact_forms,
    hexadecimal_needle,
    layers,
    plain_needles,
    width,
)
from toe.unquoting import Region, quoted_regions

#: So many needles are looked for one by one; of more, those alone of which some four bytes are in the text.
_FEW = 64
_GRAM = 4
_ByGram: TypeAlias = "dict[tuple[int, ...], list[Needle]]"


class Search:
    """What is made of all secrets together.

    `longest`: the bytes that a form of one has at most. `wrapped`: what a form is in a reading that knows no lines.
    """

    def __init__(self, parts: Collection[str]) -> None:
        plain = [pair for part in parts for pair in plain_needles(part)]
        self._clean = _Needles(needle for needle, noisy in plain if not noisy)
        self._noisy = _Needles(needle for needle, noisy in plain if noisy)
        self._exact = _Needles(Needle(form) for part in parts for form in exact_forms(part))
        self._base64 = _Needles(needle for part in parts for needle in base64_needles(part))
        self._hexadecimal = _Needles(map(hexadecimal_needle, parts))
        self.longest = max(map(width, parts), default=0)
        self.wrapped = (
            (BASE64, tuple(needle.text for needle in self._base64)),
            (HEXADECIMAL, tuple(needle.text for needle in self._hexadecimal)),
        )

    def regions(self, data: bytes) -> list[Region]:
        """Where secrets stand, in order; what overlaps or touches is one region."""
        all_layers = layers(data)
        found: list[Region] = []
        while all_layers:
            layer = all_layers.pop()
            found = merged((*found, *self._in_layer(layer)))
            if found and all_layers:
                found = merged(quoted_regions(all_layers[-1], found))
        exact = self._exact.found(data)
        return merged((*found, *exact)) if exact else found

    def _in_layer(self, layer: bytes) -> list[Region]:
        text = PLAIN.of(layer)
        found = _read_in(layer, text, PLAIN, self._clean.found(text))
        noisy = self._noisy.found(text)
        found += _with_noise(layer, noisy) if noisy else ()
        for reading, needles in ((BASE64, self._base64), (HEXADECIMAL, self._hexadecimal)):
            text = reading.of(layer)
            found += _read_in(layer, text, reading, needles.found(text))
        return found


class _Needles:
    """Needles that are looked for in one reading."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._all = tuple((needle.text, needle) for needle in dict.fromkeys(needles))
        self._shortest = min((len(text) for text, _ in self._all), default=sys.maxsize)
        self._by_gram = _by_gram(self) if len(self._all) > _FEW else None

    def __iter__(self) -> Iterator[Needle]:
        return (needle for _, needle in self._all)

    def found(self, text: bytes) -> list[Region]:
        """Where they stand in `text`, in order; what overlaps or touches is one region."""
        if len(text) < self._shortest:
            return []
        near = self._all if self._by_gram is None else _near(text, self._by_gram)
        needles = [needle for needle_text, needle in near if needle_text in text]
        if not needles:
            return []
        if len(needles) == 1:
            return merged(_occurrences(text, needles[0]))
        marked = bytearray(len(text))
        for needle in needles:
            for start, end in _occurrences(text, needle):
                marked[start:end] = b"\1" * (end - start)
        return list(_runs(marked))


def _near(text: bytes, by_gram: _ByGram) -> list[tuple[bytes, Needle]]:
    """The needles of which four bytes are in the text."""
    grams = zip(*(text[start:] for start in range(_GRAM)), strict=False)
    seen = set(filter(by_gram.__contains__, grams))
    return [(needle.text, needle) for gram in seen for needle in by_gram[gram]]


def _by_gram(needles: Iterable[Needle]) -> _ByGram:
    """The needles by four bytes of them that few others have."""
    grouped: _ByGram = {}
    for needle in needles:
        text = needle.text
        grams = [tuple(text[start : start + _GRAM]) for start in range(0, min(len(text), 128) - _GRAM + 1, _GRAM)]
        rarest = min(grams, key=lambda gram: len(grouped.get(gram, ())))
        grouped.setdefault(rarest, []).append(needle)
    return grouped


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


def _read_in(layer: bytes, text: bytes, reading: Reading, regions: list[Region]) -> list[Region]:
    """Where regions of the reading stand in its layer."""
    if not regions or len(text) == len(layer):
        return regions
    kept = _kept(layer, reading, (position for start, end in regions for position in (start, end - 1)))
    return [(start, last + 1) for start, last in zip(kept, kept, strict=True)]


def _with_noise(layer: bytes, regions: list[Region]) -> Iterator[Region]:
    """The same for needles that had noise: with all the noise around, and only where there is some."""
    befores = _kept(layer, PLAIN, (start - 1 for start, _ in regions))
    afters = _kept(layer, PLAIN, (end for _, end in regions))
    for (start, end), before, after in zip(regions, befores, afters, strict=True):
        if after - before - 1 > end - start:
            yield before + 1, after


def _kept(layer: bytes, reading: Reading, positions: Iterable[int]) -> Iterator[int]:
    """Where the bytes at positions, in order, of a reading stand in the layer; its end for what is beyond the last."""
    indexes = compress(count(), layer.translate(reading.kept))
    done = at = -1
    for position in positions:
        if position > done:
            at = next(islice(indexes, position - done - 1, None), len(layer))
            done = position
        yield at


def merged(regions: Iterable[Region]) -> list[Region]:
    """The regions in order, with those that overlap or touch as one."""
    joined: list[Region] = []
    for start, end in sorted(regions):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
