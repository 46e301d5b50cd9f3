"""The fields of each event in events.jsonl, beside `at`, `event` and `where`: camelCase, no documents, no trees.

`Output` is not here: its text is too large to go this way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from toe import events
from toe.results import Failure, RunResult
from toe.sinks.json_text import cut, loop_value
from toe.sinks.times import precise_time

Fields: TypeAlias = "dict[str, object]"


def fields_of(event: events.Event) -> Fields:
    """Plain data for the JSON encoder."""
    return _FIELDS[type(event)](event)


def _run_started(event: events.RunStarted) -> Fields:
    return {
        "executionId": event.execution_id,
        "logDirectory": event.log_directory,
        "documents": [{"path": document.path, "name": document.name} for document in event.documents],
        "phases": event.phases,
    }


def _document_started(event: events.DocumentStarted) -> Fields:
    return {"position": event.position, "path": event.document.path, "name": event.document.name}


def _step_started(event: events.StepStarted) -> Fields:
    step = event.step
    return {
        "position": event.position,
        "action": step.action,
        "timeoutSeconds": step.timeout_seconds,
        "onFailure": step.on_failure,
        "maxAttempts": step.max_attempts,
        "loop": cut(loop_value(step.loop)),
        "inputs": cut(event.inputs),
    }


def _attempt_started(event: events.AttemptStarted) -> Fields:
    return {"maxAttempts": event.max_attempts, "timeoutSeconds": event.timeout_seconds}


def _log_line(event: events.LogLine) -> Fields:
    return {"text": cut(event.text), "debug": event.debug}


def _action_finished(event: events.ActionFinished) -> Fields:
    return {
        "action": event.action,
        "outputs": cut(event.outputs),
        "failureMessage": cut(event.failure_message),
    }


def _attempt_finished(event: events.AttemptFinished) -> Fields:
    return {"succeeded": event.succeeded, "willRetry": event.will_retry}


def _step_finished(event: events.StepFinished) -> Fields:
    result = event.result
    return {
        "position": event.position,
        "action": result.action,
        **_ending(result),
        "attempts": result.attempts,
        "failure": _failure(result.failure),
        "outputs": cut(result.outputs),
        "nested": [_summary(run) for run in result.nested],
        "hidden": result.hidden,
        "line": result.line,
        "column": result.column,
    }


def _failure(failure: Failure | None) -> Fields | None:
    if failure is None:
        return None
    return {
        "message": cut(failure.message),
        "exitCode": failure.exit_code,
        "stderr": cut(failure.stderr),
        "timedOut": failure.timed_out,
        "attempt": failure.attempt,
        "iteration": failure.iteration,
    }


def _ending(result: Any) -> Fields:
    """What steps, phases, documents and runs have in common."""
    return {
        "status": result.status,
        "startedAt": precise_time(result.started_at_ns),
        "endedAt": precise_time(result.ended_at_ns),
        "failureMessage": cut(result.failure_message),
    }


def _summary(run: RunResult) -> Fields:
    return {
        "executionId": run.execution_id,
        **_ending(run),
        "exitCode": run.exit_code,
        "logUrl": run.log_url,
        "reboot": run.reboot,
        "signal": run.signal,
        "counts": run.counts._asdict(),
    }


def _phase_finished(event: events.PhaseFinished) -> Fields:
    return {"position": event.position, **_ending(event.result)}


def _document_finished(event: events.DocumentFinished) -> Fields:
    result = event.result
    return {"position": event.position, "path": result.path, "name": result.name, **_ending(result)}


_FIELDS: dict[type, Callable[[Any], Fields]] = {
    events.RunStarted: _run_started,
    events.DocumentStarted: _document_started,
    events.PhaseStarted: lambda event: {"position": event.position},
    events.StepStarted: _step_started,
    events.InputsResolved: lambda event: {"inputs": cut(event.inputs)},
    events.AttemptStarted: _attempt_started,
    events.IterationStarted: lambda event: {"value": cut(event.value)},
    events.ActionStarted: lambda event: {"action": event.action},
    events.LogLine: _log_line,
    events.ProcessStarted: lambda event: {"argv": event.argv},
    events.ProcessExited: lambda event: {"exitCode": event.exit_code},
    events.ActionFinished: _action_finished,
    events.AttemptFinished: _attempt_finished,
    events.StepFinished: _step_finished,
    events.PhaseFinished: _phase_finished,
    events.DocumentFinished: _document_finished,
    events.RebootRequested: lambda event: {"exitCode": event.exit_code},
    events.RunFinished: lambda event: _summary(event.result),
}
