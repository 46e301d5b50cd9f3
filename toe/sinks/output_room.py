"""How much output events.jsonl has room for: of one process, of one step, of the run; in bytes as they are written."""

from __future__ import annotations

from toe.results import KEPT_ALWAYS_BYTES, KEPT_PROCESS_BYTES, KEPT_RUN_BYTES, KEPT_STEP_BYTES


class OutputRoom:
    """Counts what is written. Once something of a process was left out, the rest of its output is too."""

    def __init__(self) -> None:
        self._run = self._step = self._process = 0
        self.is_full = False

    def begin_step(self) -> None:
        """Another step has started."""
        self._step = 0
        self.begin_process()

    def begin_process(self) -> None:
        """Another process has started."""
        self._process = 0
        self.is_full = False

    def take(self, size: int) -> bool:
        """Whether there is room for so many bytes more; if so, they are taken."""
        least = KEPT_ALWAYS_BYTES if self._step <= KEPT_STEP_BYTES else 0
        left = min(KEPT_PROCESS_BYTES - self._process, KEPT_STEP_BYTES - self._step, KEPT_RUN_BYTES - self._run)
        self.is_full = self.is_full or size > max(left, least - self._process)
        if self.is_full:
            return False
        self._run += size
        self._step += size
        self._process += size
        return True
