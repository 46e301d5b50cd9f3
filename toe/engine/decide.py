"""The decisions of the executor, pure: what status something has, whether the run goes on (reference, section 2).

And what is said of a run that failed, was broken off by a reboot, or was failed by its state (reference, section 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toe.errors import StateError
from toe.model import OnFailure
from toe.results import Counts, DocumentResult, Failure, PhaseResult, Status, StepResult

FAILURES = (Status.FAILED, Status.TIMED_OUT)
#: How the message of a run ends that a reboot broke off.
GOES_ON = "; the run goes on after it"
IGNORED = (Status.IGNORED_FAILURE, Status.SUCCESS_WITH_IGNORED_FAILURE)


def step_status(failure: Failure | None, on_failure: OnFailure) -> Status:
    """The status of a step whose attempts are over."""
    if failure is None:
        return Status.SUCCESS
    if on_failure is OnFailure.IGNORE:
        return Status.IGNORED_FAILURE
    return Status.TIMED_OUT if failure.timed_out else Status.FAILED


def asks_to_be_skipped(failure: Failure | None, skip_exit_code: int | None) -> bool:
    """Whether a step's attempt says by its exit code that it could not do its work here, and that this is no fault."""
    return failure is not None and skip_exit_code is not None and failure.exit_code == skip_exit_code


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


def failed(what: str, status: Status) -> str:
    """AWSTOE's words for a document or a phase with this status."""
    return f"{what} failed!" if status in FAILURES else ""


def failure_message(documents: Sequence[DocumentResult]) -> str:
    """AWSTOE's `Document PATH failed!`, then what it never says: phase, step, action, attempt, exit code and stderr.

    Further steps that failed are named in a line each.
    """
    failed = [
        (document, phase, step)
        for document in documents
        for phase in document.phases
        for step in phase.steps
        if step.status in FAILURES
    ]
    if not failed:
        return next((f"Document {document.path} failed!" for document in documents), "")
    (document, phase, step), *others = failed
    said = step.failure.said.splitlines()[-5:] if step.failure else []
    lines = [f"Document {document.path} failed! Phase {_story(phase, step)}", *said]
    for other, phase, step in others:
        place = "phase" if other is document else f"document {other.path}, phase"
        lines.append(f"Also failed: {place} {_story(phase, step).splitlines()[0]}")
    return "\n".join(lines)


def _story(phase: PhaseResult, step: StepResult) -> str:
    text = f"'{phase.name}', step '{step.name}', action {step.action}"
    if step.failure is None:
        return text
    return f"{text}, attempt {step.failure.attempt} of {step.max_attempts}: {step.failure.message}"


def halt_message(documents: Sequence[DocumentResult], fault: StateError | None, failures: str) -> str:
    """Why a run ended before its end, when its state failed it; `failures` tells of the steps that did."""
    reason = fault.in_one_line if fault else str(fault)
    message = f"Document {documents[-1].path} failed! No further step was run: {reason}"
    return f"{message}\n{failures}" if failures and str(fault) not in failures else message


def reboot_message(documents: Sequence[DocumentResult]) -> str:
    """Why a run ended before its end, when a step asked for a reboot."""
    document = documents[-1]
    phase = document.phases[-1]
    return f"Document {document.path}: phase '{phase.name}', step '{phase.steps[-1].name}' asked for a reboot{GOES_ON}"
