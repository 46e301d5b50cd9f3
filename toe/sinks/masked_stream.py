"""One stream of output without its secrets, block by block, also where a secret is cut in two by the end of a block.

A block that ends in a whole line passes at once: a secret of several lines is masked line by line, and one in wrapped
base64 is held back from its first character on. Of a line that goes on, the end is held back: such blocks come of very
long lines alone (toe.events.Output), so nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from toe.secrets import MASK, Secrets

#: Tools wrap base64 at 64 or 76 characters.
_SHORTEST_WRAPPED_LINE, _LONGEST_WRAPPED_LINE = 60, 80
_WHITE = b" \t\r\n"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_STANDARD_ALPHABET = bytes.maketrans(b"-_", b"+/")


class MaskedStream:
    """Takes the blocks of a stream, and gives out the same however the blocks were cut."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._held = b""
        self._masked = 0  # so many bytes of what is held belong to a region whose mask has been given out

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
        search = self._secrets.search
        if data.endswith(b"\n"):
            return unfinished_base64(data, search.base64_cores)
        return min(len(data), search.longest + _LONGEST_WRAPPED_LINE)

    def _given_out(self, data: bytes, end: int) -> bytes:
        end = _character_boundary(data, end)
        regions = self._secrets.regions(data)
        if not regions and not self._masked and end == len(data):
            self._held = b""
            return data
        pieces: list[bytes] = []
        position = self._masked
        for start, stop in regions:
            if start >= end:
                break
            if start >= position:
                pieces += (data[position:start], MASK.encode())
            position = max(position, stop)
        pieces.append(data[position:end])
        self._held, self._masked = data[end:], max(0, position - end)
        return b"".join(pieces)


def _character_boundary(data: bytes, end: int) -> int:
    """`end`, or the start of the UTF-8 character that it is in."""
    for start in range(end, max(0, end - 3) - 1, -1):
        if start == len(data) or data[start] & 0xC0 != 0x80:
            return start
    return end


def unfinished_base64(data: bytes, cores: Iterable[bytes]) -> int:
    """The bytes at the end of `data`, a whole line, that are the beginning of a core which wraps into the next line."""
    line = data[data.rfind(b"\n", 0, -1) + 1 :].translate(_STANDARD_ALPHABET, _WHITE)
    if len(line) - len(line.rstrip(_BASE64)) < _SHORTEST_WRAPPED_LINE:
        return 0
    characters = 0
    squeezed = data.translate(_STANDARD_ALPHABET, _WHITE)
    for core in cores:
        start = squeezed.find(core[:1], max(0, len(squeezed) - len(core) + 1))
        while start >= 0:
            if core.startswith(squeezed[start:]):
                characters = max(characters, len(squeezed) - start)
                break
            start = squeezed.find(core[:1], start + 1)
    length = 0
    while characters:
        length += 1
        characters -= data[-length] not in _WHITE
    return length
