"""What `disableLogging` leaves of an event (reference, section 1): pure decisions, made once, before any sink.

Not for secrets: those are masked by value, wherever they stand.
"""

from __future__ import annotations

from toe.events import (
    ActionFinished,
    DocumentFinished,
    Event,
    InputsResolved,
    IterationStarted,
    LogLine,
    Output,
    PhaseFinished,
    ProcessStarted,
    StepFinished,
    StepStarted,
)
from toe.results import DocumentResult, PhaseResult, RunResult, StepResult

_DROPPED = (Output, LogLine, InputsResolved, ProcessStarted)


def without_hidden(event: Event) -> Event | None:
    """An event of a hidden scope without anything that was printed or resolved; None when nothing is left of it."""
    if isinstance(event, _DROPPED):
        return None
    if isinstance(event, StepStarted):
        return event._replace(inputs=(), step=event.step._replace(inputs=(), loop=None))
    if isinstance(event, IterationStarted):
        return event._replace(value="")
    if isinstance(event, ActionFinished):
        return event._replace(outputs=())
    if isinstance(event, StepFinished):
        return event._replace(result=_visible_step(event.result))
    if isinstance(event, PhaseFinished):
        return event._replace(result=_visible_phase(event.result))
    if isinstance(event, DocumentFinished):
        return event._replace(result=_visible_document(event.result))
    return event


def _visible_step(step: StepResult) -> StepResult:
    failure = step.failure and step.failure._replace(stderr="", stdout="")
    nested = tuple(_visible_run(run) for run in step.nested)
    return step._replace(inputs=(), outputs=(), loop=None, failure=failure, nested=nested, hidden=True)


def _visible_phase(phase: PhaseResult) -> PhaseResult:
    return phase._replace(steps=tuple(_visible_step(step) for step in phase.steps))


def _visible_document(document: DocumentResult) -> DocumentResult:
    return document._replace(phases=tuple(_visible_phase(phase) for phase in document.phases))


def _visible_run(run: RunResult) -> RunResult:
    return run._replace(documents=tuple(_visible_document(document) for document in run.documents))
