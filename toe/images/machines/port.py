"""What is said between a machine and `toe`: lines through a port. The guest is not trusted: lines have a limit."""

from __future__ import annotations

from collections.abc import Iterator

#: What a line from the machine begins with: the program has begun; it is alive; a line of events.jsonl; a word of
#: `toe` for people; the run has ended with this exit code.
BEGUN, IS_HERE, EVENT, WORDS, ENDED = b"B", b"H", b"E", b"W", b"X"
#: The answer to ENDED. Other lines to the machine are names of signals.
BYE = b"BYE"
HEARTBEAT_SECONDS = 2.0
#: Far longer than any event: the rest of such a line is left out.
LONGEST_LINE = 64 * 1024 * 1024


class Lines:
    """Takes blocks of bytes apart into lines, by their first byte."""

    def __init__(self) -> None:
        self._begun = bytearray()

    def take(self, block: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The lines that a block ends: kind and rest."""
        self._begun += block
        if b"\n" not in block:
            if len(self._begun) > LONGEST_LINE:
                self._begun.clear()
            return
        *lines, begun = bytes(self._begun).split(b"\n")
        self._begun = bytearray(begun)
        for line in lines:
            yield line[:1], line[1:]
