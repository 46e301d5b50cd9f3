"""Bytes that are kept for later: a little in memory, the rest in an anonymous file, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

MEMORY_LIMIT = 256 * 1024
SLICE = 256 * 1024


class Spool:
    """`directory` is where the anonymous file lives: next to the logs, because /tmp may itself be memory."""

    def __init__(self, directory: str | None) -> None:
        self._directory = directory
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    def __bool__(self) -> bool:
        return bool(self._memory) or self._file is not None

    def add(self, data: bytes) -> None:
        """Keep a block. Raises OSError when the disk is full."""
        self._memory += data
        if len(self._memory) > MEMORY_LIMIT:
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
            while block := self._file.read(SLICE):
                yield block
        if self._memory:
            yield bytes(self._memory)

    def clear(self) -> None:
        """Forget everything and give the disk space back."""
        self._memory = bytearray()
        if self._file is not None:
            self._file.close()
            self._file = None
