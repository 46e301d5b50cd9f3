"""What is said of a run that failed, was broken off by a reboot, or was failed by its state (reference, section 7)."""

from __future__ import annotations

from collections.abc import Sequence

from toe.engine import decide
from toe.errors import StateError
from toe.results import DocumentResult, PhaseResult, StepResult

#: How the message of a run ends that a reboot broke off.
GOES_ON = "; the run goes on after it"


def failure_message(documents: Sequence[DocumentResult]) -> str:
    """AWSTOE's `Document PATH failed!`, then what it never says: phase, step, action, attempt, exit code and stderr.

    Further steps that failed are named in a line each.
    """
    failed = [
        (document, phase, step)
        for document in documents
        for phase in document.phases
        for step in phase.steps
        if step.status in decide.FAILURES
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
    reason = f"{fault.message} ({fault.hint})" if fault and fault.hint else str(fault)
    message = f"Document {documents[-1].path} failed! No further step was run: {reason}"
    return f"{message}\n{failures}" if failures and str(fault) not in failures else message


def reboot_message(documents: Sequence[DocumentResult]) -> str:
    """Why a run ended before its end, when a step asked for a reboot."""
    document = documents[-1]
    phase = document.phases[-1]
    return f"Document {document.path}: phase '{phase.name}', step '{phase.steps[-1].name}' asked for a reboot{GOES_ON}"
