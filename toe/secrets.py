"""What must appear in no log, by value. Pure: who finds secrets and who shows texts is elsewhere.

A value of fewer than 4 characters is not masked (toe.secret_forms says why); `too_short` names it, so that somebody can
say so. A run without secrets imports nothing of what finds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toe.secret_search import Search
    from toe.unquoting import Region

MASK = "***"


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
        """Where secrets stand, in order; what overlaps or touches is one region."""
        return self.search.regions(data) if self._parts else []

    @property
    def search(self) -> Search:
        """Made anew after each `add`."""
        if self._search is None:
            from toe.secret_search import Search

            self._search = Search(self._parts)
        return self._search
