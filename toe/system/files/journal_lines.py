"""The lines of a journal: a record with a checksum each, written and read. The file is toe.system.files.journal's.

A line is `CRC-32 JSON`, or `CRC-32-JSON` for a record that is not synced at once; each checksum covers the line and the
checksum before it, so that a line that is missing, doubled or moved is seen as well.
"""

from __future__ import annotations

import json
from binascii import crc32

from toe.errors import ToeError
from toe.quick_typing import Any
from toe.records import NamedTuple

_DIGITS = 8
# What stands behind the checksum of a record that is synced at once, and of one that is not.
_LASTING, _FLEETING = b" ", b"-"
# A whole page of zeros among lines that were synced is damage; a few small lines that were not are lost in less.
_MOST_LOST_BEFORE_A_LINE = 1024
_encoded = json.JSONEncoder(separators=(",", ":")).encode  # `json.dumps` makes one each time


class JournalDamagedError(ToeError):
    """The journal is not as it was written; it was left as it is."""


class Contents(NamedTuple):
    """The records of a journal, the bytes that they take, and the checksum to go on from."""

    records: list[dict[str, Any]]
    size: int
    checksum: int


def parse(data: bytes, path: str) -> Contents:
    """The records in the bytes of a journal, but for a torn last line.

    Raises JournalDamagedError, and ToeError for a journal of an earlier version.
    """
    records: list[dict[str, Any]] = []
    checksum, position = 0, 0
    while position < len(data):
        end = data.find(b"\n", position)
        if end < 0:
            if data[-1] and _payload(data[position:-1], checksum) is not None:
                raise _damaged(path, len(records) + 1)
            break
        payload = _payload(data[position:end], checksum)
        if payload is None:
            if not records and _is_of_an_earlier_version(data[:end]):
                raise another_version(path)
            if _is_torn(data[position:end], data[end + 1 :]):
                break
            raise _damaged(path, len(records) + 1)
        records.append(json.loads(payload))
        checksum = int(data[position : position + _DIGITS], 16)
        position = end + 1
    return Contents(records, position, checksum)


def _is_torn(lost: bytes, following: bytes) -> bool:
    """Whether a line that is not right is one that a power cut took a page of: the zeros from before it was written.

    What was not synced yet can be lost in any order of its pages: lines that need not last, and one that must behind
    them. Anything else in a row of good lines is damage.
    """
    if b"\0" not in lost:
        return False
    lines = following.rstrip(b"\0").split(b"\n")
    if any(b"\0" not in line and line[_DIGITS : _DIGITS + 1] != _FLEETING for line in lines[:-2]):
        return False
    return not following.strip(b"\0") or len(lost) < _MOST_LOST_BEFORE_A_LINE


def line_of(record: dict[str, Any], before: int, *, durable: bool) -> tuple[bytes, int]:
    """The line of a record behind the line with the checksum `before`, and its own checksum."""
    mark = _LASTING if durable else _FLEETING
    payload = _encoded(record).encode("ascii")
    checksum = crc32(mark + payload, before)
    return b"%08x%s%s\n" % (checksum, mark, payload), checksum


def _payload(line: bytes, before: int) -> bytes | None:
    """The JSON of a line, None when its checksum is not right."""
    digits, rest = line[:_DIGITS], line[_DIGITS:]
    is_right = rest[:1] in (_LASTING, _FLEETING) and digits == b"%08x" % crc32(rest, before)
    return rest[1:] if is_right else None


def _is_of_an_earlier_version(line: bytes) -> bool:
    """Whether a first line is right but for the mark, which was not in its checksum at first."""
    return line[:_DIGITS] == b"%08x" % crc32(line[_DIGITS + 1 :])


def another_version(path: str) -> ToeError:
    """A state of a form that this version does not know."""
    return ToeError(f"the state '{path}' was written by another version of toe", hint="resume it with that version")


def _damaged(path: str, line: int) -> JournalDamagedError:
    return JournalDamagedError(
        f"the state '{path}' is damaged in line {line}",
        hint="nothing was run",
    )
