"""What a program prints, handed on in blocks of whole lines. How its pipes are read is left to the subclasses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

LONGEST_PARTIAL_LINE = 64 * 1024
_LONGEST_CHARACTER = 4


class Output(ABC):
    """What comes of the streams of one program. `received` are the bytes that have come of each."""

    def __init__(self, streams: Iterable[str], on_output: Callable[[str, bytes], None]) -> None:
        self._blocks = {stream: LineBlocks() for stream in streams}
        self._on_output: Callable[[str, bytes], None] | None = on_output
        self.received = dict.fromkeys(self._blocks, 0)

    @abstractmethod
    def wait(self, seconds: float) -> object:
        """Wait until something comes, and hand it on."""

    @abstractmethod
    def open_streams(self) -> dict[str, int]:
        """The streams that somebody may still write to, and their pipes' descriptors, or -1."""

    @abstractmethod
    def read_written(self) -> None:
        """Hand on what was written before the call. Whoever writes without a pause is not listened to for ever."""

    def finish(self) -> None:
        """Hand on the last lines that have no newline."""
        for stream, blocks in self._blocks.items():
            self._hand_on(stream, blocks.rest())

    def mute(self) -> None:
        """Read on, but hand nothing on any more: the receiver has failed."""
        self._on_output = None

    def _take(self, stream: str, data: bytes) -> None:
        """Hand on what is complete with this data."""
        self.received[stream] += len(data)
        self._hand_on(stream, self._blocks[stream].feed(data))

    def _hand_on(self, stream: str, block: bytes) -> None:
        if block and self._on_output is not None:
            self._on_output(stream, block)


class LineBlocks:
    """Keeps the unfinished last line back until it ends, so that a reader of blocks sees whole lines.

    A line that is written over again and again, such as a bar, is given out up to its last state but one. A line longer
    than 64 KiB is given in pieces, cut between UTF-8 characters: memory must not grow with a line.
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
        known = 0 if end else max(0, len(self._partial) - 1)
        state = rest.rfind(b"\r", known, len(rest) - 1) + 1  # the last character may be half a CRLF
        if state:
            block, rest = block + rest[:state], rest[state:]
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
