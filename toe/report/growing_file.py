"""Reads events.jsonl, or a copy of it, to its end and on, as long as somebody writes it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator

from toe.errors import ToeError
from toe.system.files.locking import is_locked
from toe.system.files.path_faults import told
from toe.waiting import GaveUpError, waited_for

#: Stands for standard input.
STANDARD_INPUT = "-"
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_BLOCK_BYTES = 256 * 1024
#: No system tells of growth on every file system, and nobody sees a tenth of a second.
_POLL_SECONDS = 0.1
#: How long the file of a new run may take to come, and more may come behind the end of a run.
_PATIENCE_SECONDS = 1.0
#: Far longer than any event: what has such a line is something else.
_LONGEST_LINE = 64 * 1024 * 1024


def open_events(path: str) -> int:
    """A descriptor of the file, of that in a log folder, or of standard input. A FIFO waits for its writer.

    Raises ToeError.
    """
    if path == STANDARD_INPUT:
        return 0
    try:
        if os.path.isdir(path):
            return _open_in_folder(path)
        return os.open(path, _READ)
    except (OSError, ValueError) as error:
        raise ToeError(f"cannot read '{path}': {told(error, path)}") from error


def _open_in_folder(folder: str) -> int:
    path = os.path.join(folder, "events.jsonl")
    limit = time.monotonic() + _PATIENCE_SECONDS
    while not os.path.lexists(path):
        if time.monotonic() > limit:
            hint = "name a folder TOE_..., or a file that --events writes; 'toe report' reads AWSTOE's folders"
            raise ToeError(f"'{folder}' has no events.jsonl", hint=hint)
        time.sleep(_POLL_SECONDS)
    return os.open(path, _READ)


def lines_of(descriptor: int, has_ended: Callable[[], bool]) -> Iterator[list[bytes]]:
    """The whole lines, as many at a time as there are, until the run has ended or nobody writes any more.

    `has_ended`: whether the last line was the end of a run. More may come all the same: the run may have gone on after
    a reboot. A last line without its end is left out. Raises ToeError.
    """
    is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
    blocks = _file_blocks(descriptor, has_ended) if is_file else _pipe_blocks(descriptor, has_ended)
    begun = b""
    try:
        for block in blocks:
            *lines, rest = block.split(b"\n")
            if lines:
                lines[0] = begun + lines[0]
                begun = b""
                yield lines
            begun += rest
            if len(begun) > _LONGEST_LINE:
                raise ToeError("this is no events.jsonl: it has a line of more than 64 MiB")
    except OSError as error:
        raise ToeError(f"cannot read the events: {error.strerror}") from error


def _file_blocks(descriptor: int, has_ended: Callable[[], bool]) -> Iterator[bytes]:
    """Until nobody has the lock of the file: then a last look shows whether that was the end."""
    silent_since = time.monotonic()
    is_last_look = False
    while True:
        block = os.read(descriptor, _BLOCK_BYTES)
        if block:
            is_last_look, silent_since = False, time.monotonic()
            yield block
        elif os.fstat(descriptor).st_size < os.lseek(descriptor, 0, os.SEEK_CUR):
            os.lseek(descriptor, 0, os.SEEK_SET)  # emptied: another run begins
        elif is_last_look or (has_ended() and time.monotonic() - silent_since > _PATIENCE_SECONDS):
            return
        else:
            is_last_look = not _is_written(descriptor)
            if not is_last_look:
                time.sleep(_POLL_SECONDS)


def _is_written(descriptor: int) -> bool:
    try:
        return is_locked(descriptor)
    except OSError:  # a file system without locks: it ends with the end of the run, or with Ctrl-C
        return True


def _pipe_blocks(descriptor: int, has_ended: Callable[[], bool]) -> Iterator[bytes]:
    """Until the writer has closed it; behind the end of a run nobody waits long for that: a child may hold it open."""

    def read() -> bytes:
        return os.read(descriptor, _BLOCK_BYTES)

    while True:
        try:
            block = waited_for(read, limit_seconds=_PATIENCE_SECONDS) if has_ended() else read()
        except GaveUpError:
            return
        if not block:
            return
        yield block
