"""Pipes that background children still hold after their step has ended.

Closing them would kill a daemon by SIGPIPE at its next word, leaving them unread would block it: so a thread reads them
and drops what comes. Nothing of it reaches a log, for the step it would belong to is over.
"""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

assert sys.platform != "win32"

_READ_BYTES = 64 * 1024


class HeldPipes:
    """Drains the pipes given to it until their writers are gone or `close` is called."""

    def __init__(self) -> None:
        self._drain: _Drain | None = None

    def keep(self, descriptors: list[int]) -> None:
        """Take pipes over. They must be non-blocking."""
        if self._drain is None or not self._drain.add(descriptors):
            self._drain = _Drain(descriptors)

    def close(self) -> None:
        """Give all back; who still writes to one gets SIGPIPE."""
        if self._drain is not None:
            self._drain.stop()
            self._drain = None


class _Drain:
    """One thread and its pipes; the thread ends with the last of them."""

    def __init__(self, descriptors: list[int]) -> None:
        import threading

        self._lock = threading.Lock()
        self._pipes = set(descriptors)
        self._ended = self._stopping = False
        self._wake_read, self._wake_write = os.pipe()
        self._thread: threading.Thread = threading.Thread(target=self._run, name="toe-held-pipes", daemon=True)
        self._thread.start()

    def add(self, descriptors: list[int]) -> bool:
        """Take more; False when the thread has already ended."""
        with self._lock:
            if not self._ended:
                self._pipes.update(descriptors)
                os.write(self._wake_write, b"!")
            return not self._ended

    def stop(self) -> None:
        """End the thread and close what is left."""
        with self._lock:
            self._stopping = True
            if not self._ended:
                os.write(self._wake_write, b"!")
        self._thread.join()

    def _run(self) -> None:
        while self._has_work():
            poll = select.poll()
            with self._lock:
                waited = (self._wake_read, *self._pipes)
            for descriptor in waited:
                poll.register(descriptor, select.POLLIN)
            for descriptor, _ in poll.poll():
                self._drop(descriptor)

    def _has_work(self) -> bool:
        """Whether to go on; when not, all is closed under the lock, so that `add` cannot come between."""
        with self._lock:
            if self._pipes and not self._stopping:
                return True
            for descriptor in (self._wake_read, self._wake_write, *self._pipes):
                os.close(descriptor)
            self._pipes.clear()
            self._ended = True
            return False

    def _drop(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            return
        if not data and descriptor != self._wake_read:
            with self._lock:
                self._pipes.discard(descriptor)
            os.close(descriptor)
