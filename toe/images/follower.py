"""Follows events.jsonl of a run elsewhere while it is written, and tells sinks here."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from toe.events import RunFinished, RunResumed
from toe.report.replay import Replay
from toe.sinks.fanout import FanOut

_BLOCK_BYTES = 256 * 1024
#: No system tells of growth on every file system; people do not see this.
_LOOK_SECONDS = 0.05
#: Far longer than any event: it is cut out, so that memory does not grow with it.
_LONGEST_LINE = 64 * 1024 * 1024
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Follower:
    """Reads the file in a thread, for as long as somebody may write it. The file need not be there yet."""

    def __init__(self, path: Path, replay: Replay, fan_out: FanOut) -> None:
        self._path, self._replay, self._fan_out = path, replay, fan_out
        self._descriptor = -1
        self._begun = b""

    @contextmanager
    def following(self) -> Iterator[None]:
        """Within the block it is read; at the end of the block all that stands in it was told."""
        ended = Event()
        thread = Thread(target=self._follow, args=(ended,), name="toe-follower", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def close(self) -> None:
        """Nothing is read any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _follow(self, ended: Event) -> None:
        while True:
            is_last_look = ended.is_set()  # asked before it: what is written until then is seen
            block = self._read()
            if block:
                self._take(block)
            elif is_last_look:
                return
            else:
                ended.wait(_LOOK_SECONDS)

    def _read(self) -> bytes:
        try:
            if self._descriptor < 0:
                self._descriptor = os.open(self._path, _FLAGS)
            status = os.fstat(self._descriptor)
            if not stat.S_ISREG(status.st_mode):
                return b""
            if status.st_size < os.lseek(self._descriptor, 0, os.SEEK_CUR):  # a torn line was cut off
                os.lseek(self._descriptor, 0, os.SEEK_END)
                self._begun = b""
            return os.read(self._descriptor, _BLOCK_BYTES)
        except OSError:  # not there yet
            return b""

    def _take(self, block: bytes) -> None:
        *lines, self._begun = (self._begun + block).split(b"\n")
        if len(self._begun) > _LONGEST_LINE:
            self._begun = b""
        for line in lines:
            event = self._replay.event(line)
            # Sinks are told of one run: a reboot in its midst is neither its end nor another beginning.
            is_reboot = isinstance(event, RunResumed) or (isinstance(event, RunFinished) and event.result.reboot)
            if event is not None and not is_reboot:
                self._fan_out.emit(event)
        self._fan_out.flush()
