"""Splitting what a pipe gives into blocks of whole lines. Pure: bytes in, bytes out, no reading."""

from __future__ import annotations

LONGEST_PARTIAL_LINE = 64 * 1024
_LONGEST_CHARACTER = 4


class LineBlocks:
    """Keeps the unfinished last line back until it ends, so that a reader of blocks sees whole lines.

    A line longer than 64 KiB is given in pieces, cut between UTF-8 characters: memory must not grow with a line.
    """

    def __init__(self) -> None:
        self._partial = b""

    def feed(self, data: bytes) -> bytes:
        """The block that is complete with `data`; empty when there is none yet."""
        end = data.rfind(b"\n") + 1
        if end == len(data):
            block, self._partial = self._partial + data, b""
            return block
        block = self._partial + data[:end] if end else b""
        rest = data[end:] if end else self._partial + data
        if len(rest) > LONGEST_PARTIAL_LINE:
            cut = character_boundary(rest)
            block, rest = block + rest[:cut], rest[cut:]
        self._partial = rest
        return block

    def rest(self) -> bytes:
        """What is left when no more will come: the last line without its newline."""
        block, self._partial = self._partial, b""
        return block


def character_boundary(data: bytes) -> int:
    """The length of `data` without a UTF-8 character that is cut off at its end; all of it when it is not UTF-8."""
    for back in range(1, min(_LONGEST_CHARACTER, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return len(data) - back if needed > back else len(data)
    return len(data)
