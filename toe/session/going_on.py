"""What people are told when a run goes on with a state: nothing is taken up without a word."""

from __future__ import annotations

import time

from toe.engine.state.past import TOP_KEY
from toe.engine.state.store import SavedRun
from toe.execution_names import one_line
from toe.words import counted


def going_on(saved: SavedRun) -> str:
    """That this run goes on, with why it had not ended and what has been done already."""
    done = counted(sum(len(key) == TOP_KEY for key in saved.past.finished), "step")
    return f"toe: going on with execution '{one_line(saved.execution_id)}', which {_story(saved)}: {done} done"


def _story(saved: SavedRun) -> str:
    asked = saved.past.asked
    if saved.past.rebooting and asked is not None:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(asked.at_ns // 1_000_000_000))
        return f"asked for a reboot at {at}"
    return f"was stopped {saved.stopped_by}" if saved.stopped_by else "was cut off"
