"""What must appear in no log, by value. Pure: who finds secrets and who shows texts is elsewhere.

A value of fewer than 4 characters is not masked (toe.secret_forms says why); `too_short` names it, so that somebody can
say so. A run without secrets imports neither toe.secret_forms nor RE2.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from toe.records import NamedTuple

MASK = "***"
#: (start, end), the end exclusive.
Region: TypeAlias = "tuple[int, int]"

#: RE2 complains on stderr of a pattern of some megabytes, whatever its options say.
_PATTERN_BYTES = 400_000
_PROGRAM_BYTES = 256 * 1024 * 1024


class Search(NamedTuple):
    """What is made of all secrets together.

    `longest`: the bytes that a form of one has at most. `base64_cores`: what base64 makes of each, whatever stands
    around it.
    """

    programs: tuple[Any, ...]
    longest: int
    base64_cores: tuple[bytes, ...]


class Secrets:
    """The secrets of a run. False while there is none, and then nothing is masked.

    `names`: parameters and environment variables whose values are secrets (`--mask`).
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = frozenset(names)
        self.too_short: list[str] = []
        self._unseen = set(self.names)
        self._parts: dict[str, None] = {}
        self._search: Search | None = None

    def __bool__(self) -> bool:
        return bool(self._parts)

    def __len__(self) -> int:
        """How many texts are looked for; it only grows."""
        return len(self._parts)

    @property
    def unseen_names(self) -> list[str]:
        """Those of `names` for which no value was given."""
        return sorted(self._unseen)

    def add(self, value: str, name: str = "") -> None:
        """Mask `value` from now on, and its lines and the texts in it when it is JSON. `name`: what people call it."""
        from toe.secret_forms import parts

        found = dict.fromkeys(parts(value))
        if not found and value.strip() and name not in self.too_short:
            self.too_short.append(name)
        if not found.keys() <= self._parts.keys():
            self._parts.update(found)
            self._search = None

    def add_named(self, values: Mapping[str, str | Sequence[str]]) -> None:
        """Add the values, each item of a list, whose names are among `names`."""
        for name in self.names & values.keys():
            self._unseen.discard(name)
            value = values[name]
            for text in (value,) if isinstance(value, str) else value:
                self.add(text, name)

    def mask_text(self, text: str) -> str:
        """The text with `***` for every form of a secret; the same object when there is none in it."""
        if not self._parts:
            return text
        data = text.encode("utf-8", "surrogatepass")
        masked = self.mask_bytes(data)
        if masked is data:
            return text
        try:
            return masked.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # a secret that is no UTF-8 was a part of a character
            return masked.decode("utf-8", "surrogateescape")

    def mask_bytes(self, data: bytes) -> bytes:
        """The same for bytes."""
        pieces: list[bytes] = []
        position = 0
        for start, end in self.regions(data):
            pieces += (data[position:start], MASK.encode())
            position = end
        return b"".join((*pieces, data[position:])) if pieces else data

    def regions(self, data: bytes) -> list[Region]:
        """Where secrets stand, in order; what overlaps is one region."""
        found: list[Region] = []
        if not self._parts:
            return found
        for program in self.search.programs:
            match = program.search(data)
            while match is not None:
                found.append(match.span())
                match = program.search(data, match.start() + 1)
        return merged(found) if len(found) > 1 else found

    @property
    def search(self) -> Search:
        """Made anew after each `add`."""
        if self._search is None:
            self._search = _search_for(self._parts)
        return self._search


def _search_for(parts: Collection[str]) -> Search:
    from toe.secret_forms import base64_core, encoded, pattern, width

    programs = tuple(map(_compiled, _grouped(map(pattern, parts))))
    cores = (base64_core(encoded(part), shift) for part in parts for shift in range(3))
    return Search(programs, max(map(width, parts), default=0), tuple(cores))


def merged(regions: Iterable[Region]) -> list[Region]:
    """The regions in order, with those that overlap as one; those that only touch stay apart."""
    joined: list[Region] = []
    for start, end in sorted(regions):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _grouped(patterns: Iterable[bytes]) -> list[bytes]:
    """The alternatives in as few patterns as RE2 takes."""
    groups: list[list[bytes]] = []
    room = 0
    for alternative in patterns:
        room -= len(alternative)
        if room < 0:
            groups.append([])
            room = _PATTERN_BYTES - len(alternative)
        groups[-1].append(alternative)
    return [b"|".join(group) for group in groups]


def _compiled(pattern: bytes) -> Any:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.longest_match = True
    options.never_capture = True
    options.max_mem = _PROGRAM_BYTES
    return re2.compile(pattern, options)
