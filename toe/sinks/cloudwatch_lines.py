"""console.log as batches for CloudWatch Logs: reads the file from an offset on, within the limits of PutLogEvents.

The file is the queue: a slow network costs no memory, and what was not sent yet can be sent after a reboot.
Limits: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

import calendar
import os
import re
from functools import lru_cache
from typing import Any

from toe.records import NamedTuple

BATCH_BYTES = 1_048_576
BATCH_EVENTS = 10_000
BATCH_MILLISECONDS = 24 * 60 * 60 * 1000
#: What an event counts beyond its text.
EVENT_OVERHEAD = 26
#: The text of an event. The service takes 1 MiB since 2025, and 256 KiB with the overhead before.
MESSAGE_BYTES = 256 * 1024 - EVENT_OVERHEAD

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3})\d*Z ")
#: U+FFFD, which replaces one bad byte, is three bytes long.
_REPLACEMENT, _REPLACEMENT_BYTES = "\ufffd", 3


class Batch(NamedTuple):
    """Events for one request, oldest first, and the offset in the file at which the next one begins."""

    events: list[dict[str, Any]]
    end: int


class ConsoleLines:
    """Reads `path` from `offset` on, or from its end if that comes first: a crash can lose what was last written.

    The file may grow meanwhile, also when its name is gone.
    """

    def __init__(self, path: str, offset: int = 0) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 (closed by close)
        self.offset = min(offset, self.size)
        self._previous_ms = 0

    @property
    def size(self) -> int:
        """How long the file is now."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """A second call does nothing."""
        self._file.close()

    def next_batch(self, now_ms: int, *, partial: bool = False) -> Batch | None:
        """The lines from `offset` on, None when there are none; setting `offset` to the batch's end is the caller's.

        `partial`: a last line without its end counts too. Raises OSError.
        """
        if self.size < self.offset:
            self.offset = 0  # somebody has emptied the file: what is in it now is new
        self._file.seek(self.offset)
        block = self._file.read(BATCH_BYTES) or b""
        partial = partial and len(block) < BATCH_BYTES
        events: list[dict[str, Any]] = []
        start = size = 0
        while len(events) < BATCH_EVENTS and start < len(block):
            end, text, text_bytes = _next_message(block, start, partial)
            if end == start or size + text_bytes + EVENT_OVERHEAD > BATCH_BYTES:
                break
            time_ms = self._time_ms(block, start, now_ms)
            if events and time_ms - events[0]["timestamp"] >= BATCH_MILLISECONDS:
                break
            self._previous_ms = time_ms
            events.append({"timestamp": time_ms, "message": text})
            size += text_bytes + EVENT_OVERHEAD
            start = end
        return Batch(events, self.offset + start) if events else None

    def _time_ms(self, block: bytes, start: int, now_ms: int) -> int:
        """The line's own time, never before that of the line above and never after now: clocks are set back."""
        stamp = _STAMP.match(block, start)
        time_ms = _seconds(stamp[1]) * 1000 + int(stamp[2]) if stamp else 0
        return min(max(time_ms or self._previous_ms or now_ms, self._previous_ms), now_ms)


def _next_message(block: bytes, start: int, partial: bool) -> tuple[int, str, int]:
    """Where the next line or piece of a line ends, its text and the text's bytes; the end is `start` for none."""
    newline = block.find(b"\n", start, start + MESSAGE_BYTES + 1)
    if newline >= 0:
        line, end = block[start:newline], newline + 1
    elif len(block) - start > MESSAGE_BYTES:
        line = _whole_characters(block[start : start + MESSAGE_BYTES])
        end = start + len(line)
    elif partial:
        line, end = block[start:], len(block)
    else:
        return start, "", 0
    text = line.decode("utf-8", "replace")
    size = len(text.encode()) if _REPLACEMENT in text else len(line)
    if size > MESSAGE_BYTES:
        line = _whole_characters(line[: MESSAGE_BYTES // _REPLACEMENT_BYTES])
        text, end = line.decode("utf-8", "replace"), start + len(line)
        size = len(text.encode())
    return end, text or " ", max(size, 1)  # the service takes no empty text


def _whole_characters(data: bytes) -> bytes:
    """Without a character of UTF-8 that is cut at the end."""
    for back in range(1, 4):
        if data[-back] & 0xC0 != 0x80:  # the first byte of the last character
            length = 1 if data[-back] < 0x80 else 2 if data[-back] < 0xE0 else 3 if data[-back] < 0xF0 else 4
            return data[:-back] if length > back else data
    return data


@lru_cache(maxsize=4)
def _seconds(stamp: bytes) -> int:
    """`2022-05-25T14:01:45` in UTC as seconds since the Unix epoch, 0 for what is no time."""
    date, _, time = stamp.partition(b"T")
    try:
        year, month, day = map(int, date.split(b"-"))
        hour, minute, second = map(int, time.split(b":"))
        return max(0, calendar.timegm((year, month, day, hour, minute, second)))
    except ValueError:
        return 0
