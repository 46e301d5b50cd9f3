"""How much of what its steps take and give a run keeps, for later steps and for the reports: memory must not grow.

One process, one step and the whole run have a limit each. A step has some room always: a version that is printed at the
end of a long run must be there for the next step. A text is cut between lines where it can be: half a secret would not
be recognised.
"""

from __future__ import annotations

from collections.abc import Iterable

from toe.model import Entry
from toe.quick_typing import Any
from toe.results import KEPT_ALWAYS_BYTES, KEPT_PROCESS_BYTES, KEPT_RUN_BYTES, KEPT_STEP_BYTES

CUT_MARK = "[cut by toe: a step keeps 8 MiB, all steps 16 MiB and 64 KiB each]"
#: Bytes of the end of stderr, and of stdout, kept for messages.
STDERR_LIMIT = 64 * 1024
STDOUT_END_LIMIT = 8 * 1024
PROCESS_CUT_MARK = "\n[output cut by toe after 8 MiB, as the reports hold it; console.log has all of it]"
LOST_MARK = "\n[output cut by toe: a background process was still writing it]"
#: Bytes that take more than one in a report.
_SHORT = b"\n\t\r\b\f"  # `\\n`: two bytes more than one
_MARKS = b'"\\'  # `\\\"`: three more
_OTHERS = bytes(byte for byte in range(32) if byte not in _SHORT)  # `\\u0000`: six more
_ALL = _SHORT + _MARKS + _OTHERS
_SLICE = 64 * 1024
_VALUE_BYTES = 16  # a number, and what stands around a value


class KeptOutputs:
    """Counts what the steps of a run have kept, in bytes as the reports hold it."""

    def __init__(self) -> None:
        self._used = 0

    def room(self) -> Room:
        """For the inputs, or for the outputs, of one more step."""
        return Room(max(KEPT_ALWAYS_BYTES, min(KEPT_STEP_BYTES, KEPT_RUN_BYTES - self._used)))

    def count(self, *sides: Iterable[Entry]) -> None:
        """Take note of what a step has kept that ran before a reboot or a crash."""
        self._used += sum(_size(entry) for entries in sides for entry in entries)

    def take(self, *rooms: Room) -> None:
        """Take note of what a step has kept in these."""
        self._used += sum(room.used for room in rooms)


