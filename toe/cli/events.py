"""`--events` of `toe run` and `toe resume`: opens where the events go, and tells there that nothing was run."""

from __future__ import annotations

from toe.cli.terminal import STDOUT, is_closed, say_error, say_line
from toe.errors import ToeError
from toe.results import RunResult
from toe.sinks.event_stream import EventStream, is_stdout


def opened(target: str, *, is_kept: bool) -> EventStream | None:
    """The stream. Raises ToeError when nothing can be written there.

    `is_kept`: the option is that of the run before a reboot. What it names may be gone, which stops no run: None.
    """
    try:
        if is_stdout(target) and is_closed(STDOUT):
            raise ToeError("cannot write events to stdout: it is closed")
        return EventStream(target)
    except ToeError as error:
        if not is_kept:
            raise
        say_line(f"toe: warning: {error.message}")
        return None


def tell_refused(target: str, stream: EventStream | None, refused: RunResult, *, anew: bool) -> None:
    """Write one event, the end of a run that did not begin: who follows would wait for ever, or read an older run."""
    try:
        stream = stream or EventStream(target)
    except ToeError as error:
        say_error(error)
        return
    stream.refuse(refused, anew=anew)
    stream.finish(say_line, lambda: False)
