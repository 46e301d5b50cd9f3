"""A file that changes near its end and is complete whenever it is opened, also after kill -9, at a constant cost.

There are two copies under hidden names. A change is made to the one that is not published, with what it missed, and
then published by link and rename: what has the public name is never written to. A reader may still have the other
copy open from the time when that was published; a write lease tells, and then the copy is left to the reader and a
new one is made. Where there are no leases or no hard links, every change makes a new copy, which is moved.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from toe.records import NamedTuple
from toe.sinks import lease
from toe.sinks.lease import Lease
from toe.system.files.positioned import read_at, write_at
from toe.system.files.staging import patiently

_BLOCK = 256 * 1024
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Range(NamedTuple):
    """Bytes of the published content, from `start` to `end` exclusive."""

    start: int
    end: int


#: A part of the new content: bytes, bytes that are made while they are written, or a part of the present content.
Piece: TypeAlias = "Range | bytes | Iterable[bytes]"


class _Copy:
    """One of the two files. `same`: how many leading bytes are those of the published content."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.descriptor = os.open(path, _CREATE, 0o600)
        self.same = 0
        self.written = 0
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._offset = 0
        self._size = 0

    def rewrite_from(self, offset: int) -> None:
        """What is appended next stands at `offset`."""
        self._offset = offset
        self._waiting, self._waiting_size = [], 0

    def append(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_size += len(data)
        if self._waiting_size >= _BLOCK:
            self._write()

    def end(self) -> None:
        """Everything is written, and the file ends here."""
        self._write()
        if self._offset < self._size:
            os.ftruncate(self.descriptor, self._offset)
        self._size = self._offset

    def discard(self) -> None:
        os.close(self.descriptor)
        self.unlink()

    def unlink(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def _write(self) -> None:
        data = b"".join(self._waiting)
        self._waiting, self._waiting_size = [], 0
        write_at(self.descriptor, data, self._offset)
        self._offset += len(data)
        self.written += len(data)


class PublishedFile:
    """`bytes_written` counts all that was ever written; `copies_in_a_row` the changes since one had a constant cost."""

    def __init__(self, directory: str, name: str) -> None:
        self._public = os.path.join(directory, name)
        self._hidden = [os.path.join(directory, f".{name}.{number}") for number in (0, 1)]
        self._new = os.path.join(directory, f".{name}.new")
        self._published: _Copy | None = None
        self._spare: _Copy | None = None
        self._keeps_copies = True
        self.bytes_written = 0
        self.copies_in_a_row = 0
        self._remove_hidden()

    def publish(self, pieces: Sequence[Piece]) -> list[Range]:
        """Make the file consist of `pieces`, and return where each of them stands. Raises OSError; the file is then
        what it was."""
        ranges = _leading(pieces)
        if ranges and len(ranges) == len(pieces):
            return ranges
        unchanged = ranges[-1].end if ranges else 0
        target = self._writable()
        before = target.written
        try:
            target.rewrite_from(min(target.same, unchanged))
            self._append(target, Range(min(target.same, unchanged), unchanged))
            offset = unchanged
            for piece in pieces[len(ranges) :]:
                size = self._append(target, piece)
                ranges.append(Range(offset, offset + size))
                offset += size
            target.end()
        except BaseException:
            target.discard()
            raise
        self.bytes_written += target.written - before
        self._exchange(target, unchanged)
        return ranges

    def close(self) -> None:
        """Leave the public name alone. A second call does nothing."""
        for copy in (self._published, self._spare):
            if copy is not None:
                os.close(copy.descriptor)
        self._published = self._spare = None
        self._remove_hidden()

    def _writable(self) -> _Copy:
        """A copy that nobody reads: the one that is not published, or else a new one."""
        spare, self._spare = self._spare, None
        if spare is not None:
            if lease.take(spare.descriptor) is Lease.HELD:
                self.copies_in_a_row = 0
                return spare
            spare.discard()
        self.copies_in_a_row += 1
        taken = self._published.path if self._published else ""
        copy = _Copy(next(path for path in self._hidden if path != taken))
        if self._keeps_copies and lease.take(copy.descriptor) is not Lease.HELD:
            self._keeps_copies = False
        return copy

    def _append(self, target: _Copy, piece: Piece) -> int:
        """The number of bytes that the piece has."""
        if isinstance(piece, Range):
            return self._append_range(target, piece)
        size = 0
        for data in (piece,) if isinstance(piece, bytes) else piece:
            target.append(data)
            size += len(data)
        return size

    def _append_range(self, target: _Copy, source: Range) -> int:
        position = source.start
        while position < source.end and self._published is not None:
            data = read_at(self._published.descriptor, min(_BLOCK, source.end - position), position)
            if not data:
                raise OSError(f"'{self._public}' was cut by somebody else")
            position += len(data)
            target.append(data)
        return source.end - source.start

    def _exchange(self, target: _Copy, unchanged: int) -> None:
        old = self._published
        lease_holder = target.descriptor if self._keeps_copies else -1
        if self._keeps_copies:
            try:
                os.link(target.path, self._new)
                os.replace(self._new, self._public)
            except OSError:
                self._keeps_copies = False
        if lease_holder >= 0:
            lease.give_back(lease_holder)
        if not self._keeps_copies:
            self._move(target, old)
        elif old is not None:
            old.same = unchanged
            self._spare = old
        self._published = target

    def _move(self, target: _Copy, old: _Copy | None) -> None:
        """Publish by a move, with nothing open: Windows moves no open file, and none onto one."""
        os.close(target.descriptor)
        if old is not None:
            os.close(old.descriptor)
        try:
            patiently(os.replace, target.path, self._public)
        except OSError:
            target.unlink()
            if old is not None:
                old.descriptor = os.open(self._public, _READ)
            raise
        if old is not None:
            old.unlink()
        target.descriptor = os.open(self._public, _READ)

    def _remove_hidden(self) -> None:
        for path in (*self._hidden, self._new):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


def _leading(pieces: Sequence[Piece]) -> list[Range]:
    """The ranges that stay where they are."""
    ranges: list[Range] = []
    for piece in pieces:
        if not isinstance(piece, Range) or piece.start != (ranges[-1].end if ranges else 0):
            break
        ranges.append(piece)
    return ranges
