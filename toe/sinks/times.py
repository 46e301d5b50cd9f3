"""Nanoseconds since the Unix epoch as RFC 3339 text in UTC. Not for durations and not for local time."""

from __future__ import annotations

import time
from functools import lru_cache

NANOSECONDS = 1_000_000_000


@lru_cache(maxsize=4)
def _whole_seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


@lru_cache(maxsize=16)
def precise_time(at_ns: int) -> str:
    """`2022-05-25T14:01:45.916286379Z`, the form of the logs. Cached: several sinks ask for the time of one event."""
    return f"{_whole_seconds(at_ns // NANOSECONDS)}.{at_ns % NANOSECONDS:09d}Z"


def whole_second_time(at_ns: int) -> str:
    """`2022-05-25T14:01:45Z`, the form of detailedoutput.json; "" for 0, which stands for "not yet"."""
    return f"{_whole_seconds(at_ns // NANOSECONDS)}Z" if at_ns else ""
