"""The decisions of the executor, pure: what status something has, whether the run goes on (reference, section 2)."""

from __future__ import annotations

from collections.abc import Iterable

from toe.model import OnFailure
from toe.results import Counts, DocumentResult, Failure, PhaseResult, Status, StepResult

FAILURES = (Status.FAILED, Status.TIMED_OUT)
IGNORED = (Status.IGNORED_FAILURE, Status.SUCCESS_WITH_IGNORED_FAILURE)


def step_status(failure: Failure | None, on_failure: OnFailure) -> Status:
    """The status of a step whose attempts are over."""
    if failure is None:
        return Status.SUCCESS
    if on_failure is OnFailure.IGNORE:
        return Status.IGNORED_FAILURE
    return Status.TIMED_OUT if failure.timed_out else Status.FAILED


def stops_the_run(step: StepResult) -> bool:
    """Whether a step's end is the end of the run."""
    return step.status in FAILURES and step.on_failure is OnFailure.ABORT


def folded_status(parts: Iterable[Status]) -> Status:
    """The status of a phase from its steps', of a document from its phases'."""
    statuses = set(parts)
    if statuses.intersection(FAILURES):
        return Status.FAILED
    if statuses.intersection(IGNORED):
        return Status.SUCCESS_WITH_IGNORED_FAILURE
    return Status.SUCCESS


def run_status(documents: Iterable[DocumentResult]) -> Status:
    """The status of a run: `timedOut` when a step ran out of its time, ignored failures are a success."""
    status = Status.SUCCESS
    for document in documents:
        if any(step.status is Status.TIMED_OUT for step in steps_of(document.phases)):
            return Status.TIMED_OUT
        if document.status in FAILURES:
            status = Status.FAILED
    return status


def counts_of(documents: Iterable[DocumentResult]) -> Counts:
    """How many steps ran, failed, were ignored and skipped; nested documents count in their own run."""
    executed = failed = ignored = skipped = 0
    for document in documents:
        for step in steps_of(document.phases):
            executed += step.status is not Status.SKIPPED
            failed += step.status in FAILURES
            ignored += step.status is Status.IGNORED_FAILURE
            skipped += step.status is Status.SKIPPED
    return Counts(executed, failed, ignored, skipped)


def steps_of(phases: Iterable[PhaseResult]) -> Iterable[StepResult]:
    """The steps of all phases, in order."""
    return (step for phase in phases for step in phase.steps)


def may_retry(failure: Failure | None, interrupted: bool, attempt: int, max_attempts: int) -> bool:
    """Whether a step is tried once more after attempt number `attempt`, counted from 1."""
    return failure is not None and not interrupted and attempt < max_attempts
