"""One stream of output without its secrets, block by block, also where a secret is cut in two by the end of a block.

A block that ends in a whole line passes at once: a secret of several lines is masked line by line, and one in wrapped
base64 or hexadecimal is held back from its first character on. Of a line that goes on, the end is held back: such
blocks come of very long lines alone (toe.events.Output), so nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from toe.secrets.masker import MASK, Masker, unfinished_address

if TYPE_CHECKING:
    from toe.secrets.forms import Reading
    from toe.secrets.search import Search

_HEXADECIMAL = b"0123456789abcdef"
_BASE64 = _HEXADECIMAL + b"ghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/"
#: What lines are made of that go on in the next one, and how much of it each has at least: tools wrap base64 at 64 or
#: 76 characters, `od` writes 16 bytes in a line, `xxd -p` 30.
_WRAPPED = (_BASE64, 60), (_HEXADECIMAL, 32)
_LONGEST_WRAPPED_LINE = 80


class MaskedStream:
    """Takes the blocks of a stream, and gives out the same however the blocks were cut."""

    def __init__(self, secrets: Masker) -> None:
        self._secrets = secrets
        self._held = b""
        self._masked = -1  # so many bytes of what is held belong to a region whose mask has been given out

    @property
    def holds(self) -> bool:
        """Whether there is a `rest`."""
        return bool(self._held)

    def feed(self, block: bytes) -> bytes:
        """What can be shown by now."""
        data = self._held + block if self._held else block
        return self._given_out(data, len(data) - self._unsure(data))

    def rest(self) -> bytes:
        """What is left when no more will come."""
        return self._given_out(self._held, len(self._held))

    def _unsure(self, data: bytes) -> int:
        """How many bytes at the end may belong to a secret that goes on in the next block."""
        searches = self._secrets.searches
        if data.endswith(b"\n"):
            return max((unfinished_lines(data, search) for search in searches), default=0)
        longest = max((search.longest + _LONGEST_WRAPPED_LINE for search in searches), default=0)
        return min(len(data), max(longest, unfinished_address(data)))

    def _given_out(self, data: bytes, end: int) -> bytes:
        end = _character_boundary(data, end)
        regions = self._secrets.regions(data)
        if not regions and self._masked < 0 and end == len(data):
            self._held = b""
            return data
        pieces: list[bytes] = []
        position, masked = max(0, self._masked), self._masked
        for start, stop in regions:
            if start >= end:
                break
            if start > masked:
                pieces += (data[position:start], MASK.encode())
            position = masked = max(masked, stop)
        pieces.append(data[position:end])
        self._held, self._masked = data[end:], max(-1, masked - end)
        return b"".join(pieces)


def _character_boundary(data: bytes, end: int) -> int:
    """`end`, or the start of the UTF-8 character that it is in."""
    for start in range(end, max(0, end - 3) - 1, -1):
        if start == len(data) or data[start] & 0xC0 != 0x80:
            return start
    return end


def unfinished_lines(data: bytes, search: Search) -> int:
    """The bytes at the end of `data`, a whole line, that may be the beginning of what goes on in the next line."""
    last_line = data[data.rfind(b"\n", 0, -1) + 1 :]
    length = 0
    for (reading, texts), (alphabet, shortest) in zip(search.wrapped, _WRAPPED, strict=True):
        line = reading.of(last_line)
        if len(line) - len(line.rstrip(alphabet)) >= shortest:
            length = max(length, _unfinished(data, reading, texts))
    return length


def _unfinished(data: bytes, reading: Reading, texts: Iterable[bytes]) -> int:
    """How many bytes at the end of `data` may be the beginning of one of the texts, in this reading."""
    read = reading.of(data)
    characters = max((_common_length(read, text) for text in texts), default=0)
    length = 0
    while characters:
        length += 1
        characters -= reading.kept[data[-length]]
    return length


def _common_length(data: bytes, text: bytes) -> int:
    """How long the longest end of `data` is that `text` begins with; less than all of it."""
    start = data.find(text[:1], max(0, len(data) - len(text) + 1))
    while start >= 0 and not text.startswith(data[start:]):
        start = data.find(text[:1], start + 1)
    return len(data) - start if start >= 0 else 0
