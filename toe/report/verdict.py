"""What a run came to, in words: the first that a reader of its report is told."""

from __future__ import annotations

import signal

from toe.records import NamedTuple
from toe.report.model import RunReport, steps_of
from toe.results import Status
from toe.words import counted


class Verdict(NamedTuple):
    """`kind` is "success", "failed" or "running" (the run is not over)."""

    kind: str
    text: str


def verdict_of(run: RunReport) -> Verdict:
    """The verdict of a run, also of one that has not ended or was stopped."""
    if run.waits_for_reboot:
        return Verdict("running", "Waits for a reboot: the run goes on after it")
    if run.status == Status.RUNNING.value:
        return Verdict("running", "Not ended: still running, or cut off")
    if run.signal is not None:
        return Verdict("failed", f"Stopped by {_signal_name(run.signal)}" if run.signal else "Stopped")
    if run.status == Status.TIMED_OUT.value:
        return Verdict("failed", "Timed out")
    if run.status == Status.SUCCESS.value:
        ignored = sum(step.status == Status.IGNORED_FAILURE.value for step in steps_of(run.documents, nested=False))
        return Verdict("success", f"Succeeded, with {counted(ignored, 'ignored failure')}" if ignored else "Succeeded")
    return Verdict("failed", "Failed")


def _signal_name(number: int) -> str:
    """`SIGTERM`, or `signal 99` for one that is not known here."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
