"""Running a child process to its end: what every operating system's way of it takes, gives and promises."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from toe.errors import StepTimedOut
from toe.quick_typing import Protocol
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

#: Between TERM and KILL.
GRACE_SECONDS = 5.0

#: No output for so long means that none is coming, unless it can be seen that it is. Below the 5 seconds that a daemon
#: may cost its step, above what a filter takes to start on a busy machine.
SILENCE_SECONDS = 3.0
#: Who is still writing after so long, or has written so much, does not stop: a daemon that prints on and on.
LONGEST_SECONDS = 30.0
MOST_BYTES = 64 * 1024 * 1024


class ProcessEnd(NamedTuple):
    """How a process ended: its exit code, -n after signal n.

    `held` names the streams that were not read to their end, for a background process has them open. Of those in `cut`
    output is lost: it was still coming.
    """

    exit_code: int
    held: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


class OutputPatience(NamedTuple):
    """When to stop listening, in seconds since the last block of output and since the program's end."""

    silence_seconds: float = SILENCE_SECONDS
    longest_seconds: float = LONGEST_SECONDS


OUTPUT_PATIENCE = OutputPatience()


class ProcessRunner(Protocol):
    """Runs child processes and ends all that they started.

    `child_pid` is the one that runs, or ran last; 0 where it dies with this process anyway.
    """

    child_pid: int

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        deadline: float | None,
        cancellation: Cancellation,
        on_start: Callable[[], None],
        on_output: Callable[[str, bytes], None],
    ) -> ProcessEnd:
        """Run `argv` (no shell, stdin empty) to its end.

        On Windows `argv` may be a toe.system.windows.command_line.CommandLine, and what is printed comes as UTF-8.
        `deadline` is a `time.monotonic()` value. `on_start` is called once the process runs; `on_output(stream, block)`
        gets blocks of whole lines where possible, in order for each stream. Raises OSError when it cannot be started,
        StepTimedOut at the deadline and Interrupted on cancellation, both after everything the process started is dead.
        After a normal end background children live on, and one that holds the output does not hold the call for ever:
        output that still comes is awaited, a silence is not.
        """

    def close(self) -> None:
        """Reap background children that have ended."""


def require_time(deadline: float | None, cancellation: Cancellation) -> None:
    """Raise Interrupted when the run was asked to stop, StepTimedOut when the deadline is over."""
    cancellation.check()
    if deadline is not None and time.monotonic() >= deadline:
        raise StepTimedOut
