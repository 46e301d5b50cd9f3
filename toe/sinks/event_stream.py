"""`--events`: what is written to events.jsonl goes to a file, a pipe or stdout as well, for a program that follows it.

A thread copies the log. So the copy is masked and cut as the log is, a reader that is slow or gone holds up nobody, and
nothing piles up in memory while it waits.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event as Flag
from threading import Thread

from toe.errors import ToeError
from toe.events import Event, Output, RunFinished, RunResumed, RunStarted
from toe.results import RunResult
from toe.sinks.event_fields import fields_text
from toe.sinks.json_text import to_bytes
from toe.system.files.locking import try_lock
from toe.system.files.opening import write_all
from toe.system.files.path_faults import told
from toe.words import precise_time

#: Stands for stdout, which then has nothing but events.
STDOUT = "-"
_STDOUT_PATHS = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
_DESCRIPTOR = re.compile(r"(?:/dev|/proc/self)/fd/(\d+)", re.ASCII)
_BLOCK_BYTES, _PIECE_BYTES = 64 * 1024, 4096
#: At the end of a run: how long a reader may take nothing, and how long it may take in all.
STALLED_SECONDS, LONGEST_SECONDS = 5.0, 60.0
_SLICE_SECONDS = 0.1


def is_stdout(target: str | None) -> bool:
    """Whether the events go to stdout."""
    return target == STDOUT or target in _STDOUT_PATHS


class EventStream:
    """Copies the events of one run, or of the part of one since it went on, to `target`.

    A file is emptied when a run begins, and appended to when one goes on. It is locked meanwhile: whoever follows it
    sees by that whether more will come. A FIFO is waited for, by the thread alone.
    """

    def __init__(self, target: str) -> None:
        """Raises ToeError for what cannot be written at all."""
        self.name = "stdout (--events)" if is_stdout(target) else f"'{target}' (--events)"
        self._target = target
        self._descriptor = -1
        self._is_file = False
        self._open()
        self._thread: Thread | None = None
        self._grown, self._copied = Flag(), Flag()
        self._has_ended = False
        self._copied_bytes = 0
        self._fault: OSError | None = None
        self._has_told = False

    def _open(self) -> None:
        """Open all but a FIFO, which waits for its reader."""
        number = _DESCRIPTOR.fullmatch(self._target)
        try:
            if is_stdout(self._target):
                self._descriptor = os.dup(1)
            elif number:  # not by its path: a socket cannot be opened so, and a file would get another position
                self._descriptor = os.dup(int(number[1]))
            elif not _is_fifo(self._target):
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self._target, flags, 0o600)  # as the log
            if self._descriptor >= 0:
                self._is_file = stat.S_ISREG(os.fstat(self._descriptor).st_mode)
        except (OSError, ValueError, OverflowError) as error:
            raise ToeError(f"cannot write events to '{self._target}': {told(error, self._target)}") from error
        if self._is_file and not self._locked():
            raise ToeError(f"another process writes its events to '{self._target}'", hint="name another file")

    def _locked(self) -> bool:
        try:
            return try_lock(self._descriptor)
        except OSError:  # a file system without locks
            return True

    def handle(self, event: Event) -> None:
        """Raises OSError when nothing can be copied any more."""
        if self._fault is not None:
            self._has_told = True
            raise self._fault
        if isinstance(event, (RunStarted, RunResumed)):
            self.begin(os.path.join(event.log_directory, "events.jsonl"), anew=isinstance(event, RunStarted))
        elif isinstance(event, Output):  # the log has written it already
            self._grown.set()

    def begin(self, log: str, *, anew: bool) -> None:
        """Copy a log from now on, from its beginning where it is `anew`. Raises OSError."""
        descriptor = os.open(log, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        status = os.fstat(descriptor)
        if self._is_file and os.path.samestat(status, os.fstat(self._descriptor)):
            os.close(descriptor)
            raise OSError("it is the log itself")
        # Of a run that goes on, its first event is in no file yet: what is there belongs to the part before that.
        os.lseek(descriptor, 0 if anew else status.st_size, os.SEEK_SET)
        self._start(self._grown_blocks(descriptor), anew=anew)

    def flush(self) -> None:
        """The log has written all that it was told."""
        self._grown.set()

    def close(self) -> None:
        """No more will come. What the reader has not taken yet is left to the thread and to `finish`."""
        self._has_ended = True
        self._grown.set()

    def refuse(self, result: RunResult, *, anew: bool) -> None:
        """Copy one event alone, the end of a run that did not begin. Nothing happens when it did begin."""
        if self._thread is None:
            event = RunFinished(result.ended_at_ns, result)
            line = f'{{"at":"{precise_time(event.at_ns)}","event":"RunFinished"{fields_text(event)}}}\n'
            self._start(iter([to_bytes(line)]), anew=anew)

    def finish(self, report: Callable[[str], None], hurrying: Callable[[], bool]) -> bool:
        """Wait for the reader, though not for ever; false when a file does not hold everything.

        `report` gets a line when the reader got less, unless the fan-out has told so.
        """
        if self._thread is None:
            return not self._is_file
        if not self._waited_for(hurrying):
            reason = "its reader takes no more" if self._descriptor >= 0 else "nobody reads it"
            report(f"toe: warning: not all was written to {self.name}: {reason}")
            return not self._is_file
        if self._fault is not None and not self._has_told:
            report(f"toe: warning: no more is written to {self.name}: {self._fault.strerror or self._fault}")
        return self._fault is None or not self._is_file

    def _waited_for(self, hurrying: Callable[[], bool]) -> bool:
        moved_at = began_at = time.monotonic()
        copied_bytes = self._copied_bytes
        while not self._copied.wait(_SLICE_SECONDS):
            now = time.monotonic()
            if self._copied_bytes != copied_bytes:
                copied_bytes, moved_at = self._copied_bytes, now
            if hurrying() or now - moved_at > STALLED_SECONDS or now - began_at > LONGEST_SECONDS:
                return False
        return True

    def _start(self, blocks: Iterator[bytes], *, anew: bool) -> None:
        if anew and self._is_file and not _DESCRIPTOR.fullmatch(self._target) and not is_stdout(self._target):
            os.ftruncate(self._descriptor, 0)
        self._thread = Thread(target=self._copy, args=(blocks,), name="toe-events", daemon=True)
        self._thread.start()

    def _copy(self, blocks: Iterator[bytes]) -> None:
        try:
            if self._descriptor < 0:
                self._descriptor = os.open(self._target, os.O_WRONLY)
            for block in blocks:
                # In pieces, so that a slow reader is seen to take something.
                for start in range(0, len(block), _PIECE_BYTES):
                    piece = block[start : start + _PIECE_BYTES]
                    write_all(self._descriptor, piece)
                    self._copied_bytes += len(piece)
        except OSError as error:
            self._fault = error
        finally:
            with suppress(OSError):  # the reader sees the end, also where this process lives on
                if self._descriptor >= 0:
                    os.close(self._descriptor)
            self._copied.set()

    def _grown_blocks(self, log: int) -> Iterator[bytes]:
        """What stands in the log from its position on, as it grows."""
        try:
            has_ended = False
            while not has_ended:
                self._grown.wait()
                self._grown.clear()
                has_ended = self._has_ended  # asked before the last look at the file
                while block := os.read(log, _BLOCK_BYTES):
                    yield block
        finally:
            os.close(log)


def _is_fifo(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except FileNotFoundError:
        return False
