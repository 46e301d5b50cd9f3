"""How a process ended, and how long its last output is awaited. Only data; toe.system.last_output does it."""

from __future__ import annotations

from toe.records import NamedTuple

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


class Patience(NamedTuple):
    """When to stop listening, in seconds since the last block of output and since the program's end."""

    silence_seconds: float = SILENCE_SECONDS
    longest_seconds: float = LONGEST_SECONDS


PATIENCE = Patience()
