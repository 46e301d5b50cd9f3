"""What must appear in no log, by value. Pure: who finds secrets and who shows texts is elsewhere.

A value of fewer than 4 characters is not masked (toe.secrets.forms says why); `too_short` names it, so that somebody
can say so. A run without secrets imports nothing of what finds them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence

from toe.quick_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toe.secrets.search import Search
    from toe.secrets.unquoting import Region

MASK = "***"


class Masker(ABC):
    """False while there is nothing to take out; its length only grows when more is to be taken out from now on."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def regions(self, data: bytes) -> list[Region]:
        """Where it stands, in order; what overlaps or touches is one region."""

    @property
    @abstractmethod
    def searches(self) -> Sequence[Search]:
        """What it looks for in streams."""

    def mask_text(self, text: str) -> str:
        """The text with `***` in its place; the same object when there is nothing in it."""
        if not self:
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


class Secrets(Masker):
    """The secrets of a run; its length is how many texts are looked for.

    `names`: parameters and environment variables whose values are secrets (`--mask`).
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = frozenset(names)
        self.too_short: list[str] = []
        self._unseen = set(self.names)
        self._parts: dict[str, None] = {}
        self._new_parts: list[str] = []
        self._new_plain_parts: list[str] = []
        self._search: Search | None = None

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def unseen_names(self) -> list[str]:
        """Those of `names` for which no value was given."""
        return sorted(self._unseen)

    def add(self, value: str, name: str = "", but: Collection[str] = ()) -> None:
        """Mask `value` from now on, its lines and the texts in it when it is JSON, but none of these.

        `name`: what people call it.
        """
        from toe.secrets.forms import LONGEST_IN_ALL_FORMS, parts

        found = dict.fromkeys(part for part in parts(value) if part not in but)
        if not found and value.strip() and name not in self.too_short:
            self.too_short.append(name)
        new = self._new_parts if len(value) <= LONGEST_IN_ALL_FORMS else self._new_plain_parts
        new += (part for part in found if part not in self._parts)
        self._parts.update(found)

    def add_named(self, values: Mapping[str, str | Sequence[str]]) -> None:
        """Add the values, each item of a list, whose names are among `names`."""
        for name in self.names & values.keys():
            self._unseen.discard(name)
            value = values[name]
            for text in (value,) if isinstance(value, str) else value:
                self.add(text, name)

    def regions(self, data: bytes) -> list[Region]:
        """Where secrets stand, in order; what overlaps or touches is one region."""
        return self.searches[0].regions(data) if self._parts else []

    @property
    def searches(self) -> Sequence[Search]:
        """The one that finds them."""
        if self._search is None:
            from toe.secrets.search import Search

            self._search = Search()
        for part in self._new_parts:
            self._search.add(part)
        for part in self._new_plain_parts:
            self._search.add_plain(part)
        self._new_parts.clear()
        self._new_plain_parts.clear()
        return (self._search,)
