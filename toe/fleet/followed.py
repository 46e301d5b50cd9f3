"""What the events of one run tell while they come: for a file that others follow, and for the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from toe.events import Event, RebootRequested
from toe.report.replay import Replay
from toe.results import RunResult, Status, StepResult

_BAD = (Status.FAILED, Status.TIMED_OUT)


class Followed:
    """Takes bytes of events.jsonl as they come; `tell` gets each event, `keep` the bytes as they are."""

    def __init__(self, tell: Callable[[Event], None], keep: Callable[[bytes], None]) -> None:
        self.reboots = 0
        self._replay = Replay()
        self._tell = tell
        self._keep = keep
        self._begun = b""

    def take(self, data: bytes) -> None:
        """The next bytes; a line that is not whole waits for its end."""
        self._keep(data)
        *lines, self._begun = (self._begun + data).split(b"\n")
        for line in lines:
            event = self._replay.event(line)
            if event is not None:
                self.reboots += isinstance(event, RebootRequested)
                self._tell(event)

    @property
    def failed_step(self) -> dict[str, Any] | None:
        """The first step that failed the run, the innermost where documents are nested; None where none did."""
        result = self._replay.result
        return next(_failed(result), None) if result is not None else None


def _failed(result: RunResult) -> Iterator[dict[str, Any]]:
    for document in result.documents:
        for phase in document.phases:
            for step in phase.steps:
                if step.status in _BAD:
                    for nested in step.nested:
                        yield from _failed(nested)
                    yield _told(document.path, phase.name, step)


def _told(document: str, phase: str, step: StepResult) -> dict[str, Any]:
    failure = step.failure
    return {
        "document": document,
        "phase": phase,
        "step": step.name,
        "action": step.action,
        "line": step.line,
        "message": step.failure_message,
        "exit_code": failure.exit_code if failure else None,
        "said": failure.said if failure else "",
    }
