"""A child's output read by threads and handed on by one: for systems where pipes cannot be waited for, that is Windows.

What toe.system.processes.pipe_reader does with `poll` elsewhere. Knows nothing of processes but what it is told.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO

from toe.records import NamedTuple
from toe.system.processes.output import Output

READ_BYTES = 64 * 1024
# What is read and not yet handed on; readers wait when there is more, so that memory does not grow with output.
_MOST_WAITING = 16
# How often a reader that waits for room looks whether anybody still wants the output.
_LOOK_AGAIN_SECONDS = 0.1
# A reader needs so long at most to pass on what its pipe holds once there is room.
_SETTLE_SECONDS = 0.05


class _Item(NamedTuple):
    """A block of a stream; without data, its end; without a stream, something that the waiting thread is to notice."""

    stream: str
    data: bytes


class ThreadedOutput(Output):
    """Reads pipes `{stream name: file}` until their writers are gone, and closes them then.

    `convert` is applied to each block of whole lines.
    """

    def __init__(
        self,
        pipes: Mapping[str, IO[bytes]],
        on_output: Callable[[str, bytes], None],
        convert: Callable[[bytes], bytes] = bytes,
    ) -> None:
        super().__init__(pipes, lambda stream, block: on_output(stream, convert(block)))
        self._queue: queue.Queue[_Item] = queue.Queue(_MOST_WAITING)
        self._open = set(pipes)
        self._is_wanted = True
        for stream, pipe in pipes.items():
            _start(self._read, stream, pipe)

    def open_streams(self) -> dict[str, int]:
        """The streams that somebody may still write to; -1 for their descriptors, which the readers close."""
        return {stream: -1 for stream in self._blocks if stream in self._open}

    def notice(self, what: Callable[[], object]) -> None:
        """Let `wait` return early once `what`, called in a thread of its own, is over."""

        def watch() -> None:
            what()
            self._put(_Item("", b""))

        _start(watch)

    def wait(self, seconds: float) -> bool:
        """Hand on the next block, if one comes in time; whether anything happened."""
        try:
            item = self._queue.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return False
        if item.stream and item.data:
            self._take(item.stream, item.data)
        elif item.stream:
            self._open.discard(item.stream)
        return True

    def read_written(self) -> None:
        """Hand on what was written before the call. Whoever writes without a pause is not listened to for ever."""
        for _ in range(2 * _MOST_WAITING):
            if not self._open or not self.wait(_SETTLE_SECONDS):
                break

    def let_go(self) -> None:
        """Drop what still comes. Background children that hold a pipe are neither blocked nor broken by it."""
        self._is_wanted = False

    def _read(self, stream: str, pipe: IO[bytes]) -> None:
        """The work of one reader. A pipe that breaks has ended."""
        with pipe, suppress(OSError):
            while data := pipe.read(READ_BYTES):
                self._put(_Item(stream, data))
        self._put(_Item(stream, b""))

    def _put(self, item: _Item) -> None:
        while self._is_wanted:
            with suppress(queue.Full):
                self._queue.put(item, timeout=_LOOK_AGAIN_SECONDS)
                return


def _start(work: Callable[..., None], *arguments: object) -> None:
    """A thread that does not hold up the end of this process."""
    threading.Thread(target=work, args=arguments, name="toe-output", daemon=True).start()
