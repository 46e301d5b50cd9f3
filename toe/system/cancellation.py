"""A request to stop, seen by whoever waits: a flag, and a file descriptor that becomes readable with it."""

from __future__ import annotations

import os
import sys
import time
from select import select
from signal import Signals

from toe.errors import Interrupted

_SLICE_SECONDS = 0.1


class Cancellation:
    """Stop a run from a signal handler or another thread. `signal` is the number of the one that asked, 0 for none."""

    def __init__(self) -> None:
        self.requested = False
        self.signal = 0
        self.is_urgent = False
        self._read_end, self._write_end = os.pipe()
        if sys.platform != "win32":
            os.set_blocking(self._write_end, False)

    def cancel(self, signal: int = 0) -> None:
        """Ask the run to stop. Safe in a signal handler; the first signal's number is kept."""
        if not self.requested:
            self.requested, self.signal = True, signal
            os.write(self._write_end, b"!")

    def hurry(self) -> None:
        """Stop at once: processes get no more time to end by themselves."""
        self.is_urgent = True

    def check(self) -> None:
        """Raise Interrupted when the run was asked to stop."""
        if self.requested:
            raise Interrupted

    def wait(self, seconds: float) -> None:
        """Wait so long, or until the request comes."""
        if sys.platform == "win32":
            self.wait_in_slices(seconds)
            return
        select([self], [], [], max(0.0, seconds))

    def wait_in_slices(self, seconds: float) -> None:
        """As `wait`, where no pipe can be waited for: Windows, whose signal handlers run between two slices only."""
        limit = time.monotonic() + seconds
        while not self.requested and (left := limit - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_SECONDS))

    @property
    def described(self) -> str:
        """How the request came, for messages: "by SIGTERM"."""
        if not self.signal:
            return "on request"
        return f"by {Signals(self.signal).name}"

    def fileno(self) -> int:
        """Readable from the moment of the request on, for poll and select; on Windows neither of them takes it."""
        return self._read_end

    def close(self) -> None:
        """Give the descriptors back."""
        os.close(self._read_end)
        os.close(self._write_end)
