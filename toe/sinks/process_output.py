"""What processes print, on its way into the logs: stdout as lines with a prefix, stderr kept until the end."""

from __future__ import annotations

from collections.abc import Iterator

from toe.quick_typing import IO

#: How much is held in memory, and is read back at a time.
_SPOOLED_BYTES = 256 * 1024


class PrefixedLines:
    r"""One stream of output as lines with a prefix, block by block: no work for each line in Python.

    `open`: the last line has no end yet, and what follows belongs to it.

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


class Spool:
    """Bytes that are kept for later: a little in memory, the rest in an anonymous file, so that memory stays flat.

    `directory` is where the file lives: next to the logs, because /tmp may itself be memory.
    """

    def __init__(self, directory: str | None) -> None:
        self._directory = directory
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    def __bool__(self) -> bool:
        return bool(self._memory) or self._file is not None

    def add(self, data: bytes) -> None:
        """Keep a block. Raises OSError when the disk is full."""
        self._memory += data
        if len(self._memory) > _SPOOLED_BYTES:
            if self._file is None:
                from tempfile import TemporaryFile

                self._file = TemporaryFile(buffering=0, dir=self._directory)  # noqa: SIM115 (closed by clear)
            view = memoryview(self._memory)
            while view:
                view = view[self._file.write(view) :]
            self._memory = bytearray()

    def slices(self) -> Iterator[bytes]:
        """All that was kept, in order, in slices of 256 KiB."""
        if self._file is not None:
            self._file.seek(0)
            while block := self._file.read(_SPOOLED_BYTES):
                yield block
        if self._memory:
            yield bytes(self._memory)

    def clear(self) -> None:
        """Forget everything and give the disk space back."""
        self._memory = bytearray()
        if self._file is not None:
            self._file.close()
            self._file = None
