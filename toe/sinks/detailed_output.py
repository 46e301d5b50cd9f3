"""detailedoutput.json: the report that is whole at every moment of the run (reference, section 7).

The sink keeps the report as plain data and writes the whole of it anew for each change. A step that has ended is kept
as finished text, so that writing costs little more than the bytes. In a run of thousands of quick steps this would
still add up: then some changes are left to the next `flush`, and the file may be a few steps behind.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from toe import events
from toe.quick_typing import Any, TypeAlias
from toe.results import DocumentResult, PhaseResult, RunResult, Status, StepResult
from toe.sinks.json_text import LEVEL, JsonText, indented, is_small, loop_value
from toe.sinks.log_file import write_whole
from toe.system.files.staging import is_in_use
from toe.words import whole_second_time

#: Writing the report may take one part in so many of the run's time ...
_SHARE = 20
#: ... once it was written so often: an ordinary run shows each step as it starts, also where they start in quick
#: succession, and many steps do not pay for a report each. A count: on a busy machine a write takes any time.
_AT_ONCE = 12
_STEP_INDENT = "\n" + LEVEL * 6

_Data: TypeAlias = dict[str, Any]


class DetailedOutput:
    """Writes the report into `directory`, mode 0600; changes wait for `flush`. Nested runs come with their step."""

    name = "detailedoutput.json"
    is_report = True

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, "detailedoutput.json")
        self._run: _Data = {}
        self._documents: list[_Data] = []
        self._phases: list[_Data] = []
        self._steps: list[_Data | bytes] = []
        self._running: StepResult | None = None
        self._is_stale = False
        self._began = time.monotonic()
        self._seconds_spent = 0.0
        self._times_written = 0
        self._methods: dict[type, Callable[[Any], None]] = {
            events.DocumentStarted: self._document_started,
            events.PhaseStarted: self._phase_started,
            events.StepStarted: self._step_started,
            events.InputsResolved: self._inputs_resolved,
            events.StepFinished: self._step_finished,
            events.PhaseFinished: self._phase_finished,
            events.DocumentFinished: self._document_finished,
        }

    def handle(self, event: events.Event) -> None:
        """Raises OSError when the report cannot be written; it is then what it was before."""
        method = self._methods.get(type(event))
        if isinstance(event, events.RunStarted):
            self._documents = []
            started = RunResult(event.execution_id, Status.RUNNING, event.at_ns)
            self._run = _run_fields(started) | {"documents": self._documents}
            self._publish()
        elif isinstance(event, events.RunFinished):
            if not event.result.reboot:  # else it goes on
                self._run.update(_run_fields(event.result))
            self._publish()
        elif method is not None and self._run and not isinstance(event, events.RunResumed) and event.where.depth == 0:
            method(event)
            self._is_stale = True

    def flush(self) -> None:
        """Publish what has changed, if there is time for it."""
        if self._is_stale and self._has_time():
            self._publish()

    def _has_time(self) -> bool:
        return self._times_written < _AT_ONCE or time.monotonic() - self._began >= _SHARE * self._seconds_spent

    def close(self) -> None:
        """Publish what has changed. Raises OSError."""
        if self._is_stale:
            self._write()

    def _document_started(self, event: events.DocumentStarted) -> None:
        document = event.document
        started = DocumentResult(
            document.name, document.path, Status.RUNNING, event.at_ns, description=document.description
        )
        self._phases = []
        self._documents.append(_document_fields(started) | {"phases": self._phases})

    def _phase_started(self, event: events.PhaseStarted) -> None:
        started = PhaseResult(event.where.phase, Status.RUNNING, event.at_ns)
        self._steps = []
        self._phases.append(_phase_fields(started) | {"steps": self._steps})

    def _step_started(self, event: events.StepStarted) -> None:
        step = event.step
        self._running = StepResult(
            step.name,
            step.action,
            Status.RUNNING,
            event.at_ns,
            timeout_seconds=step.timeout_seconds,
            on_failure=step.on_failure,
            max_attempts=step.max_attempts,
            inputs=event.inputs,
            loop=step.loop,
            hidden=event.where.hidden,
        )

    def _inputs_resolved(self, event: events.InputsResolved) -> None:
        if self._running is not None:
            self._running = self._running._replace(inputs=event.inputs)

    def _step_finished(self, event: events.StepFinished) -> None:
        """A small step becomes text here and now; a large one, which may have 8 MiB, each time it is written."""
        self._running = None
        result, step = event.result, _step(event.result)
        is_whole = not result.nested and is_small(result.inputs) and is_small(result.outputs)
        self._steps.append(b"".join(indented(step, _STEP_INDENT)) if is_whole else step)

    def _phase_finished(self, event: events.PhaseFinished) -> None:
        self._running = None
        self._phases[-1].update(_phase_fields(event.result))

    def _document_finished(self, event: events.DocumentFinished) -> None:
        self._documents[-1].update(_document_fields(event.result))

    def _publish(self) -> None:
        """Write the report; or later, when a reader on Windows has it open."""
        self._is_stale = True
        started = time.monotonic()
        try:
            self._write()
        except OSError as error:
            if not is_in_use(error):
                raise
        finally:
            if self._times_written >= _AT_ONCE:
                self._seconds_spent += time.monotonic() - started
            self._times_written += 1

    def _write(self) -> None:
        if self._running is not None:
            self._steps.append(_step(self._running))
        try:
            write_whole(self._path, indented(self._run))
            self._is_stale = False
        finally:
            if self._running is not None:
                self._steps.pop()


# AWSTOE's keys in AWSTOE's order. What stands within comes last, so that the fields before it can change.


def _times_and_failure(result: RunResult | DocumentResult | PhaseResult) -> _Data:
    return {
        "startTime": whole_second_time(result.started_at_ns),
        "endTime": whole_second_time(result.ended_at_ns),
        "failureMessage": result.failure_message,
    }


def _run_fields(run: RunResult) -> _Data:
    return {
        "executionId": run.execution_id,
        "status": run.status.value,
        **_times_and_failure(run),
    }


def _document_fields(document: DocumentResult) -> _Data:
    return {
        "name": document.name,
        "filePath": document.path,
        "status": document.status.value,
        "description": document.description,
        **_times_and_failure(document),
    }


def _phase_fields(phase: PhaseResult) -> _Data:
    return {
        "name": phase.name,
        "status": phase.status.value,
        **_times_and_failure(phase),
    }


def _step(step: StepResult) -> _Data:
    return {
        "name": step.name,
        "status": step.status.value,
        "failureMessage": step.failure_message,
        "timeoutSeconds": step.timeout_seconds,
        "onFailure": step.on_failure.value,
        "maxAttempts": step.max_attempts,
        "action": step.action,
        "startTime": whole_second_time(step.started_at_ns),
        "endTime": whole_second_time(step.ended_at_ns),
        "inputs": JsonText(() if step.hidden else step.inputs),
        "outputs": JsonText(() if step.hidden else step.outputs),
        "loop": loop_value(step.loop),
        "detailedOutput": [_nested_run(run) for run in step.nested] or None,
    }


def _nested_run(run: RunResult) -> _Data:
    return _run_fields(run) | {"documents": [_nested_document(document) for document in run.documents]}


def _nested_document(document: DocumentResult) -> _Data:
    phases = [_phase_fields(phase) | {"steps": list(map(_step, phase.steps))} for phase in document.phases]
    return _document_fields(document) | {"phases": phases}
