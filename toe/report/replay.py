"""Makes the events of a run again out of the lines of events.jsonl, and its result: what the sinks for people need.

Documents and steps come back as far as such sinks look at them; a file that anybody may have written is not trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from toe import events
from toe.model import Document, Step
from toe.report.events_file import ODD, TracedRun, fields_of
from toe.report.fields import number_of, text_of, time_of
from toe.report.model import DEEPEST
from toe.report.trace import Fields, TracedDocument, TracedStep
from toe.results import Counts, DocumentResult, Failure, PhaseResult, RunResult, Status, StepResult

#: Results need none of them, and a long run has thousands.
_NOT_FOR_RESULTS = ("Output", "LogLine", "InputsResolved", "ActionProgressed")
_NOT_IN_NAMES = re.compile(r"[^\w.\- ]")


class Replay:
    """Takes one line after the other. `result` is that of the run when the last event was its end."""

    def __init__(self) -> None:
        self.result: RunResult | None = None
        self.execution_id = ""
        self.unread_lines = 0
        self._run = TracedRun()

    def event(self, line: bytes) -> events.Event | None:
        """The event of a line; None for a line that has none, or none that is shown."""
        try:
            fields = fields_of(line)
            kind = fields["event"]
            if kind == "RunStarted":
                self._run = TracedRun()  # a file that was emptied for another run
            if kind not in _NOT_FOR_RESULTS:
                self._run.handle(fields)
            event = self._made(kind, fields)
        except ODD:
            self.unread_lines += 1
            return None
        self.result = event.result if isinstance(event, events.RunFinished) else None
        return event

    def _made(self, kind: str, fields: Fields) -> events.Event | None:
        at_ns = time_of(fields, "at")
        if kind in ("RunStarted", "RunResumed"):
            self.execution_id = text_of(fields, "executionId")
            named = (at_ns, self.execution_id, text_of(fields, "logDirectory"), (), ())
            if kind == "RunStarted":
                return events.RunStarted(*named)
            finished = number_of(fields, "finishedSteps") or 0
            return events.RunResumed(*named, rebooted=bool(fields.get("rebooted")), finished_steps=finished)
        if kind == "RunFinished":
            return events.RunFinished(at_ns, _run_result(fields, self._run.documents))
        make = _MAKERS.get(kind)
        if make is not None:
            return make(at_ns, _where(fields["where"]), fields)
        if kind == "StepFinished":
            step = self._run.step_of(fields)
            return events.StepFinished(at_ns, _where(fields["where"]), _position(fields), _step_result(step))
        return None


def _where(fields: Mapping[str, Any]) -> events.Where:
    return events.Where(
        text_of(fields, "document"),
        _name(fields, "phase"),
        _name(fields, "step"),
        number_of(fields, "attempt") or 0,
        number_of(fields, "iteration"),
        max(0, min(number_of(fields, "depth") or 0, DEEPEST)),
        bool(fields.get("hidden")),
    )


def _name(fields: Mapping[str, Any], key: str) -> str:
    """The name of a phase, a step or an action, which sinks show as it is."""
    return _NOT_IN_NAMES.sub("?", text_of(fields, key))


def _position(fields: Fields) -> int:
    return number_of(fields, "position") or 0


def _document_started(at_ns: int, where: events.Where, fields: Fields) -> events.Event:
    document = Document(text_of(fields, "path"), (), text_of(fields, "name"))
    return events.DocumentStarted(at_ns, where, document, _position(fields))


def _step_started(at_ns: int, where: events.Where, fields: Fields) -> events.Event:
    step = Step(where.step, _name(fields, "action"), max_attempts=number_of(fields, "maxAttempts") or 1)
    return events.StepStarted(at_ns, where, step, _position(fields), ())


def _output(at_ns: int, where: events.Where, fields: Fields) -> events.Event:
    return events.Output(at_ns, where, text_of(fields, "stream"), text_of(fields, "text").encode("utf-8", "replace"))


#: The events that need nothing but their own line; those that no sink for people looks at are left out.
_MAKERS: dict[str, Callable[[int, events.Where, Fields], events.Event]] = {
    "DocumentStarted": _document_started,
    "PhaseStarted": lambda at_ns, where, fields: events.PhaseStarted(at_ns, where, _position(fields)),
    "StepStarted": _step_started,
    "AttemptStarted": lambda at_ns, where, fields: events.AttemptStarted(
        at_ns, where, number_of(fields, "maxAttempts") or 1, number_of(fields, "timeoutSeconds") or 0
    ),
    "IterationStarted": lambda at_ns, where, fields: events.IterationStarted(at_ns, where, text_of(fields, "value")),
    "ActionStarted": lambda at_ns, where, fields: events.ActionStarted(at_ns, where, _name(fields, "action")),
    "LogLine": lambda at_ns, where, fields: events.LogLine(
        at_ns, where, text_of(fields, "text"), bool(fields.get("debug")), bool(fields.get("warning"))
    ),
    "Output": _output,
    "ProcessExited": lambda at_ns, where, fields: events.ProcessExited(at_ns, where, number_of(fields, "exitCode")),
    "ActionProgressed": lambda at_ns, where, fields: events.ActionProgressed(
        at_ns, where, number_of(fields, "done") or 0, number_of(fields, "total")
    ),
    "ActionFinished": lambda at_ns, where, fields: events.ActionFinished(
        at_ns, where, _name(fields, "action"), (), text_of(fields, "failureMessage")
    ),
    "AttemptFinished": lambda at_ns, where, fields: events.AttemptFinished(
        at_ns, where, bool(fields["succeeded"]), bool(fields["willRetry"])
    ),
    "RebootRequested": lambda at_ns, where, fields: events.RebootRequested(
        at_ns, where, number_of(fields, "exitCode") or 0
    ),
}


def _run_result(fields: Fields, documents: Mapping[int, TracedDocument]) -> RunResult:
    counts = {key: number_of(fields["counts"], key) or 0 for key in Counts._fields}
    status = Status(fields["status"])
    good = status in (Status.SUCCESS, Status.SUCCESS_WITH_IGNORED_FAILURE)
    exit_code = number_of(fields, "exitCode")
    return RunResult(
        text_of(fields, "executionId"),
        status,
        time_of(fields, "startedAt"),
        time_of(fields, "endedAt"),
        text_of(fields, "failureMessage"),
        text_of(fields, "logUrl"),
        Counts(**counts),
        tuple(_document_result(documents[position]) for position in sorted(documents)),
        bool(fields.get("reboot")),
        number_of(fields, "signal"),
        (0 if good else 1) if exit_code is None else exit_code,
        number_of(fields, "leftOutSteps") or 0,
    )


def _document_result(document: TracedDocument) -> DocumentResult:
    """What there was of a document; one that did not end has the status that stands for it."""
    finished, started = document.finished, document.started
    phases = []
    for name, phase in document.phases.items():
        steps = tuple(_step_result(step) for step in phase.steps.values() if step.finished)
        phases.append(
            PhaseResult(
                _NOT_IN_NAMES.sub("?", name),
                _status(phase.finished),
                time_of(phase.finished, "startedAt"),
                time_of(phase.finished, "endedAt"),
                text_of(phase.finished, "failureMessage"),
                steps,
            )
        )
    return DocumentResult(
        text_of(started, "name"),
        text_of(started, "path"),
        _status(finished),
        time_of(started, "at"),
        time_of(finished, "endedAt"),
        failure_message=text_of(finished, "failureMessage"),
        phases=tuple(phases),
    )


def _status(finished: Fields) -> Status:
    return Status(finished["status"]) if finished else Status.RUNNING


def _step_result(step: TracedStep) -> StepResult:
    finished = step.finished
    failure = finished.get("failure")
    return StepResult(
        _name(finished["where"], "step"),
        _name(finished, "action"),
        Status(finished["status"]),
        time_of(finished, "startedAt"),
        time_of(finished, "endedAt"),
        max_attempts=number_of(step.started, "maxAttempts") or 1,
        attempts=number_of(finished, "attempts") or 0,
        failure=_failure(failure) if isinstance(failure, dict) else None,
        nested=tuple(_nested(step.nested[position]) for position in sorted(step.nested)),
        hidden=bool(finished.get("hidden")),
        line=number_of(finished, "line") or 0,
        column=number_of(finished, "column") or 0,
    )


def _nested(document: TracedDocument) -> RunResult:
    result = _document_result(document)
    ignored = sum(step.status is Status.IGNORED_FAILURE for phase in result.phases for step in phase.steps)
    return RunResult("", result.status, result.started_at_ns, counts=Counts(ignored=ignored), documents=(result,))


def _failure(fields: Fields) -> Failure:
    return Failure(
        text_of(fields, "message"),
        number_of(fields, "exitCode"),
        text_of(fields, "stderr"),
        bool(fields.get("timedOut")),
        number_of(fields, "attempt") or 1,
        number_of(fields, "iteration"),
        text_of(fields, "stdout"),
    )
