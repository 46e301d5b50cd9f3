"""Ending all that a step started: TERM, a grace period, KILL until nobody is left. Not for finding out who that is."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from toe.system.processes.lineage import Lineage

if sys.platform != "win32":
    from toe.system.processes.child import process_descriptor
    from toe.system.processes.pipe_reader import PipeReader

assert sys.platform != "win32"

# A process in an uninterruptible wait does not die of KILL either; somebody must stop waiting for it.
KILL_SECONDS = 10.0
_ROUND_SECONDS = 0.2
_LOOK_AGAIN_SECONDS = 0.05
_MOST_WATCHED = 200


def end_all(
    lineage: Lineage, reader: PipeReader, grace_seconds: float, is_urgent: Callable[[], bool] = lambda: False
) -> None:
    """Ask all to end, wait until they have or the grace is over, then kill, new ones too, until none is left.

    What they still print is handed on. Ends as soon as all are gone; gives up after 10 seconds of killing. `is_urgent`
    ends the grace.
    """
    limit = time.monotonic() + grace_seconds
    asked: set[int] = set()
    while alive := lineage.alive():
        if time.monotonic() >= limit or is_urgent():
            _kill(lineage, alive, reader)
            return
        fresh = [pid for pid in alive if pid not in asked]
        _send(fresh, signal.SIGTERM)
        _send(fresh, signal.SIGCONT)  # who is stopped takes no signal before it goes on
        asked |= alive.keys()
        _wait_until_gone(alive, reader, min(limit, time.monotonic() + _ROUND_SECONDS))


def _kill(lineage: Lineage, alive: dict[int, int], reader: PipeReader) -> None:
    limit = time.monotonic() + KILL_SECONDS
    while alive and time.monotonic() < limit:
        _send(whole_groups(alive), signal.SIGKILL)
        _send(alive, signal.SIGKILL)
        _wait_until_gone(alive, reader, time.monotonic() + _ROUND_SECONDS)
        alive = lineage.alive()


def whole_groups(alive: dict[int, int]) -> set[int]:
    """The process groups of these, as `kill` takes them: negative.

    Killing a group is one act for the kernel: a chain of processes that fork and exit cannot outrun it. A group lies
    within one session, and the sessions are the step's. Never ours, nor 0 (ours again) or 1 (`kill` means everybody).
    """
    return {-group for group in alive.values() if group > 1 and group != os.getpgrp()}


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _wait_until_gone(pids: Iterable[int], reader: PipeReader, limit: float) -> None:
    """Read output until these have ended; a moment only, where that cannot be watched."""
    watched, blind = _watch(pids, reader)
    if blind:
        limit = min(limit, time.monotonic() + _LOOK_AGAIN_SECONDS)
    try:
        while (watched or blind) and (left := limit - time.monotonic()) > 0:
            for descriptor in reader.wait(left):
                _unwatch(descriptor, watched, reader)
    finally:
        for descriptor in tuple(watched):
            _unwatch(descriptor, watched, reader)


def _watch(pids: Iterable[int], reader: PipeReader) -> tuple[set[int], bool]:
    """The descriptors of those that still live, and whether one has none."""
    watched: set[int] = set()
    for pid in sorted(pids)[:_MOST_WATCHED]:
        with suppress(ProcessLookupError):
            descriptor = process_descriptor(pid)
            if descriptor is None:
                return watched, True
            reader.watch(descriptor)
            watched.add(descriptor)
    return watched, False


def _unwatch(descriptor: int, watched: set[int], reader: PipeReader) -> None:
    watched.remove(descriptor)
    reader.forget(descriptor)
    os.close(descriptor)
