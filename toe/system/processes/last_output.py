"""Reading what still comes when a program itself has ended: `exec > >(tee log)` leaves a filter that is at work.

The question is whether output is still coming, not how long it takes: a filter that is slow must lose nothing, and a
daemon that was left behind and is silent must hold nobody up.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Protocol

from toe.system.cancellation import Cancellation
from toe.system.host import MOST_BYTES, Patience


class Reader(Protocol):
    """Reads both streams of a program."""

    @property
    def received(self) -> Mapping[str, int]:
        """The bytes that have come of each stream."""

    def open_streams(self) -> Mapping[str, int]:
        """The streams that somebody may still write to, and their pipes' descriptors, or -1."""

    def wait(self, seconds: float) -> object:
        """Wait until something comes, and hand it on."""


def read_last_output(
    reader: Reader, patience: Patience, deadline: float | None, cancellation: Cancellation, slice_seconds: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hand on what still comes; returns `held` and `cut` of a `ProcessEnd`.

    What was written before the call is to be read already. Stops when nobody has the streams open any more; after a
    silence, if no filter has input waiting; when the patience is over, at the deadline and at a request to stop. Waits
    for `slice_seconds` at most at a time, when a request to stop does not end `reader.wait`.
    """
    started = now = time.monotonic()
    end = started + patience.longest_seconds
    if deadline is not None:
        end = min(end, deadline)
    at_first = sum(reader.received.values())
    came = dict.fromkeys(reader.received, float("-inf"))
    silent_since = started
    while reader.open_streams() and now < end and not cancellation.requested:
        before = dict(reader.received)
        reader.wait(min(end, silent_since + patience.silence_seconds, now + slice_seconds) - now)
        now = time.monotonic()
        fresh = [stream for stream, count in reader.received.items() if count > before[stream]]
        if fresh:
            silent_since = now
            came.update(dict.fromkeys(fresh, now))
            if sum(reader.received.values()) - at_first > MOST_BYTES:
                break
        elif now >= silent_since + patience.silence_seconds:
            if not _awaited(reader):
                break
            silent_since = now
    held = tuple(reader.open_streams())
    coming = {stream for stream, at in came.items() if now - at < patience.silence_seconds} | _awaited(reader)
    return held, tuple(stream for stream in held if stream in coming)


def _awaited(reader: Reader) -> set[str]:
    """The streams to which a filter will write, as far as that can be seen."""
    if sys.platform == "linux":
        pipes = {stream: descriptor for stream, descriptor in reader.open_streams().items() if descriptor >= 0}
        if pipes:
            from toe.system.processes.waiting_filters import streams_of_waiting_filters

            return streams_of_waiting_filters(pipes)
    return set()
