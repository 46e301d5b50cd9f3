r"""How many bytes a text takes in the reports, which hold it as JSON within a JSON string: a NUL is `\\u0000` there.

Limits of what is kept are in these bytes, and hold for memory as well: no text takes more than four times as much.
"""

from __future__ import annotations

_SHORT = b"\n\t\r\b\f"  # `\\n`: two bytes more than one
_MARKS = b'"\\'  # `\\\"`: three more
_OTHERS = bytes(byte for byte in range(32) if byte not in _SHORT)  # `\\u0000`: six more
_ALL = _SHORT + _MARKS + _OTHERS
_SLICE = 64 * 1024


def written_size(text: str) -> int:
    """The bytes of a text in a report."""
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
