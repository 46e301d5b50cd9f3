"""Output of processes as lines with a prefix: block by block, no work for each line in Python."""

from __future__ import annotations


class PrefixedLines:
    r"""One stream. `open`: the last line has no end yet, and what follows belongs to it.

    CRLF and a lone CR are line ends: a CR that stayed would let output draw a line without its prefix on a terminal.
    """

    def __init__(self) -> None:
        self.open = False
        self._after_cr = False

    def feed(self, prefix: bytes, data: bytes) -> bytes:
        """The block with `prefix` before each line that starts in it."""
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
            self._after_cr = False
        if not data:
            return b""
        self._after_cr = data.endswith(b"\r")
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        head = b"" if self.open else prefix
        self.open = not data.endswith(b"\n")
        if self.open:
            return head + data.replace(b"\n", b"\n" + prefix)
        return b"".join((head, data[:-1].replace(b"\n", b"\n" + prefix), b"\n"))

    def finish(self) -> bytes:
        """The end of an open line; the next block starts a new one."""
        end = b"\n" if self.open else b""
        self.open = self._after_cr = False
        return end
