"""`toe follow`: shows a run from its events, elsewhere or later, as `toe run` shows it where it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from toe.cli.run import progress_sinks
from toe.cli.signals import raise_on_signals
from toe.cli.summary import summary_text, tell_machines, tell_people
from toe.cli.terminal import say, say_line
from toe.errors import EXIT_FAILED, EXIT_SIGNAL_BASE, ToeError
from toe.execution_names import safe_name
from toe.report.growing_file import lines_of, open_events
from toe.report.replay import Replay
from toe.sinks.fanout import FanOut
from toe.words import counted


class _Stopped(BaseException):
    """A signal came. A BaseException, so that nothing on the way takes it for a fault of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def follow(options: Mapping[str, Any]) -> int:
    """Show the run and return its exit code; 128+n after signal n, which the run does not see. Raises ToeError."""
    if len(options["paths"]) != 1:
        raise ToeError("'toe follow' takes one file, log folder, or - for standard input", hint="toe follow TOE_...")
    (path,) = options["paths"]
    raise_on_signals(_Stopped)
    replay = Replay()
    descriptor = -1
    fan_out = FanOut(progress_sinks(options), say_line)
    try:
        descriptor = open_events(path)
        _show(descriptor, replay, fan_out)
    except _Stopped as stopped:
        return EXIT_SIGNAL_BASE + stopped.number
    finally:
        fan_out.close()  # gives the terminal back
        if descriptor > 0:
            os.close(descriptor)
    return _told(path, replay, quiet=bool(options["quiet"]))


def _show(descriptor: int, replay: Replay, fan_out: FanOut) -> None:
    for lines in lines_of(descriptor, lambda: replay.result is not None):
        for line in lines:
            event = replay.event(line)
            if event is not None:
                fan_out.emit(event)
        fan_out.flush()


def _told(path: str, replay: Replay, *, quiet: bool) -> int:
    """Tell what came of the run, and return its exit code."""
    if replay.unread_lines:
        say_line(f"toe: warning: {counted(replay.unread_lines, 'line')} of '{path}' could not be read")
    result = replay.result
    if result is not None:
        if replay.execution_id:
            tell_people(result, quiet=quiet)
        else:
            say_line(f"toe: error: nothing was run: {result.failure_message}")
        written = tell_machines(summary_text(result), None)
        return result.exit_code or (0 if written else EXIT_FAILED)
    if not replay.execution_id:
        raise ToeError(
            f"'{path}' holds no events of a run", hint="name a log folder, its events.jsonl, or a copy of it"
        )
    say("toe: error: the run was cut off: nobody writes its events any more, and its end is not among them")
    say(f"  'toe status' tells of it, 'toe resume {safe_name(replay.execution_id)}' goes on with it")
    return EXIT_FAILED
