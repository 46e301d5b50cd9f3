"""The system's clock is set while a run goes on: no step gets longer or shorter by that."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

import toe
from toe.events import ActionFinished, DocumentStarted

DAY_NS = 24 * 3600 * 10**9
HOUR_NS = 3600 * 10**9
TEXT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: One, action: ExecuteBash, inputs: {commands: [echo one]}}
      - {name: Two, action: ExecuteBash, timeoutSeconds: 60, inputs: {commands: [echo two]}}
"""


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_set_changes_no_duration(
    monkeypatch: pytest.MonkeyPatch, run_document: Callable[..., toe.RunResult], days: int
) -> None:
    real, ahead_ns = time.time_ns, 0
    monkeypatch.setattr(time, "time_ns", lambda: real() + ahead_ns)
    times_ns = []

    def set_the_clock(event: toe.Event) -> None:
        nonlocal ahead_ns
        times_ns.append(event.at_ns)
        if isinstance(event, (DocumentStarted, ActionFinished)):
            ahead_ns += days * DAY_NS

    result = run_document(TEXT, on_event=set_the_clock)
    assert ahead_ns == 3 * days * DAY_NS
    document = result.documents[0]
    phase = document.phases[0]
    for began_ns, ended_ns in [
        (result.started_at_ns, result.ended_at_ns),
        (document.started_at_ns, document.ended_at_ns),
        (phase.started_at_ns, phase.ended_at_ns),
        *((step.started_at_ns, step.ended_at_ns) for step in phase.steps),
    ]:
        assert 0 < ended_ns - began_ns < HOUR_NS
    assert times_ns == sorted(times_ns)
    folder = Path(result.log_url)
    deadlines = re.findall(r"deadline set to .* m=\+(\S+)", (folder / "application.log").read_text())
    assert all(60 <= float(seconds) < 7200 + 3600 for seconds in deadlines)
    report = json.loads((folder / "detailedoutput.json").read_text())
    began, ended = (datetime.fromisoformat(report[key].rstrip("Z")) for key in ("startTime", "endTime"))
    assert 0 <= (ended - began).total_seconds() < 3600