class Room:
    """What is left of some bytes."""

    def __init__(self, size: int) -> None:
        self._size = self._left = size

    @property
    def used(self) -> int:
        """The bytes that are taken."""
        return self._size - self._left

    def kept(self, entry: Entry) -> Entry:
        """The entry, its values cut where the room ends; what was cut says so."""
        return {key: self._value(value) for key, value in entry.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return self._items(value)
        self._left -= _VALUE_BYTES
        return value

    def _text(self, text: str) -> str:
        size = written_size(text) + _VALUE_BYTES
        if size <= self._left:
            self._left -= size
            return text
        room, self._left = self._left - _VALUE_BYTES, 0
        beginning = fitting(text, max(0, room))
        return beginning + ("\n" if beginning and not beginning.endswith("\n") else "") + CUT_MARK

    def _items(self, items: list[Any] | tuple[Any, ...]) -> list[Any] | tuple[Any, ...]:
        kept = []
        for item in items:
            if self._left <= 0:
                kept.append(CUT_MARK)
                break
            kept.append(self._value(item))
        return kept if isinstance(items, list) else tuple(kept)


class KeptEntries(list[Entry]):
    """The outputs of an action as they come, each cut to the room that is left."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self._room = room

    def append(self, entry: Entry) -> None:
        super().append(self._room.kept(entry))


class Capture:
    """Collects what is kept of both streams of one process, block by block."""

    def __init__(self) -> None:
        self._stdout = bytearray()
        self._room = KEPT_PROCESS_BYTES
        self._stderr = b""
        self._stderr_cut = False
        self._behind_cut = b""
        self._full = False
        self._lost: tuple[str, ...] = ()

    @property
    def cut(self) -> bool:
        """Whether some of stdout is missing."""
        return self._full or "stdout" in self._lost

    def add(self, stream: str, block: bytes) -> None:
        """Keep what the limits allow of a block."""
        if stream == "stderr":
            self._stderr_cut = self._stderr_cut or len(self._stderr) + len(block) > STDERR_LIMIT
            self._stderr = (self._stderr + block)[-STDERR_LIMIT:]
            return
        if self._full:
            self._behind_cut = (self._behind_cut + block)[-STDOUT_END_LIMIT:]
            return
        size = written_size(block.decode("utf-8", "replace"))
        if size > self._room:
            self._full = True
            whole, block = block, _beginning(block, self._room)
            self._behind_cut = whole[len(block) :][-STDOUT_END_LIMIT:]
        self._room -= size
        self._stdout += block

    def lose(self, streams: tuple[str, ...]) -> None:
        """Note that more of these streams was coming when nobody listened any more."""
        self._lost = streams

    def take_stdout(self) -> str:
        """stdout as text without trailing newlines (reference, section 3), marked when cut. Lets go of the bytes."""
        raw, self._stdout = self._stdout, bytearray()
        text = raw.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
        if self._full:
            text += PROCESS_CUT_MARK
        return text + LOST_MARK if "stdout" in self._lost else text

    def stdout_end(self) -> str:
        """The end of stdout as text, its first line whole. To be asked for before `take_stdout`."""
        kept = self._stdout[-STDOUT_END_LIMIT:] + self._behind_cut
        end = bytes(kept[-STDOUT_END_LIMIT:])
        if self._full or len(self._stdout) > len(end):
            end = _from_whole_line(end)
        return end.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")

    def stderr_end(self) -> str:
        """The end of stderr as text, its first line whole."""
        end = _from_whole_line(self._stderr) if self._stderr_cut else self._stderr
        text = end.decode("utf-8", "replace").rstrip("\n")
        return text + LOST_MARK if "stderr" in self._lost else text


def _size(value: Any) -> int:
    if isinstance(value, str):
        return written_size(value) + _VALUE_BYTES
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    if isinstance(value, (list, tuple)):
        return sum(map(_size, value))
    return _VALUE_BYTES


def written_size(text: str) -> int:
    r"""The bytes of a text in a report, which holds it as JSON within a JSON string: a NUL is `\\u0000` there."""
    data = text.encode("utf-8", "backslashreplace")
    size = plain = len(data)
    if len(data.translate(None, _ALL)) == plain:
        return plain
    for extra, characters in ((2, _SHORT), (3, _MARKS), (6, _OTHERS)):
        size += extra * (plain - len(data.translate(None, characters)))
    return size


def fitting(text: str, room: int) -> str:
    """The beginning of a text that takes no more than `room` bytes, cut between two lines where it has lines."""
    end = 0
    while end < len(text) and (size := written_size(text[end : end + _SLICE])) <= room:
        room -= size
        end += _SLICE
    if end >= len(text):
        return text
    from bisect import bisect_right

    end += bisect_right(range(1, _SLICE), room, key=lambda length: written_size(text[end : end + length]))
    return text[: text.rfind("\n", 0, end) + 1 or end]


def _from_whole_line(end: bytes) -> bytes:
    """Less the line whose beginning was cut off; of a line without end less its first word, of a word nothing."""
    for marks in ((b"\n", b"\r"), (b" ", b"\t")):
        first = min((place for mark in marks if (place := end.find(mark)) >= 0), default=len(end))
        if end[first + 1 :].strip():
            return end[first + 1 :]
    return b""


def _beginning(block: bytes, room: int) -> bytes:
    """As much of a block as takes no more than `room` bytes in a report."""
    return fitting(block.decode("utf-8", "surrogateescape"), room).encode("utf-8", "surrogateescape")
