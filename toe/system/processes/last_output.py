"""Reading what still comes when a program itself has ended, or while all that a step started is ended.

A program that has ended may leave a filter that is at work: `exec > >(tee log)`. The question is whether output is
still coming, not how long it takes: a filter that is slow must lose nothing, and a daemon that was left behind and is
silent must hold nobody up.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from toe.errors import Interrupted, StepTimedOut
from toe.system.cancellation import Cancellation
from toe.system.processes.output import Output
from toe.system.processes.runner import MOST_BYTES, OutputPatience


def read_last_output(
    output: Output, patience: OutputPatience, deadline: float | None, cancellation: Cancellation, slice_seconds: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hand on what still comes; returns `held` and `cut` of a `ProcessEnd`.

    What was written before the call is to be read already. Stops when nobody has the streams open any more; after a
    silence, if no filter has input waiting; when the patience is over, at the deadline and at a request to stop. Waits
    for `slice_seconds` at most at a time, when a request to stop does not end `output.wait`.
    """
    started = now = time.monotonic()
    end = started + patience.longest_seconds
    if deadline is not None:
        end = min(end, deadline)
    at_first = sum(output.received.values())
    came = dict.fromkeys(output.received, float("-inf"))
    silent_since = started
    while output.open_streams() and now < end and not cancellation.requested:
        before = dict(output.received)
        output.wait(min(end, silent_since + patience.silence_seconds, now + slice_seconds) - now)
        now = time.monotonic()
        fresh = [stream for stream, count in output.received.items() if count > before[stream]]
        if fresh:
            silent_since = now
            came.update(dict.fromkeys(fresh, now))
            if sum(output.received.values()) - at_first > MOST_BYTES:
                break
        elif now >= silent_since + patience.silence_seconds:
            if not _awaited(output):
                break
            silent_since = now
    held = tuple(output.open_streams())
    coming = {stream for stream, at in came.items() if now - at < patience.silence_seconds} | _awaited(output)
    return held, tuple(stream for stream in held if stream in coming)


def read_while_ending(
    output: Output, reason: BaseException, end: Callable[[], None], end_at_once: Callable[[], None]
) -> None:
    """Call `end`, which ends all that was started and hands on what is still printed, whatever the receiver does.

    The receiver gets nothing more when it is itself the `reason` for the end: an error of its own. When it fails during
    the end, `end_at_once` finishes the work.
    """
    if not isinstance(reason, (StepTimedOut, Interrupted)):
        output.mute()
    try:
        end()
        output.read_written()
        output.finish()
        if isinstance(reason, (StepTimedOut, Interrupted)):
            reason.held = tuple(output.open_streams())
    except BaseException:
        output.mute()
        end_at_once()
        raise


def _awaited(output: Output) -> set[str]:
    """The streams to which a filter will write, as far as that can be seen."""
    if sys.platform == "linux":
        pipes = {stream: descriptor for stream, descriptor in output.open_streams().items() if descriptor >= 0}
        if pipes:
            from toe.system.processes.linux import streams_of_waiting_filters

            return streams_of_waiting_filters(pipes)
    return set()
