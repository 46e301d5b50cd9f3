"""The standard streams of a language server: bounded reads, and stdout for the protocol alone."""

from __future__ import annotations

import os
from typing import BinaryIO, cast

#: No header is near this, and no message of an editor: what claims more is no client.
LONGEST_LINE = 64 * 1024
LARGEST_MESSAGE = 256 * 1024 * 1024


class _BoundedInput:
    """Standard input, of which no line and no message can fill the memory: instead of such a one its end comes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readline(self) -> bytes:
        """A line, b"" at the end."""
        return self._stream.readline(LONGEST_LINE)

    def read(self, size: int) -> bytes:
        """As many bytes, b"" at the end, also where it comes too early."""
        data = self._stream.read(size) if size <= LARGEST_MESSAGE else b""
        return data if len(data) == size else b""


def protocol_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output. What anything else prints from now on goes to stderr, and not among the messages."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return cast(BinaryIO, _BoundedInput(os.fdopen(os.dup(0), "rb"))), output
