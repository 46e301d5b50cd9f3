"""Whether a machine still lives: what comes from it tells. One that gets no processor is not silent."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

_NANOSECONDS = 1_000_000_000


class Patience:
    """Counts the seconds in which nothing came from a machine though its process could have run."""

    def __init__(self, pid: int, seconds: float) -> None:
        self._pid = pid
        self._seconds = seconds
        self._since = time.monotonic()
        self._starved = _starved_seconds(pid)

    def sign(self) -> None:
        """Something came."""
        self._since = time.monotonic()
        self._starved = _starved_seconds(self._pid)

    @property
    def is_over(self) -> bool:
        """Whether it has been silent for too long."""
        silent = time.monotonic() - self._since
        return silent > self._seconds and silent - (_starved_seconds(self._pid) - self._starved) > self._seconds


def _starved_seconds(pid: int) -> float:
    """How long the threads of a process have waited for a processor, in all."""
    total = 0
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with suppress(OSError, ValueError, IndexError):
                total += int(path.read_text().split()[1])
    return total / _NANOSECONDS
