"""Takes something out of texts, and leaves `***` in its place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toe.secret_search import Search
    from toe.unquoting import Region

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
