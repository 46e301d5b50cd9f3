"""Finds secrets in texts, in time linear in the text for any secret and any text. Pure.

A text is searched in all its layers and readings (toe.secrets.forms), each for plain bytes; what is found there is
carried back to the bytes it was made of. Every pass is one over the bytes in C, or visits places that are at least some
bytes apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress, count, islice

from toe.secrets.forms import (
    BASE64,
    HEXADECIMAL,
    PLAIN,
    Reading,
    base64_needles,
    exact_forms,
    hexadecimal_needle,
    layers,
    plain_needles,
    width,
)
from toe.secrets.needles import Needle, Needles, merged
from toe.secrets.unquoting import Region, quoted_regions


class Search:
    """What is looked for to find all secrets. `longest`: the bytes that a form of one has at most."""

    def __init__(self) -> None:
        self._clean, self._noisy, self._exact = Needles(), Needles(), Needles()
        self._base64, self._hexadecimal = Needles(), Needles()
        self.longest = 0

    def add(self, part: str) -> None:
        """Look for one of `toe.secrets.forms.parts` as well."""
        self.add_plain(part)
        self._exact.add(map(Needle, exact_forms(part)))
        self._base64.add(base64_needles(part))
        self._hexadecimal.add((hexadecimal_needle(part),))

    def add_plain(self, part: str) -> None:
        """The same, but neither in base64 nor in hexadecimal."""
        for needle, noisy in plain_needles(part):
            (self._noisy if noisy else self._clean).add((needle,))
        self.longest = max(self.longest, width(part))

    @property
    def wrapped(self) -> tuple[tuple[Reading, Iterable[bytes]], ...]:
        """What is looked for in the readings that know no lines."""
        return (BASE64, self._base64.texts), (HEXADECIMAL, self._hexadecimal.texts)

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
