"""How much of what its steps take and give a run keeps, for later steps and for the reports: memory must not grow.

The limit of one process is kept by toe.engine.capture, those of a step and of a run here. A step has some room always:
a version that is printed at the end of a long run must be there for the next step.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from toe.model import Entry
from toe.results import KEPT_ALWAYS_BYTES, KEPT_RUN_BYTES, KEPT_STEP_BYTES

CUT_MARK = "[cut by toe: a step keeps 8 MiB, all steps 16 MiB and 64 KiB each]"
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
