"""A file of the log folder that only ever grows."""

from __future__ import annotations

import os


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: near a full disk the kernel takes a part first, and says why at the next call only."""
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, memoryview(data)[written:])


class LogFile:
    """Appends to `path`, which is created with mode 0600."""

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(path, flags, 0o600)

    def write(self, parts: list[bytes]) -> None:
        """Append the parts in one call. Raises OSError."""
        if parts:
            write_all(self._descriptor, parts[0] if len(parts) == 1 else b"".join(parts))

    def close(self) -> None:
        """A second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
